//! The GitHub Action, run as a runner would run it, with a `gh` that keeps its comments in a folder, and in checkouts that try to
//! have something of theirs executed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const GH: &str = r#"#!/usr/bin/env bash
# Stands for gh: comments are files, one for each, and every call is written down.
set -eu
# Which token counts is a question of the host, as with gh itself.
host="${GH_HOST:-github.com}"
case "$host" in github.com | *.ghe.com) used="${GH_TOKEN:-}" ;; *) used="${GH_ENTERPRISE_TOKEN:-}" ;; esac
[ "$used" = hush ] || { echo "no token for $host" >&2; exit 1; }
[ ! -e "$STORE/fork" ] || { echo "HTTP 403: Resource not accessible by integration" >&2; exit 1; }
[ ! -e "$STORE/down" ] || { cat "$STORE/down" >&2; exit 1; }
echo "$*" >> "$STORE/calls"
echo "$host in $PWD" >> "$STORE/hosts"
body=""
for word in "$@"; do case "$word" in body=@*) body="${word#body=@}" ;; esac; done
case "$*" in
  *"--method POST"*) cp "$body" "$STORE/comment-7" ;;
  *"--method PATCH"*"/comments/7"*) cp "$body" "$STORE/comment-7" ;;
  "attestation verify --help") [ ! -e "$STORE/old-gh" ] ;;
  "attestation verify "*) [ ! -e "$STORE/unattested" ] || { echo "no attestations found" >&2; exit 1; } ;;
  "release download "*) cp "$STORE/private/$(sed 's/.*--pattern \([^ ]*\) .*/\1/' <<< "$*")" "$(sed 's/.*--dir //' <<< "$*")" ;;
  *graphql*) [ -s "$STORE/login" ] || exit 1; cat "$STORE/login" ;;
  *"--jq"*)
    # The comment there is by "driftline-app[bot]", unless a test has put another author.
    author="$(cat "$STORE/author" 2> /dev/null || echo 'driftline-app[bot]')"
    mine=no
    if [ -z "$AUTHOR" ]; then case "$author" in *"[bot]") mine=yes ;; esac; fi
    [ "${author%"[bot]"}" != "$AUTHOR" ] || mine=yes
    if [ "$mine" = yes ] && [ "$(head -n 1 "$STORE/comment-7" 2> /dev/null)" = "$MARKER" ]; then echo 7; fi
    ;;
  *) exit 2 ;;
esac
"#;

/// A job of a workflow: the checkout, and a folder that stands for everything outside of it.
pub(super) struct Job {
    folder: tempfile::TempDir,
    outside: tempfile::TempDir,
}

