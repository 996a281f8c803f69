//! What is doubted about selectors, at its place, and what an inventory cannot answer.

use driftline::diagnostic::{Code, Level};
use driftline::model::{Inventory, InventoryFields};

use super::organization::{ALL, declared, organization, resolved_in, sessions};

#[test]
fn idle_items_are_pointed_at() {
    let rows: [(&str, &[&str], &str); 12] = [
        (
            r#"accounts: ["payments-*", "billing-*", "444444444444"]"#,
            &["\"billing-*\""],
            "1 name pattern of this declaration matches no target",
        ),
        (
            r#"accounts: ["payments-*", "a*", "b*"]"#,
            &["\"a*\"", "\"b*\""],
            "2 name patterns of this declaration match no target",
        ),
        (
            r#"accounts: ["*-prod", "666666666666"]"#,
            &["\"666666666666\""],
            "1 account of this declaration matches no target",
        ),
        (
            "organizational_units: [Sandbox, Staging]",
            &["Staging"],
            "1 organizational unit of this declaration matches no target",
        ),
        (
            "organizational_units: [Sandbox, ou-root-eeeeeeee]",
            &["ou-root-eeeeeeee"],
            "1 organizational unit of this declaration",
        ),
        ("tags: {env: [prod, production]}", &["production"], "1 tag value of this declaration matches no target"),
        (
            "tags: {env: [prod, prd, live], team: [payments, billing]}",
            &["prd", "live", "billing"],
            "3 tag values of this declaration match no target",
        ),
        (
            r#"accounts: ["*"], regions: [eu-central-1, "ap-*"]"#,
            &["\"ap-*\""],
            "1 Region or pattern of this declaration",
        ),
        (
            r#"accounts: ["*"], regions: [eu-central-1, eu-west-1]"#,
            &["eu-west-1"],
            "1 Region or pattern of this declaration",
        ),
        // Selectors beside each other must all fit.
        (
            r#"accounts: ["*-prod", "444444444444"], organizational_units: [Workloads]"#,
            &["\"444444444444\""],
            "1 account of this declaration",
        ),
        (
            "organizational_units: [Sandbox, Workloads/Prod, Workloads/Test], tags: {env: test}",
            &["Sandbox", "Workloads/Prod"],
            "2 organizational units of this declaration",
        ),
        ("tags: {env: [prod, test], team: ledger}", &["test"], "1 tag value of this declaration"),
    ];
    for (selectors, places, message) in rows {
        let found = declared(&[&format!("{selectors}, status: ENABLED")]);
        assert_eq!(found.codes(), [Code::MatchesNothing], "{selectors}\n{}", found.text());
        let told = found.reported()[0];
        assert_eq!((told.level, found.marked(told).as_slice()), (Level::Warning, places), "{}", found.text());
        assert!(told.message.starts_with(message), "{}", told.message);
    }
}

