//! Which account calls what, by its place among Macie accounts; each plan is carried out, and then nothing is left to find.

use serde_json::Value;

use crate::support::{ACCOUNT, CALLER, Site, World};

const MANAGEMENT: &str = "000011112222";
const HEAD: &str = "444455556666";
const REGION: &str = "eu-west-1";

/// An organization whose Macie administrator is [`HEAD`]. `head` and `account` describe two of its accounts; the caller may ask
/// about it.
fn organization(head: &str, account: &str) -> World {
    World::new()
        .organization(&format!(
            "management: \"{MANAGEMENT}\", delegated_administrators: [\"{CALLER}\"], macie_administrator: \"{HEAD}\""
        ))
        .account(MANAGEMENT, "")
        .account(HEAD, head)
        .account(ACCOUNT, account)
}

fn wants(account: &str, wanted: &str) -> String {
    format!("accounts: [\"{account}\"], regions: [{REGION}], {wanted}")
}

/// Settings that name the administrator.
fn named(world: &World, declarations: &[String]) -> Site {
    Site::new(world, declarations).settings(&format!("administrator_account = \"{HEAD}\"\n"))
}

/// The steps of the plan: what is called for which account, by which, and after which steps.
fn steps(site: &Site) -> Vec<String> {
    let plan = site.run(&["plan", "a.yaml", "--report", "json"], 2).json();
    assert_eq!(plan["blocked"], serde_json::json!([]));
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let step = |step: &Value| {
        let (target, caller) = (text(&step["account"]), text(&step["calling_account"]));
        let by = if target == caller { "itself".to_owned() } else { caller };
        let after: Vec<String> =
            step["after_steps"].as_array().expect("numbers").iter().map(Value::to_string).collect();
        let after = if after.is_empty() { String::new() } else { format!(" after {}", after.join(", ")) };
        format!("{} {target} by {by}{after}", text(&step["operation"]))
    };
    plan["steps"].as_array().expect("steps").iter().map(step).collect()
}

/// That this is what is called, and that nothing is left to find after it.
#[track_caller]
fn calls(site: &Site, expected: &[String]) {
    assert_eq!(steps(site), expected);
    site.apply(&["--allow", "pause", "--allow", "disable"], 0);
    site.is_in_sync();
}

/// What stands in the way of the only change that is wanted.
#[track_caller]
fn block_reason(site: &Site) -> (String, String) {
    let plan = site.run(&["plan", "a.yaml", "--report", "json"], 2).json();
    assert_eq!(plan["steps"], serde_json::json!([]));
    let item = &plan["blocked"][0];
    let text = |key: &str| item[key].as_str().expect("a text").to_owned();
    (text("block_reason"), text("reason"))
}

fn one(operation: &str, account: &str, by: &str) -> String {
    format!("{operation} {account} by {by}")
}

const ON: &str = "sessions: {\"*\": {}}";
const ASLEEP: &str = "sessions: {\"*\": {status: PAUSED}}";

#[test]
fn an_account_that_stands_alone_does_everything_itself() {
    for (found, wanted, operation) in [
        (ON, "status: PAUSED", "UpdateMacieSession"),
        (ASLEEP, "status: ENABLED", "UpdateMacieSession"),
        (ON, "status: NOT_ENABLED", "DisableMacie"),
        ("", "status: ENABLED", "EnableMacie"),
        ("", "status: PAUSED", "EnableMacie"),
    ] {
        let site = Site::new(&World::new().account(ACCOUNT, found), [wants(ACCOUNT, wanted)]);
        calls(&site, &[one(operation, ACCOUNT, "itself")]);
    }
}

#[test]
fn an_invited_member_pauses_and_resumes_itself_and_cannot_leave() {
    for (found, wanted) in [(ON, "status: PAUSED"), (ASLEEP, "status: ENABLED")] {
        let invited = format!("administrator: \"{HEAD}\", membership: invitation, {found}");
        let site = Site::new(&organization(ON, &invited), [wants(ACCOUNT, wanted)]);
        calls(&site, &[one("UpdateMacieSession", ACCOUNT, "itself")]);
    }
    let invited = format!("administrator: \"{HEAD}\", membership: invitation, {ON}");
    let site = Site::new(&organization(ON, &invited), [wants(ACCOUNT, "status: NOT_ENABLED")]);
    assert_eq!(block_reason(&site).0, "member_cannot_disable");
}

