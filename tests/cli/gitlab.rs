//! The components for GitLab: their inputs inserted as GitLab inserts them, and their scripts run as a runner would run them, against a
//! server that answers as GitLab does.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

const TOKEN: &str = "glpat-confidential_1.2";
const IDENTITY: &str = "eyJhbGciOiJSUzI1NiJ9.confidential.signature";
const MARKER: &str = "<!-- driftline:plan v1 key=default -->";
const ME: u64 = 42;

/// How the server behaves where GitLab installations differ, or fail.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// Names the next page in a header.
    Header,
    /// Names no page, and answers an empty list behind the last one.
    Silent,
    /// Has one page, whichever is asked for.
    OnePage,
    /// Always names a next page.
    Endless,
    /// Fails for this part of a path.
    Fails(&'static str),
}

/// A merge request with its notes, and every request that was made.
struct Forge {
    url: String,
    requests: Arc<Mutex<Vec<(String, String)>>>,
}

impl Forge {
    fn start(notes: Vec<Value>, per_page: usize, manner: Manner) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let url = format!("http://{}/api/v4", listener.local_addr().expect("an address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&requests);
        // It ends with the process of the test.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = answer(stream, &notes, per_page, manner, &log);
            }
        });
        Self { url, requests }
    }

    /// What was written: method, path and body.
    fn written(&self) -> Vec<(String, String)> {
        let requests = self.requests.lock().expect("a lock");
        requests.iter().filter(|(line, _)| !line.starts_with("GET ")).cloned().collect()
    }

    fn count(&self) -> usize {
        self.requests.lock().expect("a lock").len()
    }
}

fn answer(
    stream: TcpStream,
    notes: &[Value],
    per_page: usize,
    manner: Manner,
    log: &Mutex<Vec<(String, String)>>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let words: Vec<&str> = line.split(' ').collect();
    let (method, target) = (words[0], words[1]);
    log.lock().expect("a lock").push((format!("{method} {target}"), String::from_utf8_lossy(&body).into_owned()));
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let page = query.split('&').find_map(|pair| pair.strip_prefix("page="));
    let page: usize = page.and_then(|page| page.parse().ok()).unwrap_or(1);
    let fails = matches!(manner, Manner::Fails(part) if format!("{method} {path}").contains(part));
    let (mut status, mut next, value) = (
        "200 OK",
        None,
        match (method, path) {
            ("GET", "/api/v4/user") => json!({"id": ME, "username": "project_7_bot"}),
            ("GET", "/api/v4/projects/7/merge_requests/12/notes") => {
                let start = if manner == Manner::OnePage { 0 } else { (page - 1) * per_page };
                json!(notes.iter().skip(start).take(per_page).collect::<Vec<_>>())
            }
            _ => json!({"id": 1}),
        },
    );
    if path.ends_with("/notes") && method == "GET" {
        let more = page * per_page < notes.len();
        next = match manner {
            Manner::Endless => Some((page + 1).to_string()),
            Manner::Header | Manner::Fails(_) => Some(if more { (page + 1).to_string() } else { String::new() }),
            Manner::Silent | Manner::OnePage => None,
        };
    }
    if headers.get("private-token").map(String::as_str) != Some(TOKEN) {
        status = "401 Unauthorized";
    }
    if fails {
        status = "502 Bad Gateway";
    }
    let text = value.to_string();
    let next = next.map(|next| format!("x-next-page: {next}\r\n")).unwrap_or_default();
    write!(
        reader.get_mut(),
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{next}content-length: {}\r\nconnection: close\r\n\r\n{text}",
        text.len()
    )
}

/// A note of a merge request.
fn note(id: u64, author: u64, body: &str) -> Value {
    json!({"id": id, "author": {"id": author}, "body": body, "system": false})
}