/// Selectors, what is pointed at, and the message without its subject.
const IDLE_EXCEPTIONS: [(&str, &[&str], &str); 11] = [
    (
        r#"except: {accounts: ["payment-prod", "ledger-*"]}"#,
        &["\"payment-prod\""],
        "1 name pattern in the `except` of this",
    ),
    (r#"except: {accounts: ["666666666666"]}"#, &["\"666666666666\""], "1 account in the `except` of this"),
    (
        r#"accounts: ["111111111111"], except: {accounts: ["222222222222"], regions: [us-east-1]}"#,
        &["\"222222222222\""],
        "1 account in the `except` of this",
    ),
    (
        "except: {organizational_units: [Sandbox, Staging]}",
        &["Staging"],
        "1 organizational unit in the `except` of this",
    ),
    (
        "organizational_units: [Workloads], except: {organizational_units: [Sandbox, Workloads/Test]}",
        &["Sandbox"],
        "1 organizational unit in the `except` of this",
    ),
    ("except: {tags: {stage: prod}}", &["stage"], "1 tag in the `except` of this"),
    ("except: {tags: {env: [prod, production]}}", &["production"], "1 tag value in the `except` of this"),
    (
        "tags: {env: prod}, except: {tags: {env: [prod, test], team: ledger}}",
        &["test"],
        "1 tag value in the `except` of this",
    ),
    (r#"except: {regions: [us-east-1, "ap-*"]}"#, &["\"ap-*\""], "1 Region or pattern in the `except` of this"),
    (
        "regions: [us-east-1], except: {regions: [eu-central-1]}",
        &["eu-central-1"],
        "1 Region or pattern in the `except` of this",
    ),
    (
        r#"except: {accounts: ["sandbox-*"], tags: {env: prod}}"#,
        &["\"sandbox-*\"", "env"],
        "2 selectors in the `except` of this",
    ),
];

#[test]
fn exceptions_that_take_nothing_away_are_pointed_at() {
    for (selectors, places, message) in IDLE_EXCEPTIONS {
        let declaration = sessions(&[&format!("{selectors}, status: ENABLED")]);
        let waiver = format!(
            "{}waivers:\n  - {{{selectors}, reason: migration, expires: 2027-12-31}}",
            sessions(&["status: ENABLED"])
        );
        for (of, policy) in [("declaration", declaration), ("waiver", waiver)] {
            let found = resolved_in(&organization(ALL), &policy);
            assert_eq!(found.codes(), [Code::MatchesNothing], "{selectors}\n{}", found.text());
            let told = found.reported()[0];
            assert_eq!((told.level, found.marked(told).as_slice()), (Level::Warning, places), "{}", found.text());
            assert!(told.message.starts_with(&format!("{message} {of} exclude")), "{}", told.message);
        }
    }
    let found = declared(&[r#"except: {accounts: ["payment-prod"]}, status: ENABLED"#]);
    assert!(found.reported()[0].help.as_deref().is_some_and(|help| help.contains("did you mean \"payments-prod\"?")));
}

#[test]
fn exceptions_that_take_something_away_are_not() {
    for selectors in [
        "except: {organizational_units: [Sandbox], regions: [us-east-1]}",
        "except: {tags: {env: [prod, test]}}",
        r#"accounts: ["payments-*"], except: {accounts: ["*-test"]}"#,
        r#"regions: ["eu-*", us-east-1], except: {regions: ["us-*"]}"#,
        r#"except: {accounts: ["*-prod"], organizational_units: [Workloads], tags: {team: payments}, regions: [us-east-1]}"#,
    ] {
        declared(&[&format!("{selectors}, status: ENABLED")]).assert_clean();
    }
}

#[test]
fn what_reaches_nothing_at_all_is_told_once_with_the_reason() {
    let rows: [(&str, &str, &str); 9] = [
        ("organizational_units: [Prod]", "Prod", "did you mean \"Workloads/Prod\"? a path starts below the root"),
        ("organizational_units: [Workload/Prod]", "Workload/Prod", "did you mean \"Workloads/Prod\"?"),
        ("organizational_units: [sandbox]", "sandbox", "did you mean \"Sandbox\"?"),
        ("organizational_units: [Elsewhere]", "Elsewhere", "check its selectors against"),
        ("tags: {environment: prod}", "environment", "check its selectors against"),
        ("tags: {env: live}", "live", "check its selectors against"),
        (r#"accounts: ["Payments-*"]"#, "\"Payments-*\"", "check its selectors against"),
        ("organizational_units: [Sandbox], tags: {env: prod}", "", "no target matches all of its selectors"),
        ("tags: {env: prod}, except: {organizational_units: [Workloads]}", "", "its `except` excludes everything"),
    ];
    for (selectors, place, help) in rows {
        let found = declared(&[&format!("{selectors}, status: ENABLED")]);
        assert_eq!(found.codes(), [Code::MatchesNothing], "{selectors}\n{}", found.text());
        let told = found.reported()[0];
        assert_eq!(told.message, "this declaration matches no target of the inventory");
        assert_eq!(found.marked(told).get(1).copied().unwrap_or_default(), place, "{}", found.text());
        assert!(told.help.as_deref().is_some_and(|text| text.contains(help)), "{selectors}: {:?}", told.help);
    }
}

#[test]
fn a_waiver_for_nothing_is_told_why() {
    let rows: [(&str, &str); 6] = [
        ("tags: {env: live}", "check its selectors against"),
        ("organizational_units: [Test]", "did you mean \"Workloads/Test\"?"),
        ("organizational_units: [Sandbox]", "none of them covers what it selects"),
        ("settings: finding_publishing_frequency", "none of them covers what it selects"),
        ("tags: {env: prod}, except: {regions: [us-east-1]}", "none of them covers what it selects"),
        ("tags: {env: prod}, except: {tags: {env: prod}}", "its `except` excludes everything"),
    ];
    for (selectors, help) in rows {
        let declaration = sessions(&["tags: {env: prod}, regions: [us-east-1], status: ENABLED"]);
        let waiver = format!("waivers:\n  - {{{selectors}, reason: migration, expires: 2027-12-31}}");
        let found = resolved_in(&organization(ALL), &format!("{declaration}{waiver}"));
        assert_eq!(found.codes(), [Code::MatchesNothing], "{selectors}\n{}", found.text());
        let told = found.reported()[0];
        assert_eq!(told.message, "this waiver covers no declared setting");
        assert!(told.help.as_deref().is_some_and(|text| text.contains(help)), "{selectors}: {:?}", told.help);
    }
}

/// A selector, and what an inventory must know for it.
const NEEDS: [(&str, &str, InventoryFields); 3] = [
    (r#"accounts: ["payments-*"]"#, "names", InventoryFields { names: true, units: false, tags: false }),
    (
        "organizational_units: [Sandbox]",
        "organizational units",
        InventoryFields { names: false, units: true, tags: false },
    ),
    ("tags: {env: prod}", "tags", InventoryFields { names: false, units: false, tags: true }),
];

#[test]
fn a_selector_that_the_inventory_cannot_answer_is_a_mistake_wherever_it_stands() {
    for (selector, what, enough) in NEEDS {
        let policies = [
            sessions(&[&format!("{selector}, status: ENABLED")]),
            sessions(&[&format!("except: {{{selector}}}, status: ENABLED")]),
            format!("{}waivers:\n  - {{{selector}, reason: r, expires: 2027-12-31}}", sessions(&["status: ENABLED"])),
            format!(
                "{}waivers:\n  - {{except: {{{selector}}}, reason: r, expires: 2027-12-31}}",
                sessions(&["status: ENABLED"])
            ),
        ];
        for policy in policies {
            resolved_in(&organization(enough), &policy).assert_clean();
            for lacking in [false, true].map(|all| InventoryFields {
                names: all && !enough.names,
                units: all && !enough.units,
                tags: all && !enough.tags,
            }) {
                let found = resolved_in(&organization(lacking), &policy);
                assert_eq!(found.codes(), [Code::SelectorNeedsInventory], "{policy}\n{}", found.text());
                assert!(found.desired.targets().is_empty(), "what is not known is not guessed");
                let told = found.reported()[0];
                assert!(told.message.contains(&format!("needs the {what} of accounts")), "{}", told.message);
                let help = told.help.as_deref().expect("a fix");
                assert!(help.contains("\"organization\"") && help.contains("driftline inventory --out"), "{help}");
                assert_eq!(help.contains("--tags"), what == "tags", "{help}");
            }
        }
    }
}

#[test]
fn nothing_else_is_said_of_what_depends_on_it() {
    // The tag would settle who wins in production, and the rest is excepted.
    let policy = sessions(&[
        "except: {organizational_units: [Sandbox]}, status: ENABLED",
        "organizational_units: [Sandbox], status: PAUSED",
        "except: {tags: {env: [prod, test]}}, status: PAUSED",
    ]);
    let found = resolved_in(&organization(InventoryFields { names: true, units: true, tags: false }), &policy);
    assert_eq!(found.codes(), [Code::SelectorNeedsInventory], "{}", found.text());
    let found = resolved_in(&Inventory::from_ids([], Vec::new()), &policy);
    assert_eq!(found.codes(), [Code::SelectorNeedsInventory; 2], "{}", found.text());
}
