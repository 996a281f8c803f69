//! Items of selectors that match nothing, told by the program at the item, and those that are none.

use crate::support::{Driftline, Ran};

/// A saved inventory of three accounts.
fn accounts() -> String {
    let account = |id: &str, name: &str, units: &str, tags: &str| {
        format!(
            r#"{{"id": "{id}", "name": "{name}", "email": "a@example.com", "state": "ACTIVE", "units": [{units}], "tags": {{{tags}}},
              "regions": null}}"#
        )
    };
    let workloads = r#"{"id": "ou-root-aaaaaaaa", "name": "Workloads"}"#;
    let below = |id: &str, name: &str| format!(r#"{workloads}, {{"id": "{id}", "name": "{name}"}}"#);
    let accounts = [
        account(
            "111111111111",
            "payments-prod",
            &below("ou-root-bbbbbbbb", "Prod"),
            r#""env": "prod", "data": "cardholder""#,
        ),
        account("222222222222", "ledger-test", &below("ou-root-cccccccc", "Test"), r#""env": "test""#),
        account("333333333333", "sandbox", r#"{"id": "ou-root-dddddddd", "name": "Sandbox"}"#, ""),
    ];
    format!(
        r#"{{"format": "driftline.inventory", "format_version": 1, "tool": {{"name": "driftline", "version": "0.1.0"}},
          "taken_at": "2027-01-15T12:00:00Z",
          "organization": {{"id": "o-exampleorgid", "management_account": "999988887777"}},
          "caller": {{"account": "111111111111", "arn": "arn:aws:iam::111111111111:user/auditor"}},
          "knows": {{"names": true, "units": true, "tags": true}}, "accounts": [{}]}}"#,
        accounts.join(", ")
    )
}

/// `driftline validate` of declarations and waivers, each the inside of a table in YAML's flow style.
fn validate(declarations: &[&str], waivers: &[&str], more: &[&str], exit: i32) -> Ran {
    validate_on("2027-01-15", declarations, waivers, more, exit)
}

/// The same on a day.
fn validate_on(day: &str, declarations: &[&str], waivers: &[&str], more: &[&str], exit: i32) -> Ran {
    let lines = |tables: &[&str], end: &str| -> String {
        tables.iter().map(|table| format!("  - {{{table}{end}}}\n")).collect::<Vec<_>>().concat()
    };
    let waivers = match lines(waivers, "reason: migration, expires: 2027-12-31") {
        none if none.is_empty() => none,
        some => format!("waivers:\n{some}"),
    };
    let policy = format!("version: 1\nmacie_sessions:\n{}{waivers}", lines(declarations, ""));
    Driftline::new()
        .file("accounts.json", accounts())
        .policy("a.yaml", policy)
        .args(["validate", "a.yaml", "--inventory", "accounts.json", "--as-of", day])
        .args(more)
        .run(exit)
}

/// Declarations, waivers, and the beginnings of what is told.
type Row = (&'static [&'static str], &'static [&'static str], &'static [&'static str]);

const IDLE: [Row; 18] = [
    // Beside other selectors of accounts.
    (
        &["accounts: [payments-prod, sandbox], organizational_units: [Sandbox], status: ENABLED"],
        &[],
        &["1 name pattern of this declaration matches no target"],
    ),
    (
        &["accounts: [\"111111111111\", sandbox], organizational_units: [Sandbox], status: ENABLED"],
        &[],
        &["1 account of this declaration matches no target"],
    ),
    (
        &["organizational_units: [Workloads/Prod], tags: {env: [prod, test]}, status: ENABLED"],
        &[],
        &["1 tag value of this declaration matches no target"],
    ),
    (
        &["tags: {env: [prod, test], data: [cardholder]}, status: ENABLED"],
        &[],
        &["1 tag value of this declaration matches no target"],
    ),
    (
        &["organizational_units: [Workloads/Prod, Sandbox], tags: {env: prod}, status: ENABLED"],
        &[],
        &["1 organizational unit of this declaration matches no target"],
    ),
    // A pattern beside a Region without Macie, which only its name reaches.
    (
        &[
            "accounts: [payments-prod], regions: [eu-south-2], status: NOT_ENABLED",
            "accounts: [sandbox], regions: [eu-central-1, \"eu-south-2*\"], status: ENABLED",
        ],
        &[],
        &["1 pattern of this declaration matches no target"],
    ),
    (
        &[
            "accounts: [payments-prod], regions: [eu-south-2], status: NOT_ENABLED",
            "accounts: [sandbox], regions: [\"eu-south-2*\"], status: ENABLED",
        ],
        &[],
        &["this declaration matches no target of the inventory"],
    ),
    // Waivers are held against what is declared.
    (
        &["accounts: [payments-prod], status: ENABLED"],
        &["accounts: [payments-prod, sandbox], "],
        &["1 name pattern of this waiver matches no target"],
    ),
    (
        &["accounts: [payments-prod], status: ENABLED"],
        &["accounts: [\"111111111111\", \"333333333333\"], "],
        &["1 account of this waiver matches no target"],
    ),
    (
        &["accounts: [payments-prod], status: ENABLED"],
        &["organizational_units: [Workloads/Prod, Sandbox], "],
        &["1 organizational unit of this waiver matches no target"],
    ),
    (
        &["tags: {env: prod}, status: ENABLED"],
        &["tags: {env: [prod, test]}, "],
        &["1 tag value of this waiver matches no target"],
    ),
    (
        &["regions: [eu-central-1], status: ENABLED"],
        &["regions: [eu-central-1, us-east-1], "],
        &["1 Region or pattern of this waiver matches no target"],
    ),
    // The account and the Region are declared, but not of each other.
    (
        &[
            "accounts: [payments-prod], regions: [eu-central-1], status: ENABLED",
            "accounts: [sandbox], regions: [us-east-1], status: ENABLED",
        ],
        &["accounts: [payments-prod, sandbox], regions: [us-east-1], "],
        &["1 name pattern of this waiver matches no target"],
    ),
    // The account is declared, but nothing that the waiver is for.
    (
        &["accounts: [payments-prod], status: ENABLED", "accounts: [sandbox], finding_publishing_frequency: ONE_HOUR"],
        &["accounts: [payments-prod, sandbox], settings: status, "],
        &["1 name pattern of this waiver matches no target"],
    ),
    (
        &["accounts: [payments-prod], status: ENABLED"],
        &["except: {accounts: [sandbox]}, "],
        &["1 name pattern in the `except` of this waiver excludes nothing"],
    ),
    (
        &["regions: [eu-central-1], status: ENABLED"],
        &["except: {regions: [us-east-1]}, "],
        &["1 Region or pattern in the `except` of this waiver excludes nothing"],
    ),
    (
        &[
            "accounts: [payments-prod], regions: [eu-central-1], status: ENABLED",
            "accounts: [sandbox], regions: [us-east-1], status: ENABLED",
        ],
        &["except: {accounts: [payments-prod], regions: [us-east-1]}, "],
        &["1 Region or pattern in the `except` of this waiver excludes nothing"],
    ),
    (
        &["accounts: [payments-prod], except: {regions: [us-east-1]}, status: ENABLED"],
        &["regions: [us-east-1, eu-central-1], "],
        &["1 Region or pattern of this waiver matches no target"],
    ),
];