/// The job of a component, with its inputs inserted into the text as GitLab does it.
///
/// Source: gitlab-org/gitlab, lib/gitlab/ci/config/interpolation/text_template.rb: before the YAML is read; what is no text as JSON.
fn component(file: &str, inputs: &[(&str, Value)]) -> (String, Value) {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("templates").join(file)).expect("a file");
    let (header, body) = text.split_once("\n---\n").expect("a header");
    let header: Value = serde_yaml::from_str(header).expect("YAML");
    let declared = header["spec"]["inputs"].as_object().expect("inputs");
    assert!(inputs.iter().all(|(name, _)| declared.contains_key(*name)), "{inputs:?}");
    let mut body = body.to_owned();
    for (name, input) in declared {
        let given = inputs.iter().find(|(given, _)| given == name).map_or(&input["default"], |(_, value)| value);
        let block = format!("$[[ inputs.{name} ]]");
        assert!(body.contains(&block), "{name} is used");
        assert!(input["regex"].is_string() || input["type"] == "array", "any text could be a part of the YAML: {name}");
        body = body.replace(&block, &given.as_str().map_or_else(|| given.to_string(), str::to_owned));
    }
    assert!(!body.contains("$[["), "{body}");
    let jobs: BTreeMap<String, Value> = serde_yaml::from_str(&body).expect("YAML");
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    jobs.into_iter().next().expect("a job")
}

/// The files that a job publishes.
fn reports(job: &Value) -> Vec<String> {
    let artifacts = &job["artifacts"];
    let paths = artifacts["paths"].as_array().expect("paths").iter();
    let paths = paths.chain(artifacts["reports"].as_object().into_iter().flat_map(|reports| reports.values()));
    paths.map(|path| path.as_str().expect("a path").to_owned()).collect()
}

/// What a job of a component came to.
struct Ended {
    code: i32,
    log: String,
    /// How curl was called.
    calls: String,
    /// The arguments and the environment of driftline.
    arguments: Vec<String>,
    environment: String,
    /// The files that the job left behind, without links.
    files: Vec<String>,
}