impl Job {
    pub(super) fn new(sessions: &str) -> Self {
        let job = Self {
            folder: tempfile::tempdir().expect("a folder"),
            outside: tempfile::tempdir().expect("another folder"),
        };
        let world = format!(
            "version: 1\ncaller: \"999988887777\"\naccounts:\n  \"999988887777\": {{sessions: {{{sessions}}}}}\n"
        );
        job.write("world.yaml", &world);
        let declaration = "{accounts: [\"999988887777\"], regions: [eu-west-1, us-east-1], status: ENABLED}";
        job.write("policies/a.yaml", &format!("version: 1\nmacie_sessions:\n  - {declaration}\n"));
        job.program("bin/gh", GH);
        for folder in ["store", "temp"] {
            fs::create_dir_all(job.path(folder)).expect("a folder");
        }
        job
    }

    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, text).expect("a file");
    }

    /// A program in the checkout.
    pub(super) fn program(&self, path: &str, text: &str) {
        self.write(path, text);
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(self.path(path), mode).expect("a mode");
    }

    /// A program or another file outside the checkout.
    pub(super) fn write_outside(&self, path: &str, text: &str) -> PathBuf {
        let path = self.outside.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(&path, text).expect("a file");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(&path, mode).expect("a mode");
        path
    }

    pub(super) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_default()
    }

    /// Runs the action with inputs, and returns its exit code, its log, and the outputs of the step.
    fn run(&self, inputs: &[(&str, &str)]) -> (i32, String, String) {
        self.run_with(inputs, &[])
    }

    /// The same with variables of the job.
    pub(super) fn run_with(&self, inputs: &[(&str, &str)], variables: &[(&str, &str)]) -> (i32, String, String) {
        for file in ["output", "summary"] {
            let _ = fs::remove_file(self.path(file));
        }
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").expect("a path"));
        // The step of action.yml, in the shell that a runner starts for it.
        let action = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("action.yml")).expect("the action");
        let action: serde_json::Value = serde_yaml::from_str(&action).expect("YAML");
        // As a runner does: in the folder to which the name leads.
        let seat = inputs.iter().find(|(name, _)| *name == "WORKING_DIRECTORY");
        let mut command = Command::new("/bin/bash");
        command
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c"])
            .arg(action["runs"]["steps"][0]["run"].as_str().expect("a script"))
            .env_clear()
            .env("GITHUB_ACTION_PATH", env!("CARGO_MANIFEST_DIR"))
            .current_dir(self.path(seat.map_or("", |(_, path)| path)))
            .env("GITHUB_WORKSPACE", self.folder.path())
            .env("PATH", path)
            .env("HOME", self.folder.path())
            .env("STORE", self.path("store"))
            .env("RUNNER_TEMP", self.path("temp"))
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_OUTPUT", self.path("output"))
            .env("GITHUB_STEP_SUMMARY", self.path("summary"))
            .env("GITHUB_REPOSITORY", "owner/name")
            .env("DRIFTLINE_ACTION_BINARY", env!("CARGO_BIN_EXE_driftline"))
            .env("DRIFTLINE_ACTION_POLICY", "policies")
            .env("DRIFTLINE_ACTION_ARGS", "--simulate\nworld.yaml")
            .env("DRIFTLINE_ACTION_TOKEN", "hush");
        for (name, value) in inputs {
            command.env(format!("DRIFTLINE_ACTION_{name}"), value);
        }
        command.envs(variables.iter().copied());
        let Output { status, stdout, stderr } = command.output().expect("bash runs");
        let log = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
        assert!(!log.contains("hush"), "the token is nowhere to be seen:\n{log}");
        (status.code().expect("a code"), log, self.read("output"))
    }
}

const ON: &str = "\"*\": {status: ENABLED}";
pub(super) const DRIFT: &str = "\"*\": {status: ENABLED}, us-east-1: {status: PAUSED}";
const PULL: (&str, &str) = ("PULL", "12");
const COMMENT: (&str, &str) = ("COMMENT", "true");

#[test]
fn a_working_directory_that_becomes_a_link_does_not_choose_what_it_is_compared_with() {
    let job = Job::new(ON);
    let policy = |regions: &str| {
        let declaration = format!("{{accounts: [\"999988887777\"], regions: [{regions}], status: ENABLED}}");
        format!("version: 1\nmacie_sessions:\n  - {declaration}\n")
    };
    job.write("infra/policies/a.yaml", &policy("eu-west-1, us-east-1"));
    job.write("ex/policies/a.yaml", &policy("eu-west-1"));
    let git = |arguments: &[&str]| {
        let author = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
        let status = Command::new("git").args(author).args(arguments).current_dir(job.path("")).status();
        assert!(status.expect("git runs").success(), "git {arguments:?}");
    };
    git(&["init", "--quiet"]);
    git(&["add", "infra", "ex"]);
    git(&["commit", "--quiet", "--message", "one"]);
    fs::remove_dir_all(job.path("infra")).expect("a folder");
    std::os::unix::fs::symlink("ex", job.path("infra")).expect("a link");
    for (seat, world) in [("infra", "../world.yaml"), ("./infra/../infra/", "../world.yaml")] {
        let args = format!("--simulate\n{world}");
        let (code, log, _) = job.run(&[("WORKING_DIRECTORY", seat), ("BASE", "HEAD"), ("ARGS", &args)]);
        assert_eq!(code, 0, "{log}");
        assert!(log.contains("1 target not declared any more"), "{log}");
    }
}

