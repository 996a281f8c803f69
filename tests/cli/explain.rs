//! `driftline explain`: what is wanted of one target, why, and what lost; and the pages of codes.

use driftline::diagnostic::Code;
use driftline::report::{Remediation, Rule};

use crate::json::schema;
use crate::support::{ACCOUNT, CALLER, Driftline, copied, policy};

fn explain(target: &str) -> Driftline {
    copied(Driftline::new(), "examples/organization").args([
        "explain",
        target,
        "policies",
        "--inventory",
        "accounts.json",
    ])
}

#[test]
fn a_target_with_an_exception() {
    let ran = explain("111122223333/eu-central-1").run(0);
    insta::assert_snapshot!(ran.stdout);
    assert_eq!(ran.stderr, "");
}

#[test]
fn a_setting_that_nobody_declares_is_not_managed() {
    insta::assert_snapshot!(explain("111122223333/ap-southeast-2").run(0).stdout);
}

#[test]
fn those_that_agree_are_named() {
    let texts = [
        "name: one, status: ENABLED, accounts: [\"111122223333\"]",
        "name: two, status: ENABLED, regions: [eu-west-1]",
    ];
    let program = Driftline::new().policy("a.yaml", policy(texts));
    insta::assert_snapshot!(program.args(["explain", "111122223333/eu-west-1", "a.yaml"]).run(0).stdout);
}

#[test]
fn what_is_no_target_is_said_to_be_none() {
    for (target, why) in [
        ("000000000000/eu-central-1", "the account is not in the inventory"),
        ("111122223333/us-gov-west-1", "the Region is not in the inventory"),
        ("111122223333/ap-southeast-4", "no declaration reaches it"),
        ("111122223333/us-east-1", "no declaration reaches it"),
        ("222233334444/ca-west-1", "no declaration reaches it"),
    ] {
        let ran = explain(target).run(1);
        ran.says(&format!("error: {target} is not a target: {why}\n  fix: "));
        assert_eq!(ran.stdout, "");
        assert!(!explain(target).args(["--report", "json"]).run(1).json()["no_target"].is_null());
    }
    explain("111122223334/eu-central-1").run(1).says("did you mean 111122223333");
    explain("111122223333/eu-centrl-1").run(1).says("did you mean eu-central-1");
}

#[test]
fn an_account_has_a_name_where_names_are_known() {
    let by_name = explain("payments-prod/eu-central-1").run(0);
    assert_eq!(by_name.stdout, explain("111122223333/eu-central-1").run(0).stdout);
    explain("payments-prd/eu-central-1").run(1).says("did you mean payments-prod");
    let program = Driftline::new().policy("a.yaml", policy([format!("status: ENABLED, accounts: [\"{ACCOUNT}\"]")]));
    let ran = program.args(["explain", "payments-prod/eu-central-1", "a.yaml"]).run(1);
    ran.says("\"payments-prod\" is no account id, and the inventory of this run has no account names");
    ran.says("--inventory accounts.json");
}

#[test]
fn a_target_is_an_account_and_a_region() {
    for (target, why) in [
        ("eu-central-1", "write it as ACCOUNT/REGION, such as 111122223333/eu-central-1"),
        ("/eu-central-1", "write it as ACCOUNT/REGION"),
        ("1/eu-central-1", "no account of the inventory has the name 1"),
        ("111122223333/Frankfurt", "\"Frankfurt\": a Region code looks like"),
    ] {
        explain(target).run(1).says(why);
    }
}

