//! `doctor`: each thing that a check may stumble over is found, with its fix, by calls that only read.

use std::collections::BTreeSet;

use driftline_simulator::Simulation;
use serde_json::Value;

use crate::support::{ACCOUNT, CALLER, Driftline, Ran, World, policy, simulation};

const SETTINGS: &str = "[aws]\nrole_name = \"Reader\"\n";

/// A diagnosis of Macie sessions in some accounts.
pub(crate) fn doctor(accounts: &[&str]) -> Driftline {
    let ids: Vec<String> = accounts.iter().map(|id| format!("\"{id}\"")).collect();
    let declaration = format!("accounts: [{}], regions: [eu-west-1, eu-west-3], status: ENABLED", ids.join(", "));
    Driftline::new().policy("a.yaml", policy([declaration])).settings(SETTINGS).args(["doctor", "a.yaml"])
}

/// The ids of twelve accounts.
fn twelve() -> Vec<String> {
    (0..12).map(|number| format!("1111222233{number:02}")).collect()
}

pub(crate) fn at(simulation: &Simulation, program: Driftline) -> Driftline {
    program.variables(&simulation.environment())
}

/// The checks of a kind in a JSON report: state, subject, detail and fix.
pub(crate) fn checks(report: &Value, id: &str) -> Vec<[String; 4]> {
    let all = report["checks"].as_array().expect("checks").iter();
    let text = |check: &Value, key: &str| check[key].as_str().unwrap_or_default().to_owned();
    all.filter(|check| check["id"] == id)
        .map(|check| ["state", "subject", "detail", "fix"].map(|key| text(check, key)))
        .collect()
}

#[track_caller]
pub(crate) fn only(report: &Value, id: &str) -> [String; 4] {
    let found = checks(report, id);
    assert_eq!(found.len(), 1, "{id}: {found:?}");
    found[0].clone()
}

#[track_caller]
pub(crate) fn json(program: Driftline, exit: i32) -> Value {
    program.args(["--report", "json"]).run(exit).json()
}

#[test]
fn all_is_well() {
    let world = World::new().enabled(CALLER).enabled(ACCOUNT);
    let program = doctor(&[CALLER, ACCOUNT]).world(&world).args(["--simulate", "world.yaml"]).env("PATH", "/nowhere");
    insta::assert_snapshot!("all_is_well", program.run(0).stdout);
    let quiet = program.run_with(&["--quiet"], 0);
    assert_eq!(quiet.stdout.lines().count(), 1);
    assert!(quiet.stdout.starts_with("ready: "), "{}", quiet.stdout);
    assert_eq!((quiet.stderr.as_str(), program.run(0)), ("", program.run(0)), "the same bytes each time");
}

#[test]
fn each_account_without_the_role_is_named_with_its_fix() {
    let world = World::new()
        .enabled(ACCOUNT)
        .account("222233334444", "roles: [Other]")
        .account("333344445555", "suspended: true");
    let simulation = simulation(&world);
    let report = json(at(&simulation, doctor(&[ACCOUNT, "222233334444", "333344445555"])), 4);
    assert_eq!(report["verdict"], "incomplete");
    let roles = checks(&report, "role");
    assert_eq!(roles.len(), 3, "{roles:?}");
    assert_eq!(roles[0][2], "arn:aws:iam::*:role/Reader can be assumed in 1 of 3 accounts");
    for (role, account) in roles[1..].iter().zip(["222233334444", "333344445555"]) {
        let [state, subject, detail, fix] = role;
        assert_eq!((state.as_str(), subject.as_str()), ("error", account));
        assert!(detail.starts_with("role_not_assumable: AccessDenied: ") && fix.contains(account), "{role:?}");
    }
    assert_eq!(only(&report, "action")[0], "ok", "what can be tried is tried");
}

#[test]
fn without_a_role_other_accounts_cannot_be_read() {
    let simulation = simulation(&World::new().enabled(CALLER));
    let program = at(&simulation, doctor(&[CALLER, ACCOUNT])).settings("");
    let role = only(&json(program, 4), "role");
    assert_eq!(role[3], "set `[aws] role_name` in driftline.toml");
    assert!(!simulation.calls().contains_key("sts:AssumeRole"));
}

