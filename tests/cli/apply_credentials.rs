//! Credentials that AWS refuses in the middle of an apply are refreshed, and the same call is made once more.

use crate::support::organization::{APPROVED, is_done, organization, site};
use crate::support::{ACCOUNT, CALLER, Site, World};

const REGION: &str = "eu-west-1";

fn apply() -> Vec<&'static str> {
    [&["apply", "plan.json"], &APPROVED[..]].concat()
}

/// The same plan in a world that is the same but for its faults.
fn another(world: &World, like: &Site) -> Site {
    let file = |name: &str| std::fs::read(like.program.path(name)).expect("a file");
    let settings = format!("administrator_account = \"{CALLER}\"\n");
    Site::new(world, [""]).settings(&settings).file("plan.json", file("plan.json")).file("a.yaml", file("a.yaml"))
}

#[test]
fn every_change_is_made_once_although_its_credentials_were_refused() {
    let like = site(&organization(), "");
    for operation in ["CreateMember", "DisableMacie", "EnableMacie", "UpdateMacieSession", "UpdateMemberSession"] {
        for fault in ["expired_token", "unrecognized_client"] {
            let fault_of = format!("operations: [\"macie2:{operation}\"], times: 1, fault: {fault}");
            let site = another(&organization().faulty(&fault_of), &like);
            site.run(&apply(), 0);
            is_done(&site, &format!("{operation} {fault}"));
        }
    }
}

#[test]
fn every_look_up_of_a_plan_is_made_again_with_new_credentials() {
    let operations = [
        "macie2:GetAdministratorAccount",
        "macie2:ListMembers",
        "macie2:ListClassificationJobs",
        "macie2:GetMacieSession",
        "organizations:DescribeOrganization",
        "organizations:DescribeAccount",
    ];
    for operation in operations {
        let faulty = organization().faulty(&format!("operations: [\"{operation}\"], times: 1, fault: expired_token"));
        let site = site(&faulty, "");
        let plan: serde_json::Value = serde_json::from_str(&site.program.read("plan.json")).expect("a plan");
        assert_eq!(plan["summary"]["steps"], 10, "{operation}");
        assert!(site.simulation.calls()[operation] > 1, "{operation}");
        site.run(&apply(), 0);
        is_done(&site, operation);
    }
}

#[test]
fn the_accounts_of_an_organization_are_listed_with_new_credentials() {
    let operations = ["DescribeOrganization", "ListAccounts", "ListRoots", "ListOrganizationalUnitsForParent"];
    for operation in operations {
        let fault = format!("operations: [\"organizations:{operation}\"], times: 1, fault: expired_token");
        let site = Site::new(&organization().faulty(&fault), ["status: ENABLED"]);
        site.run(&["inventory", "--out", "accounts.json"], 0);
    }
}

/// One target that publishes every six hours, and is to do so every hour.
fn one_target(frequency: &str, faults: &[&str]) -> Site {
    let sessions = format!("sessions: {{{REGION}: {{finding_publishing_frequency: {frequency}}}}}");
    let world = faults.iter().fold(World::new().account(ACCOUNT, &sessions), |world, fault| world.faulty(fault));
    let wanted = format!("accounts: [\"{ACCOUNT}\"], regions: [{REGION}], finding_publishing_frequency: ONE_HOUR");
    Site::new(&world, [wanted])
}

/// Lets so many readings pass, and refuses the credentials of the next one.
fn refused_after(readings: u32) -> [String; 2] {
    let fault =
        |times: u32, fault: &str| format!("operations: [\"macie2:GetMacieSession\"], times: {times}, fault: {fault}");
    [fault(readings, "{latency: 0ms}"), fault(1, "expired_token")]
}

#[test]
fn a_target_is_read_before_and_after_its_change_with_new_credentials() {
    // One reading is for the plan, one before the call, one after it.
    for readings in [1, 2] {
        let [pass, refuse] = refused_after(readings);
        let site = one_target("SIX_HOURS", &[&pass, &refuse]);
        site.apply(&["--visible-within", "1s"], 0);
        assert_eq!(site.simulation.calls()["macie2:GetMacieSession"], 4);
        assert_eq!(site.simulation.calls()["macie2:UpdateMacieSession"], 1);
        assert_eq!(site.session(ACCOUNT, REGION), "ENABLED, ONE_HOUR");
    }
}

#[test]
fn credentials_that_stay_refused_end_in_a_failure_after_one_more_call() {
    let site = one_target("SIX_HOURS", &["operations: [\"macie2:UpdateMacieSession\"], fault: expired_token"]);
    let report = site.apply(&["--report", "json"], 8).json();
    assert_eq!(report["steps"][0]["outcome"], "failed");
    assert_eq!(report["steps"][0]["error"]["code"], "ExpiredTokenException");
    assert_eq!(site.simulation.calls()["macie2:UpdateMacieSession"], 2);
    assert!(site.simulation.written().is_empty());
}

#[test]
fn a_rollback_refreshes_credentials_as_an_apply_does() {
    let before = one_target("SIX_HOURS", &[]);
    before.apply(&[], 0);
    let journal = std::fs::read(before.program.path("j.jsonl")).expect("a journal");
    let back = ["rollback", "j.jsonl", "--auto-approve", "--journal", "k.jsonl"];
    let expired = "operations: [\"macie2:UpdateMacieSession\"], times: 1, fault: expired_token";
    let [pass, refuse] = refused_after(1);
    for faults in [vec![expired], vec![&*pass, &*refuse]] {
        let after = one_target("ONE_HOUR", &faults).file("j.jsonl", &journal);
        after.run(&back, 0);
        assert_eq!(after.session(ACCOUNT, REGION), "ENABLED, SIX_HOURS");
        assert_eq!(after.simulation.written().len(), 1);
    }
}

#[test]
fn credentials_that_ended_before_their_time_are_asked_for_again_at_sts_too() {
    for operation in ["GetCallerIdentity", "AssumeRole"] {
        let fault = format!("operations: [\"sts:{operation}\"], times: 1, fault: expired_token");
        let site = one_target("SIX_HOURS", &[&fault]);
        site.apply(&[], 0);
        assert_eq!(site.session(ACCOUNT, REGION), "ENABLED, ONE_HOUR", "{operation}");
        // Those that stay refused end in a failure after one more call.
        let fault = format!("operations: [\"sts:{operation}\"], fault: expired_token");
        let site = one_target("SIX_HOURS", &[&fault]);
        let exit = if operation == "AssumeRole" { 4 } else { 1 };
        site.run(&["check", "a.yaml"], exit);
        assert_eq!(site.simulation.calls()[&*format!("sts:{operation}")], 2, "{operation}");
    }
}
