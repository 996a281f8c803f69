//! `--base`: what a change of the policies waives, accepts, causes, and leaves, given what is live.

use std::collections::BTreeMap;
use std::process::Command;

use insta::assert_snapshot;

use crate::support::{ACCOUNT, Driftline, World, policy, sessions};

fn git(program: &Driftline, arguments: &[&str]) {
    let mut command = Command::new("git");
    let status = command
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"])
        .args(arguments)
        .current_dir(program.path(""))
        .status();
    assert!(status.expect("git runs").success(), "git {arguments:?}");
}

const OTHER: &str = "444455556666";
const THIRD: &str = "555566667777";

/// A repository whose policies have changed since its only commit: in each Region another way.
fn changed() -> Driftline {
    let live = "eu-west-1: {status: PAUSED, finding_publishing_frequency: ONE_HOUR}, \
                eu-west-2: {status: ENABLED, finding_publishing_frequency: SIX_HOURS}, us-east-1: off, \
                us-west-1: {status: PAUSED}, eu-central-1: {status: PAUSED}, eu-west-3: {status: PAUSED}, \
                eu-north-1: {status: PAUSED}";
    let world = World::new()
        .account(ACCOUNT, &format!("sessions: {{{live}}}"))
        .account(OTHER, "sessions: {}, roles: []")
        .account(THIRD, "sessions: {}, roles: []");
    let of =
        |account: &str, region: &str, rest: &str| format!("accounts: [\"{account}\"], regions: [{region}], {rest}");
    let both = [
        of(ACCOUNT, "us-east-1, eu-central-1, eu-west-3, eu-north-1", "status: ENABLED"),
        of(OTHER, "eu-west-1", "status: ENABLED"),
        of(THIRD, "eu-west-1", "status: ENABLED"),
    ];
    let old = [
        of(ACCOUNT, "eu-west-1", "status: ENABLED"),
        of(ACCOUNT, "eu-west-2", "finding_publishing_frequency: SIX_HOURS"),
        of(ACCOUNT, "us-west-1", "status: ENABLED"),
    ];
    let new = [
        of(ACCOUNT, "eu-west-1", "status: PAUSED"),
        of(ACCOUNT, "eu-west-2", "finding_publishing_frequency: ONE_HOUR"),
    ];
    let waiver = |terms: &str, expires: &str| {
        format!("  - {terms}\n    reason: data lake migration\n    owner: lake@example.com\n    expires: {expires}\n")
    };
    let regions = |regions: &str| format!("accounts: [\"{ACCOUNT}\"]\n    regions: [{regions}]");
    let waivers = |waivers: &[String]| format!("version: 1\nwaivers:\n{}", waivers.concat());
    let old_waivers = waivers(&[waiver(&regions("eu-north-1"), "2049-03-31")]);
    let new_waivers = waivers(&[
        waiver(&regions("eu-north-1"), "2049-06-30"),
        waiver(&regions("eu-central-1, eu-west-3"), "2049-03-31"),
        waiver(&format!("accounts: [\"{OTHER}\"]\n    unread: role_not_assumable"), "2049-12-31"),
    ]);
    let program = Driftline::new()
        .policy("policies/a.yaml", policy(old.iter().chain(&both)))
        .file("policies/waivers.yaml", &old_waivers)
        .world(&world);
    git(&program, &["init", "-q"]);
    git(&program, &["add", "policies"]);
    git(&program, &["commit", "-q", "-m", "first"]);
    let path = std::env::var_os("PATH").expect("a path");
    let program = program.policy("policies/a.yaml", policy(new.iter().chain(&both)));
    program.file("policies/waivers.yaml", &new_waivers).env("PATH", path)
}

const CHECK: [&str; 6] = ["check", "policies", "--simulate", "world.yaml", "--base", "HEAD"];