#[test]
fn a_denied_action_is_named_with_its_policy_and_the_others_are_allowed() {
    let denial = "sessions: {\"*\": {}}, denials: [{actions: [\"macie2:GetRevealConfiguration\"], layer: \
                  service_control_policy, explicit: true, policy_arn: \"arn:aws:organizations::1:policy/x\"}]";
    let simulation = simulation(&World::new().account(ACCOUNT, denial));
    let declared = format!(
        "accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: ENABLED, reveal: {{status: DISABLED}}, \
         security_hub: {{publish_policy_findings: true}}"
    );
    let program = at(&simulation, doctor(&[])).policy("a.yaml", policy([declared]));
    let report = json(program, 4);
    let found = checks(&report, "action");
    let states: Vec<(&str, &str)> = found.iter().map(|check| (check[1].as_str(), check[0].as_str())).collect();
    assert_eq!(
        states,
        [
            ("macie2:GetFindingsPublicationConfiguration", "ok"),
            ("macie2:GetMacieSession", "ok"),
            ("macie2:GetRevealConfiguration", "error"),
        ]
    );
    let denied = &found[2];
    assert!(denied[2].starts_with(&format!("denied in 1 of 1 account: {ACCOUNT} in eu-west-1: User: ")), "{denied:?}");
    assert!(denied[3].contains("service control policy") && denied[3].contains("policy/x"), "{denied:?}");
    assert_eq!(only(&report, "region")[0], "ok", "a denial is not said twice");
}

#[test]
fn macie_that_is_off_shows_that_its_actions_are_allowed() {
    let simulation = simulation(&World::new().account(ACCOUNT, ""));
    let declared = format!(
        "accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: ENABLED, reveal: {{status: DISABLED}}, administrator: NONE"
    );
    let report = json(at(&simulation, doctor(&[])).policy("a.yaml", policy([declared])), 0);
    for [state, action, ..] in checks(&report, "action") {
        assert_eq!(state, "ok", "{action}");
    }
    assert_eq!(checks(&report, "action").len(), 3);
}

#[test]
fn the_least_iam_policy_is_enough() {
    let world = "administrator: \"999988887777\", regions_on: [me-south-1], sessions: {\"*\": {}}, permissions: {Reader: \
                 [\"macie2:GetMacieSession\", \"account:ListRegions\"]}";
    let simulation = simulation(&World::new().enabled(CALLER).account(ACCOUNT, world));
    let declared = format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1, me-south-1], status: ENABLED");
    let program = at(&simulation, doctor(&[])).policy("a.yaml", policy([declared]));
    let program = program.settings(&format!("{SETTINGS}administrator_account = \"{CALLER}\"\n"));
    let report = json(program, 0);
    assert_eq!(only(&report, "administrator")[2], "lists its members in eu-west-1");
    let actions: Vec<String> =
        checks(&report, "action").into_iter().map(|[state, action, ..]| state + " " + &action).collect();
    let expected = ["account:ListRegions", "macie2:GetMacieSession", "macie2:GetMember", "macie2:ListMembers"];
    assert_eq!(actions, expected.map(|action| format!("ok {action}")));
}

#[test]
fn a_denied_list_of_regions_is_a_warning() {
    let simulation = simulation(&World::new().account(ACCOUNT, "list_regions: denied, sessions: {\"*\": {}}"));
    let declared = format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1, \"me-*\"], status: ENABLED");
    let report = json(at(&simulation, doctor(&[])).policy("a.yaml", policy([declared])), 0);
    let listing = checks(&report, "action").into_iter().find(|check| check[1] == "account:ListRegions");
    assert_eq!(listing.expect("a check")[0], "warning");
}

#[test]
fn refused_credentials_end_what_needs_them_and_nothing_else() {
    let simulation = simulation(&World::new().fault_of("sts:GetCallerIdentity", CALLER, "expired_token"));
    let report = json(at(&simulation, doctor(&[ACCOUNT])), 1);
    assert_eq!(report["verdict"], "no_result");
    let caller = only(&report, "caller");
    assert!(caller[2].contains("ExpiredToken") && caller[3].contains("AWS_ACCESS_KEY_ID"), "{caller:?}");
    assert_eq!(only(&report, "policies")[0], "ok");
    assert_eq!(only(&report, "inventory")[2], "1 id in the policies");
    for id in ["role", "administrator", "action", "region"] {
        assert_eq!(only(&report, id)[2], "skipped: there is no connection to AWS", "{id}");
    }
    // The check says the same.
    let check = at(&simulation, doctor(&[ACCOUNT])).run(1);
    assert_eq!(check.stderr, "");
}

