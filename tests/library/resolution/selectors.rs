//! Which accounts a declaration selects.

use super::organization::{REGIONS, declared};

const EVERYONE: [&str; 5] = ["payments-prod", "ledger-prod", "payments-test", "sandbox-anna", "management"];
const PROD: [&str; 2] = ["payments-prod", "ledger-prod"];
const WORKLOADS: [&str; 3] = ["payments-prod", "ledger-prod", "payments-test"];

/// Selectors, and the accounts that they select in every Region.
#[test]
fn selectors_are_anded_and_their_items_ored() {
    let rows: [(&str, &[&str]); 30] = [
        ("", &EVERYONE),
        // Names.
        (r#"accounts: ["payments-*"]"#, &["payments-prod", "payments-test"]),
        (r#"accounts: ["*-prod", "management"]"#, &["payments-prod", "ledger-prod", "management"]),
        (r#"accounts: ["payments-????"]"#, &["payments-prod", "payments-test"]),
        (r#"accounts: ["payments-???"]"#, &[]),
        (r#"accounts: ["payments"]"#, &[]),
        (r#"accounts: ["Payments-*"]"#, &[]),
        (r#"accounts: ["*"]"#, &EVERYONE),
        (r#"accounts: ["ledger-*", "444444444444"]"#, &["ledger-prod", "sandbox-anna"]),
        // Units.
        ("organizational_units: [Workloads]", &WORKLOADS),
        ("organizational_units: [Workloads/Prod]", &PROD),
        ("organizational_units: [ou-root-bbbbbbbb]", &PROD),
        ("organizational_units: [ou-root-aaaaaaaa]", &WORKLOADS),
        ("organizational_units: [Sandbox, Workloads/Test]", &["payments-test", "sandbox-anna"]),
        ("organizational_units: [Workloads, Workloads/Prod]", &WORKLOADS),
        ("organizational_units: [Prod]", &[]),
        ("organizational_units: [workloads]", &[]),
        ("organizational_units: [Workloads/Prod/payments-prod]", &[]),
        // Tags.
        ("tags: {env: prod}", &PROD),
        ("tags: {env: [prod, test]}", &WORKLOADS),
        ("tags: {env: prod, team: payments}", &["payments-prod"]),
        ("tags: {env: [prod, test], team: [ledger]}", &["ledger-prod"]),
        (r#"tags: {team: ""}"#, &["management"]),
        ("tags: {Env: prod}", &[]),
        // Several selectors.
        ("organizational_units: [Workloads], tags: {env: test}", &["payments-test"]),
        (r#"accounts: ["payments-*"], organizational_units: [Workloads/Prod]"#, &["payments-prod"]),
        (r#"accounts: ["payments-*", "222222222222"], tags: {env: prod}"#, &PROD),
        (r#"accounts: ["444444444444"], organizational_units: [Workloads]"#, &[]),
        (r#"accounts: ["*-prod"], organizational_units: [Workloads], tags: {team: [payments]}"#, &["payments-prod"]),
        ("organizational_units: [Sandbox], tags: {env: prod}", &[]),
    ];
    for (selectors, expected) in rows {
        let comma = if selectors.is_empty() { "" } else { ", " };
        let found = declared(&[&format!("{selectors}{comma}status: ENABLED")]);
        assert!(found.errors().is_empty(), "{}", found.text());
        for region in REGIONS {
            assert_eq!(found.accounts_in(region), expected, "{selectors}");
        }
    }
}

/// What is excepted from everyone, and the accounts that remain in Frankfurt and in Virginia.
#[test]
fn except_takes_away_what_matches_all_of_its_selectors() {
    let not_prod: &[&str] = &["payments-test", "sandbox-anna", "management"];
    let rows: [(&str, &[&str], &[&str]); 8] = [
        ("organizational_units: [Workloads/Prod]", not_prod, not_prod),
        ("tags: {env: prod}", not_prod, not_prod),
        (r#"accounts: ["*-prod"]"#, not_prod, not_prod),
        ("tags: {env: prod}, regions: [eu-central-1]", not_prod, &EVERYONE),
        (
            "organizational_units: [Workloads], tags: {team: payments}, regions: [\"us-*\"]",
            &EVERYONE,
            &["ledger-prod", "sandbox-anna", "management"],
        ),
        ("organizational_units: [Sandbox], tags: {env: prod}", &EVERYONE, &EVERYONE),
        (r#"accounts: ["*"]"#, &[], &[]),
        (
            r#"accounts: ["payments-*", "444444444444"], organizational_units: [Workloads, Sandbox]"#,
            &["ledger-prod", "management"],
            &["ledger-prod", "management"],
        ),
    ];
    for (except, frankfurt, virginia) in rows {
        let found = declared(&[&format!("except: {{{except}}}, status: ENABLED")]);
        assert!(found.errors().is_empty(), "{}", found.text());
        assert_eq!(found.accounts_in(REGIONS[0]), frankfurt, "{except}");
        assert_eq!(found.accounts_in(REGIONS[1]), virginia, "{except}");
    }
}
