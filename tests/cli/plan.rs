//! `driftline plan`: the calls that would remove the drift, and what stands in the way.

use serde_json::Value;

use crate::json::{fits, schema};
use crate::support::{ACCOUNT, CALLER, Site, World, policy};

const MANAGEMENT: &str = "000011112222";
const ALONE: &str = "222233334444";
const NEW: &str = "333344445555";

/// A world that holds every operation and every block_reason.
fn world() -> World {
    let organization = format!(
        "management: \"{MANAGEMENT}\", delegated_administrators: [\"{CALLER}\"], macie_administrator: \"{CALLER}\""
    );
    let member =
        "name: payments, sessions: {\"*\": {}, eu-west-1: {status: PAUSED}}, classification_jobs: {eu-central-1: 3}";
    let hidden = "denials: [{actions: [\"macie2:ListClassificationJobs\"], regions: [eu-west-2]}, {actions: \
                  [\"macie2:GetMacieSession\"], regions: [us-east-1, us-east-2]}, {actions: \
                  [\"macie2:GetAdministratorAccount\"], regions: [eu-north-1]}]";
    World::new()
        .organization(&organization)
        .account(MANAGEMENT, "")
        .account(CALLER, "name: security, sessions: {\"*\": {}}")
        .account(ACCOUNT, &format!("{member}, administrator: \"{CALLER}\""))
        .account(ALONE, &format!("in_organization: false, sessions: {{\"*\": {{}}, eu-west-3: off}}, {hidden}"))
        .account(NEW, "name: new, email: new@example.com")
}

fn declarations() -> Vec<String> {
    let one = |name: &str, account: &str, region: &str, wanted: &str| {
        format!("name: {name}, accounts: [\"{account}\"], regions: [{region}], {wanted}")
    };
    vec![
        one("pace", ACCOUNT, "us-west-2", "finding_publishing_frequency: [SIX_HOURS, ONE_HOUR]"),
        one("asleep", ACCOUNT, "eu-central-1", "status: PAUSED, severity: high"),
        one("awake", ACCOUNT, "eu-west-1", "status: ENABLED, finding_publishing_frequency: ONE_HOUR"),
        one("gone", ACCOUNT, "us-east-1", "status: NOT_ENABLED, severity: critical"),
        one("new", NEW, "eu-central-1", "status: ENABLED, finding_publishing_frequency: ONE_HOUR"),
        one("own", MANAGEMENT, "eu-central-1", "status: ENABLED, finding_publishing_frequency: ONE_HOUR"),
        one("untold", ALONE, "eu-west-3", "status: ENABLED"),
        one("ended", ALONE, "eu-west-1", "status: NOT_ENABLED"),
        one("hidden jobs", ALONE, "eu-west-2", "status: PAUSED"),
        one("nowhere", ALONE, "me-south-1", "status: ENABLED"),
        one("unknown", ALONE, "eu-north-1", "status: PAUSED"),
        one("unseen", ALONE, "\"us-east-*\"", "status: ENABLED"),
        one("head", CALLER, "eu-central-1", "status: PAUSED"),
        one("waived", CALLER, "eu-west-1", "finding_publishing_frequency: SIX_HOURS"),
    ]
}

const WAIVER: &str = "waivers:\n  - {accounts: [\"999988887777\"], regions: [eu-west-1], reason: agreed, owner: \
                      security@example.com, expires: 2099-12-31}\n";

fn site() -> Site {
    let site = Site::new(&world(), [""]).settings(&format!("administrator_account = \"{CALLER}\"\n"));
    site.file("a.yaml", policy(declarations()) + WAIVER)
}

#[test]
fn people_see_every_call_with_its_consequence_and_what_stands_in_the_way() {
    let site = site();
    let ran = site.run(&["plan", "a.yaml"], 6);
    insta::assert_snapshot!("plan_text", ran.stdout);
    assert_eq!(ran.stderr, "");
    insta::assert_snapshot!("plan_quiet", site.run(&["plan", "a.yaml", "--quiet"], 6).stdout);
    assert!(!site.simulation.was_written_to());
}

