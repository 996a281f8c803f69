//! `driftline report`: saved reports drawn again, and the parts of a run merged.

use crate::support::{Driftline, copied};

/// The worked example with its reports in three parts.
fn parts() -> Driftline {
    let program = example();
    for index in 1..=3 {
        let (shard, file) = (format!("{index}/3"), format!("{index}.json"));
        let mut command = program.command();
        command.args(["--shard", &shard, "--quiet", "--report", &format!("json={file}")]);
        let output = command.output().expect("the program runs");
        assert!([0, 2, 4, 6].contains(&output.status.code().expect("a code")));
    }
    program
}

fn example() -> Driftline {
    copied(Driftline::new(), "examples/organization").args(["check", "policies", "--simulate", "world.yaml"])
}

/// What `report` says of some files in that folder.
fn report(program: &Driftline, arguments: &[&str], exit: i32) -> (String, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_driftline"));
    let output =
        command.arg("report").args(arguments).current_dir(program.path("")).output().expect("the program runs");
    let ran = program.assert_exit(&output, exit);
    (ran.stdout, ran.stderr)
}

#[test]
fn a_saved_report_is_drawn_as_it_was() {
    for options in [&[][..], &["--verbose"], &["--quiet"]] {
        let program = example().args(["--report", "json=a.json", "--report", "text"]).args(options);
        let told_first = program.run(6).stdout;
        let again = report(&program, &[&["a.json"], options].concat(), 6).0;
        assert_eq!(again, told_first);
        let saved = std::fs::read_to_string(program.path("a.json")).expect("a report");
        report(&program, &["a.json", "--report", "json=b.json"], 6);
        assert_eq!(std::fs::read_to_string(program.path("b.json")).expect("a report"), saved);
    }
}

#[test]
fn the_parts_of_a_run_make_the_whole() {
    let program = parts();
    let whole = program.args(["--report", "json"]);
    let whole_run = whole.run(6).json();
    report(&whole, &["1.json", "3.json", "2.json", "--report", "json=merged.json"], 6);
    let merged: serde_json::Value = serde_json::from_str(&whole.read("merged.json")).expect("JSON");
    for part in ["verdict", "ledger", "waivers", "unreached_accounts"] {
        assert_eq!(merged[part], whole_run[part], "{part}");
    }
    let places = |report: &serde_json::Value| -> Vec<(String, String, String)> {
        let word = |target: &serde_json::Value, key: &str| target[key].as_str().expect("a text").to_owned();
        let targets = report["targets"].as_array().expect("targets").iter();
        targets.map(|target| (word(target, "account"), word(target, "region"), word(target, "outcome"))).collect()
    };
    assert_eq!(places(&merged), places(&whole_run));
    assert_eq!(merged["run"].get("shard"), None);
}

#[test]
fn what_all_parts_have_seen_change_is_said_of_the_whole() {
    let program = example();
    for index in ["1", "2", "3"] {
        for _ in 0..2 {
            let mut command = program.command();
            command.args(["--shard", &format!("{index}/3"), "--quiet", "--since", &format!("{index}.json")]);
            let output = command.output().expect("the program runs");
            assert!([0, 2, 4, 6].contains(&output.status.code().expect("a code")));
        }
    }
    assert!(program.read("1.json").contains("\"mark\": \"persisting\"") || program.read("2.json").contains("\"mark\""));
    report(&program, &["1.json", "2.json", "3.json", "--report", "json=merged.json"], 6);
    let merged = program.read("merged.json");
    let changes = &serde_json::from_str::<serde_json::Value>(&merged).expect("JSON")["changes"];
    assert!(changes["persisting"].as_u64().is_some_and(|count| count > 3) && changes["new"] == 0, "{changes}");
    assert!(merged.contains("\"mark\": \"persisting\"") && merged.contains("\"since\""));
    // What one part alone has seen change is not said of the whole.
    let alone =
        program.command().args(["--shard", "1/3", "--report", "json=1.json"]).output().expect("the program runs");
    assert!([0, 2, 4, 6].contains(&alone.status.code().expect("a code")));
    report(&program, &["1.json", "2.json", "3.json", "--report", "json=merged.json"], 6);
    let merged = program.read("merged.json");
    assert!(!merged.contains("\"mark\"") && !merged.contains("\"changes\""), "{merged}");
}

#[test]
fn a_part_that_is_missing_or_there_twice_is_told() {
    let program = parts();
    let missing = report(&program, &["1.json", "3.json"], 1).1;
    assert!(missing.contains("of 3 shards, one is missing: 2/3"), "{missing}");
    let twice = report(&program, &["1.json", "2.json", "3.json", "2.json"], 1).1;
    assert!(twice.contains("shard 2/3 is there twice: 2.json and 2.json"), "{twice}");
    assert!(twice.contains("targets stand in more than one report"), "{twice}");
}