#[test]
fn a_member_of_an_organization_is_paused_and_resumed_by_its_administrator_and_sets_its_pace_itself() {
    for (found, wanted) in [(ON, "status: PAUSED"), (ASLEEP, "status: ENABLED")] {
        let member = format!("administrator: \"{HEAD}\", {found}");
        let wanted = format!("{wanted}, finding_publishing_frequency: SIX_HOURS");
        let site = Site::new(&organization(ON, &member), [wants(ACCOUNT, &wanted)]);
        calls(
            &site,
            &[one("UpdateMemberSession", ACCOUNT, HEAD), one("UpdateMacieSession", ACCOUNT, "itself after 1")],
        );
        assert_eq!(site.simulation.administrator(id(ACCOUNT), REGION.parse().expect("a Region")), Some(id(HEAD)));
    }
    let member = format!("administrator: \"{HEAD}\", {ON}");
    let site = Site::new(&organization(ON, &member), [wants(ACCOUNT, "status: NOT_ENABLED")]);
    assert_eq!(block_reason(&site).0, "member_cannot_disable");
}

fn id(account: &str) -> driftline_simulator::AccountId {
    account.parse().expect("an id")
}

#[test]
fn an_administrator_ends_nothing_while_it_has_members() {
    let member = format!("administrator: \"{HEAD}\", {ON}");
    for wanted in ["status: PAUSED", "status: NOT_ENABLED"] {
        let site = Site::new(&organization(ON, &member), [wants(HEAD, wanted)]);
        let (block_reason, reason) = block_reason(&site);
        assert_eq!(block_reason, "administrator_with_members");
        assert!(reason.ends_with("while accounts are associated with it; 1 account is"), "{reason}");
        let lonely = Site::new(&organization(ON, ON), [wants(HEAD, wanted)]);
        let operation = if wanted.contains("NOT") { "DisableMacie" } else { "UpdateMacieSession" };
        calls(&lonely, &[one(operation, HEAD, "itself")]);
    }
    let site = Site::new(&organization(ASLEEP, &member), [wants(HEAD, "status: ENABLED")]);
    calls(&site, &[one("UpdateMacieSession", HEAD, "itself")]);
}

#[test]
fn the_management_account_enables_itself() {
    let site = named(&organization(ON, ON), &[wants(MANAGEMENT, "status: ENABLED")]);
    calls(&site, &[one("EnableMacie", MANAGEMENT, "itself")]);
}

#[test]
fn an_account_outside_the_organization_enables_itself() {
    let site = named(&organization(ON, "in_organization: false"), &[wants(ACCOUNT, "status: ENABLED")]);
    calls(&site, &[one("EnableMacie", ACCOUNT, "itself")]);
}

#[test]
fn an_account_of_the_organization_is_added_by_the_administrator() {
    let site = named(&organization(ON, ""), &[wants(ACCOUNT, "status: ENABLED")]);
    calls(&site, &[one("CreateMember", ACCOUNT, HEAD)]);
    assert_eq!(site.simulation.administrator(id(ACCOUNT), REGION.parse().expect("a Region")), Some(id(HEAD)));
    let all = "status: PAUSED, finding_publishing_frequency: SIX_HOURS";
    let site = named(&organization(ON, ""), &[wants(ACCOUNT, all)]);
    calls(
        &site,
        &[
            one("CreateMember", ACCOUNT, HEAD),
            one("UpdateMacieSession", ACCOUNT, "itself after 1"),
            one("UpdateMemberSession", ACCOUNT, &format!("{HEAD} after 2")),
        ],
    );
    assert_eq!(site.session(ACCOUNT, REGION), "PAUSED, SIX_HOURS");
}

#[test]
fn a_pace_that_aws_has_chosen_by_itself_is_not_set_again() {
    let wanted = "status: ENABLED, finding_publishing_frequency: FIFTEEN_MINUTES";
    let site = named(&organization(ON, ""), &[wants(ACCOUNT, wanted)]);
    let report = site.apply(&["--report", "json"], 0).json();
    assert_eq!(report["steps"][1]["message"], "it is ENABLED, FIFTEEN_MINUTES already; nothing was called");
    assert_eq!(site.simulation.written(), [format!("macie2:CreateMember {ACCOUNT} {REGION}")]);
}

