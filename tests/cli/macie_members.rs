//! Settings of a Macie session that depend on who administers the account: who is asked, and whom each concerns.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;

use crate::support::{ACCOUNT, CALLER, Driftline, Site, World, policy};

const REGION: &str = "eu-west-1";
const MANAGEMENT: &str = "000011112222";
const STANDALONE: &str = "222233334444";
const NAMED: &str = "administrator_account = \"999988887777\"\n";

const ORGANIZATION: &str = "organization: {auto_enable: true}";
const MODE: &str = "automated_discovery: {auto_enable_organization_members: NEW}";
const DISCOVERY: &str = "automated_discovery: {status: ENABLED}";
const ADMINISTRATOR: &str = "administrator: \"999988887777\"";

/// The caller administers one of the other accounts.
fn world(more: &str) -> World {
    let on = "sessions: {\"*\": {automated_discovery: {status: ENABLED, auto_enable_organization_members: NEW}, organization: {auto_enable: true}}}";
    World::new()
        .organization(&format!("management: \"{MANAGEMENT}\", macie_administrator: \"{CALLER}\""))
        .account(MANAGEMENT, "")
        .account(CALLER, on)
        .account(ACCOUNT, &format!("{on}, administrator: \"{CALLER}\"{more}"))
        .account(STANDALONE, &format!("{on}, in_organization: false{more}"))
}

fn declaration(account: &str, settings: &str) -> String {
    format!("accounts: [\"{account}\"], regions: [{REGION}], {settings}")
}

fn site(world: &World, account: &str, settings: &str, is_named: bool) -> Site {
    Site::new(world, [declaration(account, settings)]).settings(if is_named { NAMED } else { "" })
}

/// The calls to Macie beside GetMacieSession.
fn extra_calls(site: &Site) -> BTreeMap<String, u64> {
    let calls = site.simulation.calls().into_iter();
    let extra = calls.filter(|(name, _)| name.starts_with("macie2:") && name != "macie2:GetMacieSession");
    extra.map(|(name, count)| (name.trim_start_matches("macie2:").to_owned(), count)).collect()
}

fn text(calls: &BTreeMap<String, u64>) -> String {
    calls.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
}

/// Outcome and live value of the last declared setting, the calls, and the denials among them.
fn checked(site: &Site, exit: i32) -> String {
    let report = site.run(&["check", "a.yaml", "--report", "json"], exit).json();
    let row = report["targets"][0]["settings"].as_array().and_then(|rows| rows.last()).expect("a row").clone();
    let word = |key: &str| row[key].as_str().unwrap_or("-").to_owned();
    let denied = &report["requests"]["access_denied"];
    format!("{} {}; {}; denied {denied}", word("outcome"), word("live"), text(&extra_calls(site)))
}

