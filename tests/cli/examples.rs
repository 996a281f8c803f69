//! The examples do what they say: the walk through plan, apply and rollback, the files for CI systems and cron, and the reports that
//! are published.
//!
//! `UPDATE_EXPECT=1 cargo test --test cli examples` writes anew what the walk prints.

use std::path::{Path, PathBuf};

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/apply")
}

fn text(path: &str) -> String {
    let path = example().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The text with every time, and every line number of a journal, in the place of which stands what it is.
#[cfg(unix)]
fn redacted(text: &str) -> String {
    let (mut redacted, mut rest) = (String::new(), text);
    while let Some(letter) = rest.chars().next() {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let shape = |byte: u8| if byte.is_ascii_digit() { b'0' } else { byte };
        if rest.bytes().take(20).map(shape).eq(*b"0000-00-00T00:00:00Z") {
            redacted.push_str("<the time it is now>");
            rest = &rest[20..];
        } else if let Some(number) = rest.strip_prefix(".jsonl:").filter(|number| digits(number) > 0) {
            redacted.push_str(".jsonl:<line>");
            rest = &number[digits(number)..];
        } else {
            redacted.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    redacted
}

#[cfg(unix)]
#[test]
fn the_walk_through_plan_apply_and_rollback_ends_well_and_prints_what_is_published() {
    let output = std::process::Command::new(example().join("run"))
        .env("DRIFTLINE", env!("CARGO_BIN_EXE_driftline"))
        // What a shell may know of the real AWS must not matter.
        .env("AWS_PROFILE", "somebody")
        .env("AWS_ENDPOINT_URL_MACIE2", "http://127.0.0.1:1")
        .output()
        .expect("bash runs");
    let (printed, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{printed}{said}");
    assert_eq!(said, "");
    let printed = redacted(&printed);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(example().join("expected.txt"), &printed).expect("it can be written");
    }
    assert_eq!(printed, text("expected.txt"));
}

/// A file of the repository.
fn published(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The reports of the worked example that are published beside it, by their formats.
const REPORTS: [(&str, &str); 13] = [
    ("text", "report.txt"),
    ("json", "report.json"),
    ("jsonl", "report.jsonl"),
    ("markdown", "comment.md"),
    ("github", "annotations.txt"),
    ("sarif", "report.sarif"),
    ("junit", "junit.xml"),
    ("codequality", "codequality.json"),
    ("csv", "report.csv"),
    ("html", "report.html"),
    ("ocsf", "ocsf.jsonl"),
    ("slack", "slack.json"),
    ("sns", "sns.txt"),
];

/// Metrics hold nothing but numbers of seconds beside what the others say: they are published with these as they were.
const METRICS: [(&str, &str); 2] = [("prometheus", "driftline.prom"), ("openmetrics", "driftline.openmetrics")];

#[test]
fn the_reports_of_the_example_are_those_that_are_published() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/organization/reports");
    let saved = folder.join("report.json");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::create_dir_all(&folder).expect("a folder");
        let arguments = ["check", "policies", "--simulate", "world.yaml", "--quiet", "--report"];
        let status = std::process::Command::new(env!("CARGO_BIN_EXE_driftline"))
            .args(arguments)
            .arg(format!("json={}", saved.display()))
            .current_dir(folder.join(".."))
            .status();
        assert_eq!(status.expect("the program runs").code(), Some(6));
    }
    // Drawn from the one report with its moments, so that the same bytes come of it on any day.
    for (format, file) in REPORTS.into_iter().chain(METRICS) {
        let scratch = tempfile::tempdir().expect("a folder");
        let drawn = scratch.path().join(file);
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_driftline"))
            .args(["report", "reports/report.json", "--quiet", "--path-root", "../..", "--report"])
            .arg(format!("{format}={}", drawn.display()))
            .current_dir(folder.join(".."))
            .env_remove("GITHUB_OUTPUT")
            .env_remove("GITHUB_STEP_SUMMARY")
            // Links to policy lines would be those of the job that runs the tests.
            .env_remove("GITHUB_SHA")
            .env_remove("CI_COMMIT_SHA")
            .output()
            .expect("the program runs");
        assert_eq!(output.status.code(), Some(6), "{format}: {}", String::from_utf8_lossy(&output.stderr));
        let drawn = std::fs::read_to_string(&drawn).expect("a report");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(folder.join(file), &drawn).expect("it can be written");
        }
        assert!(
            drawn == published(&format!("examples/organization/reports/{file}")),
            "{file} is not what is published"
        );
    }
    // And that report is what a check of today says, but for the moments and what the day has to do with.
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_driftline"))
        .args(["check", "policies", "--simulate", "world.yaml", "--quiet", "--report", "json"])
        .current_dir(folder.join(".."))
        .output()
        .expect("the program runs");
    let of = |text: &[u8]| -> serde_json::Value { serde_json::from_slice(text).expect("a report") };
    let (now, then) = (of(&output.stdout), of(published("examples/organization/reports/report.json").as_bytes()));
    for part in ["verdict", "ledger", "targets", "waivers", "unreached_accounts"] {
        // Requests are numbered as they come, and sessions are counted at some time.
        let without = |text: &str, key: &str| {
            text.split(&format!("\"{key}\":"))
                .map(|rest| rest.split_once([',', '}']).map_or(rest, |(_, rest)| rest))
                .collect::<String>()
        };
        let without_ids = |value: &serde_json::Value| without(&without(&value.to_string(), "request_id"), "read_at");
        assert_eq!(without_ids(&now[part]), without_ids(&then[part]), "{part}");
    }
}

/// The calls of driftline in the shell lines of a workflow, as a shell would split them.
fn calls(workflow: &str) -> Vec<Vec<String>> {
    let lines = workflow.lines().map(|line| line.trim().trim_start_matches("run: "));
    let calls = lines.filter(|line| line.starts_with("driftline "));
    let words = |call: &str| -> Vec<String> {
        // The only variable that stands for arguments.
        let call = call.replace("$ALLOW", "--allow pause");
        let own = call.split(' ').take_while(|word| !["||", "&&", "|", ">", ";"].contains(word));
        own.map(str::to_owned).collect()
    };
    calls.map(words).collect()
}

#[test]
fn the_ci_files_call_driftline_as_it_wants_to_be_called() {
    for (file, least) in [("ci/pull-request.yml", 2), ("ci/apply.yml", 2)] {
        let calls = calls(&text(file));
        assert!(calls.len() >= least, "{file}: {calls:?}");
        for call in calls {
            assert!(call.iter().all(|word| !word.contains(['$', '"', '\''])), "{file}: {call:?}");
            let parsed = driftline::cli::command().try_get_matches_from(&call);
            assert!(parsed.is_ok(), "{file}: {call:?}: {parsed:?}");
        }
    }
    assert!(
        text("ci/apply.yml").contains("'macie-may-pause') && '--allow pause' || ''"),
        "it is what is put in its place"
    );
}

/// The calls of driftline in the files for CI systems and for cron, as a shell would split them.
#[test]
fn the_files_for_ci_and_cron_call_driftline_as_it_wants_to_be_called() {
    for (file, least) in [
        ("templates/check.yml", 1),
        ("templates/comment.yml", 1),
        ("examples/ci/Jenkinsfile", 1),
        ("examples/cron/crontab", 1),
        ("examples/cron/driftline.service", 1),
        (".pre-commit-hooks.yaml", 3),
    ] {
        let text = published(file);
        let text = text.replace("$CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main").replace("\"$@\" ", "");
        let text = text.replace('"', "");
        let call = |line: &str| -> Option<Vec<String>> {
            let line = line.trim();
            if line.starts_with('#') {
                return None;
            }
            let line = line.trim_start_matches("- ").trim_start_matches("entry: ");
            let start = line
                .find("driftline check")
                .or_else(|| line.find("driftline plan"))
                .or_else(|| line.find("driftline validate"))?;
            let own = line[start..].split(' ').take_while(|word| !["||", "&&", "|"].contains(word));
            let words: Vec<String> = own.map(str::to_owned).collect();
            // A name of a hook, and no call.
            (!line.starts_with("name:")).then_some(words)
        };
        let calls: Vec<Vec<String>> = text.lines().filter_map(call).collect();
        assert!(calls.len() >= least, "{file}: {calls:?}");
        for call in calls {
            let parsed = driftline::cli::command().try_get_matches_from(&call);
            assert!(parsed.is_ok(), "{file}: {call:?}: {parsed:?}");
        }
    }
    for (file, arguments) in cron_calls() {
        let call: Vec<&str> = ["driftline", "check"].into_iter().chain(arguments.iter().map(String::as_str)).collect();
        let parsed = driftline::cli::command().try_get_matches_from(&call);
        assert!(parsed.is_ok(), "{file}: {call:?}: {parsed:?}");
    }
}

#[test]
fn the_files_for_ci_and_cron_are_sound() {
    for file in ["action.yml", ".pre-commit-hooks.yaml", "examples/ci/github.yml", "examples/ci/gitlab-ci.yml"]
        .into_iter()
        .chain(["examples/ci/pre-commit-config.yaml", "examples/cron/alerts.yml"])
    {
        let parsed: Result<serde_json::Value, _> = serde_yaml::from_str(&published(file));
        assert!(parsed.is_ok(), "{file}: {parsed:?}");
    }
    // What others write must not become a part of a script.
    let action: serde_json::Value = serde_yaml::from_str(&published("action.yml")).expect("YAML");
    for step in action["runs"]["steps"].as_array().expect("steps") {
        assert!(!step["run"].as_str().expect("a script").contains("${{"));
    }
    let inputs = action["inputs"].as_object().expect("inputs");
    let script = published(".github/action/run") + &published(".github/action/install");
    for input in inputs.keys() {
        let variable = format!("DRIFTLINE_ACTION_{}", input.to_uppercase().replace('-', "_"));
        assert!(published("action.yml").contains(&variable) && script.contains(&variable), "{input}");
    }
    // Alerts are about metrics that there are.
    let metrics = published("examples/organization/reports/driftline.prom");
    let alerts = published("examples/cron/alerts.yml");
    let named = alerts.split(|letter: char| !letter.is_ascii_lowercase() && letter != '_');
    let mut named: Vec<&str> = named.filter(|word| word.starts_with("driftline_")).collect();
    named.sort_unstable();
    named.dedup();
    assert!(named.len() >= 4, "{named:?}");
    // That of the example was not compared with an earlier one.
    let compared = ["driftline_problems", "driftline_drift_first_seen_timestamp_seconds"];
    for name in named.into_iter().filter(|name| !compared.contains(name)) {
        assert!(metrics.contains(&format!("# TYPE {name} gauge")), "{name}");
    }
}

/// The arguments of driftline in the files for cron, systemd and Kubernetes, and in the documentation of them.
fn cron_calls() -> Vec<(&'static str, Vec<String>)> {
    let mut calls = Vec::new();
    for file in ["examples/cron/crontab", "examples/cron/driftline.service", "docs/how-to/cron.md"] {
        for line in published(file).lines().filter(|line| !line.starts_with('#')) {
            let Some((_, call)) = line.split_once("driftline check ") else { continue };
            calls.push((file, call.split(' ').map(str::to_owned).collect()));
        }
    }
    let cronjob: serde_json::Value = serde_yaml::from_str(&published("examples/cron/cronjob.yaml")).expect("YAML");
    let container = &cronjob["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0];
    let words = container["args"].as_array().expect("arguments").iter().skip(1);
    calls.push(("examples/cron/cronjob.yaml", words.map(|word| word.as_str().expect("a text").to_owned()).collect()));
    calls
}

#[cfg(feature = "simulator")]
#[test]
fn what_cron_runs_names_what_changes_and_is_silent_otherwise() {
    let calls = cron_calls();
    assert_eq!(calls.len(), 6, "{calls:?}");
    for (file, words) in calls {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
        let world = |sessions: &str| {
            let accounts = format!("  \"111122223333\": {{sessions: {{{sessions}}}}}\n");
            write("world.yaml", &format!("version: 1\ncaller: \"111122223333\"\naccounts:\n{accounts}"));
        };
        write(
            "a.yaml",
            "version: 1\nmacie_sessions:\n  - {accounts: [\"111122223333\"], regions: [eu-west-1, us-east-1], status: ENABLED}\n",
        );
        // Files are in this folder here, and nobody waits.
        let mut arguments =
            vec!["check".to_owned(), "a.yaml".to_owned(), "--simulate".to_owned(), "world.yaml".to_owned()];
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            if word == "--jitter" {
                words.next();
                continue;
            }
            let name = word.rsplit('/').next().expect("a name");
            arguments.push(match word.split_once("=/") {
                Some((format, _)) => format!("{format}={name}"),
                None => name.to_owned(),
            });
        }
        let drift = if arguments.iter().any(|argument| argument == "--fail-on") { 0 } else { 2 };
        let run = || {
            let output = std::process::Command::new(env!("CARGO_BIN_EXE_driftline"))
                .args(&arguments)
                .current_dir(folder.path())
                .output()
                .expect("the program runs");
            let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert_eq!(output.status.code(), Some(drift), "{file}: {out}{err}");
            (out.into_owned(), err.into_owned())
        };
        world("\"*\": {status: ENABLED}, us-east-1: {status: PAUSED}");
        let (out, _) = run();
        for part in ["111122223333", "us-east-1", "PAUSED", "1 new"] {
            assert!(out.contains(part), "{file}: {part} is not in what cron mails:\n{out}");
        }
        assert_eq!(run(), (String::new(), String::new()), "{file}: nothing has changed");
        world("\"*\": {status: ENABLED}, eu-west-1: {status: PAUSED}");
        let (out, err) = run();
        for part in ["eu-west-1", "1 new", "resolved: 111122223333 us-east-1"] {
            assert!(out.contains(part), "{file}: {part} is not in what cron mails:\n{out}");
        }
        assert_eq!(err, "", "{file}");
    }
}

#[test]
fn the_plan_of_an_artifact_is_not_unpacked_into_the_checkout() {
    let workflow: serde_json::Value = serde_yaml::from_str(&text("ci/apply.yml")).expect("YAML");
    let steps = workflow["jobs"]["apply"]["steps"].as_array().expect("steps");
    let scripts = steps.iter().filter_map(|step| step["run"].as_str()).filter(|run| run.contains("gh run download"));
    let scripts: Vec<&str> = scripts.collect();
    assert!(matches!(scripts[..], [script] if script.contains("--dir \"$RUNNER_TEMP/reviewed\"")), "{scripts:?}");
}

/// The script of a step, run as GitHub runs it; whether it succeeds.
#[cfg(unix)]
fn succeeds(script: &str, folder: &Path, code: &str) -> bool {
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").expect("a path"));
    let mut command = std::process::Command::new("bash");
    command.args(["-e", "-c", script]).current_dir(folder).env("CODE", code).env("PATH", path);
    command.output().expect("bash runs").status.success()
}

/// Stands for driftline: the same plan, and the exit code of the row as `--fail-on none` leaves it.
#[cfg(unix)]
const STUB: &str = r#"#!/bin/sh
cp plan.json now.json
case "$* $CODE" in *"--fail-on none "[246]) exit 0 ;; *) exit "$CODE" ;; esac
"#;