#[test]
fn whoever_wants_to_know_more_sees_what_each_call_rests_on() {
    let declaration =
        format!("accounts: [\"{ACCOUNT}\"], regions: [us-west-2], finding_publishing_frequency: SIX_HOURS");
    let site = Site::new(&world(), [declaration]);
    insta::assert_snapshot!("plan_verbose", site.run(&["plan", "a.yaml", "--verbose"], 2).stdout);
}

#[test]
fn programs_see_the_same() {
    insta::assert_snapshot!("plan_json", site().run(&["plan", "a.yaml", "--report", "json"], 6).stdout);
}

#[test]
fn a_pull_request_gets_a_comment() {
    let site = site();
    let ran = site.run(&["plan", "a.yaml", "--report", "markdown"], 6);
    insta::assert_snapshot!("plan_markdown", ran.stdout);
}

#[test]
fn a_saved_plan_fits_its_schema_and_is_what_programs_see() {
    let site = site();
    site.run(&["plan", "a.yaml", "--out", "plan.json", "--report", "json=same.json"], 6);
    let saved = std::fs::read(site.program.path("plan.json")).expect("a plan");
    assert_eq!(saved, std::fs::read(site.program.path("same.json")).expect("a plan"));
    let document: Value = serde_json::from_slice(&saved).expect("JSON");
    fits(&document, &schema("plan"));
    let published = std::fs::read(crate::support::repository("docs/schemas/plan-1.schema.json")).expect("a schema");
    fits(&document, &serde_json::from_slice(&published).expect("JSON"));
    // The same world gives the same plan, apart from the time, which its fingerprint holds.
    let other = self::site();
    let ran = other.run(&["plan", "a.yaml", "--report", "json"], 6);
    assert_eq!(ran.stdout, site.program.read("plan.json"));
}

#[test]
fn an_empty_plan_fits_its_schema_too() {
    let site = Site::new(&world(), [format!("accounts: [\"{CALLER}\"], regions: [eu-central-1], status: ENABLED")]);
    let ran = site.run(&["plan", "a.yaml", "--out", "plan.json"], 0);
    assert!(ran.stdout.ends_with("Plan      nothing to change in 1 target\n"), "{}", ran.stdout);
    let saved = std::fs::read(site.program.path("plan.json")).expect("a plan");
    fits(&serde_json::from_slice(&saved).expect("JSON"), &schema("plan"));
}

#[test]
fn each_end_has_its_exit_code() {
    let one =
        |account: &str, region: &str, wanted: &str| format!("accounts: [\"{account}\"], regions: [{region}], {wanted}");
    let (fine, drifts) = (one(CALLER, "eu-west-1", "status: ENABLED"), one(ALONE, "eu-west-3", "status: ENABLED"));
    let (unread, stuck) = (one(ALONE, "us-east-1", "status: ENABLED"), one(CALLER, "eu-central-1", "status: PAUSED"));
    for (declarations, exit) in [
        (vec![&fine], 0),
        (vec![&fine, &drifts], 2),
        (vec![&stuck], 2),
        (vec![&fine, &unread], 4),
        (vec![&drifts, &unread], 6),
        (vec![&stuck, &unread], 6),
    ] {
        let site = Site::new(&world(), declarations);
        site.run(&["plan", "a.yaml"], exit);
        site.run(&["check", "a.yaml"], exit);
        assert!(!site.simulation.was_written_to());
    }
}

#[test]
fn a_plan_whose_place_cannot_be_written_is_an_error_before_anything_is_read() {
    let site = site();
    site.run(&["plan", "a.yaml", "--out", "missing/plan.json"], 1).says("missing/plan.json");
    site.run(&["plan", "a.yaml", "--out", "a.json", "--report", "text=a.json"], 1)
        .says("two reports have the same destination: a.json");
    assert!(site.simulation.calls().is_empty());
}

#[test]
fn an_interrupted_or_late_plan_leaves_alone_what_it_does_not_know() {
    let world = world().faulty("operations: [\"macie2:GetAdministratorAccount\"], fault: hang");
    let site = Site::new(&world, [format!("accounts: [\"{ALONE}\"], regions: [eu-west-1], status: PAUSED")]);
    let ran = site.run(&["plan", "a.yaml", "--deadline", "1s", "--report", "json"], 2);
    let plan = ran.json();
    assert_eq!(plan["steps"], serde_json::json!([]));
    assert_eq!(plan["blocked"][0]["block_reason"], "membership_unknown");
}