#[test]
fn only_the_administrator_is_asked_for_what_only_it_has() {
    let (asks_who, asks_organization, asks_mode) =
        ("GetAdministratorAccount 1", "DescribeOrganizationConfiguration 1", "GetAutomatedDiscoveryConfiguration 1");
    let none = String::new;
    let all = || format!("{asks_organization}, {asks_who}, {asks_mode}");
    for (setting, account, is_named, outcome, calls, denied) in [
        (ORGANIZATION, CALLER, true, "in_sync true", asks_organization.to_owned(), 0),
        (ORGANIZATION, CALLER, false, "in_sync true", format!("{asks_organization}, {asks_who}"), 0),
        (ORGANIZATION, ACCOUNT, true, "not_applicable -", none(), 0),
        (ORGANIZATION, ACCOUNT, false, "not_applicable -", asks_who.to_owned(), 0),
        (ORGANIZATION, STANDALONE, true, "not_applicable -", none(), 0),
        (ORGANIZATION, STANDALONE, false, "not_applicable -", format!("{asks_organization}, {asks_who}"), 1),
        (MODE, CALLER, true, "in_sync NEW", asks_mode.to_owned(), 0),
        (MODE, CALLER, false, "in_sync NEW", all(), 0),
        (MODE, ACCOUNT, true, "not_applicable -", none(), 0),
        (MODE, ACCOUNT, false, "not_applicable -", asks_who.to_owned(), 0),
        (MODE, STANDALONE, true, "not_applicable -", none(), 0),
        (MODE, STANDALONE, false, "not_applicable -", format!("{asks_organization}, {asks_who}"), 1),
        (ADMINISTRATOR, CALLER, true, "not_applicable -", none(), 0),
        (ADMINISTRATOR, CALLER, false, "not_applicable -", asks_who.to_owned(), 0),
        (ADMINISTRATOR, ACCOUNT, true, "in_sync 999988887777", asks_who.to_owned(), 0),
        (ADMINISTRATOR, ACCOUNT, false, "in_sync 999988887777", asks_who.to_owned(), 0),
        (ADMINISTRATOR, STANDALONE, true, "drifted NONE", asks_who.to_owned(), 0),
    ] {
        let site = site(&world(""), account, setting, is_named);
        let exit = if outcome.starts_with("drifted") { 2 } else { 0 };
        let expected = format!("{outcome}; {calls}; denied {denied}");
        assert_eq!(checked(&site, exit), expected, "{setting} {account} {is_named}");
    }
}

#[test]
fn a_standalone_account_costs_one_denial_whatever_is_declared() {
    let everything = format!(
        "{ORGANIZATION}, automated_discovery: {{status: ENABLED, auto_enable_organization_members: NEW}}, administrator: NONE"
    );
    let site = site(&world(""), STANDALONE, &everything, false);
    let report = site.run(&["check", "a.yaml", "--report", "json"], 0).json();
    assert_eq!(report["requests"]["access_denied"], 1);
    let calls = "DescribeOrganizationConfiguration 1, GetAdministratorAccount 1, GetAutomatedDiscoveryConfiguration 1";
    assert_eq!(text(&extra_calls(&site)), calls);
    let outcomes: Vec<&Value> =
        report["targets"][0]["settings"].as_array().expect("rows").iter().map(|row| &row["outcome"]).collect();
    assert_eq!(outcomes, ["in_sync", "not_applicable", "not_applicable", "in_sync"]);
}

#[test]
fn a_lookup_that_is_denied_makes_nothing_not_applicable() {
    for setting in [ORGANIZATION, MODE, DISCOVERY] {
        let denied = ", denials: [{actions: [\"macie2:GetAdministratorAccount\"]}]";
        let site = site(&world(denied), ACCOUNT, setting, false);
        assert_eq!(checked(&site, 4), "unread -; GetAdministratorAccount 1; denied 1", "{setting}");
    }
    let denied = ", denials: [{actions: [\"macie2:DescribeOrganizationConfiguration\"]}]";
    for setting in [ORGANIZATION, MODE] {
        let site = site(&world(denied), STANDALONE, setting, false);
        let expected = "unread -; DescribeOrganizationConfiguration 1, GetAdministratorAccount 1; denied 1";
        assert_eq!(checked(&site, 4), expected, "{setting}");
    }
}

/// An administrator with 60 members and a standalone account beside them.
fn sixty(more: &str, each: &str) -> World {
    let status = |nth: u32| if nth == 7 { "DISABLED" } else { "ENABLED" };
    let mut world = World::new()
        .organization(&format!("management: \"{MANAGEMENT}\", macie_administrator: \"{CALLER}\""))
        .account(MANAGEMENT, "")
        .account(CALLER, &format!("sessions: {{\"*\": {{automated_discovery: {{status: ENABLED}}}}}}{more}"))
        .account(STANDALONE, "in_organization: false, sessions: {\"*\": {automated_discovery: {status: ENABLED}}}");
    for nth in 0..60 {
        let session = format!("sessions: {{\"*\": {{automated_discovery: {{status: {}}}}}}}", status(nth));
        world = world.account(&member(nth), &format!("administrator: \"{CALLER}\", {session}{each}"));
    }
    world
}

