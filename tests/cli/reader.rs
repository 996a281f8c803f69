//! `--reader`: what Macie's administrator is told of its members spares calls, and never stands for more than it says.

use serde_json::Value;

use crate::support::{ACCOUNT, CALLER, Driftline, Site, World, policy};

const PAUSED: &str = "222233334444";
const STRANGER: &str = "333344445555";
const KNOWS_THE_ADMINISTRATOR: &str = "administrator_account = \"999988887777\"\n";
const REGION: &str = "eu-west-1";

/// The caller is Macie's administrator; two accounts are its members, one is not.
fn organization() -> World {
    let member = format!("administrator: \"{CALLER}\"");
    World::new()
        .organization("management: \"000011112222\", delegated_administrators: [\"999988887777\"]")
        .account("000011112222", "")
        .account(CALLER, "sessions: {\"*\": {}}")
        .account(ACCOUNT, &format!("{member}, sessions: {{\"*\": {{}}}}"))
        .account(PAUSED, &format!("{member}, sessions: {{\"*\": {{status: PAUSED}}}}"))
        .account(STRANGER, "sessions: {}")
}

fn status_of_all() -> String {
    format!(
        "accounts: [\"{CALLER}\", \"{ACCOUNT}\", \"{PAUSED}\", \"{STRANGER}\"], regions: [{REGION}], status: ENABLED"
    )
}

fn site(world: &World, declarations: &[String]) -> Site {
    Site::new(world, declarations).settings(KNOWS_THE_ADMINISTRATOR)
}

fn calls(site: &Site, operation: &str) -> u64 {
    site.simulation.calls().get(operation).copied().unwrap_or_default()
}

/// The targets of a report as it was written to `report.json`.
fn report(site: &Site, arguments: &[&str], exit: i32) -> Value {
    site.run(&[&["check", "a.yaml", "--report", "json=report.json"], arguments].concat(), exit);
    serde_json::from_str(&site.program.read("report.json")).expect("JSON")
}

fn target<'a>(report: &'a Value, account: &str) -> &'a Value {
    let targets = report["targets"].as_array().expect("targets");
    targets.iter().find(|target| target["account"] == account).expect("the target")
}

#[test]
fn a_target_whose_status_is_listed_costs_no_call_of_its_own() {
    let site = site(&organization(), &[status_of_all()]);
    let report = report(&site, &[], 2);
    assert_eq!(report["ledger"]["in_sync"], 2);
    assert_eq!(report["ledger"]["drifted"], 2);
    // The administrator does not list itself, and says nothing of an account that is no member.
    assert_eq!((calls(&site, "macie2:ListMembers"), calls(&site, "macie2:GetMacieSession")), (1, 2));
    assert_eq!(calls(&site, "sts:AssumeRole"), 1, "only the stranger is entered");
    let listed = target(&report, PAUSED);
    assert_eq!((&listed["live"]["status"], &listed["outcome"]), (&"PAUSED".into(), &"drifted".into()));
    assert_eq!(listed["live"]["finding_publishing_frequency"], Value::Null);
    assert_eq!(listed["evidence"]["basis"], "listed");
    assert_eq!(listed["evidence"]["administrator"], CALLER);
    assert_eq!(target(&report, STRANGER)["live"]["status"], "NOT_ENABLED");
    assert_eq!(report["requests"]["access_denied"], 1, "the one session that is off is asked for once");
}

#[test]
fn both_ways_of_reading_find_the_same() {
    let site = site(&organization(), &[status_of_all()]);
    let outcomes = |report: &Value| -> Vec<(String, String)> {
        let word = |value: &Value| value.as_str().expect("a word").to_owned();
        let targets = report["targets"].as_array().expect("targets").iter();
        targets.map(|target| (word(&target["account"]), word(&target["outcome"]))).collect()
    };
    let auto = outcomes(&report(&site, &["--reader", "auto"], 2));
    assert_eq!(outcomes(&report(&site, &["--reader", "direct"], 2)), auto);
    assert_eq!(calls(&site, "macie2:ListMembers"), 1, "only one of them asks the administrator");
}

#[test]
fn what_only_the_account_tells_is_asked_of_the_account() {
    let declared = format!(
        "accounts: [\"{ACCOUNT}\", \"{PAUSED}\"], regions: [{REGION}], status: ENABLED, \
                            finding_publishing_frequency: FIFTEEN_MINUTES"
    );
    let site = site(&organization(), &[declared]);
    let report = report(&site, &[], 2);
    assert_eq!(target(&report, ACCOUNT)["live"]["finding_publishing_frequency"], "FIFTEEN_MINUTES");
    assert_eq!(calls(&site, "macie2:ListMembers"), 0, "the list could spare nothing");
    assert_eq!(calls(&site, "macie2:GetMacieSession"), 2);
}

