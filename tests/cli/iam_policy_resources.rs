//! `driftline iam-policy` for each resource: only what the given files need.

use serde_json::{Value, json};

use crate::support::Driftline;

const PREFERENCES: &str = "session_manager_preferences: [{REGIONS idle_session_timeout: {at_most: 20}}]\n";
const SESSIONS: &str = "session_manager_sessions: [{REGIONS reason: SET, ended_within: 24h}]\n";
const MACIE: &str = "macie_sessions: [{REGIONS status: ENABLED}]\n";

/// The statements of a printed policy. `regions` stands in each declaration.
#[track_caller]
fn statements(part: &str, lists: &[&str], regions: &str) -> Vec<Value> {
    let lists: String = lists.iter().map(|list| list.replace("REGIONS", regions)).collect();
    let program = Driftline::new().policy("a.yaml", format!("version: 1\n{lists}"));
    let printed = program.args(["iam-policy", part, "a.yaml"]).run(0).json();
    printed["Statement"].as_array().expect("statements").clone()
}

fn preferences(partition: &str) -> Value {
    json!({
        "Sid": "SessionManagerPreferences",
        "Effect": "Allow",
        "Action": ["ssm:GetDocument"],
        "Resource": [format!("arn:{partition}:ssm:*:*:document/SSM-SessionManagerRunShell")],
    })
}

fn anywhere(sid: &str, actions: &[&str]) -> Value {
    json!({"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": "*"})
}

const IN_FRANKFURT: &str = "regions: [eu-central-1],";

#[test]
fn each_resource_takes_its_own_actions_and_no_other() {
    let sessions = || anywhere("SessionManagerSessions", &["ssm:DescribeSessions"]);
    let macie = |actions: &[&str]| anywhere("Macie", actions);
    assert_eq!(statements("check", &[PREFERENCES], IN_FRANKFURT), [preferences("aws")]);
    assert_eq!(statements("check", &[SESSIONS], IN_FRANKFURT), [sessions()]);
    assert_eq!(statements("check", &[MACIE], IN_FRANKFURT), [macie(&["macie2:GetMacieSession"])]);
    let all = [MACIE, PREFERENCES, SESSIONS];
    assert_eq!(
        statements("check", &all, IN_FRANKFURT),
        [macie(&["macie2:GetMacieSession"]), preferences("aws"), sessions()]
    );
    assert_eq!(
        statements("plan", &all, IN_FRANKFURT),
        [macie(&["macie2:GetAdministratorAccount", "macie2:GetMacieSession"]), preferences("aws"), sessions()]
    );
}

#[test]
fn what_cannot_be_changed_needs_nothing_to_be_changed() {
    assert_eq!(statements("plan", &[PREFERENCES], IN_FRANKFURT), statements("check", &[PREFERENCES], IN_FRANKFURT));
    for part in ["apply", "administrator"] {
        assert_eq!(statements(part, &[PREFERENCES, SESSIONS], IN_FRANKFURT), [Value::Null; 0], "{part}");
    }
    let frequency = ["macie_sessions: [{REGIONS finding_publishing_frequency: ONE_HOUR}]\n", PREFERENCES];
    let update = anywhere("Macie", &["macie2:GetMacieSession", "macie2:UpdateMacieSession"]);
    assert_eq!(statements("apply", &frequency, IN_FRANKFURT), [update]);
}

#[test]
fn regions_are_listed_only_where_an_opt_in_region_is_reached() {
    let listed = |lists: &[&str], regions: &str| {
        statements("check", lists, regions).contains(&anywhere("Regions", &["account:ListRegions"]))
    };
    for list in [PREFERENCES, SESSIONS, MACIE] {
        assert!(listed(&[list], ""), "{list}");
        assert!(listed(&[list], "regions: [\"me-*\"],"), "{list}");
        assert!(!listed(&[list], "regions: [\"us-*\", eu-west-1],"), "{list}");
    }
    // Macie is not there, Session Manager is.
    let in_zurich = "regions: [\"eu-central-2\"],";
    assert!(listed(&[PREFERENCES], in_zurich) && listed(&[PREFERENCES], "regions: [\"eu-central-*\"],"));
    assert!(!listed(&[MACIE], "regions: [\"eu-central-*\"],"));
    // One resource reaches an opt-in Region, the other does not.
    let macie = MACIE.replace("REGIONS", IN_FRANKFURT);
    assert!(listed(&[&macie, SESSIONS], ""));
}

#[test]
fn the_document_is_that_of_the_partition() {
    assert_eq!(statements("check", &[PREFERENCES], "regions: [cn-north-1],"), [preferences("aws-cn")]);
    assert_eq!(statements("check", &[PREFERENCES], "regions: [us-gov-west-1],"), [preferences("aws-us-gov")]);
}
