//! `driftline apply`: what it does where nothing is in the way.

use crate::json::{fits, schema};
use crate::support::{ACCOUNT, CALLER, Ran, Site, World};

/// One account that drifts in each of three Regions.
fn three() -> World {
    let sessions = "sessions: {eu-central-1: {finding_publishing_frequency: SIX_HOURS}, eu-west-1: {status: PAUSED, \
                    finding_publishing_frequency: ONE_HOUR}, us-east-1: {status: PAUSED}}";
    World::new().account(ACCOUNT, sessions)
}

const REGIONS: [&str; 3] = ["eu-central-1", "eu-west-1", "us-east-1"];

fn wanted() -> String {
    let regions = REGIONS.join(", ");
    format!("accounts: [\"{ACCOUNT}\"], regions: [{regions}], status: ENABLED, finding_publishing_frequency: ONE_HOUR")
}

fn written(operation: &str, account: &str, region: &str) -> String {
    format!("macie2:{operation} {account} {region}")
}

#[test]
fn after_an_apply_a_check_finds_nothing_and_a_second_apply_does_nothing() {
    let site = Site::new(&three(), [wanted()]);
    site.run(&["check", "a.yaml"], 2);
    let ran = site.apply(&[], 0);
    insta::assert_snapshot!("applied", ran.stdout);
    assert_eq!(ran.stderr, "");
    for region in REGIONS {
        assert_eq!(site.session(ACCOUNT, region), "ENABLED, ONE_HOUR");
    }
    let mut calls = site.simulation.written();
    calls.sort();
    assert_eq!(calls, REGIONS.map(|region| written("UpdateMacieSession", ACCOUNT, region)));
    site.is_in_sync();
    assert!(!site.program.path("again.jsonl").exists(), "where nothing is done there is nothing to write down");
}

#[test]
fn a_saved_plan_is_carried_out_as_it_was_reviewed() {
    let site = Site::new(&three(), [wanted()]);
    site.plan();
    assert!(!site.simulation.was_written_to());
    let ran = site.run(&["apply", "plan.json", "--auto-approve", "--journal", "j.jsonl", "--report", "json"], 0);
    assert_eq!(ran.json()["done"], true);
    assert_eq!(ran.json()["totals"]["verified"], 3);
    site.is_in_sync();
    let stale = site.run(&["apply", "plan.json", "--auto-approve", "--journal", "k.jsonl", "--report", "json"], 8);
    assert_eq!(stale.json()["totals"]["stale"], 3, "the plan saw something else");
}

/// Somebody else sets the session of the only target in us-east-1 to this, after the last look before the call.
fn set_meanwhile(session: &str) -> String {
    format!("meanwhile: [{{account: \"{ACCOUNT}\", region: us-east-1, after: 2, session: {session}}}]")
}

#[test]
fn only_what_differs_is_sent() {
    for (declared, meanwhile, left) in [
        ("status: ENABLED", "{status: PAUSED, finding_publishing_frequency: ONE_HOUR}", "ENABLED, ONE_HOUR"),
        ("finding_publishing_frequency: SIX_HOURS", "{status: ENABLED}", "ENABLED, SIX_HOURS"),
    ] {
        let world = three().with(&set_meanwhile(meanwhile));
        let site = Site::new(&world, [format!("accounts: [\"{ACCOUNT}\"], regions: [us-east-1], {declared}")]);
        site.apply(&[], 0);
        assert_eq!(site.session(ACCOUNT, "us-east-1"), left, "what is not sent stays as somebody else has set it");
    }
}

#[test]
fn a_dry_run_does_everything_but_write() {
    let site = Site::new(&three(), [wanted()]);
    let ran = site.run(&["apply", "a.yaml", "--dry-run", "--journal", "j.jsonl"], 0);
    assert!(ran.stdout.contains("UpdateMacieSession: would be called"), "{}", ran.stdout);
    assert!(
        ran.stdout.ends_with("Result    dry run: 3 changes could be made; nothing was changed\n"),
        "{}",
        ran.stdout
    );
    assert!(!site.simulation.was_written_to());
    assert_eq!(site.program.names(""), ["a.yaml", "driftline.toml"], "nor is there a journal");
    // Each target is read for the plan, and again as an apply would.
    assert_eq!(site.simulation.calls()["macie2:GetMacieSession"], 6);
    // What would stop the apply stops the dry run.
    site.plan();
    site.apply(&[], 0);
    let ran = site.run(&["apply", "plan.json", "--dry-run", "--report", "json"], 8);
    assert_eq!(ran.json()["totals"]["stale"], 3);
    assert_eq!(ran.json()["run"]["dry_run"], true);
}