#[cfg(unix)]
#[test]
fn a_plan_beside_unread_targets_is_kept_and_applied() {
    use std::os::unix::fs::PermissionsExt as _;
    let step = |file: &str, job: &str, name: &str| -> serde_json::Value {
        let workflow: serde_json::Value = serde_yaml::from_str(&text(file)).expect("YAML");
        let steps = workflow["jobs"][job]["steps"].as_array().expect("steps");
        steps.iter().find(|step| step["name"] == name).expect(name).clone()
    };
    let keep = step("ci/pull-request.yml", "plan", "Keep the plan for the merge");
    assert_eq!(keep["if"], "contains(fromJSON('[\"2\", \"6\"]'), steps.plan.outputs.code)");
    let verdict = step("ci/pull-request.yml", "plan", "Fail unless there is a plan");
    let compare = step("ci/apply.yml", "apply", "Compare the plan with a new one");
    let folder = tempfile::tempdir().expect("a folder");
    let stub = folder.path().join("driftline");
    std::fs::write(&stub, STUB).expect("a file");
    std::fs::set_permissions(&stub, std::fs::Permissions::from_mode(0o755)).expect("a file");
    std::fs::write(folder.path().join("plan.json"), "{\"steps\": []}").expect("a file");
    for (code, is_plan) in [("0", true), ("2", true), ("4", true), ("6", true), ("1", false), ("130", false)] {
        for step in [&verdict, &compare] {
            let script = step["run"].as_str().expect("a script");
            assert_eq!(succeeds(script, folder.path(), code), is_plan, "{code}: {script}");
        }
    }
    let template = published("templates/comment.yml");
    let (header, _) = template.split_once("\n---\n").expect("a header");
    let header: serde_json::Value = serde_yaml::from_str(header).expect("YAML");
    assert_eq!(header["spec"]["inputs"]["allow-failure-codes"]["default"], serde_json::json!([4]));
    let results = "[2: 'drift', 4: 'unread targets', 6: 'drift and unread targets']";
    assert!(published("examples/ci/Jenkinsfile").contains(results));
}