#[test]
fn outputs_and_summary_tell_the_verdict_and_the_exit_code_is_driftlines() {
    let job = Job::new(DRIFT);
    let (code, log, outputs) = job.run(&[("REPORTS", "sarif=a.sarif\n\njson=a.json\n")]);
    assert_eq!(code, 2, "{log}");
    for line in ["verdict=drift", "exit-code=2", "drifted=1", "unread=0", "waived=0"] {
        assert!(outputs.lines().any(|output| output == line), "{line}:\n{outputs}");
    }
    assert!(
        log.contains("::error file=policies/a.yaml,line=3") || log.contains("::warning file=policies/a.yaml,line=3"),
        "{log}"
    );
    assert!(log.contains("✗ us-east-1"), "the report for people is in the log");
    assert!(job.read("summary").contains("## driftline: drift"), "{}", job.read("summary"));
    for (name, file) in [("sarif", "a.sarif"), ("json", "a.json")] {
        let path = job.path(file).canonicalize().expect("a report");
        assert!(outputs.contains(&format!("{name}={}\n", path.display())), "for any folder:\n{outputs}");
    }
}

#[test]
fn fail_on_says_which_verdicts_fail_and_errors_always_do() {
    let denied = "\"*\": {status: ENABLED}}, denials: [{actions: [\"macie2:GetMacieSession\"], regions: [eu-west-1]}], tags: {a: b";
    let both = "\"*\": {status: PAUSED}}, denials: [{actions: [\"macie2:GetMacieSession\"], regions: [eu-west-1]}], tags: {a: b";
    for (world, fail_on, exit) in [
        (ON, "drift,unread", 0),
        (DRIFT, "drift,unread", 2),
        (DRIFT, "unread", 0),
        (DRIFT, "", 0),
        (denied, "drift", 0),
        (denied, "unread", 4),
        (both, "drift", 2),
        (both, "unread", 4),
        (both, "drift,unread", 6),
        (both, "none", 0),
        (both, "", 0),
    ] {
        let (code, log, _) = Job::new(world).run(&[("FAIL_ON", fail_on)]);
        assert_eq!(code, exit, "{fail_on:?}:\n{log}");
    }
    let (code, _, outputs) = Job::new(ON).run(&[("FAIL_ON", ""), ("POLICY", "missing")]);
    assert_eq!((code, outputs.as_str()), (1, "exit-code=1\n"));
    for wrong in [("FAIL_ON", "everything"), ("COMMAND", "apply")] {
        assert_eq!(Job::new(ON).run(&[wrong]).0, 1, "{wrong:?}");
    }
}

#[test]
fn inputs_keep_their_letters_with_the_sed_of_macos() {
    let job = Job::new(DRIFT);
    // It takes the escape of a carriage return for the letter.
    job.program("bin/sed", "#!/bin/bash\nexec /bin/sed \"${@//\\\\r/r}\"\n");
    assert_eq!(job.run(&[("REPORTS", "text=for\r\njson=other")]).0, 2);
    assert!(job.path("for").exists() && job.path("other").exists());
}

#[test]
fn one_comment_is_posted_and_edited_from_then_on() {
    let job = Job::new(DRIFT);
    assert_eq!(job.run(&[PULL, COMMENT]).0, 2);
    let first = job.read("store/comment-7");
    assert!(
        first.starts_with("<!-- driftline:comment v1 key=default -->\n## driftline: 1 drifted of 2 targets\n"),
        "{first}"
    );
    job.write("world.yaml", &job.read("world.yaml").replace("PAUSED", "ENABLED"));
    assert_eq!(job.run(&[PULL, COMMENT]).0, 0);
    assert!(job.read("store/comment-7").contains("## driftline: in sync, 2 targets"), "that it is clean now is told");
    let calls = job.read("store/calls");
    assert_eq!((calls.matches("POST").count(), calls.matches("PATCH").count()), (1, 1), "{calls}");
}

