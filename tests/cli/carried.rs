//! Readings that a run has not made itself: of what time they are, and where they come from, in every format.

use serde_json::Value;

use crate::support::{ACCOUNT, Driftline, Site, World, copied, policy};

const OTHER: &str = "222233334444";
const TAKEN: &str = "2026-01-02T03:04:05Z";
const FILES: [&str; 13] = [
    "json=r.json",
    "jsonl=r.jsonl",
    "markdown=r.md",
    "sarif=r.sarif",
    "junit=r.xml",
    "csv=r.csv",
    "prometheus=r.prom",
    "openmetrics=r.om",
    "html=r.html",
    "ocsf=r.ocsf",
    "asff=asff",
    "slack=r.slack",
    "sns=r.sns",
];

/// One account in sync, one paused.
fn site() -> Site {
    let world = World::new().enabled(ACCOUNT).account(OTHER, "sessions: {\"*\": {status: PAUSED}}");
    Site::new(&world, [format!("accounts: [\"{ACCOUNT}\", \"{OTHER}\"], regions: [eu-west-1], status: ENABLED")])
}

fn raw(program: &Driftline, file: &str) -> String {
    std::fs::read_to_string(program.path(file)).expect("a file")
}

fn alter(program: &Driftline, file: &str, change: impl FnOnce(&mut Value)) {
    let mut document: Value = serde_json::from_str(&raw(program, file)).expect("JSON");
    change(&mut document);
    std::fs::write(program.path(file), document.to_string()).expect("a file");
}

