//! `driftline iam-policy`: what it prints is enough, and no more than the calls that are made.

use std::collections::{BTreeMap, BTreeSet};

use driftline_simulator::Simulation;
use insta::assert_snapshot;
use serde_json::Value;

use crate::support::{ACCOUNT, CALLER, Driftline, World, policy, simulation};

const MANAGEMENT: &str = "000011112222";
const MEMBER: &str = "444455556666";
const NEW: &str = "555566667777";

const SETTINGS: &str = "[inventory]\naccounts = \"organization\"\n\n[aws]\nrole_name = \"Read\"\napply_role_name = \"Apply\"\n\
                        external_id = \"hush-hush\"\n";

/// Something of every kind: frequencies, pauses, resumptions, members to take in, an account that disables, an opt-in Region,
/// selectors by unit and by tag.
pub(crate) fn policies() -> String {
    policy([
        "regions: [eu-west-1, me-south-1], status: ENABLED, finding_publishing_frequency: ONE_HOUR".to_owned(),
        "organizational_units: [Sleepy], regions: [eu-west-1], status: PAUSED".to_owned(),
        "tags: {off: \"yes\"}, regions: [eu-west-1], status: NOT_ENABLED".to_owned(),
    ])
}

fn settings() -> String {
    SETTINGS.to_owned()
}

/// A program in a folder with the policies.
pub(crate) fn program() -> Driftline {
    Driftline::new().policy("a.yaml", policies()).settings(&settings())
}

/// The policy that is printed for a part.
fn printed(arguments: &[&str]) -> Value {
    program().args(["iam-policy"]).args(arguments).args(["a.yaml"]).run(0).json()
}

/// The actions of a policy.
pub(crate) fn actions(policy: &Value) -> BTreeSet<String> {
    let statements = policy["Statement"].as_array().expect("statements");
    let actions = statements.iter().flat_map(|statement| statement["Action"].as_array().expect("actions"));
    actions.map(|action| action.as_str().expect("a text").to_owned()).collect()
}

/// All that is printed, by the part.
fn parts() -> BTreeMap<&'static str, BTreeSet<String>> {
    let every: [(&str, &[&str]); 5] = [
        ("check", &["check"]),
        ("plan", &["plan"]),
        ("apply", &["apply", "--allow", "pause", "--allow", "disable"]),
        ("administrator", &["administrator", "--allow", "pause"]),
        ("hub", &["hub"]),
    ];
    every.into_iter().map(|(part, arguments)| (part, actions(&printed(arguments)))).collect()
}

/// A world in which the roles may do what is printed and no more. The caller is the management account.
pub(crate) fn world(
    reading: &BTreeSet<String>,
    changing: &BTreeSet<String>,
    administering: &BTreeSet<String>,
) -> Simulation {
    let list = |actions: &BTreeSet<String>| {
        let quoted: Vec<String> = actions.iter().map(|action| format!("\"{action}\"")).collect();
        format!("[{}]", quoted.join(", "))
    };
    let permissions = |changing: &BTreeSet<String>| {
        format!("permissions: {{Read: {}, Apply: {}}}, regions_on: [me-south-1]", list(reading), list(changing))
    };
    let on = "status: ENABLED, finding_publishing_frequency: ONE_HOUR";
    let ordinary = permissions(changing);
    let administrator: BTreeSet<String> = changing.union(administering).cloned().collect();
    let text = format!(
        "version: 1\ncaller: \"{CALLER}\"\n\
         organization: {{management: \"{CALLER}\", macie_administrator: \"{MANAGEMENT}\", paths: false, units: {{Sleepy: {{}}}}}}\n\
         accounts:\n\
         \x20 \"{CALLER}\": {{regions_on: [me-south-1], sessions: {{\"*\": {{{on}}}}}}}\n\
         \x20 \"{MANAGEMENT}\": {{{}, sessions: {{eu-west-1: {{{on}}}}}}}\n\
         \x20 \"{ACCOUNT}\": {{{ordinary}, tags: {{\"off\": \"yes\"}}, sessions: {{\"*\": {{{on}}}}}}}\n\
         \x20 \"{MEMBER}\": {{{ordinary}, unit: Sleepy, administrator: \"{MANAGEMENT}\", classification_jobs: {{\"*\": 2}}, \
         sessions: {{\"*\": {{status: ENABLED, finding_publishing_frequency: SIX_HOURS}}}}}}\n\
         \x20 \"{NEW}\": {{{ordinary}}}\n",
        permissions(&administrator),
    );
    let world =
        driftline_simulator::World::parse(&text, "world.yaml").unwrap_or_else(|error| panic!("{error}\n{text}"));
    Simulation::start(world, 0).expect("a simulation")
}