/// Runs the script of a component.
fn run_job(
    (file, inputs): (&str, &[(&str, Value)]),
    forge: &Forge,
    shell: &[&str],
    variables: &[(&str, &str)],
    drift: bool,
) -> Ended {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| -> PathBuf {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(&path, text).expect("a file");
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("a mode");
        path
    };
    let status = if drift { "PAUSED" } else { "ENABLED" };
    write(
        "work/world.yaml",
        &format!(
            "version: 1\ncaller: \"999988887777\"\naccounts:\n  \"999988887777\": {{sessions: {{us-east-1: {{status: {status}}}}}}}\n"
        ),
    );
    write(
        "work/a.yaml",
        "version: 1\nmacie_sessions:\n  - {accounts: [\"999988887777\"], regions: [us-east-1], status: ENABLED}\n",
    );
    // The simulated AWS in the place of the real one, and no repository to compare with. The tokens must not be in its environment.
    write(
        "bin/driftline",
        &format!(
            r#"#!/bin/bash
printf '%s\n' "$@" > '{root}/arguments'
env > '{root}/environment'
[ -z "$AWS_WEB_IDENTITY_TOKEN_FILE" ] || echo "TOKEN=$(cat "$AWS_WEB_IDENTITY_TOKEN_FILE")" >> '{root}/environment'
# The settings of git that it will have.
git config --get-all safe.directory >> '{root}/environment'
passed=()
while [ "$#" -gt 0 ]; do
  case "$1" in --base) shift ;; *) passed+=("$1") ;; esac
  shift
done
exec '{program}' "${{passed[@]}}" --simulate world.yaml
"#,
            root = folder.path().display(),
            program = env!("CARGO_BIN_EXE_driftline")
        ),
    );
    let path = std::env::var("PATH").expect("a path");
    // The merge request has links with the names of the reports. One with an environment would show the tokens.
    let (_, job) = component(file, inputs);
    for name in reports(&job) {
        symlink("/proc/self/environ", folder.path().join("work").join(name)).expect("a link");
    }
    // A curl that writes down its arguments.
    let found = std::env::split_paths(&path).map(|folder| folder.join("curl")).find(|path| path.is_file());
    let curl = found.expect("curl, which the component asks for");
    let calls = folder.path().join("calls");
    write("bin/curl", &format!("#!/bin/sh\necho \"$*\" >> '{}'\nexec '{}' \"$@\"\n", calls.display(), curl.display()));
    let lines = job["script"].as_array().expect("a script");
    let script: Vec<&str> = lines.iter().map(|line| line.as_str().expect("a line")).collect();
    let own = job["variables"].as_object().expect("variables").iter().map(|(name, value)| {
        let value = if value.is_object() { &value["value"] } else { value };
        (name.as_str(), value.as_str().expect("a text"))
    });
    let output = Command::new(shell[0])
        .args(&shell[1..])
        .arg(script.join("\n"))
        .env_clear()
        .env("PATH", format!("{}:{path}", folder.path().join("bin").display()))
        .env("HOME", folder.path())
        .env("TMPDIR", folder.path())
        .env("CI_API_V4_URL", &forge.url)
        .env("CI_JOB_ID", "99")
        .env("CI_PROJECT_ID", "7")
        .env("CI_PROJECT_DIR", "/builds/g/p")
        .env("CI_MERGE_REQUEST_IID", "12")
        .env("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main")
        .env("DRIFTLINE_NOTE_TOKEN", TOKEN)
        .env("DRIFTLINE_AWS_TOKEN", IDENTITY)
        .env("NO_PROXY", "127.0.0.1")
        .envs(own)
        .envs(variables.iter().copied())
        .current_dir(folder.path().join("work"))
        .stdin(Stdio::null())
        .output()
        .expect("a shell");
    let log = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let read = |path: &str| fs::read_to_string(folder.path().join(path)).unwrap_or_default();
    assert!(!log.contains(TOKEN) && !log.contains(IDENTITY), "the tokens are nowhere to be seen:\n{log}");
    assert!(!read("calls").contains(TOKEN), "every process can read arguments:\n{}", read("calls"));
    let entries = fs::read_dir(folder.path().join("work")).expect("a folder").map(|entry| entry.expect("an entry"));
    let own = entries.filter(|entry| !entry.path().is_symlink());
    let mut files: Vec<String> = own.map(|entry| entry.file_name().into_string().expect("UTF-8")).collect();
    files.sort();
    Ended {
        code: output.status.code().expect("a code"),
        log,
        calls: read("calls"),
        arguments: read("arguments").lines().map(str::to_owned).collect(),
        environment: read("environment"),
        files,
    }
}

/// Runs the script of the note, and returns its exit code, its log, and how curl was called.
fn run(forge: &Forge, shell: &[&str], variables: &[(&str, &str)], drift: bool) -> (i32, String, String) {
    let ended = run_job(("comment.yml", &[("policies", json!("a.yaml"))]), forge, shell, variables, drift);
    assert!(!ended.environment.contains(TOKEN), "driftline never gets the token");
    (ended.code, ended.log, ended.calls)
}

const BASH: &[&str] = &["bash", "-eo", "pipefail", "-c"];
const SH: &[&str] = &["sh", "-e", "-c"];

#[test]
fn ones_own_note_is_found_on_any_page_and_edited() {
    let own = format!("{MARKER}\n## driftline plan: as it was");
    for manner in [Manner::Header, Manner::Silent] {
        for (shell, others, per_page) in [(BASH, 0, 100), (BASH, 250, 100), (SH, 7, 2), (SH, 99, 100), (BASH, 100, 100)]
        {
            let mut notes: Vec<Value> = (0..others).map(|id| note(1000 + id, ME, "looks good to me")).collect();
            notes.push(note(7, ME, &own));
            let forge = Forge::start(notes, per_page, manner);
            let (code, log, _) = run(&forge, shell, &[], true);
            assert_eq!(code, 0, "{log}");
            let written = forge.written();
            assert!(
                matches!(&written[..], [(line, body)] if line == "PUT /api/v4/projects/7/merge_requests/12/notes/7"
                    && body.starts_with("body=%3C%21--") && body.contains("driftline%3Aplan")),
                "{others} others: {written:?}\n{log}"
            );
        }
    }
}