#[test]
fn where_the_inventory_is_the_caller_that_is_taken_for_granted_and_said() {
    let program = || {
        let settings = "[inventory]\naccounts = \"caller\"\n";
        let text = format!("status: ENABLED, accounts: [\"{CALLER}\"]");
        Driftline::new().settings(settings).policy("a.yaml", policy([text, "status: PAUSED".to_owned()]))
    };
    let ran = program().args(["explain", &format!("{CALLER}/eu-west-1"), "a.yaml"]).run(0);
    ran.says("note: the inventory is the caller's account; this assumes that the account is the caller's");
    assert!(ran.stdout.contains("status: ENABLED"), "{}", ran.stdout);
    let ran = program().args(["explain", &format!("{ACCOUNT}/eu-west-1"), "a.yaml", "--quiet"]).run(0);
    assert!(ran.stdout.contains("status: PAUSED"), "{}", ran.stdout);
    assert_eq!(ran.stderr, "");
}

#[test]
fn colour_is_for_those_who_want_it() {
    assert!(!explain("111122223333/eu-central-1").run(0).stdout.contains('\u{1b}'));
    let coloured = explain("111122223333/eu-central-1").args(["--color", "always"]).run(0).stdout;
    assert!(coloured.contains("\u{1b}[1m111122223333/eu-central-1\u{1b}[0m"), "{coloured}");
}

