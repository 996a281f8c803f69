//! `driftline targets`: which targets a run would read.

use serde_json::{Value, json};

use crate::json::schema;
use crate::support::{ACCOUNT, CALLER, Driftline, copied, policy};

fn example() -> Driftline {
    copied(Driftline::new(), "examples/organization").args(["targets", "policies", "--inventory", "accounts.json"])
}

#[track_caller]
fn checked(document: Value) -> Value {
    let schema = schema("targets");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let mistakes: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
    assert_eq!(mistakes, Vec::<String>::new());
    document
}

#[test]
fn accounts_of_which_the_same_is_wanted_stand_together() {
    let ran = example().run(0);
    insta::assert_snapshot!("targets", ran.stdout);
    assert_eq!(ran.stderr, "");
    assert_eq!(
        example().args(["--quiet"]).run(0).stdout,
        "42 targets in 8 accounts and 6 Regions; read only where the account has opted into the Region: 8; known without a call,\n\
         as Macie does not exist there: 1\n"
    );
}

#[test]
fn every_target_is_listed_once_for_programs() {
    let document = checked(example().args(["--report", "json"]).run(0).json());
    let accounts = document["accounts"].as_array().expect("accounts");
    let targets: Vec<&Value> =
        accounts.iter().flat_map(|account| account["targets"].as_array().expect("targets")).collect();
    assert_eq!((accounts.len(), targets.len()), (8, 42));
    assert_eq!(document["counts"], json!({"accounts": 8, "targets": 42}));
    let settings = [json!({"setting": "status", "accepted": ["NOT_ENABLED"], "severity": "medium"})];
    let wanted = json!({"resource": "macie_session", "region": "ca-west-1", "region_named": true, "reading": "without_call", "settings": settings, "parameters": []});
    assert_eq!(accounts[7]["targets"][0], wanted);
    assert_eq!(
        (&accounts[6]["account_name"], &accounts[6]["account_state"]),
        (&"payments-test".into(), &"SUSPENDED".into())
    );
    let readings: Vec<&Value> = targets.iter().map(|target| &target["reading"]).collect();
    assert_eq!(readings.iter().filter(|reading| **reading == "where_on").count(), 8);
}

#[test]
fn what_is_left_over_on_either_side_is_named() {
    let program = || {
        Driftline::new()
            .settings("[inventory]\naccounts = [\"111122223333\", \"222233334444\"]\nregions = [\"eu-west-1\"]\n")
            .policy("a.yaml", policy(["accounts: [\"111122223333\", \"333344445555\"], status: ENABLED"]))
            .args(["targets", "a.yaml"])
    };
    insta::assert_snapshot!("targets_left_over", program().run(0).stdout);
    let document = checked(program().args(["--report", "json"]).run(0).json());
    assert_eq!(document["unreached_accounts"], json!([{"account": "222233334444", "account_name": null}]));
    assert_eq!(document["missing_accounts"], json!(["333344445555"]));
}

#[test]
fn where_the_inventory_is_the_caller_nobody_knows_which_account_that_is() {
    let program = || {
        Driftline::new()
            .settings("[inventory]\naccounts = \"caller\"\nregions = [\"eu-west-1\"]\n")
            .policy("a.yaml", policy(["status: ENABLED", &format!("accounts: [\"{CALLER}\"], status: PAUSED")]))
            .args(["targets", "a.yaml"])
    };
    let ran = program().run(0);
    ran.says("note: the inventory is the caller's account");
    insta::assert_snapshot!("targets_caller", ran.stdout);
    let document = checked(program().args(["--report", "json", "--quiet"]).run(0).json());
    let ids: Vec<&Value> =
        document["accounts"].as_array().expect("accounts").iter().map(|account| &account["account"]).collect();
    assert_eq!(ids, [&Value::Null, &Value::from(CALLER)]);
}

#[test]
fn of_many_accounts_the_first_are_named_and_the_rest_counted() {
    let ids: Vec<String> = (1..=40).map(|id| format!("{id:012}")).collect();
    let program = || {
        let text = policy([format!("accounts: {ids:?}, regions: [eu-west-1], status: ENABLED")]);
        Driftline::new().policy("a.yaml", text).args(["targets", "a.yaml"])
    };
    let text = program().run(0).stdout;
    assert!(text.starts_with("40 accounts: 000000000001, ") && text.contains("… and 28 more"), "{text}");
    let verbose = program().args(["--verbose"]).run(0).stdout;
    assert!(ids.iter().all(|id| verbose.contains(id.as_str())), "{verbose}");
}

#[test]
fn accounts_that_only_aws_knows_are_asked_for() {
    let program = copied(Driftline::new(), "examples/organization").args(["targets", "policies"]);
    program.run(1).says("error: the inventory is the organization").says("--inventory");
}

#[test]
fn mistakes_are_told_as_ever() {
    Driftline::new().policy("a.yaml", policy(["status: ON"])).args(["targets", "a.yaml"]).run(1).says("a.yaml:3");
    let lacking = format!("accounts: [\"{ACCOUNT}\"], status: ENABLED");
    Driftline::new().policy("a.yaml", policy([lacking])).args(["targets"]).run(1).says("no policy files are given");
}

#[test]
fn placeholders_keep_accounts_together_and_the_window_is_told() {
    let rules = "version: 1\nsession_manager_sessions:\n  - {accounts: [\"111122223333\", \"222233334444\"], regions: [eu-west-1], \
                 ended_within: 24h, owner: \"*:{account}:*\"}\n";
    let program = || Driftline::new().policy("a.yaml", rules).args(["targets", "a.yaml"]);
    let text = program().run(0).stdout;
    let paragraph =
        "2 accounts: 111122223333, 222233334444\n  session_manager_sessions: ended_within 24h; owner *:{account}:*\n";
    assert!(text.starts_with(paragraph), "{text}");
    let document = checked(program().args(["--report", "json"]).run(0).json());
    let target = &document["accounts"][1]["targets"][0];
    assert_eq!(target["parameters"], json!([{"setting": "ended_within", "accepted": ["24h"]}]));
    assert_eq!(target["settings"][0]["accepted"], json!(["*:222233334444:*"]), "what a run compares");
}