fn member(nth: u32) -> String {
    format!("3000000000{nth:02}")
}

fn everybody() -> String {
    let mut accounts = format!("\"{CALLER}\", \"{STANDALONE}\"");
    for nth in 0..60 {
        let _ = write!(accounts, ", \"{}\"", member(nth));
    }
    format!("accounts: [{accounts}], regions: [{REGION}], status: ENABLED, {DISCOVERY}")
}

fn check_sixty(world: &World, arguments: &[&str]) -> (Value, BTreeMap<String, u64>) {
    let site = Site::new(world, [everybody()]).settings(NAMED);
    let report = site.run(&[&["check", "a.yaml", "--report", "json"], arguments].concat(), 2).json();
    assert_eq!((&report["ledger"]["in_sync"], &report["ledger"]["drifted"]), (&61.into(), &1.into()));
    (report, extra_calls(&site))
}

#[test]
fn the_administrator_answers_for_twenty_five_members_at_once() {
    let (report, calls) = check_sixty(&sixty("", ""), &[]);
    let expected = "GetAutomatedDiscoveryConfiguration 2, ListAutomatedDiscoveryAccounts 3, ListMembers 3";
    assert_eq!(text(&calls), expected, "its own and that of the account that stands alone are configurations");
    assert_eq!(report["requests"]["access_denied"], 0);
    let drifted = report["targets"].as_array().expect("targets").iter().find(|target| target["outcome"] == "drifted");
    assert_eq!(drifted.expect("the target")["account"], member(7).as_str());
}

#[test]
fn members_are_asked_themselves_where_the_administrator_does_not_answer() {
    let denied = sixty(", denials: [{actions: [\"macie2:ListAutomatedDiscoveryAccounts\"]}]", "");
    let (report, calls) = check_sixty(&denied, &[]);
    assert_eq!(report["requests"]["access_denied"], 1, "it is asked once");
    let expected = "GetAutomatedDiscoveryConfiguration 2, ListAutomatedDiscoveryAccounts 61, ListMembers 3";
    assert_eq!(text(&calls), expected);
    let denied = sixty(", denials: [{actions: [\"macie2:ListMembers\"]}]", "");
    let expected = "GetAdministratorAccount 61, GetAutomatedDiscoveryConfiguration 2, ListAutomatedDiscoveryAccounts 60, ListMembers 1";
    assert_eq!(text(&check_sixty(&denied, &[]).1), expected);
    let expected =
        "GetAdministratorAccount 61, GetAutomatedDiscoveryConfiguration 2, ListAutomatedDiscoveryAccounts 60";
    assert_eq!(text(&check_sixty(&sixty("", ""), &["--reader", "direct"]).1), expected);
}

#[test]
fn an_answer_that_makes_no_sense_is_asked_of_the_member() {
    for body in ["", "{}", "{\"items\": [{\"accountId\": \"111122223333\", \"status\": \"ASLEEP\"}]}"] {
        let body = body.replace('"', "\\\"");
        let fault = format!("{{answer: {{status: 200, body: \"{body}\"}}}}");
        let world = world("").fault_of("macie2:ListAutomatedDiscoveryAccounts", CALLER, &fault);
        let known = site(&world, ACCOUNT, DISCOVERY, true);
        let expected = "in_sync ENABLED; ListAutomatedDiscoveryAccounts 2, ListMembers 1; denied 0";
        assert_eq!(checked(&known, 0), expected, "{body}");
        let world = self::world("").fault_of("macie2:ListAutomatedDiscoveryAccounts", ACCOUNT, &fault);
        let unread = site(&world, ACCOUNT, DISCOVERY, false);
        let expected = "unread -; GetAdministratorAccount 1, ListAutomatedDiscoveryAccounts 1; denied 0";
        assert_eq!(checked(&unread, 4), expected, "{body}");
    }
}