const OTHER: &str = "222233334444";
const THIRD: &str = "333344445555";

/// A run of which every step comes out in another way: verified, failed, stale, applied and not seen, refused, not tried.
fn mixed() -> Site {
    let session = "{finding_publishing_frequency: SIX_HOURS}";
    let world = World::new()
        .account(ACCOUNT, &format!("name: payments, sessions: {{\"*\": {session}}}"))
        .account(OTHER, &format!("name: \"a `b` | c\", roles: [DriftlineRead], sessions: {{\"*\": {session}}}"))
        .account(THIRD, "name: new, email: new@example.com")
        .account(CALLER, "sessions: {\"*\": {}}")
        .organization(&format!(
            "management: \"000011112222\", delegated_administrators: [\"{CALLER}\"], \
            macie_administrator: \"{CALLER}\""
        ))
        .account("000011112222", "")
        .fault_of(
            "macie2:CreateMember",
            CALLER,
            "{answer: {status: 402, headers: {x-amzn-errortype: \
            ServiceQuotaExceededException}, body: '{\"message\":\"too many\"}'}}",
        )
        .faulty("regions: [eu-west-2], operations: [\"macie2:UpdateMacieSession\"], fault: empty_200")
        .with(&format!("meanwhile: [{{account: \"{ACCOUNT}\", region: eu-west-1, after: 1, session: off}}]"));
    let hourly = "finding_publishing_frequency: ONE_HOUR";
    let site = Site::new(
        &world,
        [
            format!(
                "name: payments, accounts: [\"{ACCOUNT}\"], regions: [eu-central-1, eu-west-1, eu-west-2], {hourly}"
            ),
            format!("name: closed, accounts: [\"{OTHER}\"], regions: [eu-west-1], {hourly}"),
            format!("name: new, accounts: [\"{THIRD}\"], regions: [eu-west-1], status: ENABLED, {hourly}"),
        ],
    );
    let site = site.settings("administrator_account = \"999988887777\"\n[limits]\nconcurrency = 1\n[inventory]\naccounts = \"organization\"\n");
    site.plan();
    site
}

/// The plan of a mixed run, applied.
fn apply_mixed(more: &[&str]) -> (Site, Ran) {
    let site = mixed();
    let apply = ["apply", "plan.json", "--auto-approve", "--journal", "j.jsonl", "--visible-within", "1s"];
    let ran = site.run(&[&apply, more].concat(), 8);
    (site, ran)
}

#[test]
fn people_are_told_what_came_of_each_step_and_the_way_out() {
    let (_, ran) = apply_mixed(&[]);
    let told = ran.stdout.split_once("Plan      ").expect("the plan comes first").1;
    insta::assert_snapshot!("mixed_text", told);
    let (_, quiet) = apply_mixed(&["--quiet"]);
    insta::assert_snapshot!("mixed_quiet", quiet.stdout);
}

#[test]
fn programs_are_told_the_same() {
    let (_, ran) = apply_mixed(&["--report", "json"]);
    insta::assert_snapshot!("mixed_json", ran.stdout);
    assert!(ran.stderr.contains("6 changes to 5 targets of 5"), "the plan is told beside it: {}", ran.stderr);
}

#[test]
fn the_report_fits_its_schema() {
    let site = mixed();
    let apply = ["apply", "plan.json", "--auto-approve", "--journal", "j.jsonl", "--visible-within", "1s"];
    let child = site.begin(&[&apply[..], &["--report", "json"]].concat());
    let output = child.wait_with_output().expect("an end");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    fits(&report, &schema("apply"));
}

#[test]
fn a_comment_and_a_ci_system_get_the_same() {
    let (site, _) = apply_mixed(&["--report", "markdown=a.md", "--report", "junit=a.xml"]);
    insta::assert_snapshot!("mixed_markdown", site.program.read("a.md"));
    insta::assert_snapshot!("mixed_junit", site.program.read("a.xml"));
}
