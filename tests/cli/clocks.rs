//! Checks of an AWS whose clock is not ours, whose credentials end early, or that has lost a Region.

use serde_json::Value;

use crate::support::{ACCOUNT, CALLER, Driftline, World, policy};

/// An account that is asked after the first one.
const LATER: &str = "222233334444";
/// Two accounts with Macie in these Regions.
const REGIONS: [&str; 3] = ["eu-central-1", "eu-west-3", "us-east-1"];

fn check(world: World, exit: i32) -> Value {
    let declaration = format!(
        "accounts: [\"{ACCOUNT}\", \"{CALLER}\"], regions: [{}], finding_publishing_frequency: ONE_HOUR",
        REGIONS.join(", ")
    );
    let program = Driftline::new().policy("a.yaml", policy([declaration]));
    let program = program.world(&world.enabled(ACCOUNT).enabled(CALLER));
    program.args(["check", "a.yaml", "--simulate", "world.yaml", "--report", "json"]).run(exit).json()
}

#[test]
fn an_aws_with_another_clock_is_read_all_the_same() {
    for clock in ["-10m", "10m", "-3h"] {
        let report = check(World::new().with(&format!("clock: {clock}")), 0);
        assert_eq!(report["ledger"]["in_sync"], 6, "{clock}");
        assert!(report["requests"]["retried"].as_u64() > Some(0), "{clock}: the first request of a client is off");
    }
}

#[test]
fn another_clock_is_no_reason_to_ask_a_session_that_is_off_again() {
    let world = World::new().with("clock: -10m").account(ACCOUNT, "").account(CALLER, "");
    let declaration =
        format!("accounts: [\"{ACCOUNT}\", \"{CALLER}\"], regions: [{}], status: NOT_ENABLED", REGIONS.join(", "));
    let program = Driftline::new().policy("a.yaml", policy([declaration])).world(&world);
    let report = program.args(["check", "a.yaml", "--simulate", "world.yaml", "--report", "json"]).run(0).json();
    assert_eq!(report["requests"]["access_denied"], 6);
    // Each target is refused once at most, for the clock.
    assert!(report["requests"]["macie2"].as_u64() <= Some(12), "{}", report["requests"]);
}

#[test]
fn a_wrong_clock_in_the_way_of_one_account_spoils_no_other() {
    // The SDK goes by the date of any answer, so that the next call is signed as if it were 1970.
    let page = "{answer: {status: 404, headers: {date: \"Thu, 01 Jan 1970 00:00:00 GMT\"}, body: \"<html>\"}}";
    for operation in ["macie2:GetMacieSession", "sts:AssumeRole"] {
        let world = World::new().enabled(ACCOUNT).enabled(CALLER).enabled(LATER);
        let world = world.fault_of(operation, ACCOUNT, page);
        let declaration = format!("accounts: [\"{ACCOUNT}\", \"{LATER}\"], regions: [us-east-1], status: ENABLED");
        let program = Driftline::new().policy("a.yaml", policy([declaration])).world(&world);
        let program = program.settings("[aws]\nrole_name = \"DriftlineRead\"\n[limits]\nconcurrency = 1\n");
        let report = program.args(["check", "a.yaml", "--simulate", "world.yaml", "--report", "json"]).run(4).json();
        let outcome = |nth: usize| &report["targets"][nth]["outcome"];
        assert_eq!((outcome(0), outcome(1)), (&"unread".into(), &"in_sync".into()), "{report}");
    }
}

#[test]
fn a_vanished_region_is_unread_and_the_others_are_not() {
    let report = check(World::new().faulty("regions: [eu-west-3], fault: reset"), 4);
    assert_eq!((&report["ledger"]["unread"], &report["ledger"]["in_sync"]), (&2.into(), &4.into()));
    for target in report["targets"].as_array().expect("targets") {
        let reason = &target["unread"]["reason"];
        let expected = if target["region"] == "eu-west-3" { Value::from("unreachable") } else { Value::Null };
        assert_eq!(*reason, expected, "{target}");
    }
}