#[test]
fn a_session_that_ends_between_two_calls_is_unread_and_then_off() {
    let world = world("")
        .with(&format!("meanwhile:\n  - {{account: \"{ACCOUNT}\", region: {REGION}, after: 1, session: off}}"));
    let site = site(&world, ACCOUNT, DISCOVERY, false);
    site.run(&["check", "a.yaml"], 4);
    let report = site.run(&["check", "a.yaml", "--report", "json"], 0).json();
    assert_eq!(report["targets"][0]["settings"][0]["outcome"], "not_applicable");
}

/// The actions that are printed for the reading role.
fn printed(settings: &str, is_named: bool) -> BTreeSet<String> {
    let aws = if is_named { NAMED } else { "" };
    let program = Driftline::new()
        .policy("a.yaml", policy([declaration(ACCOUNT, settings)]))
        .settings(&format!("[aws]\nrole_name = \"Read\"\n{aws}"));
    let policy = program.args(["iam-policy", "check", "a.yaml"]).run(0).json();
    let actions = policy["Statement"][0]["Action"].as_array().expect("actions").iter();
    let actions = actions.map(|action| action.as_str().expect("a text").trim_start_matches("macie2:").to_owned());
    actions.filter(|action| action != "GetMacieSession").collect()
}

#[test]
fn the_iam_policy_has_what_the_settings_take_and_no_more() {
    const WHO: &str = "GetAdministratorAccount";
    const DESCRIBE: &str = "DescribeOrganizationConfiguration";
    const CONFIGURATION: &str = "GetAutomatedDiscoveryConfiguration";
    const LIST: &str = "ListAutomatedDiscoveryAccounts";
    for (settings, alone, named) in [
        ("finding_publishing_frequency: ONE_HOUR", &[][..], &[][..]),
        (
            "security_hub: {publish_policy_findings: true}",
            &["GetFindingsPublicationConfiguration"],
            &["GetFindingsPublicationConfiguration"],
        ),
        (
            "classification_export: {bucket_name: SET}",
            &["GetClassificationExportConfiguration"],
            &["GetClassificationExportConfiguration"],
        ),
        ("reveal: {role_name: SET}", &["GetRevealConfiguration"], &["GetRevealConfiguration"]),
        (DISCOVERY, &[WHO, CONFIGURATION, LIST], &[WHO, CONFIGURATION, "GetMember", LIST, "ListMembers"]),
        (MODE, &[DESCRIBE, WHO, CONFIGURATION], &[CONFIGURATION]),
        (ORGANIZATION, &[DESCRIBE, WHO], &[DESCRIBE]),
        (ADMINISTRATOR, &[WHO], &[WHO]),
    ] {
        for (actions, is_named) in [(alone, false), (named, true)] {
            let expected: BTreeSet<String> = actions.iter().map(|action| (*action).to_owned()).collect();
            assert_eq!(printed(settings, is_named), expected, "{settings} {is_named}");
        }
    }
}

#[test]
fn what_the_iam_policy_has_is_enough() {
    let settings = format!(
        "{ORGANIZATION}, automated_discovery: {{status: ENABLED, auto_enable_organization_members: NEW}}, administrator: SET, \
         security_hub: {{publish_policy_findings: true}}, classification_export: {{bucket_name: UNSET}}, reveal: {{status: DISABLED}}"
    );
    let settings = settings.replace("administrator: SET", "administrator: [\"999988887777\", NONE]");
    for account in [ACCOUNT, STANDALONE] {
        let actions: Vec<String> =
            printed(&settings, false).into_iter().map(|action| format!("\"macie2:{action}\"")).collect();
        let permissions =
            format!(", permissions: {{DriftlineRead: [\"macie2:GetMacieSession\", {}]}}", actions.join(", "));
        site(&world(&permissions), account, &settings, false).run(&["check", "a.yaml"], 0);
    }
}