#[test]
fn an_item_that_matches_nothing_is_told() {
    for (declarations, waivers, told) in IDLE {
        let ran = validate(declarations, waivers, &[], 0);
        let found = ran.stderr.lines().filter(|line| *line == "matches-nothing").count();
        assert_eq!(found, told.len(), "{declarations:?} {waivers:?}\n{}", ran.stderr);
        for told in told {
            ran.says(told);
        }
        validate(declarations, waivers, &["--deny-warnings"], 1);
    }
}

#[test]
fn an_item_that_matches_something_is_not() {
    let rows: [(&[&str], &[&str]); 9] = [
        (&["accounts: [payments-prod, ledger-test], organizational_units: [Workloads], status: ENABLED"], &[]),
        (&["tags: {env: [prod, test]}, organizational_units: [Workloads], status: ENABLED"], &[]),
        // A waiver that covers nothing at present, and one in a Region that only its name reaches.
        (&["status: ENABLED"], &["accounts: [payments-prod, sandbox], regions: [eu-central-1, us-east-1], "]),
        (&["regions: [eu-south-2, eu-central-1], status: [NOT_ENABLED]"], &["regions: [\"eu-south-2*\"], "]),
        (&["regions: [eu-south-2, eu-central-1], status: [NOT_ENABLED]"], &["except: {regions: [\"eu-south-*\"]}, "]),
        // An item whose targets an `except` excludes is in a dispute, not idle.
        (&["accounts: [payments-prod, sandbox], except: {accounts: [sandbox]}, status: ENABLED"], &[]),
        (&["status: ENABLED"], &["accounts: [payments-prod, sandbox], except: {accounts: [sandbox]}, "]),
        // A waiver for a setting that another declaration decides.
        (
            &[
                "accounts: [payments-prod], status: ENABLED",
                "accounts: [sandbox], finding_publishing_frequency: ONE_HOUR",
            ],
            &["accounts: [payments-prod, sandbox], "],
        ),
        (&["status: ENABLED"], &["except: {accounts: [sandbox], regions: [us-east-1]}, "]),
    ];
    for (declarations, waivers) in rows {
        let ran = validate(declarations, waivers, &["--deny-warnings"], 0);
        assert_eq!(ran.stderr, "", "{declarations:?} {waivers:?}");
    }
}

#[test]
fn an_expired_waiver_and_an_overridden_declaration_match() {
    let overridden = ["accounts: [payments-prod], status: ENABLED", "accounts: [\"111111111111\"], status: PAUSED"];
    let ran = validate_on("2028-06-01", &overridden, &["accounts: [payments-prod], "], &[], 0);
    ran.says("fully-overridden").says("waiver-expired");
    assert!(!ran.stderr.contains("matches-nothing"), "{}", ran.stderr);
}

#[test]
fn what_an_except_has_too_much_of_is_not_to_be_put_into_the_inventory() {
    for except in ["accounts: [\"999999999999\", sandbox]", "accounts: [sandbox], regions: [\"xx-*\", us-east-1]"] {
        let ran = validate(&[&format!("except: {{{except}}}, status: ENABLED")], &[], &[], 0);
        ran.says("matches-nothing").says("check them for typos, or remove them");
        assert!(!ran.stderr.contains("widen"), "{}", ran.stderr);
    }
    validate(&["accounts: [\"999999999999\", sandbox], status: ENABLED"], &[], &[], 0).says("widen");
}

#[test]
fn without_the_accounts_the_regions_of_a_waiver_are_held_against_those_declared() {
    let policy = "version: 1\nmacie_sessions:\n  - {regions: [eu-central-1], status: ENABLED}\nwaivers:\n  \
                  - {regions: [eu-central-1, us-east-1], reason: migration, expires: 2027-12-31}\n";
    let program = Driftline::new().policy("a.yaml", policy).args([
        "validate",
        "a.yaml",
        "--inventory",
        "organization",
        "--as-of",
        "2027-01-15",
    ]);
    program.run(0).says("1 Region or pattern of this waiver matches no target");
}