#[test]
fn only_ones_own_comment_is_edited_whoever_one_is() {
    for (login, author, is_mine) in [
        ("someone\n", "someone", true),
        ("driftline-app[bot]\n", "driftline-app[bot]", true),
        ("driftline-app\n", "driftline-app[bot]", true),
        ("driftline-app[bot]\n", "other-app[bot]", false),
        ("someone\n", "driftline-app[bot]", false),
        ("", "driftline-app[bot]", true),
        ("", "someone", false),
    ] {
        let job = Job::new(DRIFT);
        job.write("store/login", login);
        job.write("store/author", author);
        assert_eq!((job.run(&[PULL, COMMENT]).0, job.run(&[PULL, COMMENT]).0), (2, 2));
        let calls = job.read("store/calls");
        assert_eq!(calls.matches("PATCH").count(), usize::from(is_mine), "{login:?} {author}:\n{calls}");
    }
}

#[test]
fn outputs_are_there_where_nothing_is_said_and_no_file_of_another_run_is_told() {
    let job = Job::new(DRIFT);
    let silent = ("ARGS", "--simulate\nworld.yaml\n--since\nlast.json\n--only-changes");
    let outputs = |job: &Job| job.run(&[silent, ("REPORTS", "sarif=a.sarif")]).2;
    assert!(outputs(&job).contains("changed=true\n"));
    let told = outputs(&job);
    for line in ["verdict=drift", "exit-code=2", "changed=false"] {
        assert_eq!(told.lines().filter(|output| *output == line).count(), 1, "{line}:\n{told}");
    }
    assert!(job.read("summary").contains("## driftline: drift"));
    assert!(job.path("a.sarif").is_file());
    assert_eq!(job.run(&[("POLICY", "missing"), ("REPORTS", "sarif=a.sarif")]).2, "exit-code=1\n");
    job.program("dies", "#!/bin/sh\nexit 101\n");
    let dies = job.path("dies").display().to_string();
    let (code, _, outputs) = job.run(&[("BINARY", &dies), ("REPORTS", "sarif=a.sarif")]);
    assert_eq!((code, outputs.as_str()), (101, "exit-code=101\n"));
}

#[test]
fn each_policy_set_has_its_own_comment() {
    for command in ["check", "plan"] {
        let job = Job::new(DRIFT);
        let comment = |set| {
            let (code, log, _) = job.run(&[PULL, COMMENT, ("COMMAND", command), ("POLICY_SET", set)]);
            assert_eq!(code, 2, "{log}");
            let marker = job.read("store/comment-7").lines().next().expect("a marker").to_owned();
            let calls = job.read("store/calls");
            (marker, calls.matches("POST").count(), calls.matches("PATCH").count())
        };
        // The stand-in keeps one comment: a second one is posted, and not an edit of the first.
        let (first, posted, edited) = comment("team-a");
        assert_eq!((posted, edited), (1, 0), "{command}");
        let (second, posted, edited) = comment("team-b");
        assert_eq!((posted, edited), (2, 0), "{command}");
        assert_ne!(first, second, "{command}");
        assert_eq!(comment("team-b"), (second.clone(), 2, 1), "{command}");
        // The files of both steps are still there.
        let files = |set| {
            let (_, _, outputs) = job.run(&[("COMMAND", command), ("POLICY_SET", set)]);
            outputs.lines().find_map(|line| line.strip_prefix("comment-file=")).expect("a file").to_owned()
        };
        let texts = [files("team-a"), files("team-b")].map(|file| fs::read_to_string(file).expect("a comment"));
        assert!(texts[0].starts_with(&first) && texts[1].starts_with(&second), "{command}");
        // Another option it cannot be.
        assert_eq!(job.run(&[("COMMAND", command), ("POLICY_SET", "--version")]).0, 2);
    }
}

#[test]
fn where_all_is_clean_from_the_start_nothing_is_posted() {
    let job = Job::new(ON);
    assert_eq!(job.run(&[PULL, COMMENT]).0, 0);
    assert!(!job.path("store/comment-7").exists());
    assert_eq!(Job::new(DRIFT).run(&[PULL]).0, 2);
    assert!(!job.path("store/calls").exists() || !job.read("store/calls").contains("POST"));
}

