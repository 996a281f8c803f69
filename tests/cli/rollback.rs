//! `driftline rollback`: back to what an apply had found, as far as there is a way back.

use serde_json::Value;

use crate::support::organization::{ALONE, APPROVED, CANDIDATE, organization, site};
use crate::support::{ACCOUNT, Site, World};

const BACK: [&str; 11] = [
    "rollback",
    "j.jsonl",
    "--auto-approve",
    "--allow",
    "pause",
    "--allow",
    "disable",
    "--journal",
    "back.jsonl",
    "--visible-within",
    "1s",
];

/// Everything that an apply can do, done.
fn applied() -> Site {
    // One by one, so that the journal always has its lines in the same order.
    let site = site(&organization(), "[limits]\nconcurrency = 1\n");
    site.run(&[&["apply", "plan.json"], &APPROVED[..]].concat(), 0);
    site
}

/// What every target was, apart from the one that was taken in.
const FOUND: [(&str, &str, &str); 6] = [
    (ACCOUNT, "eu-central-1", "ENABLED, FIFTEEN_MINUTES"),
    (ACCOUNT, "eu-west-1", "PAUSED, FIFTEEN_MINUTES"),
    (ALONE, "eu-central-1", "ENABLED, FIFTEEN_MINUTES"),
    (ALONE, "eu-west-1", "ENABLED, FIFTEEN_MINUTES"),
    (ALONE, "eu-west-2", "ENABLED, FIFTEEN_MINUTES"),
    (ALONE, "us-east-1", "off"),
];

#[track_caller]
fn is_back(site: &Site) {
    for (account, region, session) in FOUND {
        assert_eq!(site.session(account, region), session, "{account}/{region}");
    }
}

#[test]
fn everything_goes_back_that_can_and_the_rest_is_said() {
    let site = applied();
    let ran = site.run(&BACK, 8);
    insta::assert_snapshot!("rolled_back", ran.stdout);
    is_back(&site);
    assert_eq!(site.session(CANDIDATE, "eu-west-1"), "PAUSED, ONE_HOUR", "a member is not removed");
    assert_eq!(site.simulation.jobs(ACCOUNT.parse().expect("an id"), "eu-central-1".parse().expect("a Region")), 0);
}

/// One target that is to publish every hour.
fn hourly(world: &World) -> Site {
    let site = Site::new(
        world,
        [format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], finding_publishing_frequency: ONE_HOUR")],
    );
    site.apply(&[], 0);
    site
}

fn on() -> World {
    World::new().account(ACCOUNT, "sessions: {\"*\": {}}")
}

#[test]
fn a_second_rollback_does_nothing() {
    let site = hourly(&on());
    site.run(&BACK, 0);
    assert_eq!(site.session(ACCOUNT, "eu-west-1"), "ENABLED, FIFTEEN_MINUTES");
    let written = site.simulation.written();
    let again = ["rollback", "j.jsonl", "--auto-approve", "--journal", "again.jsonl", "--report", "json"];
    let report = site.run(&again, 0).json();
    assert_eq!(report["run"]["command"], "rollback");
    assert_eq!(report["totals"]["steps"], 0);
    assert_eq!(site.simulation.written(), written);
}

#[test]
fn a_rollback_is_rolled_back_itself() {
    let site = hourly(&on());
    site.run(&BACK, 0);
    site.run(&["rollback", "back.jsonl", "--auto-approve", "--journal", "forth.jsonl"], 0);
    assert_eq!(site.session(ACCOUNT, "eu-west-1"), "ENABLED, ONE_HOUR");
}

#[test]
fn a_rollback_is_planned_and_reviewed_like_anything_else() {
    let site = hourly(&on());
    let ran = site.run(&["rollback", "j.jsonl", "--out", "back.json"], 2);
    assert!(ran.stdout.contains("back to what the apply of j.jsonl had found"), "{}", ran.stdout);
    assert!(ran.stdout.contains("ONE_HOUR → FIFTEEN_MINUTES"), "{}", ran.stdout);
    assert_eq!(site.simulation.written().len(), 1, "nothing is changed by that");
    let plan: Value =
        serde_json::from_slice(&std::fs::read(site.program.path("back.json")).expect("a plan")).expect("JSON");
    crate::json::fits(&plan, &crate::json::schema("plan"));
    assert_eq!(plan["journal"], "j.jsonl");
    assert_eq!(plan["policy_digest"], Value::Null);
    site.run(&["apply", "back.json", "--journal", "k.jsonl"], 8);
    site.run(&["apply", "back.json", "--auto-approve", "--journal", "k.jsonl"], 0);
    assert_eq!(site.session(ACCOUNT, "eu-west-1"), "ENABLED, FIFTEEN_MINUTES");
    site.run(&["rollback", "j.jsonl", "--out", "none.json"], 0);
}

#[test]
fn a_rollback_is_guarded_as_an_apply_is() {
    let site = applied();
    let written = site.simulation.written();
    let report = site.run(&["rollback", "j.jsonl", "--max-changes", "1", "--report", "json"], 8).json();
    let guards: Vec<&str> = report["refusals"]
        .as_array()
        .expect("refusals")
        .iter()
        .filter_map(|refusal| refusal["guard"].as_str())
        .collect();
    assert_eq!(guards, ["max_changes", "pause", "disable", "not_confirmed"]);
    assert_eq!(site.simulation.written(), written);
    site.run(&[&BACK[..], &["--dry-run"]].concat(), 8);
    assert_eq!(site.simulation.written(), written);
}