#[test]
fn a_region_that_does_not_answer_is_found_although_only_one_account_asks_it() {
    let world = World::new().enabled(ACCOUNT).faulty("regions: [eu-west-3], fault: reset");
    let simulation = simulation(&world);
    let report = json(at(&simulation, doctor(&[ACCOUNT])), 4);
    let regions = checks(&report, "region");
    assert_eq!(regions[0][2], "1 answered: eu-west-1");
    let [state, subject, detail, fix] = &regions[1];
    assert_eq!((state.as_str(), subject.as_str()), ("error", "eu-west-3"));
    assert!(detail.starts_with("unreachable: ") && detail.ends_with(&format!("in {ACCOUNT}")), "{detail}");
    assert!(fix.starts_with("check network, DNS and proxy"), "{fix}");
}

#[test]
fn errors_in_files_are_counted_and_everything_else_is_still_tried() {
    let simulation = simulation(&World::new());
    let bad = at(&simulation, doctor(&[])).policy("a.yaml", policy(["statuss: ENABLED", "status: ON"]));
    let report = json(bad, 1);
    let policies = only(&report, "policies");
    assert!(policies[2].ends_with("errors in the files"), "{policies:?}");
    assert_eq!(policies[3], "driftline validate a.yaml");
    assert_eq!(only(&report, "caller")[0], "ok");
    let settings = json(at(&simulation, doctor(&[ACCOUNT])).settings("[limits]\ndeadline = 15\n"), 1);
    assert_eq!(only(&settings, "settings")[2], "driftline.toml: 1 error");
    assert_eq!(only(&settings, "policies")[0], "ok", "an error is counted where it is");
    let none = json(at(&simulation, Driftline::new()).args(["doctor"]), 1);
    assert_eq!(only(&none, "policies")[2], "no policy files are given");
    // A contradiction shows only once the accounts are known.
    let twice =
        [format!("accounts: [\"{ACCOUNT}\"], status: ENABLED"), format!("accounts: [\"{ACCOUNT}\"], status: PAUSED")];
    let report = json(at(&simulation, doctor(&[])).policy("a.yaml", policy(twice)), 1);
    assert!(only(&report, "policies")[2].starts_with("1 error"), "{report}");
}

#[test]
fn each_setting_has_its_origin() {
    let settings =
        "policies = [\"a.yaml\"]\n[inventory]\naccounts = \"caller\"\n[aws]\nexternal_id = \"the-external-id\"\n";
    let world = World::new().enabled(CALLER);
    let program = Driftline::new()
        .world(&world)
        .policy("a.yaml", policy(["regions: [eu-west-1], status: ENABLED"]))
        .settings(settings)
        .args(["doctor", "--simulate", "world.yaml", "--deadline", "90s"]);
    let ran: Ran = program.run_with(&["--report", "json"], 0);
    assert!(!ran.stdout.contains("the-external-id"), "{}", ran.stdout);
    let found: Vec<String> =
        checks(&ran.json(), "setting").into_iter().map(|[_, key, value, _]| format!("{key}: {value}")).collect();
    for expected in [
        "policies: a.yaml (driftline.toml:1)",
        "[inventory] accounts: caller (driftline.toml:3)",
        "[aws] external_id: set (driftline.toml:5)",
        "[aws] role_name: none (default)",
        "[limits] deadline: 1m 30s (--deadline)",
    ] {
        assert!(found.iter().any(|found| found == expected), "{expected}: {found:#?}");
    }
    let declared = program.run_with(&["--inventory", "declared", "--report", "json"], 1).json();
    assert!(checks(&declared, "setting").iter().any(|check| check[2] == "declared (--inventory)"), "{declared}");
}

#[test]
fn a_wrong_clock_is_found_by_the_answers() {
    for (clock, exit, state, words) in [
        ("0s", 0, "ok", "within a minute of the time of AWS"),
        ("2m", 0, "warning", "2 minutes behind the time of AWS"),
        (
            "-10m",
            0,
            "warning",
            "10 minutes ahead of the time of AWS; AWS refuses requests that are 5 minutes off, so driftline signs with \
             the time of AWS",
        ),
    ] {
        let simulation = simulation(&World::new().enabled(ACCOUNT).with(&format!("clock: {clock}")));
        let found = only(&json(at(&simulation, doctor(&[ACCOUNT])), exit), "clock");
        assert_eq!((found[0].as_str(), found[2].as_str()), (state, words), "{clock}");
    }
}

