//! `snapshot` and `check --live`: readings saved once, and policies held against them without AWS.

use serde_json::Value;

use crate::support::{ACCOUNT, CALLER, Driftline, Site, World, policy};

fn site() -> Site {
    let world = World::new()
        .account(CALLER, "sessions: {\"*\": {}}")
        .account(
            ACCOUNT,
            "sessions: {eu-west-1: {status: PAUSED, finding_publishing_frequency: ONE_HOUR}}, regions_on: []",
        )
        .account("222233334444", "roles: [Other]");
    let declared = format!("accounts: [\"{ACCOUNT}\", \"222233334444\", \"{CALLER}\"], status: ENABLED");
    Site::new(&world, [declared])
}

fn targets(site: &Site, file: &str) -> Value {
    serde_json::from_str::<Value>(&site.program.read(file)).expect("JSON")["targets"].clone()
}

#[test]
fn a_check_of_a_snapshot_finds_what_a_check_of_aws_finds() {
    let site = site();
    let saved = site.run(&["snapshot", "a.yaml", "--out", "snapshot.json"], 4);
    assert_eq!(saved.stdout, "saved: 66 targets, 22 of them unread, in snapshot.json\n");
    site.run(&["check", "a.yaml", "--report", "json=aws.json"], 6);
    let asked = site.simulation.calls();
    let told = site.run(&["check", "a.yaml", "--live", "snapshot.json", "--report", "json=live.json"], 6);
    assert!(told.stdout.contains("66 of 66 readings are those of a snapshot"), "{}", told.stdout);
    assert_eq!(site.simulation.calls(), asked, "nobody was asked");
    let mut aws = targets(&site, "aws.json");
    for (target, live) in
        aws.as_array_mut().expect("targets").iter_mut().zip(targets(&site, "live.json").as_array().expect("targets"))
    {
        // Each answer has a request id of its own.
        for part in ["unread", "evidence"] {
            if target[part].is_object() {
                target[part]["request_id"] = live[part]["request_id"].clone();
            }
        }
    }
    assert_eq!(aws, targets(&site, "live.json"));
}

#[test]
fn other_policies_can_be_held_against_it() {
    let site = site();
    site.run(&["snapshot", "a.yaml", "--out", "snapshot.json"], 4);
    let one = format!(
        "version: 1\nmacie_sessions:\n  - {{accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], \
                       finding_publishing_frequency: ONE_HOUR}}\n  - {{accounts: [\"{ACCOUNT}\"], regions: [me-south-1], status: ENABLED}}\n"
    );
    let site = site.file("b.yaml", one);
    let report = site.run(&["check", "b.yaml", "--live", "snapshot.json", "--report", "json"], 2).json();
    let outcome = |region: &str| {
        let targets = report["targets"].as_array().expect("targets");
        targets.iter().find(|target| target["region"] == region).expect("the target")["outcome"].clone()
    };
    assert_eq!(outcome("eu-west-1"), "in_sync");
    // Named now, the Region that is off is one in which Macie is not enabled.
    assert_eq!(outcome("me-south-1"), "drifted");
}

#[test]
fn a_target_that_it_does_not_hold_is_unread() {
    let site = site();
    site.run(&["snapshot", "a.yaml", "--out", "snapshot.json"], 4);
    let other =
        "version: 1\nmacie_sessions:\n  - {accounts: [\"777788889999\"], regions: [eu-west-1], status: ENABLED}\n";
    let site = site.file("b.yaml", other);
    let report = site.run(&["check", "b.yaml", "--live", "snapshot.json", "--report", "json"], 4).json();
    let unread = &report["targets"][0]["unread"];
    assert_eq!(unread["reason"], "not_listed");
    assert_eq!(unread["message"], "the snapshot snapshot.json lacks the declared settings of this target");
    assert_eq!(report["run"]["carried"], Value::Null);
}