#[test]
fn what_the_administrator_is_once_the_plan_is_done_decides_who_enables_an_account() {
    let account = wants(ACCOUNT, "status: ENABLED");
    let added = |after: &str| one("CreateMember", ACCOUNT, &format!("{HEAD}{after}"));
    let alone = one("EnableMacie", ACCOUNT, "itself");
    for (head, wanted, expected) in [
        // What the plan leaves as it is.
        ("", None, vec![alone.clone()]),
        (ASLEEP, None, vec![alone.clone()]),
        (ON, Some("finding_publishing_frequency: SIX_HOURS"), {
            vec![added(""), one("UpdateMacieSession", HEAD, "itself")]
        }),
        // What the plan makes ready comes first.
        ("", Some("status: ENABLED"), vec![one("EnableMacie", HEAD, "itself"), added(" after 1")]),
        (ASLEEP, Some("status: ENABLED"), vec![one("UpdateMacieSession", HEAD, "itself"), added(" after 1")]),
        // What the plan takes away is not counted on.
        ("", Some("status: PAUSED"), vec![alone.clone(), one("EnableMacie", HEAD, "itself")]),
        (ON, Some("status: PAUSED"), vec![alone.clone(), one("UpdateMacieSession", HEAD, "itself")]),
        (ON, Some("status: NOT_ENABLED"), vec![alone.clone(), one("DisableMacie", HEAD, "itself")]),
    ] {
        let declarations: Vec<String> =
            [account.clone()].into_iter().chain(wanted.map(|wanted| wants(HEAD, wanted))).collect();
        calls(&named(&organization(head, ""), &declarations), &expected);
    }
}

#[test]
fn where_the_region_is_off_for_the_administrator_an_account_enables_itself() {
    let account = format!("accounts: [\"{ACCOUNT}\"], regions: [me-south-1], status: ENABLED");
    let site = named(&organization(ON, "regions_on: [me-south-1]"), std::slice::from_ref(&account));
    calls(&site, &[one("EnableMacie", ACCOUNT, "itself")]);
    // Where nobody may ask which Regions are on, the credentials may as well be bad.
    let places = format!(
        "management: \"{MANAGEMENT}\", delegated_administrators: [\"{CALLER}\"], macie_administrator: \"{HEAD}\", \
         trusted_access: []"
    );
    let world = organization(&format!("list_regions: denied, {ON}"), "regions_on: [me-south-1]").organization(&places);
    let site = named(&world, &[account]);
    assert_eq!(block_reason(&site).0, "membership_unknown");
}

#[test]
fn the_administrator_is_the_one_of_the_settings_or_the_one_that_the_management_account_is_told() {
    let world = organization(ON, "");
    // Declared accounts, and nobody named: nothing tells that there is an administrator.
    let site = Site::new(&world, [wants(ACCOUNT, "status: ENABLED")]);
    calls(&site, &[one("EnableMacie", ACCOUNT, "itself")]);
    assert!(!site.simulation.calls().contains_key("macie2:ListOrganizationAdminAccounts"));
    // The caller is no management account, and is not told.
    let listed = "[inventory]\naccounts = \"organization\"\n";
    let site = Site::new(&world, [wants(ACCOUNT, "status: ENABLED")]).settings(listed);
    calls(&site, &[one("EnableMacie", ACCOUNT, "itself")]);
    assert!(site.simulation.calls().contains_key("macie2:ListOrganizationAdminAccounts"));
    // The management account is.
    let world = World::new()
        .organization(&format!("management: \"{CALLER}\", macie_administrator: \"{HEAD}\""))
        .account(HEAD, ON)
        .account(ACCOUNT, "");
    let site = Site::new(&world, [wants(ACCOUNT, "status: ENABLED")]).settings(listed);
    calls(&site, &[one("CreateMember", ACCOUNT, HEAD)]);
}