#[test]
fn what_somebody_else_has_changed_since_is_theirs() {
    // The reads of the target: for the plan, before the call, after it. Then somebody else comes.
    let theirs = "meanwhile: [{account: \"111122223333\", region: eu-west-1, after: 3, session: \
                  {finding_publishing_frequency: SIX_HOURS}}]";
    let site = hourly(&on().with(theirs));
    let ran = site.run(&BACK, 8);
    let told =
        "the apply left it ENABLED, ONE_HOUR, and it is ENABLED, SIX_HOURS now: someone else has changed it since";
    assert!(ran.stdout.replace("\n      ", " ").contains(told), "{}", ran.stdout);
    assert_eq!(site.session(ACCOUNT, "eu-west-1"), "ENABLED, SIX_HOURS");
    assert_eq!(site.simulation.written().len(), 1);
    let report = site.run(&["rollback", "j.jsonl", "--out", "back.json", "--report", "json=same.json"], 2);
    assert!(report.stdout.contains("1 drift blocked"), "{}", report.stdout);
}

#[test]
fn what_somebody_else_has_set_beside_the_apply_is_theirs_too() {
    let theirs = "meanwhile: [{account: \"111122223333\", region: eu-west-1, after: 3, session: \
                  {status: PAUSED, finding_publishing_frequency: ONE_HOUR}}]";
    let site = hourly(&on().with(theirs));
    let ran = site.run(&[&BACK[..], &["--report", "json"]].concat(), 8);
    let told = "the apply left it ENABLED, ONE_HOUR, and it is PAUSED, ONE_HOUR now: someone else has changed it";
    ran.says(told);
    assert_eq!(ran.json()["totals"]["steps"], 0);
    assert_eq!(site.session(ACCOUNT, "eu-west-1"), "PAUSED, ONE_HOUR");
    assert_eq!(site.simulation.written().len(), 1);
}

#[test]
fn a_session_that_somebody_else_has_ended_since_is_theirs_too() {
    let theirs = "meanwhile: [{account: \"111122223333\", region: eu-west-1, after: 3, session: off}]";
    let site = hourly(&on().with(theirs));
    let ran = site.run(&[&BACK[..], &["--report", "json"]].concat(), 8);
    assert_eq!(ran.json()["totals"]["steps"], 0);
    assert!(ran.stderr.contains("it is NOT_ENABLED now: someone else has changed it since"), "{}", ran.stderr);
    assert_eq!(site.session(ACCOUNT, "eu-west-1"), "off");
}

#[test]
fn what_was_not_done_is_not_undone() {
    let refused = "operations: [\"macie2:UpdateMacieSession\"], fault: {answer: {status: 400, headers: \
                   {x-amzn-errortype: ValidationException}, body: '{\"message\":\"no\"}'}}";
    let site = Site::new(
        &on().faulty(refused),
        [format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], finding_publishing_frequency: ONE_HOUR")],
    );
    site.apply(&[], 8);
    let ran = site.run(&[&BACK[..], &["--report", "json"]].concat(), 0);
    assert_eq!(ran.json()["totals"]["steps"], 0);
}

#[cfg(unix)]
#[test]
fn a_run_that_was_killed_half_way_is_rolled_back_as_far_as_it_came() {
    // Within each of the calls in turn, which is carried out or not.
    for fault in ["answer_late", "hang"] {
        for (operation, region) in [
            ("UpdateMemberSession", "eu-central-1"),
            ("UpdateMacieSession", "eu-west-1"),
            ("DisableMacie", "eu-west-2"),
            ("EnableMacie", "us-east-1"),
        ] {
            let late = format!("operations: [\"macie2:{operation}\"], regions: [{region}], times: 1, fault: {fault}");
            let site = site(&organization().faulty(&late), "[limits]\nconcurrency = 1\n");
            let mut child = site.begin(&[&["apply", "plan.json"], &APPROVED[..]].concat());
            let key = format!("\"operation\":\"{operation}\",");
            site.until("the intent", |_| {
                let text = std::fs::read_to_string(site.program.path("j.jsonl")).unwrap_or_default();
                let last = text.lines().last().unwrap_or_default();
                text.ends_with('\n')
                    && last.contains("\"type\":\"intent\"")
                    && last.contains(&key)
                    && last.contains(region)
            });
            let is_done = fault == "answer_late";
            let call = |account: &str| format!("macie2:{operation} {account} {region}");
            if is_done {
                site.until("the change", |simulation| {
                    simulation.written().last().is_some_and(|last| [call(ACCOUNT), call(ALONE)].contains(last))
                });
            } else {
                site.until("the call", |simulation| simulation.calls().contains_key(&format!("macie2:{operation}")));
            }
            child.kill().expect("the process is there");
            child.wait().expect("an end");
            site.run(&BACK, 0);
            is_back(&site);
            assert_eq!(site.session(CANDIDATE, "eu-west-1"), "off", "it was not come to");
        }
    }
}

#[test]
fn a_rollback_that_was_cut_short_is_gone_on_with() {
    let refused = "operations: [\"macie2:DisableMacie\"], regions: [us-east-1], times: 1, fault: {answer: {status: 400, \
                   headers: {x-amzn-errortype: ValidationException}, body: '{\"message\":\"no\"}'}}";
    let site = site(&organization().faulty(refused), "");
    site.run(&[&["apply", "plan.json"], &APPROVED[..]].concat(), 0);
    let report = site.run(&[&BACK[..], &["--report", "json"]].concat(), 8).json();
    assert_eq!(report["totals"]["failed"], 1);
    assert_eq!(site.session(ALONE, "us-east-1"), "ENABLED, ONE_HOUR");
    let resume = ["apply", "--resume", "back.jsonl", "--auto-approve", "--allow", "pause", "--allow", "disable"];
    site.run(&resume, 8);
    is_back(&site);
}