#[test]
fn it_needs_neither_credentials_nor_a_network() {
    let site = site();
    site.run(&["snapshot", "a.yaml", "--out", "snapshot.json"], 4);
    let text = std::fs::read_to_string(site.program.path("snapshot.json")).expect("the snapshot");
    let elsewhere = crate::support::Driftline::new()
        .policy("a.yaml", site.program.read("a.yaml"))
        .file("snapshot.json", text)
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    elsewhere.run_with(&["check", "a.yaml", "--live", "snapshot.json"], 6);
}

#[test]
fn what_is_no_snapshot_is_refused() {
    let site = site();
    site.run(&["snapshot", "a.yaml", "--out", "snapshot.json"], 4);
    let good = std::fs::read_to_string(site.program.path("snapshot.json")).expect("the snapshot");
    for (text, why) in [
        (String::new(), "it is not JSON"),
        ("{}".to_owned(), "it has no `format`"),
        (good.replace("driftline.snapshot", "driftline.report"), "its `format` is \"driftline.report\""),
        (good.replace("\"format_version\":1", "\"format_version\":2"), "it has format version 2"),
        (
            good.replace("\"PAUSED\"", "\"ASLEEP\""),
            "111122223333/eu-west-1: its live status is the unknown word \"ASLEEP\"",
        ),
        (good.replace("\"eu-west-2\"", "\"eu-west-1\""), "/eu-west-1 stands twice"),
    ] {
        std::fs::write(site.program.path("bad.json"), text).expect("a file");
        let told = site.run(&["check", "a.yaml", "--live", "bad.json"], 1);
        told.says("bad.json cannot be used: ").says(why);
    }
    site.run(&["check", "a.yaml", "--live", "missing.json"], 1).says("missing.json cannot be read");
    site.run(&["snapshot", "a.yaml", "--out", "no/such/folder/s.json"], 1);
}

#[test]
fn a_snapshot_that_read_nothing_takes_the_place_of_none() {
    let slow = World::new().enabled(ACCOUNT).faulty("operations: [\"sts:*\"], fault: {latency: 60s}");
    let site = Site::new(&slow, [format!("accounts: [\"{ACCOUNT}\"], status: ENABLED")]).file("good.json", "as it was");
    site.run(&["snapshot", "a.yaml", "--deadline", "1s", "--out", "good.json"], 1).says("the deadline passed before");
    assert_eq!(site.program.read("good.json"), "as it was");
}

#[test]
fn whose_account_it_is_about_is_never_made_up() {
    let site = site();
    site.run(&["snapshot", "a.yaml", "--out", "snapshot.json"], 4);
    let text = std::fs::read_to_string(site.program.path("snapshot.json")).expect("the snapshot");
    let (before, after) = text.split_once("\"caller\":{").expect("a caller");
    let after = after.split_once('}').expect("its end").1;
    std::fs::write(site.program.path("nobody.json"), format!("{before}\"caller\":null{after}")).expect("a file");
    let site = site.file("b.yaml", "version: 1\nmacie_sessions: [{status: ENABLED}]\n");
    let told = site.run(&["check", "b.yaml", "--live", "nobody.json", "--inventory", "caller"], 1);
    told.says("the snapshot does not record the caller");
}

#[test]
fn formats_of_problems_say_that_they_are_of_a_snapshot() {
    let world = World::new().account(ACCOUNT, "sessions: {\"*\": {status: PAUSED}}");
    let policy = policy([format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: ENABLED")]);
    let program = Driftline::new().policy("a.yaml", policy).world(&world);
    program.run_with(&["snapshot", "a.yaml", "--simulate", "world.yaml", "--out", "s.json"], 0);
    for format in ["github", "codequality"] {
        let of_snapshot = program.run_with(&["check", "a.yaml", "--live", "s.json", "--report", format], 2).stdout;
        assert!(of_snapshot.contains("from a snapshot of a simulated AWS, taken "), "{format}: {of_snapshot}");
        let live = program.run_with(&["check", "a.yaml", "--simulate", "world.yaml", "--report", format], 2).stdout;
        assert!(!live.contains("snapshot") && !live.to_lowercase().contains("readings"), "{format}: {live}");
    }
}