#[test]
fn the_administrator_alone_leaves_unread_what_its_list_does_not_tell() {
    let frequency = format!("accounts: [\"{ACCOUNT}\"], regions: [us-east-1], finding_publishing_frequency: ONE_HOUR");
    let site = site(&organization(), &[status_of_all(), frequency]);
    let report = report(&site, &["--reader", "administrator"], 6);
    assert_eq!(calls(&site, "macie2:GetMacieSession"), 0);
    assert_eq!(report["ledger"]["unread"], 3);
    for account in [CALLER, STRANGER] {
        assert_eq!(target(&report, account)["unread"]["reason"], "not_listed");
    }
    let targets = report["targets"].as_array().expect("targets");
    let message =
        targets.iter().find(|target| target["region"] == "us-east-1").expect("the target")["unread"]["message"]
            .as_str()
            .expect("a message");
    assert!(message.contains("is not told how often members publish findings"), "{message}");
}

#[test]
fn the_administrator_alone_needs_to_be_known() {
    let site = Site::new(&organization(), [status_of_all()]);
    let told = site.run(&["check", "a.yaml", "--reader", "administrator"], 1);
    told.says("is unknown").says("administrator_account");
    assert_eq!(calls(&site, "macie2:ListMembers") + calls(&site, "macie2:GetMacieSession"), 0);
}

#[test]
fn an_administrator_that_cannot_be_asked_is_told_and_the_accounts_are_asked() {
    let world = organization().fault_of("macie2:ListMembers", CALLER, "reset");
    let site = site(&world, &[status_of_all()]);
    let told = site.run(&["check", "a.yaml"], 2);
    told.says("could not be read in eu-west-1").says("so the accounts were read directly");
    assert_eq!(calls(&site, "macie2:GetMacieSession"), 4);
    assert!(!site.run(&["check", "a.yaml", "--quiet"], 2).stderr.contains("the member list of"));
}

/// The administrator's list matters for one account, and the other is asked itself as well.
fn asked_twice(world: &World) -> Site {
    let both = format!(
        "accounts: [\"{ACCOUNT}\"], regions: [{REGION}], status: ENABLED, \
                        finding_publishing_frequency: FIFTEEN_MINUTES"
    );
    site(world, &[both, format!("accounts: [\"{PAUSED}\"], regions: [{REGION}], status: PAUSED")])
}

fn says_paused(times: &str) -> String {
    format!(
        "operations: [\"macie2:ListMembers\"], {times}fault: {{answer: {{status: 200, body: '{{\"members\": [\
         {{\"accountId\": \"{ACCOUNT}\", \"relationshipStatus\": \"Paused\"}}, \
         {{\"accountId\": \"{PAUSED}\", \"relationshipStatus\": \"Paused\"}}]}}'}}}}"
    )
}

#[test]
fn a_list_that_is_behind_is_asked_again_about_that_member() {
    let site = asked_twice(&organization().faulty(&says_paused("")));
    let report = report(&site, &[], 0);
    assert_eq!(calls(&site, "macie2:GetMember"), 1);
    assert_eq!(target(&report, ACCOUNT)["live"]["status"], "ENABLED");
}

#[test]
fn a_contradiction_that_stays_is_unread_and_never_decided() {
    let member = format!(
        "operations: [\"macie2:GetMember\"], fault: {{answer: {{status: 200, body: '{{\"accountId\": \"{ACCOUNT}\", \
         \"relationshipStatus\": \"Paused\"}}'}}}}"
    );
    for world in [
        organization().faulty(&says_paused("")).faulty(&member),
        // Nobody answers the second question.
        organization().faulty(&says_paused("")).fault_of("macie2:GetMember", CALLER, "reset"),
    ] {
        let site = asked_twice(&world);
        let report = report(&site, &[], 4);
        let unread = &target(&report, ACCOUNT)["unread"];
        assert_eq!(unread["reason"], "contradicted");
        let message = unread["message"].as_str().expect("a message");
        assert!(message.contains("lists the account as PAUSED, and the account itself has a session that is ENABLED"));
        assert_eq!(target(&report, PAUSED)["outcome"], "in_sync");
    }
}

#[test]
fn a_list_that_says_two_things_of_a_member_says_nothing_of_it() {
    let doubled = format!(
        "operations: [\"macie2:ListMembers\"], fault: {{answer: {{status: 200, body: '{{\"members\": [\
         {{\"accountId\": \"{ACCOUNT}\", \"relationshipStatus\": \"Paused\"}}, \
         {{\"accountId\": \"{ACCOUNT}\", \"relationshipStatus\": \"Enabled\"}}, \
         {{\"accountId\": \"{PAUSED}\", \"relationshipStatus\": \"Adopted\"}}]}}'}}}}"
    );
    let site = site(&organization().faulty(&doubled), &[status_of_all()]);
    let report = report(&site, &[], 2);
    assert_eq!(calls(&site, "macie2:GetMacieSession"), 4);
    assert_eq!(target(&report, ACCOUNT)["live"]["status"], "ENABLED");
    assert_eq!(target(&report, PAUSED)["live"]["status"], "PAUSED");
}