#[test]
fn what_is_printed_is_enough_and_is_what_is_called() {
    let parts = parts();
    let reading: BTreeSet<String> = parts["check"].union(&parts["plan"]).cloned().collect();
    let simulation = world(&reading, &parts["apply"], &parts["administrator"]);
    let run = |arguments: &[&str], exit: i32| {
        program().variables(&simulation.environment()).args(arguments).args(["a.yaml"]).run(exit)
    };
    run(&["check"], 2);
    run(&["apply", "--auto-approve", "--allow", "pause", "--allow", "disable"], 0);
    run(&["check"], 0);
    let called: BTreeSet<String> =
        simulation.calls().into_keys().filter(|action| action != "sts:GetCallerIdentity").collect();
    // What is allowed for the case that AWS is asked in another way, that list and account contradict each other, or that is not a
    // call of its own.
    let not_called = ["iam:CreateServiceLinkedRole", "macie2:GetMember"];
    let printed: BTreeSet<String> =
        parts.into_values().flatten().filter(|action| !not_called.contains(&action.as_str())).collect();
    assert_eq!(called, printed);
}

#[test]
fn nothing_of_what_is_printed_for_changing_can_be_left_out() {
    let parts = parts();
    let reading: BTreeSet<String> = parts["check"].union(&parts["plan"]).cloned().collect();
    let needed_at_first = "iam:CreateServiceLinkedRole";
    for left_out in parts["apply"].union(&parts["administrator"]).filter(|action| *action != needed_at_first) {
        let without =
            |actions: &BTreeSet<String>| actions.iter().filter(|action| *action != left_out).cloned().collect();
        let simulation = world(&reading, &without(&parts["apply"]), &without(&parts["administrator"]));
        let program = program().variables(&simulation.environment());
        let ran = program
            .args(["apply", "a.yaml", "--auto-approve", "--allow", "pause", "--allow", "disable", "--report", "json"])
            .run(8);
        assert!(ran.stdout.contains(left_out), "without {left_out}:\n{}", ran.stdout);
    }
}

#[test]
fn the_first_session_of_an_account_takes_the_role_that_macie_works_with() {
    let settings =
        "[inventory]\naccounts = [\"111122223333\"]\n[aws]\nrole_name = \"Read\"\napply_role_name = \"Apply\"\n";
    let policy = policy(["regions: [eu-west-1], status: ENABLED"]);
    let program = || Driftline::new().policy("a.yaml", &policy).settings(settings);
    let printed = actions(&program().args(["iam-policy", "apply", "a.yaml"]).run(0).json());
    let role = "iam:CreateServiceLinkedRole";
    assert!(printed.contains(role));
    for (allowed, exit) in [(printed.clone(), 0), (printed.into_iter().filter(|action| action != role).collect(), 8)] {
        let allowed: Vec<String> = allowed.iter().map(|action| format!("\"{action}\"")).collect();
        let permissions = format!("permissions: {{Apply: [{}]}}", allowed.join(", "));
        let simulation = simulation(&World::new().account(ACCOUNT, &permissions));
        let ran = program().variables(&simulation.environment()).args(["apply", "a.yaml", "--auto-approve"]).run(exit);
        assert_eq!(ran.stdout.contains(role), exit == 8, "{}", ran.stdout);
    }
}