#[test]
fn a_note_of_somebody_else_with_the_same_marker_is_left_alone() {
    let copied = format!("{MARKER}\nnothing to see here");
    let quoted = format!("> {MARKER}");
    for manner in [Manner::Header, Manner::Silent, Manner::OnePage] {
        let notes = vec![
            note(3, 1, &copied),
            json!({"id": 4, "author": null, "body": null}),
            note(5, ME, &quoted),
            note(6, 4200, &copied),
        ];
        let forge = Forge::start(notes, 100, manner);
        let (code, log, _) = run(&forge, BASH, &[], true);
        assert_eq!(code, 0, "{log}");
        let written = forge.written();
        assert!(
            matches!(&written[..], [(line, _)] if line == "POST /api/v4/projects/7/merge_requests/12/notes"),
            "{written:?}\n{log}"
        );
    }
}

#[test]
fn a_forge_that_cannot_be_read_gets_no_second_note_and_fails_no_job() {
    let own = format!("{MARKER}\n");
    for (manner, said) in [
        (Manner::Fails("GET /api/v4/user"), "does not say whose token it is"),
        (Manner::Fails("GET /api/v4/projects"), "the notes could not be read"),
        (Manner::Endless, "more than 100 pages"),
    ] {
        let forge = Forge::start(vec![note(7, 1, &own)], 100, manner);
        let (code, log, _) = run(&forge, SH, &[], true);
        assert!(code == 0 && log.contains(said), "{log}");
        assert!(forge.written().is_empty() && forge.count() <= 101, "{}", forge.count());
    }
    let forge = Forge::start(vec![], 100, Manner::Fails("POST "));
    let (code, log, _) = run(&forge, BASH, &[], true);
    assert!(code == 0 && log.contains("the note could not be posted"), "{log}");
}

#[test]
fn without_a_token_nobody_is_asked_and_a_wrong_one_is_never_shown() {
    let forge = Forge::start(vec![], 100, Manner::Header);
    let (code, _, calls) = run(&forge, BASH, &[("DRIFTLINE_NOTE_TOKEN", "")], true);
    assert_eq!((code, calls.as_str(), forge.count()), (0, "", 0));
    // Of a token with a line break, curl would take the rest for settings.
    let bad = "x\"\noutput = \"/tmp/stolen";
    let (code, log, _) = run(&forge, BASH, &[("DRIFTLINE_NOTE_TOKEN", bad)], true);
    assert!(code == 0 && log.contains("is no token of GitLab") && !log.contains("stolen"), "{log}");
    assert_eq!(forge.count(), 0);
    // What CI_DEBUG_TRACE does.
    let (code, log, _) = run(&forge, &["bash", "-xeo", "pipefail", "-c"], &[], false);
    assert_eq!(code, 0, "{log}");
    assert_eq!(forge.written().len(), 1, "{log}");
}

#[test]
fn a_merge_request_brings_no_note_of_its_own() {
    let forge = Forge::start(vec![], 100, Manner::Header);
    // No policy file: there is no plan, and the link that the merge request has in its place is not followed.
    for shell in [SH, BASH] {
        let ended = run_job(("comment.yml", &[("policies", json!("world.yaml"))]), &forge, shell, &[], true);
        assert_eq!((ended.code, &forge.written()[..]), (1, &[][..]), "{}", ended.log);
    }
}

#[test]
fn two_policy_sets_have_a_job_and_a_note_each() {
    let sets = ["payments", "sandbox (eu)"].map(|set| set.replace(['(', ')'], ":"));
    for (own, other) in [(&sets[0], &sets[1]), (&sets[1], &sets[0])] {
        let inputs =
            [("policies", json!("a.yaml")), ("policy-set", json!(own)), ("job-name", json!(format!("plan {own}")))];
        assert_eq!(component("comment.yml", &inputs).0, format!("plan {own}"));
        let seen = |set: &str| {
            let forge = Forge::start(vec![], 100, Manner::Header);
            let inputs = [("policies", json!("a.yaml")), ("policy-set", json!(set))];
            assert_eq!(run_job(("comment.yml", &inputs), &forge, SH, &[], true).code, 0);
            let body = forge.written()[0].1.clone();
            body.split("%0A").next().expect("a line").trim_start_matches("body=").to_owned()
        };
        assert_ne!(seen(own), seen(other), "one would edit the note of the other");
    }
}