#[test]
fn a_region_that_is_listed_as_off_is_not_asked_about() {
    let member = format!("administrator: \"{CALLER}\", sessions: {{\"*\": {{}}}}, list_regions: denied");
    let world = World::new()
        .organization("management: \"000011112222\", macie_administrator: \"999988887777\"")
        .account("000011112222", "")
        .account(CALLER, "sessions: {\"*\": {}}, regions_on: [me-south-1]")
        .account("444455556666", &member);
    let listed = "operations: [\"macie2:ListMembers\"], fault: {answer: {status: 200, body: '{\"members\": [{\"accountId\": \
                  \"444455556666\", \"relationshipStatus\": \"RegionDisabled\"}]}'}}";
    for (region, outcome) in [("me-south-1", "drifted"), ("\"me-*\"", "not_applicable")] {
        let declared = format!("accounts: [\"444455556666\"], regions: [{region}], status: ENABLED");
        let site = site(&world.clone().faulty(listed), &[declared]);
        let report = report(&site, &[], if outcome == "drifted" { 2 } else { 0 });
        assert_eq!(target(&report, "444455556666")["outcome"], outcome);
        assert_eq!(target(&report, "444455556666")["evidence"]["basis"], "region_off_listed");
        assert_eq!(calls(&site, "macie2:GetMacieSession"), 0);
    }
}

#[test]
fn the_management_account_is_told_who_the_administrator_is_and_nobody_else_asks() {
    let world = World::new()
        .organization("management: \"999988887777\", macie_administrator: \"111122223333\"")
        .account(CALLER, "")
        .account(ACCOUNT, "sessions: {\"*\": {}}")
        .account(PAUSED, &format!("administrator: \"{ACCOUNT}\", sessions: {{\"*\": {{}}}}"));
    let declared = format!("regions: [{REGION}], accounts: [\"{PAUSED}\"], status: ENABLED");
    let site = Site::new(&world, [declared]);
    site.run(&["check", "a.yaml", "--inventory", "organization"], 0);
    assert_eq!(calls(&site, "macie2:ListOrganizationAdminAccounts"), 1);
    assert_eq!((calls(&site, "macie2:ListMembers"), calls(&site, "macie2:GetMacieSession")), (1, 0));
    // Who does not know that it is the management account does not ask: the answer would be a denial.
    let alone = Driftline::new()
        .policy("a.yaml", policy([format!("accounts: [\"{PAUSED}\"], regions: [{REGION}], status: ENABLED")]));
    let alone = alone.settings("[aws]\nrole_name = \"DriftlineRead\"\n").variables(&site.simulation.environment());
    alone.run_with(&["check", "a.yaml"], 0);
    assert_eq!(calls(&site, "macie2:ListOrganizationAdminAccounts"), 1);
}

#[test]
fn a_list_that_takes_too_long_leaves_the_accounts_time_to_answer() {
    let world = organization().fault_of("macie2:ListMembers", CALLER, "{latency: 60s}");
    let site = site(&world, &[status_of_all()]);
    let told = site.run(&["check", "a.yaml", "--deadline", "4s"], 2);
    told.says("was not told to its end in a quarter of the run's time");
    assert_eq!(calls(&site, "macie2:GetMacieSession"), 4);
}

#[test]
fn the_administrator_is_asked_for_where_every_account_can_answer() {
    let world = World::new()
        .organization("management: \"999988887777\", macie_administrator: \"111122223333\"")
        .account(CALLER, "")
        .account(ACCOUNT, "sessions: {\"*\": {}}")
        .account(PAUSED, &format!("administrator: \"{ACCOUNT}\", sessions: {{\"*\": {{}}}}"));
    // The first Region by name is off for the caller.
    let site = Site::new(&world, [format!("accounts: [\"{PAUSED}\"], status: ENABLED")]);
    site.run(&["check", "a.yaml", "--inventory", "organization"], 0);
    assert_eq!((calls(&site, "macie2:ListMembers"), calls(&site, "macie2:GetMacieSession")), (17, 0));
}

#[test]
fn a_denial_of_who_administers_macie_is_told() {
    let world = World::new()
        .organization("management: \"999988887777\", macie_administrator: \"111122223333\"")
        .enabled(ACCOUNT)
        .fault_of("macie2:ListOrganizationAdminAccounts", CALLER, "server_error");
    let site = Site::new(&world, [format!("accounts: [\"{ACCOUNT}\"], regions: [{REGION}], status: ENABLED")]);
    let told = site.run(&["check", "a.yaml", "--inventory", "organization"], 0);
    told.says(
        "note: the Macie administrator is unknown, so the accounts are read directly: macie2:ListOrganizationAdminAccounts",
    );
}