#[test]
fn a_fork_has_the_summary() {
    let job = Job::new(DRIFT);
    job.write("store/fork", "");
    let (code, log, _) = job.run(&[PULL, COMMENT]);
    assert_eq!(code, 2, "{log}");
    assert!(log.contains("::notice title=driftline::the comment could not be posted, as from a fork"), "{log}");
    assert!(job.read("summary").contains("## driftline: drift"));
}

#[test]
fn a_forge_that_fails_is_named_in_one_line_and_changes_no_exit_code() {
    for (said, notice) in [
        ("gh: HTTP 502: Bad Gateway (hush)\n::error::else\n", "posted: gh: HTTP 502: Bad Gateway (***); it is"),
        ("\r\nerror connecting to 100%25.example.com\r\n", "posted: error connecting to 100%2525.example.com; it is"),
        ("", "posted: gh says nothing; it is"),
    ] {
        let job = Job::new(DRIFT);
        job.write("store/down", said);
        let (code, log, _) = job.run(&[PULL, COMMENT]);
        assert_eq!(code, 2, "{log}");
        assert!(log.contains(&format!("::notice title=driftline::the comment could not be {notice}")), "{log}");
        assert_eq!(log.matches("::error::else").count(), 0, "{log}");
    }
}

#[test]
fn comments_go_to_the_server_that_the_runner_names() {
    for (server, api, host) in [
        ("", "", "github.com"),
        ("https://github.com", "https://api.github.com", "github.com"),
        ("https://github.com/", "", "github.com"),
        ("https://GitHub.com", "", "github.com"),
        ("https://git.example.com", "https://git.example.com/api/v3", "git.example.com"),
        ("https://git.example.com/", "", "git.example.com"),
        ("https://Git.Example.com:8443", "", "git.example.com:8443"),
        ("https://octo.ghe.com", "https://api.octo.ghe.com", "octo.ghe.com"),
        ("https://notghe.com", "", "notghe.com"),
        ("", "https://git.example.com/api/v3", "git.example.com"),
        ("", "https://api.octo.ghe.com", "octo.ghe.com"),
        ("", "https://api.github.com/", "github.com"),
    ] {
        let job = Job::new(DRIFT);
        // What a shell or a step before has set for itself is of another server.
        let others = [("GH_HOST", "other.example.com"), ("GH_ENTERPRISE_TOKEN", "other"), ("GH_REPO", "other/other")];
        let runner = [("GITHUB_SERVER_URL", server), ("GITHUB_API_URL", api)];
        let variables: Vec<(&str, &str)> =
            runner.into_iter().filter(|(_, value)| !value.is_empty()).chain(others).collect();
        let (code, log, _) = job.run_with(&[PULL, COMMENT], &variables);
        assert_eq!(code, 2, "{log}");
        assert!(job.path("store/comment-7").is_file(), "{server} {api}:\n{log}");
        let temp = job.path("temp").canonicalize().expect("a folder");
        for line in job.read("store/hosts").lines() {
            assert_eq!(line, format!("{host} in {}", temp.display()), "{server} {api}");
        }
    }
}

/// A program that tells that it was run.
const OWNED: &str = "#!/bin/sh\n: > \"$STORE/owned\"\nexit 0\n";

/// Stands for cargo: writes down where and with what it runs, and "builds" the program under test.
pub(super) const CARGO: &str = r#"#!/usr/bin/env bash
set -eu
{ pwd -P; env; } > "$STORE/cargo"
while [ "$1" != --target-dir ]; do shift; done
mkdir -p "$2/release"
ln -sf "$BUILT" "$2/release/driftline"
"#;

/// A job without `binary` whose checkout has every file that a tool might take for its settings.
fn hostile() -> Job {
    let job = Job::new(DRIFT);
    for program in ["cargo", "gh", "git", "bash", "sed", "driftline", "evil"] {
        job.program(program, OWNED);
    }
    job.write(".cargo/config.toml", "[build]\nrustc-wrapper = \"./evil\"\n[alias]\nbuild = \"run\"\n");
    job.write("rust-toolchain.toml", "[toolchain]\npath = \".\"\n");
    for file in [".envrc", ".bashrc", ".bash_profile", "BASH_ENV"] {
        job.program(file, OWNED);
    }
    job
}

