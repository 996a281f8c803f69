//! The template for GitLab: its script, run as a runner would run it, against a server that answers as GitLab does.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

const TOKEN: &str = "glpat-confidential_1.2";
const MARKER: &str = "<!-- driftline:plan v1 key=a.yaml -->";
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

/// Runs the script of the template, and returns its exit code, its log, and how curl was called.
fn run(forge: &Forge, shell: &[&str], variables: &[(&str, &str)], drift: bool) -> (i32, String, String) {
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
        "world.yaml",
        &format!(
            "version: 1\ncaller: \"999988887777\"\naccounts:\n  \"999988887777\": {{sessions: {{us-east-1: {{status: {status}}}}}}}\n"
        ),
    );
    write(
        "a.yaml",
        "version: 1\nmacie_sessions:\n  - {accounts: [\"999988887777\"], regions: [us-east-1], status: ENABLED}\n",
    );
    // The plan of the simulated AWS in the place of the real one, with the exit code that is asked for; the token must not be in its
    // environment.
    write(
        "bin/driftline",
        &format!(
            "#!/bin/sh\nenv > environment\ncase \"$*\" in *'--fail-on unread') set -- --fail-on unread ;; *) set -- ;; esac\nexec '{}' plan \"$@\" a.yaml --simulate world.yaml --report markdown=driftline-note.md --report text\n",
            env!("CARGO_BIN_EXE_driftline")
        ),
    );
    let path = std::env::var("PATH").expect("a path");
    // A curl that writes down its arguments.
    let found = std::env::split_paths(&path).map(|folder| folder.join("curl")).find(|path| path.is_file());
    let curl = found.expect("curl, which the template asks for");
    write("bin/curl", &format!("#!/bin/sh\necho \"$*\" >> calls\nexec '{}' \"$@\"\n", curl.display()));
    let template = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ci/gitlab.yml")).expect("a template");
    let template: Value = serde_yaml::from_str(&template).expect("YAML");
    let lines = template[".driftline-comment"]["script"].as_array().expect("a script");
    let script: Vec<&str> = lines.iter().map(|line| line.as_str().expect("a line")).collect();
    let output = Command::new(shell[0])
        .args(&shell[1..])
        .arg(script.join("\n"))
        .env_clear()
        .env("PATH", format!("{}:{path}", folder.path().join("bin").display()))
        .env("HOME", folder.path())
        .env("CI_API_V4_URL", &forge.url)
        .env("CI_PROJECT_ID", "7")
        .env("CI_MERGE_REQUEST_IID", "12")
        .env("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main")
        .env("DRIFTLINE_NOTE_TOKEN", TOKEN)
        .env("NO_PROXY", "127.0.0.1")
        .envs(variables.iter().copied())
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .expect("a shell");
    let log = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let read = |path: &str| fs::read_to_string(folder.path().join(path)).unwrap_or_default();
    assert!(!log.contains(TOKEN), "the token is nowhere to be seen:\n{log}");
    assert!(!read("calls").contains(TOKEN), "every process can read arguments:\n{}", read("calls"));
    assert!(!read("environment").contains(TOKEN), "driftline never gets the token");
    (output.status.code().expect("a code"), log, read("calls"))
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