#[test]
fn what_a_change_waives_accepts_and_causes_is_told_for_the_review() {
    let run = |format: &str| changed().run_with(&[&CHECK[..], &["--report", format]].concat(), 6);
    assert_snapshot!("check_text", run("text").stdout);
    assert_snapshot!("check_markdown", run("markdown").stdout);
    let html = run("html").stdout;
    assert!(
        html.contains("waives 4, accepts 1, causes 1 finding; 1 was there already; 1 with unknown effect"),
        "{html}"
    );
    assert!(html.contains("Waived by this change") && html.contains("lake@example.com"), "{html}");
    let report = run("json").json();
    assert_eq!(report["base"]["revision"], "HEAD");
    let counts = serde_json::json!({
        "accepts": 1, "waives": 4, "causes": 1, "already": 1, "unread": 1,
        "unmanaged": 0, "no_longer_declared": 1, "settings_no_longer_declared": 0,
    });
    assert_eq!(report["base"]["counts"], counts);
    let review = |target: &serde_json::Value| {
        let found = [&target["settings"][0]["review"], &target["unread"]["review"]];
        let found: Vec<&str> = found.into_iter().filter_map(|review| review.as_str()).collect();
        format!("{} {}", target["region"].as_str().expect("a Region"), found.concat())
    };
    let reviews: Vec<String> = report["targets"].as_array().expect("targets").iter().map(review).collect();
    let expected = [
        "eu-central-1 waives",
        "eu-north-1 waives",
        "eu-west-1 accepts",
        "eu-west-2 causes",
        "eu-west-3 waives",
        "us-east-1 already",
        "eu-west-1 waives",
        "eu-west-1 ",
    ];
    assert_eq!(reviews, expected);
    let accepted = &report["targets"][2]["settings"][0];
    assert_eq!((&accepted["base_desired"][0], &accepted["desired"][0]), (&"ENABLED".into(), &"PAUSED".into()));
    let lines = run("jsonl").stdout;
    let last: serde_json::Value = serde_json::from_str(lines.lines().last().expect("a line")).expect("JSON");
    assert_eq!(last["base"]["counts"], counts);
    let program = changed();
    let summary = program.path("summary.md");
    let program = program.env("GITHUB_STEP_SUMMARY", &summary);
    program.run_with(&[&CHECK[..], &["--report", "github"]].concat(), 6);
    let summary = std::fs::read_to_string(summary).expect("a summary");
    let (waived, drift) =
        (summary.find("### Waived by this change (4)"), summary.find("### Caused by this change (1)"));
    assert!(waived.is_some() && waived < drift, "{summary}");
}

#[test]
fn formats_for_programs_carry_what_the_change_does() {
    let run = |format: &str| changed().run_with(&[&CHECK[..], &["--report", format]].concat(), 6).stdout;
    let table = run("csv");
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().map(|row| row.expect("a row")).collect();
    let count = |review: &str| rows.iter().filter(|row| row["review"] == review).count();
    assert_eq!(["waives", "accepts", "causes", "already"].map(count), [4, 1, 1, 1]);
    let accepted = rows.iter().find(|row| row["review"] == "accepts").expect("a row");
    assert_eq!((accepted["base_desired"].as_str(), accepted["desired"].as_str()), ("ENABLED", "PAUSED"));
    let junit = run("junit");
    for (review, number) in [("waives", 4), ("accepts", 1), ("causes", 1), ("already", 1)] {
        let cases = junit.matches(&format!("<property name=\"review\" value=\"{review}\"/>")).count();
        assert_eq!(cases, number, "{junit}");
        assert!(junit.contains(&format!("<property name=\"{review}\" value=\"{number}\"/>")), "{junit}");
    }
    assert!(junit.contains("<property name=\"base\" value=\"HEAD\"/>"), "{junit}");
    let log: serde_json::Value = serde_json::from_str(&run("sarif")).expect("a log");
    let results = log["runs"][0]["results"].as_array().expect("results");
    let of = |review: &str| results.iter().filter(|result| result["properties"]["review"][0] == review).count();
    assert_eq!(["causes", "already"].map(of), [1, 1]);
    for format in ["ocsf", "asff=findings"] {
        let program = changed();
        let written = program.run_with(&[&CHECK[..], &["--report", format]].concat(), 6).stdout;
        let file = format!("findings/{ACCOUNT}.eu-west-2.001.asff.json");
        let text = if format == "ocsf" { written } else { program.read(file) };
        assert!(text.contains("review\":\"causes\"") || text.contains("review\": \"causes\""), "{text}");
    }
}

#[test]
fn a_plan_for_a_pull_request_begins_with_what_the_change_does() {
    let program = changed();
    let plan = ["plan", "policies", "--simulate", "world.yaml", "--base", "HEAD"];
    let run = |format: &str| program.run_with(&[&plan[..], &["--report", format]].concat(), 6);
    assert_snapshot!("plan_markdown", run("markdown").stdout);
    let json = run("json").json();
    let findings = json["base"]["findings"].as_array().expect("findings").iter().map(|finding| {
        let text = |key: &str| finding[key].as_str().unwrap_or("-").to_owned();
        let waiver = finding["waiver"]["expires"].as_str().unwrap_or("-");
        format!(
            "{} {} {} {} {} {waiver}",
            text("review"),
            text("account"),
            text("region"),
            text("setting"),
            text("live")
        )
    });
    assert_eq!(
        findings.collect::<Vec<_>>(),
        [
            format!("waives {ACCOUNT} eu-central-1 status PAUSED 2049-03-31"),
            format!("waives {ACCOUNT} eu-north-1 status PAUSED 2049-06-30"),
            format!("waives {ACCOUNT} eu-west-3 status PAUSED 2049-03-31"),
            format!("waives {OTHER} eu-west-1 - - 2049-12-31"),
            format!("accepts {ACCOUNT} eu-west-1 status PAUSED -"),
        ]
    );
    assert_eq!(json["base"]["findings"][0]["waiver"]["owner"], "lake@example.com");
    // The saved plan says it again to whoever applies it.
    program.run_with(&[&plan[..], &["--out", "plan.json"]].concat(), 6);
    let applied =
        program.run_with(&["apply", "plan.json", "--simulate", "world.yaml", "--dry-run", "--auto-approve"], 0);
    let shown = format!("{}{}", applied.stdout, applied.stderr);
    assert!(shown.contains("Approved by the change of the policies") && shown.contains("until 2049-06-30"), "{shown}");
}