#[test]
fn the_program_is_built_outside_the_checkout_without_credentials() {
    let job = hostile();
    let cargo = job.write_outside("tools/cargo", CARGO);
    let path = format!(
        ".::{}:{}:./bin:{}",
        cargo.parent().expect("a folder").display(),
        job.path("bin").display(),
        std::env::var("PATH").expect("a path")
    );
    let source = env!("CARGO_MANIFEST_DIR");
    let workspace = job.path("").display().to_string();
    let outside = job.outside.path().display().to_string();
    let (code, log, outputs) = job.run_with(
        &[PULL, COMMENT, ("BINARY", ""), ("SOURCE", source)],
        &[
            ("PATH", path.as_str()),
            ("GITHUB_WORKSPACE", &workspace),
            ("BUILT", env!("CARGO_BIN_EXE_driftline")),
            ("AWS_SECRET_ACCESS_KEY", "confidential"),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "confidential"),
            ("GITHUB_TOKEN", "confidential"),
            ("MY_API_TOKEN", "confidential"),
            ("RUSTFLAGS", "-C debuginfo=0"),
        ],
    );
    assert_eq!(code, 2, "{log}");
    assert!(outputs.contains("verdict=drift\n"), "{outputs}");
    assert!(job.path("store/comment-7").is_file(), "the comment is posted by the gh of the workflow:\n{log}");
    assert!(!job.path("store/owned").exists(), "something of the checkout was run:\n{log}");
    let cargo = job.read("store/cargo");
    let real = Path::new(source).canonicalize().expect("a folder");
    assert_eq!(cargo.lines().next(), Some(real.to_str().expect("UTF-8")), "{cargo}");
    assert!(!cargo.contains("confidential") && !cargo.contains("hush"), "{cargo}");
    assert!(cargo.contains("RUSTFLAGS=-C debuginfo=0\n"), "what the workflow sets for the build counts: {cargo}");
    // The home of the job is the checkout here, so cargo gets another home.
    assert!(cargo.contains("CARGO_HOME=") && cargo.contains("/driftline-cargo-home\n"), "{cargo}");
    // A home elsewhere stays.
    let home = ("CARGO_HOME", outside.as_str());
    job.run_with(
        &[("BINARY", ""), ("SOURCE", source)],
        &[("PATH", path.as_str()), ("BUILT", env!("CARGO_BIN_EXE_driftline")), home],
    );
    assert!(job.read("store/cargo").contains(&format!("CARGO_HOME={outside}\n")), "{}", job.read("store/cargo"));
}

#[test]
fn cargo_itself_reads_no_settings_of_the_checkout() {
    let job = hostile();
    job.write_outside(
        "action/Cargo.toml",
        "[package]\nname = \"driftline\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[workspace]\n",
    );
    job.write_outside("action/Cargo.lock", "version = 4\n\n[[package]]\nname = \"driftline\"\nversion = \"0.0.0\"\n");
    job.write_outside("action/src/main.rs", "fn main() { println!(\"built\"); }\n");
    let source = job.outside.path().join("action").display().to_string();
    let cargo = Path::new(env!("CARGO"));
    let path = format!("{}:{}", cargo.parent().expect("a folder").display(), std::env::var("PATH").expect("a path"));
    let workspace = job.path("").display().to_string();
    let mut variables = vec![("PATH".to_owned(), path), ("GITHUB_WORKSPACE".to_owned(), workspace)];
    for name in ["RUSTUP_HOME", "RUSTUP_TOOLCHAIN"] {
        variables.extend(std::env::var(name).map(|value| (name.to_owned(), value)));
    }
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let (code, log, _) = job.run_with(&[("BINARY", ""), ("SOURCE", &source)], &variables);
    assert_eq!(code, 0, "{log}");
    assert!(log.contains("\nbuilt\n"), "{log}");
    assert!(!job.path("store/owned").exists(), "something of the checkout was run:\n{log}");
}