#[test]
fn reports_of_different_policies_are_not_one() {
    let program = parts();
    let text = std::fs::read_to_string(program.path("2.json")).expect("a report");
    let other = text.replacen("\"policy_digest\": \"sha256:", "\"policy_digest\": \"sha256:00", 1);
    std::fs::write(program.path("2.json"), other).expect("a file");
    let message = report(&program, &["1.json", "2.json", "3.json"], 1).1;
    assert!(message.contains("1.json and 2.json are of different policies"), "{message}");
}

/// Alters a report through its JSON, as an operator's script would.
fn alter(program: &Driftline, file: &str, change: impl FnOnce(&mut serde_json::Value)) {
    let mut report = serde_json::from_slice(&std::fs::read(program.path(file)).expect("a report")).expect("JSON");
    change(&mut report);
    std::fs::write(program.path(file), report.to_string()).expect("a file");
}

#[test]
fn reports_of_different_partitions_or_organizations_are_not_one() {
    let all = ["1.json", "2.json", "3.json"];
    let program = parts();
    alter(&program, "1.json", |report| report["run"]["caller"] = serde_json::Value::Null);
    report(&program, &all, 6);
    alter(&program, "3.json", |report| {
        let arn = report["run"]["caller"]["arn"].as_str().expect("an ARN").replacen("arn:aws:", "arn:aws-cn:", 1);
        report["run"]["caller"]["arn"] = arn.into();
    });
    let message = report(&program, &all, 1).1;
    assert!(
        message.contains("2.json and 3.json are not of one run: the partition of the credentials differs"),
        "{message}"
    );
    let program = parts();
    alter(&program, "2.json", |report| report["run"]["management_account"] = serde_json::Value::Null);
    report(&program, &all, 6);
    alter(&program, "3.json", |report| report["run"]["management_account"] = "999999999999".into());
    let message = report(&program, &all, 1).1;
    assert!(message.contains("1.json and 3.json are not of one run: the organization differs"), "{message}");
}

#[test]
fn an_account_of_another_shard_is_refused() {
    let program = parts();
    for (file, index) in [("1.json", 2), ("2.json", 1)] {
        alter(&program, file, |report| report["run"]["shard"]["index"] = index.into());
    }
    let message = report(&program, &["1.json", "2.json", "3.json"], 1).1;
    for file in ["1.json", "2.json"] {
        assert!(message.contains(&format!("{file}: it is not a sound report: `targets[0]")), "{message}");
    }
    assert!(message.contains("`account`: it is not in this shard"), "{message}");
}

#[test]
fn what_is_no_report_is_refused_and_every_file_is_told() {
    let program = Driftline::new()
        .file("cut.json", "{\"format\": ")
        .file("plan.json", "{\"format\": \"driftline.plan\", \"format_version\": 1}")
        .file("newer.json", "{\"format\": \"driftline.report\", \"format_version\": 2}")
        .file("odd.json", "{\"format\": \"driftline.report\", \"format_version\": 1, \"tool\": 7}");
    let message = report(&program, &["cut.json", "plan.json", "newer.json", "odd.json", "missing.json"], 1).1;
    for part in [
        "cut.json: it is not JSON",
        "plan.json: it is not a report of driftline: its `format` is \"driftline.plan\"",
        "newer.json: it has format version 2, and this driftline reads version 1",
        "odd.json: it is not a sound report",
        "missing.json: ",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
}

#[test]
fn a_report_whose_numbers_do_not_fit_is_refused() {
    let program = example().args(["--report", "json=a.json"]);
    program.run(6);
    let text = std::fs::read_to_string(program.path("a.json")).expect("a report");
    for (from, to, what) in [
        ("\"drifted\": 7", "\"drifted\": 0", "its ledger does not count its targets"),
        ("\"verdict\": \"drift_and_incomplete\"", "\"verdict\": \"in_sync\"", "its verdict is not that of its ledger"),
        ("\"region\": \"us-west-1\"", "\"region\": \"us-west-2\"", "its targets are not sorted"),
    ] {
        std::fs::write(program.path("b.json"), text.replacen(from, to, 1)).expect("a file");
        let message = report(&program, &["b.json"], 1).1;
        assert!(message.contains(what), "{what}: {message}");
    }
}

#[test]
fn a_shard_that_is_none_is_refused() {
    example().args(["--shard", "4/3"]).run(1).says("a shard is written as INDEX/COUNT");
}