#[test]
fn a_sample_is_tried_or_all() {
    let accounts = twelve();
    let world = accounts.iter().fold(World::new(), |world, account| world.enabled(account));
    let simulation = simulation(&world);
    let ids: Vec<&str> = accounts.iter().map(String::as_str).collect();
    let assumed = |arguments: &[&str]| {
        let before = simulation.calls().get("sts:AssumeRole").copied().unwrap_or_default();
        let detail = only(&json(at(&simulation, doctor(&ids)).args(arguments), 0), "role")[2].clone();
        (simulation.calls()["sts:AssumeRole"] - before, detail)
    };
    let text = |rest: &str| format!("arn:aws:iam::*:role/Reader can be assumed in {rest}");
    assert_eq!(assumed(&[]), (10, text("10 of 10 accounts, a sample of 12 accounts")));
    assert_eq!(assumed(&["--sample", "1"]), (1, text("1 of 1 account, a sample of 12 accounts")));
    assert_eq!(assumed(&["--all"]), (12, text("12 of 12 accounts")));
    doctor(&ids).args(["--all", "--sample", "3"]).run(1);
    doctor(&ids).args(["--sample", "0"]).run(1);
}

#[test]
fn accounts_that_cannot_be_listed_are_an_error_and_a_saved_inventory_has_a_day() {
    let world = World::new().enabled(CALLER).organization("management: \"111122223333\"").enabled(ACCOUNT);
    let simulation = simulation(&world);
    let report = json(at(&simulation, doctor(&[CALLER])).args(["--inventory", "organization"]), 1);
    let inventory = only(&report, "inventory");
    assert!(
        inventory[2].contains("organizations:DescribeOrganization") || inventory[2].contains("ListAccounts"),
        "{inventory:?}"
    );
    assert!(inventory[3].contains("management account"), "{inventory:?}");
    assert_eq!(only(&report, "policies")[2], "1 file, 1 declaration; their targets are not known");
    assert_eq!(only(&report, "role")[2], "skipped: the targets are not known");
    let saved = include_str!("../../examples/organization/accounts.json");
    let program = at(&simulation, doctor(&["111122223333"])).file("accounts.json", saved);
    let report = json(program.args(["--inventory", "accounts.json"]), 0);
    assert!(only(&report, "inventory")[2].contains("8 accounts: accounts of o-exampleorgid on "), "{report}");
    let gone = json(at(&simulation, doctor(&[ACCOUNT])).args(["--inventory", "gone.json"]), 1);
    assert_eq!(only(&gone, "inventory")[2], "there is no saved inventory gone.json");
}

#[test]
fn what_the_deadline_prevents_is_not_checked() {
    let simulation = simulation(&World::new().enabled(ACCOUNT).fault_of("sts:AssumeRole", ACCOUNT, "hang"));
    let report = json(at(&simulation, doctor(&[ACCOUNT])).args(["--deadline", "1s"]), 4);
    assert_eq!(report["verdict"], "incomplete");
    let roles = checks(&report, "role");
    assert_eq!(roles[1][2], "not checked: the deadline passed", "{roles:?}");
    assert_eq!(only(&report, "action")[2], "not checked: no account can be read");
}

#[test]
#[cfg(unix)]
fn an_interruption_reports_what_was_found() {
    let simulation = simulation(&World::new().enabled(ACCOUNT).fault_of("sts:AssumeRole", ACCOUNT, "hang"));
    let program = at(&simulation, doctor(&[ACCOUNT])).args(["--report", "json"]);
    let mut command = program.command();
    let child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn();
    let child = child.expect("the program runs");
    let patience = std::time::Instant::now() + std::time::Duration::from_mins(1);
    while !simulation.calls().contains_key("sts:AssumeRole") {
        assert!(std::time::Instant::now() < patience, "the role was never assumed");
        std::thread::yield_now();
    }
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::INT)
        .expect("the process is there");
    let report = program.assert_exit(&child.wait_with_output().expect("an end"), 130).json();
    assert_eq!(report["verdict"], "incomplete");
    assert_eq!(checks(&report, "role")[1][2], "not checked: the run was interrupted");
    assert_eq!(only(&report, "caller")[0], "ok");
}