#[test]
fn the_verdict_is_that_of_the_new_policies() {
    let with = changed().args(CHECK).args(["--quiet"]).run(6);
    let without = changed().args(["check", "policies", "--simulate", "world.yaml", "--quiet"]).run(6);
    assert!(with.stdout.ends_with(&without.stdout), "{}\n{}", with.stdout, without.stdout);
    changed().args(["check", "policies", "--simulate", "world.yaml", "--base", "nowhere"]).run(1).says("nowhere");
}

#[test]
fn the_parts_of_a_run_add_up_and_must_have_one_base() {
    let program = changed();
    let part = |shard: &str, more: &[&str], file: &str| {
        let report = format!("json={file}");
        let check = ["check", "policies", "--simulate", "world.yaml", "--quiet", "--shard", shard, "--report", &report];
        let output = program.command().args(check).args(more).output().expect("the program runs");
        assert!(matches!(output.status.code(), Some(0 | 2 | 4 | 6)), "{output:?}");
    };
    for shard in ["1/2", "2/2"] {
        part(shard, &["--base", "HEAD"], &format!("{}.json", &shard[..1]));
    }
    part("2/2", &[], "other.json");
    for order in [["1.json", "2.json"], ["2.json", "1.json"]] {
        let merged = program.run_with(&["report", order[0], order[1], "--report", "json"], 6).json();
        assert_eq!(merged["base"]["counts"]["no_longer_declared"], 1, "{order:?}");
        assert_eq!(merged["base"]["counts"]["waives"], 4, "{order:?}");
        assert_eq!(merged["base"]["revision"], "HEAD");
    }
    program
        .run_with(&["report", "1.json", "other.json"], 1)
        .says("1.json and other.json are not of one run: the revision of --base differs");
}

/// A repository in which the rules about sessions have changed since its only commit, and a world in which the active session keeps
/// `reason: SET` and violates `access_type: JustInTime`.
fn rules_changed(old: &str, new: &str) -> Driftline {
    let sessions = "[{id: a, target: i-1, owner: o, reason: CHG-1, access_type: Standard, started: 5m}, \
                    {id: b, target: i-1, owner: o, started: 40h, ended: 36h}]";
    let program = Driftline::new().policy("policies/a.yaml", sessions::declared(old)).world(&sessions::world(sessions));
    git(&program, &["init", "-q"]);
    git(&program, &["add", "policies"]);
    git(&program, &["commit", "-q", "-m", "first"]);
    let path = std::env::var_os("PATH").expect("a path");
    program.policy("policies/a.yaml", sessions::declared(new)).env("PATH", path)
}

#[test]
fn of_a_wider_window_than_was_read_no_class_is_invented() {
    for (old, new, exit, review, unknown) in [
        // The session that the narrower window leaves out was not read.
        ("ended_within: 48h, reason: SET", "ended_within: 24h, reason: SET", 0, None, 1),
        ("ended_within: 48h, reason: SET", "reason: \"X-*\"", 2, None, 1),
        ("ended_within: 48h, count: {at_most: 1}", "ended_within: 24h, count: {at_most: 1}", 0, None, 1),
        // An active session violates both.
        ("ended_within: 48h, access_type: JustInTime", "access_type: JustInTime", 2, Some("already"), 0),
        ("ended_within: 48h, access_type: JustInTime", "access_type: Standard", 0, Some("accepts"), 0),
        // What was read holds the older window.
        ("ended_within: 24h, reason: SET", "ended_within: 48h, reason: SET", 2, Some("causes"), 0),
    ] {
        let report = rules_changed(old, new).run_with(&[&CHECK[..], &["--report", "json"]].concat(), exit).json();
        let row = &report["targets"][0]["settings"][0];
        assert_eq!(row["review"].as_str(), review, "{old} to {new}: {row}");
        assert_eq!(report["base"]["counts"]["unread"], unknown, "{old} to {new}: {}", report["base"]);
    }
}
