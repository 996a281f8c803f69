//! `--only-unread`: a run that asks again only where an earlier one got no answer.

use serde_json::Value;

use crate::support::{ACCOUNT, Driftline, Site, World, policy};

const BROKEN: &str = "222233334444";

/// One account is throttled for as long as a first run needs.
fn site() -> Site {
    let world = World::new()
        .enabled(ACCOUNT)
        .enabled(BROKEN)
        .account("333344445555", "sessions: {}, list_regions: denied")
        .faulty(&format!(
            "operations: [\"sts:AssumeRole\"], accounts: [\"{BROKEN}\"], times: 1, fault: {{answer: {{status: 403}}}}"
        ));
    let declared = format!(
        "accounts: [\"{ACCOUNT}\", \"{BROKEN}\", \"333344445555\"], regions: [eu-west-1, us-east-1, \"me-*\"], status: ENABLED"
    );
    Site::new(&world, [declared])
}

fn json(site: &Site, file: &str) -> Value {
    // With its times, which the program's own reader blots out.
    let text = std::fs::read_to_string(site.program.path(file)).expect("a report");
    serde_json::from_str(&text).expect("JSON")
}

fn reads(site: &Site) -> u64 {
    site.simulation.calls().get("macie2:GetMacieSession").copied().unwrap_or_default()
}

#[test]
fn what_was_unread_is_read_and_the_rest_is_taken_over() {
    let site = site();
    site.run(&["check", "a.yaml", "--report", "json=last.json"], 6);
    let before = reads(&site);
    let told = site.run(&["check", "a.yaml", "--only-unread", "last.json", "--report", "json=next.json"], 2);
    assert_eq!(reads(&site) - before, 2, "two Regions of the one account that was unread");
    assert!(told.stdout.contains("6 of 9 readings are those of an earlier run"), "{}", told.stdout);
    let (last, next) = (json(&site, "last.json"), json(&site, "next.json"));
    assert_eq!(
        next["ledger"],
        serde_json::json!({
            "declared": 9, "in_sync": 4, "drifted": 2, "waived": 0, "not_applicable": 3, "unread": 0, "expected_unread": 0,
            "partly_unread": 0
        })
    );
    assert_eq!(next["run"]["carried"], serde_json::json!({"readings": 6, "read_at": last["run"]["started_at"]}));
    // A whole run finds the same.
    site.run(&["check", "a.yaml", "--report", "json=whole.json"], 2);
    let found = |report: &Value| -> Vec<Value> {
        let targets = report["targets"].as_array().expect("targets").iter();
        targets
            .map(|target| serde_json::json!([target["account"], target["region"], target["live"], target["settings"]]))
            .collect()
    };
    assert_eq!(found(&json(&site, "whole.json")), found(&next));
}