#[test]
fn no_call_writes() {
    let administrator = format!("administrator: \"{CALLER}\", regions_on: [me-south-1], sessions: {{\"*\": {{}}}}");
    let world = World::new().enabled(CALLER).account(ACCOUNT, &administrator).account("222233334444", "");
    let simulation = simulation(&world);
    let text = "version: 1\nmacie_sessions:\n  - status: ENABLED\n    reveal: {status: DISABLED}\n    administrator: NONE\n    \
                classification_export: {bucket_name: b}\n    security_hub: {publish_policy_findings: true}\n    \
                automated_discovery: {status: ENABLED, auto_enable_organization_members: NEW}\n    organization: \
                {auto_enable: true}\nsession_manager_preferences:\n  - idle_session_timeout: 20\n\
                session_manager_sessions:\n  - count: {at_most: 3}\n";
    for settings in ["", "administrator_account = \"999988887777\"\n"] {
        let settings =
            format!("[inventory]\naccounts = [\"{CALLER}\", \"{ACCOUNT}\", \"222233334444\"]\n{SETTINGS}{settings}");
        let program = at(&simulation, doctor(&[])).policy("a.yaml", text).settings(&settings);
        let report = json(program.args(["--all"]), 0);
        assert!(checks(&report, "action").len() >= 10, "{report}");
    }
    let calls = simulation.calls();
    let operations: BTreeSet<&str> = calls.keys().filter_map(|call| Some(call.split_once(':')?.1)).collect();
    let reads = |name: &&&str| ["Get", "List", "Describe", "AssumeRole"].iter().any(|start| name.starts_with(start));
    let others: Vec<_> = operations.iter().filter(|name| !reads(name)).collect();
    assert!(others.is_empty() && operations.len() >= 12, "{operations:?}");
}

#[test]
fn the_json_report_follows_its_schema() {
    let schema = Driftline::new().args(["schema", "doctor"]).run(0).json();
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let simulation = simulation(&World::new().enabled(ACCOUNT).account("222233334444", "roles: []"));
    for (program, exit) in [
        (at(&simulation, doctor(&[ACCOUNT, "222233334444"])), 4),
        (Driftline::new().args(["doctor"]), 1),
        (at(&simulation, doctor(&[ACCOUNT])), 0),
    ] {
        let report = json(program, exit);
        assert_eq!((&report["format"], &report["format_version"]), (&"driftline.doctor".into(), &1.into()));
        let errors: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new());
        let failing = report["checks"].as_array().expect("checks").iter().filter(|check| check["state"] == "error");
        for check in failing {
            assert!(check["fix"].as_str().is_some_and(|fix| !fix.is_empty()), "{check}");
        }
    }
}

#[test]
fn what_a_waiver_expects_is_a_warning_unless_nothing_is_read() {
    let waived = |accounts: &str, reason: &str| {
        format!(
            "{}waivers:\n  - {{accounts: [{accounts}], unread: {reason}, reason: acquired, owner: o@example.com, expires: \
             2099-03-31}}\n",
            policy([format!("accounts: [\"{ACCOUNT}\", \"222233334444\"], regions: [eu-west-1], status: ENABLED")])
        )
    };
    let world = World::new().enabled(ACCOUNT).account("222233334444", "roles: [Other]");
    let simulation_ = simulation(&world);
    let program = at(&simulation_, doctor(&[])).policy("a.yaml", waived("\"222233334444\"", "role_not_assumable"));
    let roles = checks(&json(program, 0), "role");
    assert_eq!((roles[0][0].as_str(), roles[1][0].as_str()), ("warning", "warning"), "{roles:?}");
    assert!(roles[1][2].starts_with("unread as expected until 2099-03-31: role_not_assumable: "), "{roles:?}");
    let other = at(&simulation_, doctor(&[])).policy("a.yaml", waived("\"222233334444\"", "denied"));
    assert_eq!(checks(&json(other, 4), "role")[1][0], "error", "expected for another reason");

    let denial = "denials: [{actions: [\"macie2:GetMacieSession\"]}]";
    let half = World::new().enabled(ACCOUNT).account("222233334444", denial);
    let simulation_ = simulation(&half);
    let program = at(&simulation_, doctor(&[])).policy("a.yaml", waived("\"222233334444\"", "denied"));
    assert_eq!(only(&json(program, 0), "action")[0], "warning");
    let simulation_ = simulation(&World::new().account(ACCOUNT, denial).account("222233334444", denial));
    let all = waived(&format!("\"{ACCOUNT}\", \"222233334444\""), "denied");
    let report = json(at(&simulation_, doctor(&[])).policy("a.yaml", all), 4);
    assert_eq!(only(&report, "region")[2], "not checked: no target could be read");
}