/// An explanation with waivers, and a declaration that loses in both dimensions.
fn waived() -> Driftline {
    let text = "version: 1
macie_sessions:
  - {name: all, accounts: [\"111122223333\"], status: ENABLED}
  - {regions: [\"eu-*\"], status: PAUSED}
  - {name: exact, accounts: [\"111122223333\"], regions: [eu-west-1], status: NOT_ENABLED}
waivers:
  - {accounts: [\"111122223333\"], reason: a migration, owner: lake@example.com, expires: 2027-03-31, while_live: PAUSED}
  - {regions: [eu-west-1], reason: last year's, expires: 2026-12-31}
";
    let program = Driftline::new().settings("[inventory]\nregions = [\"eu-west-1\"]\n").policy("a.yaml", text);
    program.args(["explain", "111122223333/eu-west-1", "a.yaml", "--as-of", "2027-01-02"])
}

#[test]
fn what_lost_and_why_and_what_is_waived_until_when() {
    insta::assert_snapshot!(waived().run(0).stdout);
}

#[test]
fn programs_are_told_the_same() {
    let document = waived().args(["--report", "json"]).run(0).json();
    insta::assert_snapshot!(waived().args(["--report", "json"]).run(0).stdout);
    assert!(jsonschema::is_valid(&schema("explain"), &document));
    let document = explain("111122223333/us-east-1").args(["--report", "json"]).run(1).json();
    assert_eq!(document["no_target"], "not_declared");
    assert!(jsonschema::is_valid(&schema("explain"), &document));
}

/// Explains a code in an empty folder.
fn explain_code(code: &str) -> Driftline {
    Driftline::new().args(["explain", code])
}

/// The words of a text, so that line breaks do not matter.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_code_is_explained_by_its_page_without_any_file() {
    insta::assert_snapshot!(explain_code("matches-nothing").run(0).stdout);
    insta::assert_snapshot!("rule", explain_code("DL1002").run(0).stdout);
    insta::assert_snapshot!("reason", explain_code("role_not_assumable").run(0).stdout);
}

#[test]
fn every_diagnostic_rule_and_reason_can_be_explained() {
    for code in Code::ALL {
        let ran = explain_code(code.as_str()).run(0);
        assert!(ran.stdout.starts_with(&format!("{code}\n\n  ")), "{}", ran.stdout);
        assert!(ran.stdout.contains("\nWhy driftline insists\n"), "{}", ran.stdout);
        assert_eq!(ran.stderr, "");
    }
    for rule in Rule::all() {
        let ran = explain_code(rule.id()).run(0);
        assert!(ran.stdout.starts_with(rule.id()) && words(&ran.stdout).contains(rule.help()), "{}", ran.stdout);
        if let Rule::Unread(reason) = rule {
            assert!(words(&ran.stdout).contains(Remediation::new(reason).meaning), "{}", ran.stdout);
            assert_eq!(explain_code(reason.as_str()).run(0).stdout, ran.stdout);
        }
        assert_eq!(explain_code(&rule.id().to_lowercase()).run(0).stdout, ran.stdout);
    }
}

#[test]
fn the_list_has_every_code_with_one_line() {
    let list = Driftline::new().args(["explain", "--list"]).run(0).stdout;
    for code in Code::ALL {
        let line = list.lines().find(|line| line.split_whitespace().next() == Some(code.as_str()));
        assert!(line.is_some() && words(&list).contains(code.summary()), "{code}: {list}");
    }
    for rule in Rule::all() {
        assert!(list.lines().any(|line| line.split_whitespace().next() == Some(rule.id())), "{}", rule.id());
    }
    insta::assert_snapshot!("list", list);
}

#[test]
fn a_page_is_wrapped_and_coloured_for_terminals_only() {
    let page = explain_code("matches-nothing").run(0).stdout;
    assert!(page.lines().all(|line| line.chars().count() <= 120), "{page}");
    assert!(!page.contains('\u{1b}'), "{page}");
    let coloured = explain_code("matches-nothing").args(["--color", "always"]).run(0).stdout;
    assert!(coloured.starts_with("\u{1b}[1mmatches-nothing\u{1b}[0m\n"), "{coloured}");
}

#[test]
fn a_code_needs_neither_valid_settings_nor_policies() {
    let program = Driftline::new().settings("no settings\n").policy("policies/a.yaml", "nor a policy");
    program.args(["explain", "syntax"]).run(0);
}

#[test]
fn what_is_neither_target_nor_code_is_led_to_the_nearest_ones() {
    let ran = explain_code("unknwn-key").run(1);
    ran.says("error: \"unknwn-key\" is neither a target nor a code\n  fix: did you mean unknown-key");
    explain_code("DL9999").run(1).says("did you mean DL900");
    explain_code("role-not-assumable").run(1).says("did you mean role_not_assumable");
    let ran = explain_code("Frankfurt").run(1);
    ran.says("write it as ACCOUNT/REGION, such as 111122223333/eu-central-1");
    ran.says("a code looks like unknown-key, DL1001 or denied: `driftline explain --list` lists them");
    assert_eq!(ran.stdout, "");
    Driftline::new().args(["explain"]).run(1).says("<ACCOUNT/REGION|CODE>");
    explain_code("unknown-key").args(["policies"]).run(1).says("error: a code is explained without policies");
    let ran = explain_code("denied").args(["--as-of", "2027-01-01", "--inventory", "nope.json"]).run(1);
    ran.says("error: a code is explained without --as-of\n  fix: leave --as-of out; or name a target");
    let ran = explain_code("DL1001").args(["--inventory", "nope.json"]).run(1);
    ran.says("error: a code is explained without --inventory\n");
    assert_eq!(ran.stdout, "");
    explain_code("unknown-key").args(["--report", "json"]).run(1).says("error: a code is explained as text only");
}

#[test]
fn every_diagnostic_on_standard_error_names_its_explanation_once() {
    let texts = ["acounts: [\"111122223333\"], stats: ENABLED", "accounts: [\"1\"], status: ENABLED"];
    let ran = Driftline::new().policy("a.yaml", policy(texts)).args(["validate", "a.yaml"]).run(1);
    ran.says(
        "\nmore: driftline explain bad-account-id\nmore: driftline explain unknown-key\n\nerror: 3 errors in the files",
    );
    assert_eq!(ran.stderr.matches("more: ").count(), 2, "{}", ran.stderr);
    let warned = "accounts: [\"111122223333\"], regions: [\"xx-*\", eu-west-1], status: ENABLED";
    let program = || Driftline::new().policy("a.yaml", policy([warned])).args(["validate", "a.yaml"]);
    program().run(0).says("more: driftline explain matches-nothing\n");
    let found = program().args(["--report", "json"]).run(0);
    assert!(!found.stdout.contains("driftline explain"), "{}", found.stdout);
}