#[test]
fn where_nothing_was_unread_nothing_is_asked() {
    let site = Site::new(
        &World::new().enabled(ACCOUNT),
        [format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: ENABLED")],
    );
    site.run(&["check", "a.yaml", "--report", "json=last.json"], 0);
    let before = reads(&site);
    site.run(&["check", "a.yaml", "--only-unread", "last.json"], 0);
    assert_eq!(reads(&site), before);
}

#[test]
fn a_second_completion_says_how_old_the_oldest_reading_is() {
    let site = site();
    site.run(&["check", "a.yaml", "--report", "json=last.json"], 6);
    site.run(&["check", "a.yaml", "--only-unread", "last.json", "--report", "json=next.json"], 2);
    site.run(&["check", "a.yaml", "--only-unread", "next.json", "--report", "json=third.json"], 2);
    let (last, third) = (json(&site, "last.json"), json(&site, "third.json"));
    assert_eq!(third["run"]["carried"], serde_json::json!({"readings": 9, "read_at": last["run"]["started_at"]}));
}

#[test]
fn a_report_about_something_else_is_refused() {
    let site = site();
    site.run(&["check", "a.yaml", "--report", "json=last.json"], 6);
    let refuse = |arguments: &[&str], why: &str| {
        site.run(&[&["check"], arguments].concat(), 1).says(why).says("without --only-unread");
    };
    refuse(&["a.yaml", "--only-unread", "last.json", "--shard", "1/2"], "another part of the accounts");
    let other = "version: 1\nmacie_sessions:\n  - {accounts: [\"111122223333\"], status: PAUSED}\n";
    let site = site.file("b.yaml", other);
    let told = site.run(&["check", "b.yaml", "--only-unread", "last.json"], 1);
    told.says("--only-unread cannot use last.json: its policies differ from those of this run");
    for (file, text, why) in [
        ("missing.json", None, "missing.json cannot be read"),
        ("odd.json", Some("{}"), "odd.json: it is not a report of driftline"),
    ] {
        if let Some(text) = text {
            std::fs::write(site.program.path(file), text).expect("a file");
        }
        site.run(&["check", "a.yaml", "--only-unread", file], 1).says(why);
    }
}

#[test]
fn in_which_regions_macie_exists_is_never_taken_over() {
    let settings = "[aws]\nrole_name = \"DriftlineRead\"\n";
    let world = World::new().account(ACCOUNT, "sessions: {us-east-1: {status: ENABLED}}");
    let site =
        Site::new(&world, [format!("accounts: [\"{ACCOUNT}\"], regions: [\"eu-*\", us-east-1], status: ENABLED")]);
    let site = site.file("driftline.toml", format!("{settings}[regions]\nmacie = [\"us-east-1\"]\n"));
    site.run(&["check", "a.yaml", "--report", "json=last.json"], 0);
    site.run(&["snapshot", "a.yaml", "--out", "snapshot.json"], 0);
    // Macie has come to Europe, says a newer table, and is not enabled there.
    let site = site.file("driftline.toml", settings);
    site.run(&["check", "a.yaml", "--only-unread", "last.json"], 2);
    site.run(&["check", "a.yaml", "--live", "snapshot.json"], 4);
}

#[test]
fn a_report_of_a_time_to_come_is_refused() {
    let site = site();
    site.run(&["check", "a.yaml", "--report", "json=last.json"], 6);
    let path = site.program.path("last.json");
    let text = std::fs::read_to_string(&path).expect("a report");
    let mut ahead = text;
    for time in ["started_at", "finished_at"] {
        let time = json(&site, "last.json")["run"][time].as_str().expect("a time").to_owned();
        ahead = ahead.replace(&time, "2999-01-01T00:00:00Z");
    }
    std::fs::write(&path, ahead).expect("a file");
    site.run(&["check", "a.yaml", "--only-unread", "last.json"], 1).says("its time is in the future");
}

/// Drift of a target that was lost counts until the target is read again, whichever run looks for it.
#[test]
fn drift_of_what_is_still_unread_counts() {
    let world = |roles: &str| {
        let lost = World::new().enabled(ACCOUNT);
        lost.account(BROKEN, &format!("sessions: {{\"*\": {{status: PAUSED}}}}{roles}"))
    };
    let waiver = format!(
        "waivers:\n  - {{accounts: [\"{BROKEN}\"], unread: role_not_assumable, reason: move, owner: a@example.com, expires: 2099-01-01}}\n"
    );
    let declared = policy([format!("accounts: [\"{ACCOUNT}\", \"{BROKEN}\"], regions: [eu-west-1], status: ENABLED")]);
    let program = Driftline::new().policy("a.yaml", declared + &waiver).world(&world(""));
    let program = program.args(["check", "a.yaml", "--simulate", "world.yaml"]);
    program.run_with(&["--since", "last.json"], 2);
    let program = program.world(&world(", roles: []"));
    program.run_with(&["--since", "last.json"], 2);
    let next = program.run_with(&["--only-unread", "last.json", "--report", "text", "--report", "json=next.json"], 2);
    assert!(next.stdout.contains("1 drifted when last read"), "{}", next.stdout);
    let found: Value = serde_json::from_str(&program.read("next.json")).expect("a report");
    assert_eq!(
        (&found["verdict"], &found["changes"]["carried"][0]["was"]),
        (&"drift".into(), &"drifted PAUSED".into()),
        "{found}"
    );
    // However often, and beside a baseline that is yet to come.
    program.run_with(&["--only-unread", "next.json", "--report", "json=third.json"], 2);
    program.run_with(&["--only-unread", "third.json", "--since", "other.json", "--only-changes"], 2);
    program.run_with(&["--since", "other.json", "--only-changes"], 2);
    // Once it is read, there is nothing to compare with.
    let program = program.world(&World::new().enabled(ACCOUNT).enabled(BROKEN));
    assert_eq!(
        program.run_with(&["--only-unread", "third.json", "--report", "json"], 0).json()["changes"],
        Value::Null
    );
}