#[test]
fn an_action_whose_source_is_the_checkout_builds_nothing() {
    let job = hostile();
    let cargo = job.write_outside("tools/cargo", OWNED);
    let path = format!("{}:{}", cargo.parent().expect("a folder").display(), std::env::var("PATH").expect("a path"));
    let source = job.path(".github/actions/driftline");
    fs::create_dir_all(&source).expect("folders");
    std::os::unix::fs::symlink(&source, job.outside.path().join("link")).expect("a link");
    let workspace = job.path("").display().to_string();
    for source in [job.path(""), source, job.outside.path().join("link")] {
        let source = source.display().to_string();
        let variables = [("PATH", path.as_str()), ("GITHUB_WORKSPACE", workspace.as_str())];
        let (code, log, _) = job.run_with(&[("BINARY", ""), ("SOURCE", &source)], &variables);
        assert_eq!(code, 1, "{log}");
        assert!(log.contains("the action lies in the checkout") && log.contains("input binary"), "{log}");
        assert!(!job.path("store/owned").exists(), "{log}");
        // Given a program, there is nothing to build.
        assert_eq!(job.run_with(&[("SOURCE", &source)], &variables).0, 2);
    }
    let toolchains = job.path(".rustup");
    fs::create_dir_all(&toolchains).expect("a folder");
    let source = env!("CARGO_MANIFEST_DIR");
    let (code, log, _) = job.run_with(&[("BINARY", ""), ("SOURCE", source)], &[("PATH", path.as_str())]);
    assert!(code == 1 && log.contains("RUSTUP_HOME lies in the checkout"), "{log}");
    assert!(!job.path("store/owned").exists(), "{log}");
}

#[test]
fn a_program_is_named_by_its_whole_path_or_found_on_the_path() {
    let job = hostile();
    for binary in ["./driftline", "target/release/driftline", "../driftline", "bin\\driftline.exe"] {
        let (code, log, _) = job.run(&[("BINARY", binary)]);
        assert!(code == 1 && log.contains(&format!("binary is a relative path ({binary})")), "{log}");
    }
    let (code, log, _) = job.run(&[("BINARY", "/nowhere/driftline")]);
    assert!(code == 1 && log.contains("binary is no program that can be run: /nowhere/driftline"), "{log}");
    let plain = std::env::var("PATH").expect("a path");
    let relative = format!(".:{plain}:bin:");
    let (code, log, _) = job.run_with(&[("BINARY", "evil")], &[("PATH", &relative)]);
    assert!(code == 1 && log.contains("binary is not found on PATH: evil"), "{log}");
    let installed = job.outside.path().join("driftline");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_driftline"), &installed).expect("a link");
    let path = format!(".:{}:{plain}", job.outside.path().display());
    let (code, log, _) = job.run_with(&[("BINARY", "driftline")], &[("PATH", &path)]);
    assert_eq!(code, 2, "{log}");
    assert!(!job.path("store/owned").exists());
}

#[test]
fn a_report_is_not_written_through_a_link_of_the_checkout() {
    let job = Job::new(DRIFT);
    let precious = job.write_outside("precious", "as it was");
    std::os::unix::fs::symlink(&precious, job.path("link")).expect("a link");
    std::os::unix::fs::symlink(job.outside.path(), job.path("folder")).expect("a link");
    let simulate = "--simulate\nworld.yaml\n";
    for (input, value) in [
        ("REPORTS", "json=link".to_owned()),
        ("REPORTS", "csv=a.csv\nsarif=folder/precious".to_owned()),
        ("REPORTS", "sarif=./folder/precious".to_owned()),
        ("ARGS", format!("{simulate}--since\nlink")),
        ("ARGS", format!("{simulate}--since=link")),
        ("ARGS", format!("{simulate}--report\njson=link")),
        ("ARGS", format!("{simulate}--report=json=link")),
    ] {
        let (code, log, _) = job.run(&[(input, &value)]);
        assert!(code == 1 && log.contains("leads through a symbolic link of the checkout"), "{value}:\n{log}");
    }
    // A folder of findings for Security Hub holds many files, and each is written over.
    fs::create_dir(job.path("findings")).expect("a folder");
    let planted = job.path("findings/999988887777.eu-west-1.001.asff.json");
    std::os::unix::fs::symlink(&precious, &planted).expect("a link");
    for (input, value) in [
        ("REPORTS", "asff=findings".to_owned()),
        ("REPORTS", "asff=./findings/".to_owned()),
        ("ARGS", format!("{simulate}--report=asff=findings")),
    ] {
        let (code, log, _) = job.run(&[(input, &value)]);
        assert!(code == 1 && log.contains("holds a symbolic link of the checkout"), "{value}:\n{log}");
    }
    fs::remove_file(planted).expect("it goes");
    assert_eq!(job.run(&[("REPORTS", "asff=findings")]).0, 2, "a folder of plain files is fine");
    assert_eq!(fs::read_to_string(&precious).expect("a file"), "as it was");
    let whole = format!("json={}", precious.display());
    assert_eq!(job.run(&[("REPORTS", &whole)]).0, 2, "a whole path is the word of the workflow");
}