#[test]
fn a_plan_that_enables_macie_outside_of_the_administrator_of_its_members_says_so() {
    let member = "222233334444";
    let world = organization(ON, "").account(member, &format!("administrator: \"{HEAD}\", {ASLEEP}"));
    let wanted = [wants(ACCOUNT, "status: ENABLED"), wants(member, "status: ENABLED")];
    let listed = "[inventory]\naccounts = \"organization\"\n";
    let site = Site::new(&world, &wanted).settings(listed);
    let ran =
        site.run(&["plan", "a.yaml", "--report", "text", "--report", "markdown=plan.md", "--out", "plan.json"], 2);
    let warning = format!("1 step enables Macie outside the administrator account {HEAD}");
    let fix = format!("set `administrator_account = \"{HEAD}\"` under [aws]");
    assert!(ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ").contains(&warning), "{}", ran.stdout);
    ran.says(&format!("warning: {warning}")).says(&format!("fix: {fix}"));
    let comment = site.program.read("plan.md");
    assert!(comment.contains(&format!("> {warning}")) && comment.contains(&fix), "{comment}");
    site.run(&["apply", "plan.json", "--auto-approve"], 0).says(&format!("warning: {warning}"));
    // Once it is named, there is nothing to warn of.
    let site = named(&world, &wanted);
    let ran = site.run(&["plan", "a.yaml"], 2);
    assert!(!ran.stdout.contains("outside the administrator") && !ran.stderr.contains("warning"), "{}", ran.stderr);
}

#[test]
fn the_address_comes_from_the_inventory_or_from_the_account_itself_or_is_not_known() {
    let email = "email: new@example.com";
    let settings = |more: &str| format!("administrator_account = \"{HEAD}\"\n{more}");
    let address = |site: &Site| {
        let plan = site.run(&["plan", "a.yaml", "--report", "json"], 2).json();
        plan["steps"][0]["email"].as_str().map(str::to_owned)
    };
    let asked = |site: &Site| site.simulation.calls().contains_key("organizations:DescribeAccount");
    let site = Site::new(&organization(ON, email), [wants(ACCOUNT, "status: ENABLED")]);
    let listed = site.settings(&settings("[inventory]\naccounts = \"organization\"\n"));
    assert_eq!(address(&listed).as_deref(), Some("new@example.com"));
    assert!(!asked(&listed));
    let declared = listed.settings(&settings(""));
    assert_eq!(address(&declared).as_deref(), Some("new@example.com"));
    assert!(asked(&declared));
    // Where the caller may not ask about other accounts, it cannot be known, and nothing is guessed.
    let world = World::new()
        .organization(&format!("management: \"{MANAGEMENT}\", macie_administrator: \"{HEAD}\""))
        .account(MANAGEMENT, "")
        .account(HEAD, ON)
        .account(ACCOUNT, email);
    let site = named(&world, &[wants(ACCOUNT, "status: ENABLED")]);
    let (block_reason, reason) = block_reason(&site);
    assert_eq!(block_reason, "membership_unknown");
    assert!(reason.contains("by its email address, which is not known"), "{reason}");
}

#[test]
fn an_administrator_that_cannot_be_entered_is_told_before_or_while_it_is_needed() {
    // For an account that is to be added, it must be read: without that nothing is planned.
    let closed = format!("roles: [], {ON}");
    let site = named(&organization(&closed, ""), &[wants(ACCOUNT, "status: ENABLED")]);
    let (block_reason, reason) = block_reason(&site);
    assert_eq!(block_reason, "membership_unknown");
    assert!(reason.contains("role_not_assumable"), "{reason}");
    // A member names it by itself: that it cannot be entered shows when it has to call.
    let readable = format!("roles: [DriftlineRead], {ON}");
    let member = format!("administrator: \"{HEAD}\", {ON}");
    let site = Site::new(&organization(&readable, &member), [wants(ACCOUNT, "status: PAUSED")]);
    let report = site.apply(&["--allow", "pause", "--report", "json"], 8).json();
    let step = &report["steps"][0];
    assert_eq!(step["outcome"], "failed");
    assert_eq!(step["message"], format!("account {HEAD}, which has to call, cannot be entered"));
    assert_eq!(step["error"]["reason"], "role_not_assumable");
    assert!(step["remediation"].as_str().is_some_and(|text| text.contains(HEAD)), "{step}");
    assert!(!site.simulation.was_written_to());
}