/// A run that writes a report in each format, with all that goes to files of GitHub.
fn in_all_formats(site: &mut Site, arguments: &[&str], exit: i32) -> String {
    let summary = site.program.path("summary.md");
    let program = std::mem::replace(&mut site.program, Driftline::new());
    site.program = program.env("GITHUB_STEP_SUMMARY", summary);
    let mut all = arguments.to_vec();
    for file in FILES.iter().chain(&["github=r.github"]) {
        all.extend(["--report", file]);
    }
    let output = site.program.command().args(&all).output().expect("the program runs");
    site.program.assert_exit(&output, exit);
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The seconds of [`TAKEN`].
fn seconds() -> i64 {
    TAKEN.parse::<jiff::Timestamp>().expect("a time").as_second()
}

#[test]
fn a_snapshot_is_told_to_be_one_with_its_time_in_every_format() {
    let mut site = site();
    site.run(&["snapshot", "a.yaml", "--out", "s.json"], 0);
    alter(&site.program, "s.json", |snapshot| snapshot["taken_at"] = TAKEN.into());
    let text = in_all_formats(&mut site, &["check", "a.yaml", "--live", "s.json"], 2);
    let program = &site.program;
    for (name, told) in [
        ("text", text.split_whitespace().collect::<Vec<_>>().join(" ")),
        ("markdown", raw(program, "r.md")),
        ("html", raw(program, "r.html")),
        ("slack", raw(program, "r.slack")),
        ("sns", raw(program, "r.sns")),
        ("summary", raw(program, "summary.md")),
        ("sarif", raw(program, "r.sarif")),
        ("junit", raw(program, "r.xml")),
    ] {
        assert!(told.contains(&format!("from a snapshot of AWS, taken {TAKEN}")), "{name}: {told}");
        assert!(!told.contains("live from"), "{name}: {told}");
    }
    let report: Value = serde_json::from_str(&raw(program, "r.json")).expect("JSON");
    assert_eq!(report["run"]["snapshot"], serde_json::json!({"taken_at": TAKEN}));
    assert_eq!(report["run"]["carried"], serde_json::json!({"readings": 2, "read_at": TAKEN}));
    let today = report["run"]["finished_at"].as_str().expect("a time")[..10].to_owned();
    // None of those that reach people or other systems says anything of today.
    for file in [
        "r.md",
        "r.slack",
        "r.sns",
        "r.csv",
        "r.ocsf",
        "r.xml",
        "summary.md",
        "asff/222233334444.eu-west-1.001.asff.json",
    ] {
        assert!(!raw(program, file).contains(&today), "{file}: {}", raw(program, file));
    }
    let csv = raw(program, "r.csv");
    assert!(csv.lines().skip(1).all(|row| row.contains(TAKEN)), "{csv}");
    let finding: Value =
        serde_json::from_str(&raw(program, "asff/222233334444.eu-west-1.001.asff.json")).expect("JSON");
    for time in ["CreatedAt", "UpdatedAt", "LastObservedAt"] {
        assert_eq!(finding[0][time], TAKEN);
    }
    assert_eq!(finding[0]["ProductFields"]["driftline/source"], "snapshot");
    for line in raw(program, "r.ocsf").lines() {
        let event: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(
            (&event["time"], &event["finding_info"]["last_seen_time"]),
            (&(seconds() * 1000).into(), &(seconds() * 1000).into())
        );
        assert!(event["metadata"]["labels"].as_array().expect("labels").contains(&"source:snapshot".into()));
    }
    for file in ["r.prom", "r.om"] {
        let metrics = raw(program, file);
        for metric in ["driftline_last_run_timestamp_seconds", "driftline_last_success_timestamp_seconds"] {
            let sample = metrics.lines().find(|line| line.starts_with(&format!("{metric}{{"))).expect("a sample");
            assert!(sample.ends_with(&format!(" {}", seconds())), "{sample}");
        }
    }
    assert!(raw(program, "r.xml").contains("timestamp=\"2026-01-02T03:04:05\""));
    // The saved report tells the same when it is drawn again.
    let again = site.run(&["report", "r.json", "--report", "sns"], 2);
    assert!(again.stdout.contains("from a snapshot of AWS, taken"), "{}", again.stdout);
    assert!(again.stdout.starts_with("driftline (snapshot): "), "{}", again.stdout);
}

#[test]
fn a_snapshot_that_holds_nothing_of_it_is_not_live_either() {
    let site = site();
    site.run(&["snapshot", "a.yaml", "--out", "s.json"], 0);
    let other = policy(["accounts: [\"777788889999\"], regions: [eu-west-1], status: ENABLED"]);
    let site = site.file("b.yaml", other);
    let ran = site.run(&["check", "b.yaml", "--live", "s.json", "--report", "slack=s.slack"], 4);
    assert!(ran.stdout.contains("0 of 1 reading are those of a snapshot, taken"), "{}", ran.stdout);
    ran.stdout_has_no("live from");
    assert!(!raw(&site.program, "s.slack").contains("live from"));
}

#[test]
fn a_snapshot_of_a_simulation_is_one() {
    let program = Driftline::new()
        .policy("a.yaml", policy([format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: ENABLED")]))
        .world(&World::new().enabled(ACCOUNT));
    program.run_with(&["snapshot", "a.yaml", "--simulate", "world.yaml", "--out", "s.json"], 0);
    let told = program.run_with(&["check", "a.yaml", "--live", "s.json", "--report", "sns"], 0).stdout;
    assert!(told.contains("from a snapshot of a simulated AWS, taken"), "{told}");
}

/// Three runs, each of which completes the one before: every account keeps the time of the run that has read it.
#[test]
fn readings_that_are_taken_over_keep_their_time_through_generations() {
    let broken = |account: &str| {
        format!(
            "operations: [\"sts:AssumeRole\"], accounts: [\"{account}\"], times: 1, fault: {{answer: {{status: 403}}}}"
        )
    };
    let third = "333344445555";
    let world = World::new().enabled(ACCOUNT).enabled(OTHER).enabled(third);
    let world = world.faulty(&broken(OTHER)).faulty(&broken(third).replace("times: 1", "times: 2"));
    let declared =
        format!("accounts: [\"{ACCOUNT}\", \"{OTHER}\", \"{third}\"], regions: [eu-west-1], status: ENABLED");
    let mut site = Site::new(&world, [declared]);
    let dated = |program: &Driftline, file: &str, day: &str| {
        alter(program, file, |report| {
            report["run"]["started_at"] = format!("{day}T00:00:00Z").into();
            report["run"]["finished_at"] = format!("{day}T00:01:00Z").into();
        });
    };
    site.run(&["check", "a.yaml", "--report", "json=a.json"], 4);
    dated(&site.program, "a.json", "2026-01-01");
    site.run(&["check", "a.yaml", "--only-unread", "a.json", "--report", "json=b.json"], 4);
    dated(&site.program, "b.json", "2026-02-01");
    let text = in_all_formats(&mut site, &["check", "a.yaml", "--only-unread", "b.json"], 0);
    let report: Value = serde_json::from_str(&raw(&site.program, "r.json")).expect("JSON");
    let times: Vec<&Value> =
        report["targets"].as_array().expect("targets").iter().map(|target| &target["read_at"]).collect();
    assert_eq!(times, [&"2026-01-01T00:00:00Z".into(), &"2026-02-01T00:00:00Z".into(), &Value::Null]);
    assert_eq!(report["run"]["carried"], serde_json::json!({"readings": 2, "read_at": "2026-01-01T00:00:00Z"}));
    let csv = raw(&site.program, "r.csv");
    let observed: Vec<&str> = csv.lines().skip(1).map(|row| row.split(',').nth(1).expect("a cell")).collect();
    assert_eq!(
        observed,
        ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", report["run"]["finished_at"].as_str().expect("a time")]
    );
    for told in [
        text.split_whitespace().collect::<Vec<_>>().join(" "),
        raw(&site.program, "r.sns"),
        raw(&site.program, "r.slack"),
        raw(&site.program, "r.md"),
    ] {
        assert!(
            told.contains("from AWS, 2 of 3 readings by earlier runs, the first of which began 2026-01-01T00:00:00Z"),
            "{told}"
        );
        assert!(!told.contains("live from"), "{told}");
    }
    let metrics = raw(&site.program, "r.prom");
    let old = "2026-01-01T00:00:00Z".parse::<jiff::Timestamp>().expect("a time").as_second();
    assert!(
        metrics.contains(&format!("driftline_last_success_timestamp_seconds{{policy_set=\"default\"}} {old}\n")),
        "{metrics}"
    );
    // Merged with nothing, drawn again, and completed once more, it is as it was.
    site.run(&["check", "a.yaml", "--only-unread", "r.json", "--report", "json=c.json"], 0);
    let last: Value = serde_json::from_str(&raw(&site.program, "c.json")).expect("JSON");
    assert_eq!(last["targets"][0]["read_at"], "2026-01-01T00:00:00Z");
    assert_eq!(last["targets"][2]["read_at"], report["run"]["started_at"]);
}

#[test]
fn parts_that_were_completed_make_a_whole_that_says_so() {
    let program =
        copied(Driftline::new(), "examples/organization").args(["check", "policies", "--simulate", "world.yaml"]);
    for index in ["1", "2", "3"] {
        let mut command = program.command();
        command.args(["--shard", &format!("{index}/3"), "--quiet", "--report", &format!("json={index}.json")]);
        assert!(command.output().expect("the program runs").status.code().is_some_and(|code| code != 1));
    }
    let merged = |exit| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_driftline"));
        command.args(["report", "1.json", "2.json", "3.json", "--report", "json=m.json"]);
        program.assert_exit(&command.current_dir(program.path("")).output().expect("the program runs"), exit)
    };
    for (file, readings, read_at) in [("1.json", 1, "2026-02-01T00:00:00Z"), ("2.json", 2, TAKEN)] {
        let carried = serde_json::json!({"readings": readings, "read_at": read_at});
        alter(&program, file, |report| report["run"]["carried"] = carried);
    }
    merged(6);
    let report: Value = serde_json::from_str(&raw(&program, "m.json")).expect("JSON");
    assert_eq!(report["run"]["carried"], serde_json::json!({"readings": 3, "read_at": TAKEN}));
    alter(&program, "3.json", |report| report["run"]["snapshot"] = serde_json::json!({"taken_at": TAKEN}));
    merged(1).says("the snapshot differs");
}
