//! The GitHub Action, run as a runner would run it, with a `gh` that keeps its comments in a folder.

#![cfg(all(unix, feature = "simulator"))]
#![allow(clippy::expect_used, reason = "tests say what they expect by failing")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const GH: &str = r#"#!/usr/bin/env bash
# Stands for gh: comments are files, one for each, and every call is written down.
set -eu
[ "${GH_TOKEN:-}" = hush ] || { echo "no token" >&2; exit 1; }
[ ! -e "$STORE/fork" ] || { echo "HTTP 403: Resource not accessible by integration" >&2; exit 1; }
echo "$*" >> "$STORE/calls"
body=""
for word in "$@"; do case "$word" in body=@*) body="${word#body=@}" ;; esac; done
case "$*" in
  *"--method POST"*) cp "$body" "$STORE/comment-7" ;;
  *"--method PATCH"*"/comments/7"*) cp "$body" "$STORE/comment-7" ;;
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

/// A job of a workflow.
struct Job {
    folder: tempfile::TempDir,
}

impl Job {
    fn new(sessions: &str) -> Self {
        let job = Self { folder: tempfile::tempdir().expect("a folder") };
        let world = format!(
            "version: 1\ncaller: \"999988887777\"\naccounts:\n  \"999988887777\": {{sessions: {{{sessions}}}}}\n"
        );
        job.write("world.yaml", &world);
        let declaration = "{accounts: [\"999988887777\"], regions: [eu-west-1, us-east-1], status: ENABLED}";
        job.write("policies/a.yaml", &format!("version: 1\nmacie_sessions:\n  - {declaration}\n"));
        job.write("bin/gh", GH);
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(job.path("bin/gh"), mode).expect("a mode");
        for folder in ["store", "temp"] {
            fs::create_dir_all(job.path(folder)).expect("a folder");
        }
        job
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, text).expect("a file");
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_default()
    }

    /// Runs the action with inputs, and returns its exit code, its log, and the outputs of the step.
    fn run(&self, inputs: &[(&str, &str)]) -> (i32, String, String) {
        for file in ["output", "summary"] {
            let _ = fs::remove_file(self.path(file));
        }
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").expect("a path"));
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/action/run");
        let mut command = Command::new("bash");
        command
            .arg(script)
            .current_dir(self.folder.path())
            .env_clear()
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
        let Output { status, stdout, stderr } = command.output().expect("bash runs");
        let log = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
        assert!(!log.contains("hush"), "the token is nowhere to be seen:\n{log}");
        (status.code().expect("a code"), log, self.read("output"))
    }
}

const ON: &str = "\"*\": {status: ENABLED}";
const DRIFT: &str = "\"*\": {status: ENABLED}, us-east-1: {status: PAUSED}";
const PULL: (&str, &str) = ("PULL", "12");
const COMMENT: (&str, &str) = ("COMMENT", "true");

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
        (both, "drift", 6),
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
    job.write("dies", "#!/bin/sh\nexit 101\n");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(job.path("dies"), mode).expect("a mode");
    let dies = job.path("dies").display().to_string();
    let (code, _, outputs) = job.run(&[("BINARY", &dies), ("REPORTS", "sarif=a.sarif")]);
    assert_eq!((code, outputs.as_str()), (101, "exit-code=101\n"));
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