#[test]
fn nothing_of_what_is_printed_for_checking_can_be_left_out() {
    let parts = parts();
    for left_out in &parts["check"] {
        let reading: BTreeSet<String> = parts["check"].iter().filter(|action| *action != left_out).cloned().collect();
        let simulation = world(&reading, &parts["apply"], &parts["administrator"]);
        let program = program().variables(&simulation.environment()).args(["check", "a.yaml", "--report", "json"]);
        // A Region that is off can still be told by the caller's listing: what is asked of the account is denied either way.
        let exit = if left_out == "macie2:GetMacieSession" { 4 } else { 2 };
        let denied = program.run(exit).json()["requests"]["access_denied"].as_u64().expect("a number");
        assert!(denied > 2, "without {left_out}: {denied} denials");
    }
}

#[test]
fn what_is_not_allowed_by_name_is_not_in_it() {
    let apply = |arguments: &[&str]| actions(&printed(&[&["apply"], arguments].concat()));
    assert!(
        !apply(&[]).contains("macie2:DisableMacie") && apply(&["--allow", "disable"]).contains("macie2:DisableMacie")
    );
    assert!(apply(&[]).contains("macie2:EnableMacie") && !apply(&["--without-enable"]).contains("macie2:EnableMacie"));
    assert!(!actions(&printed(&["administrator", "--without-enable"])).contains("macie2:CreateMember"));
    let paused = Driftline::new().policy("a.yaml", policy(["accounts: [\"111122223333\"], status: PAUSED"]));
    let update = "macie2:UpdateMacieSession";
    let without = paused.args(["iam-policy", "apply", "a.yaml", "--without-enable"]);
    assert!(!actions(&without.run(0).json()).contains(update));
    assert!(actions(&without.args(["--allow", "pause"]).run(0).json()).contains(update));
}

#[test]
fn the_policies_of_the_hub_and_of_the_trust_name_roles_and_no_secret() {
    let ran = program().args(["iam-policy", "hub", "a.yaml"]).run(0);
    assert_snapshot!("hub", format!("{}{}", ran.stderr, ran.stdout));
    let trust = program().args(["iam-policy", "trust", "a.yaml", "--principal", "arn:aws:iam::999988887777:role/ci"]);
    let ran = trust.run(0);
    assert_snapshot!("trust", format!("{}{}", ran.stderr, ran.stdout));
    assert!(!ran.stdout.contains("hush"));
    program().args(["iam-policy", "trust", "a.yaml"]).run(1).says("--principal <ARN>");
}

#[test]
fn a_policy_about_nothing_is_told() {
    let program = Driftline::new().policy("a.yaml", policy(["finding_publishing_frequency: ONE_HOUR"]));
    let ran = program.args(["iam-policy", "administrator", "a.yaml"]).run(0);
    ran.says("need no permission there");
    assert_eq!(simulation(&World::new()).calls().len(), 0, "nobody was asked");
}

#[test]
fn what_the_administrator_is_asked_is_printed_only_where_one_is_named() {
    let asked = ["macie2:GetMember".to_owned(), "macie2:ListMembers".to_owned()];
    let check = |settings: &str| {
        let program = Driftline::new().policy("a.yaml", policy(["status: ENABLED"])).settings(settings);
        actions(&program.args(["iam-policy", "check", "a.yaml"]).run(0).json())
    };
    assert!(asked.iter().all(|action| !check(SETTINGS).contains(action)));
    let named = format!("{SETTINGS}administrator_account = \"{MANAGEMENT}\"\n");
    assert!(asked.iter().all(|action| check(&named).contains(action)));
}

#[test]
fn the_service_linked_role_is_that_of_macie_alone() {
    let statement = printed(&["apply"])["Statement"].as_array().expect("statements").last().expect("one").clone();
    let condition =
        serde_json::json!({"StringLike": {"iam:AWSServiceName": ["macie.amazonaws.com", "macie.*.amazonaws.com"]}});
    assert_eq!(statement["Condition"], condition);
}

#[test]
fn one_role_for_both_purposes_is_named_once() {
    for settings in ["[aws]\nrole_name = \"One\"\n", "[aws]\nrole_name = \"One\"\napply_role_name = \"One\"\n"] {
        let program = Driftline::new().policy("a.yaml", policy(["status: ENABLED"])).settings(settings);
        let trust = program.args(["iam-policy", "trust", "a.yaml", "--principal", "arn:aws:iam::999988887777:role/ci"]);
        assert_eq!(trust.run(0).stderr, "note: the trust policy of arn:aws:iam::*:role/One\n");
    }
}