#[test]
fn an_input_is_split_at_spaces_and_is_never_a_command() {
    let forge = Forge::start(vec![], 100, Manner::Header);
    // What a project variable could put in the place of an input, whose pattern forbids it.
    let hostile = "$(touch${IFS}stolen) `touch stolen` ;touch stolen * ?.yaml a\\ b '\"";
    for (file, shell) in [("check.yml", SH), ("check.yml", BASH), ("comment.yml", SH), ("comment.yml", BASH)] {
        let variables = [("DRIFTLINE_ARGS", hostile), ("DRIFTLINE_POLICY_SET", hostile)];
        let ended = run_job((file, &[("policies", json!("a.yaml  world.yaml"))]), &forge, shell, &variables, true);
        let words = hostile.split(' ').map(str::to_owned);
        let command = if file == "check.yml" { "check" } else { "plan" };
        let expected: Vec<String> =
            [command, "a.yaml", "world.yaml"].map(str::to_owned).into_iter().chain(words).collect();
        assert_eq!(ended.arguments[..expected.len()], expected, "{file}");
        assert_eq!(ended.arguments[expected.len()..][..2], ["--policy-set", hostile], "{file}");
        assert_eq!((ended.code, ended.files.contains(&"stolen".to_owned())), (1, false), "{file}: {}", ended.log);
    }
}

#[test]
fn a_check_writes_its_reports_and_only_drift_is_a_warning() {
    let forge = Forge::start(vec![], 100, Manner::Header);
    for (drift, code) in [(true, 2), (false, 0)] {
        for shell in [SH, BASH] {
            let ended = run_job(("check.yml", &[("policies", json!("a.yaml"))]), &forge, shell, &[], drift);
            assert_eq!(ended.code, code, "{}", ended.log);
            let (_, job) = component("check.yml", &[]);
            for path in reports(&job) {
                assert!(ended.files.contains(&path), "{path} of {:?}", ended.files);
            }
            assert_eq!(job["allow_failure"]["exit_codes"], json!([2]));
        }
    }
    let (_, job) = component("comment.yml", &[("allow-failure-codes", json!([1, 4]))]);
    assert_eq!(job["allow_failure"]["exit_codes"], json!([1, 4]));
}

#[test]
fn the_identity_token_reaches_the_sdk_as_a_file_and_nothing_else() {
    const ROLE: &str = "arn:aws:iam::999988887777:role/driftline";
    let forge = Forge::start(vec![], 100, Manner::Header);
    let trace: &[&str] = &["bash", "-xeo", "pipefail", "-c"];
    for file in ["check.yml", "comment.yml"] {
        for shell in [SH, BASH, trace] {
            let inputs = [("policies", json!("a.yaml")), ("aws-role", json!(ROLE))];
            let ended = run_job((file, &inputs), &forge, shell, &[], false);
            assert_eq!(ended.code, 0, "{}", ended.log);
            let has = |line: String| ended.environment.lines().any(|found| found == line);
            assert!(has(format!("AWS_ROLE_ARN={ROLE}")) && has("AWS_ROLE_SESSION_NAME=driftline-99".to_owned()));
            assert!(has(format!("TOKEN={IDENTITY}")), "{}", ended.environment);
            assert_eq!(ended.environment.matches(IDENTITY).count(), 1, "in no variable: {}", ended.environment);
        }
        let ended = run_job((file, &[("policies", json!("a.yaml"))]), &forge, SH, &[], false);
        assert!(!ended.environment.contains("\nAWS_ROLE") && !ended.environment.contains(IDENTITY));
    }
    // The clone belongs to another user than that of the image.
    let ended = run_job(("comment.yml", &[("policies", json!("a.yaml"))]), &forge, SH, &[], false);
    assert!(ended.environment.lines().any(|line| line == "/builds/g/p"), "{}", ended.environment);
}
