//! The examples do what they say: the walk through plan, apply and rollback, and the CI files beside it.
//!
//! `UPDATE_EXPECT=1 cargo test --test examples` writes anew what the walk prints.

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

#[test]
fn the_ci_files_are_sound_yaml_and_pin_what_they_use() {
    for file in ["ci/pull-request.yml", "ci/apply.yml"] {
        let workflow: serde_json::Value = serde_yaml::from_str(&text(file)).expect("YAML");
        assert_eq!(workflow["permissions"]["contents"], "read", "{file}");
        let jobs = workflow["jobs"].as_object().expect("jobs");
        let steps = jobs.values().flat_map(|job| job["steps"].as_array().expect("steps"));
        let mut pinned = 0;
        for step in steps {
            // What others write must not become a part of a script.
            let script = step["run"].as_str().unwrap_or_default();
            assert!(!script.contains("${{"), "{file}: {script}");
            if let Some(used) = step["uses"].as_str() {
                let (_, version) = used.split_once('@').expect("a version");
                assert!(version.starts_with('v') && version.len() >= 2, "{file}: {used}");
                pinned += 1;
            }
        }
        assert!(pinned >= 3, "{file}");
    }
}