#[test]
fn inputs_are_arguments_and_never_more_than_one() {
    let job = Job::new(DRIFT);
    for (input, value) in [
        ("BASE", "--version"),
        ("BASE", "$(touch store/owned)"),
        ("POLICY", "policies; touch store/owned"),
        ("FAIL_ON", "$(touch store/owned)"),
        ("COMMAND", "check --version"),
        ("PULL", "1/../../x"),
    ] {
        let (code, log, _) = job.run(&[COMMENT, (input, value)]);
        assert_eq!(code, 1, "{input}={value}:\n{log}");
        assert!(!log.contains("driftline 0.1"), "{log}");
        assert!(!job.path("store/owned").exists());
    }
}

#[test]
fn a_plan_is_a_comment_too() {
    let job = Job::new(DRIFT);
    let (code, log, outputs) = job.run(&[PULL, COMMENT, ("COMMAND", "plan"), ("FAIL_ON", "unread")]);
    assert_eq!(code, 0, "{log}");
    assert!(outputs.contains("exit-code=2\n"), "{outputs}");
    assert!(job.read("store/comment-7").contains("## driftline plan: 1 change to 1 target of 2"));
    assert!(job.read("summary").contains("## driftline plan: 1 change"));
}

#[test]
fn the_example_of_a_workflow_gives_the_action_what_it_takes() {
    let yaml = |path: &str| -> serde_json::Value {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("a file");
        serde_yaml::from_str(&text).expect("YAML")
    };
    let (action, workflow) = (yaml("action.yml"), yaml("examples/ci/github.yml"));
    let steps =
        workflow["jobs"].as_object().expect("jobs").values().flat_map(|job| job["steps"].as_array().expect("steps"));
    let uses =
        |step: &&serde_json::Value| step["uses"].as_str().is_some_and(|uses| uses.starts_with("OWNER/driftline@"));
    let mut ran = 0;
    for step in steps.filter(uses) {
        let job = Job::new(DRIFT);
        for arguments in [
            &["init", "-q"][..],
            &["add", "policies"],
            &["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "first"],
        ] {
            assert!(
                Command::new("git").args(arguments).current_dir(job.path("")).status().expect("git runs").success()
            );
        }
        let mut inputs = vec![("PULL".to_owned(), "12".to_owned())];
        for (name, value) in step["with"].as_object().expect("inputs") {
            assert!(action["inputs"].get(name).is_some(), "{name} is no input");
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            inputs
                .push((name.to_uppercase().replace('-', "_"), value.replace("origin/${{ github.base_ref }}", "HEAD")));
        }
        let inputs: Vec<(&str, &str)> = inputs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let (code, log, outputs) = job.run(&inputs);
        assert_eq!(code, 0, "drift alone fails none of them:\n{log}");
        assert!(outputs.contains("exit-code=2\n"), "{outputs}");
        for name in step["with"]["reports"].as_str().unwrap_or_default().lines() {
            assert!(job.path(name.split_once('=').expect("a file").1).is_file(), "{name}");
        }
        ran += 1;
    }
    assert_eq!(ran, 2);
}
