//! All errors of a file in one run, whichever rule finds them, and no error that only follows from another one.

use crate::support::{ACCOUNT, CALLER, Driftline};

/// The findings of `validate`, each as "LINE CODE", in the order of the report.
fn findings(program: Driftline) -> Vec<String> {
    let found = program.args(["validate", "--report", "json", "--as-of", "2027-01-15"]).run(1).json();
    let sets = found["policy_sets"].as_array().expect("a list");
    let all = sets.iter().flat_map(|set| set["diagnostics"].as_array().expect("a list"));
    let one = |found: &serde_json::Value| {
        let line = found["labels"].get(0).map_or(0, |label| label["line"].as_u64().expect("a line"));
        format!("{line} {}", found["code"].as_str().expect("a code"))
    };
    all.map(one).collect()
}

fn program() -> Driftline {
    Driftline::new().settings("[inventory]\naccounts = [\"111122223333\", \"999988887777\"]\n")
}

/// A policy with one line for each part, and the findings, the lines of which count from 1 for the first part.
type Row = (&'static str, &'static [&'static str], &'static [&'static str]);

const ROWS: [Row; 23] = [
    (
        "three errors of shape and a misspelled Region",
        &[
            "macie_sessions:",
            "  - name: [one]",
            "    acounts: [\"111122223333\"]",
            "    regions: [eu-centrl-1]",
            "    status: ENABLED",
            "    severity: hihg",
        ],
        &["2 wrong-type", "3 unknown-key", "4 unknown-region", "6 unknown-word"],
    ),
    (
        "a declaration whose only setting is misspelled",
        &["macie_sessions:", "  - regions: [eu-centrl-1]", "    status: ENABLD"],
        &["2 unknown-region", "3 unknown-word"],
    ),
    (
        "selectors of a waiver that lacks a key",
        &[
            "waivers:",
            "  - regions: [eu-centrl-1]",
            "    settings: [frequency]",
            "    reason: a",
            "macie_sessions: [{status: ENABLED}]",
        ],
        &["2 missing-key", "2 unknown-region", "3 unknown-word"],
    ),
    (
        "a misspelled list of declarations",
        &[
            "macie_session:",
            "  - regions: [eu-centrl-1]",
            "    status: ENABLD",
            "waiver: [{reason: a, expires: 2027-02-30}]",
        ],
        &["1 unknown-key", "2 unknown-region", "3 unknown-word", "4 unknown-key", "4 bad-date"],
    ),
    (
        "a list of declarations that stands there twice",
        &["macie_sessions: [{status: ENABLED}]", "macie_sessions:", "  - regions: [eu-centrl-1]", "    status: ENABLD"],
        &["2 duplicate-key", "3 unknown-region", "4 unknown-word"],
    ),
    (
        "a value under a misspelled key, which is that of the key that is meant",
        &["macie_sessions:", "  - statuss: ENABLD", "    regons: [eu-centrl-1]"],
        &["2 unknown-key", "2 unknown-word", "3 unknown-key", "3 unknown-region"],
    ),
    (
        "a value that does not fit the key that may be meant",
        &["macie_sessions:", "  - region: eu-west-1", "    status: ENABLED"],
        &["2 unknown-key"],
    ),
    (
        "a value of a key that may mean something else",
        &["macie_sessions:", "  - stat: on", "    status: ENABLED"],
        &["2 unknown-key"],
    ),
    (
        "a word that may be NOT_ENABLED, in a Region without Macie",
        &["macie_sessions:", "  - regions: [ca-west-1]", "    status: [ENABLED, NOT_ENABLD]"],
        &["3 unknown-word"],
    ),
    (
        "a word that may be ENABLED, beside a frequency",
        &["macie_sessions:", "  - status: [NOT_ENABLED, ENABLD]", "    finding_publishing_frequency: ONE_HOUR"],
        &["2 unknown-word"],
    ),
    (
        "a frequency that is wrong whatever its value",
        &["macie_sessions:", "  - status: NOT_ENABLED", "    finding_publishing_frequency: ONE_HUOR"],
        &["3 frequency-without-session", "3 unknown-word"],
    ),
    (
        "two declarations that conflict, and an error elsewhere",
        &["macie_sessions:", "  - status: ENABLED", "  - status: PAUSED", "    severity: hihg"],
        &["2 ambiguous-declarations", "4 unknown-word"],
    ),
    (
        "two that conflict, and one that may settle it, wherever it is for",
        &[
            "macie_sessions:",
            "  - status: ENABLED",
            "  - status: PAUSED",
            "  - regions: [eu-centrl-1]",
            "    status: ENABLED",
        ],
        &["4 unknown-region"],
    ),
    (
        "two that conflict, and one that settles it, whatever its value",
        &[
            "macie_sessions:",
            "  - status: ENABLED",
            "  - status: PAUSED",
            "  - accounts: [\"111122223333\", \"999988887777\"]",
            "    status: ENABLD",
        ],
        &["2 fully-overridden", "3 fully-overridden", "5 unknown-word"],
    ),
    (
        "two that conflict where a third with an error does not reach",
        &[
            "macie_sessions:",
            "  - status: ENABLED",
            "  - status: PAUSED",
            "  - accounts: [\"999988887777\"]",
            "    status: ENABLD",
        ],
        &["2 ambiguous-declarations", "5 unknown-word"],
    ),
    (
        "two that conflict, and one of another resource with an error",
        &[
            "macie_sessions:",
            "  - status: ENABLED",
            "  - status: PAUSED",
            "session_manager_sessions:",
            "  - regions: [eu-centrl-1]",
            "    count: 0",
        ],
        &["2 ambiguous-declarations", "5 unknown-region"],
    ),
    (
        "two that conflict beside a key that may be any selector",
        &["macie_sessions:", "  - status: ENABLED", "  - status: PAUSED", "    zzz: 1"],
        &["4 unknown-key"],
    ),
    (
        "a selector of names, which the inventory lacks, and a conflict of others",
        &[
            "macie_sessions:",
            "  - status: ENABLED",
            "  - status: PAUSED",
            "  - accounts: [\"payments-*\"]",
            "    finding_publishing_frequency: ONE_HOUR",
        ],
        &["2 ambiguous-declarations", "4 selector-needs-inventory"],
    ),
    (
        "an item that matches nothing, beside one of which it is not known",
        &[
            "macie_sessions:",
            "  - accounts: [\"111122223333\"]",
            "    regions: [eu-west-1, \"xx-*\"]",
            "    status: ENABLED",
            "  - accounts: [\"22223333444\"]",
            "    regions: [\"yy-*\"]",
            "    status: PAUSED",
        ],
        &["3 matches-nothing", "5 bad-account-id"],
    ),
    (
        "a waiver for what a declaration with an error may declare",
        &[
            "macie_sessions:",
            "  - regions: [\"eu-*\"]",
            "    finding_publishing_frequency: ONE_HUOR",
            "    status: ENABLED",
            "waivers:",
            "  - settings: [finding_publishing_frequency]",
            "    reason: a",
            "    expires: 2027-03-31",
        ],
        &["3 unknown-word"],
    ),
    (
        "live values of a setting that may be among the misspelled ones",
        &[
            "macie_sessions: [{status: ENABLED}]",
            "waivers:",
            "  - settings: [status, finding_publishing_freq]",
            "    while_live: [PAUSED, ONE_HOUR]",
            "    reason: a",
            "    expires: 2027-03-31",
        ],
        &["3 unknown-word"],
    ),
    (
        "settings of a resource that is misspelled",
        &[
            "macie_sessions: [{status: ENABLED}]",
            "waivers:",
            "  - resource: session_manager_preference",
            "    settings: [idle_session_timeout]",
            "    while_live: {idle_session_timeout: 20}",
            "    reason: a",
            "    expires: 2026-12-31",
        ],
        &["3 unknown-word"],
    ),
    (
        "a waiver that has expired, beside an error",
        &[
            "macie_sessions: [{status: ENABLD}]",
            "waivers:",
            "  - settings: [status]",
            "    reason: a",
            "    expires: 2026-12-31",
        ],
        &["1 unknown-word", "5 waiver-expired"],
    ),
];

#[test]
fn a_file_with_errors_of_several_rules_earns_each_and_no_other() {
    let mut failures = Vec::new();
    for (what, lines, expected) in ROWS {
        let text = format!("{}\nversion: 1\n", lines.join("\n"));
        let found = findings(program().policy("policies/a.yaml", text));
        if found != expected {
            failures.push(format!("{what}: {found:?} instead of {expected:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn toml_and_json_keep_nothing_back_either() {
    let toml = "version = 1\n[[macie_sessions]]\nstatus = \"ENABLED\"\nstatus = \"PAUSED\"\nregions = [\"eu-centrl-1\"]\n\
                [[macie_sessions]]\naccounts = [012345678901]\nstatus = \"ENABLD\"\n";
    let found = findings(program().policy("policies/a.toml", toml));
    assert_eq!(found, ["4 duplicate-key", "5 unknown-region", "7 syntax", "8 unknown-word"]);
    let json = "{\"version\": 1, \"macie_sessions\": [\n{\"status\": \"ENABLED\", \"status\": \"ENABLD\"},\n\
                {\"regions\": [\"eu-centrl-1\"], \"status\": 1}]}\n";
    let found = findings(program().policy("policies/a.json", json));
    assert_eq!(found, ["2 duplicate-key", "2 unknown-word", "3 unknown-region", "3 wrong-type"]);
}

#[test]
fn errors_in_one_file_keep_none_of_another_back() {
    let conflict = "version: 1\nmacie_sessions:\n  - status: ENABLED\n  - status: PAUSED\n";
    let waived = "version: 1\nwaivers:\n  - reasn: a\n    expires: 2027-03-31\n";
    let found = findings(program().policy("policies/a.yaml", conflict).policy("policies/b.yaml", waived));
    assert_eq!(found, ["3 ambiguous-declarations", "3 unknown-key"]);
    // A file that cannot be read as YAML may settle every conflict.
    let broken = "version: 1\nmacie_sessions: [\n";
    let found = findings(program().policy("policies/a.yaml", conflict).policy("policies/b.yaml", broken));
    assert_eq!(found, ["2 syntax"]);
}

#[test]
fn errors_in_the_settings_keep_those_of_policies_back_only_where_they_decide() {
    let policy = "version: 1\nmacie_sessions:\n  - status: ENABLED\n    regions: [xx-north-9]\n    severity: hihg\n  - status: PAUSED\n  - status: ENABLED\n";
    let of = |settings: &str| findings(Driftline::new().settings(settings).policy("policies/a.yaml", policy));
    let accounts = format!("[inventory]\naccounts = [\"{ACCOUNT}\", \"{CALLER}\"]\n");
    let known = of(&format!("{accounts}[limits]\nconcurency = 8\n"));
    assert_eq!(known, ["4 unknown-key", "4 unknown-region", "5 unknown-word"]);
    // The Region may be one of the user's own.
    let regions = of(&format!("{accounts}[regions]\nmacie = [\"xx-north-9\", \"Frankfurt\"]\n"));
    assert_eq!(regions, ["4 bad-region", "5 unknown-word"]);
    let unknown = of("[inventory]\naccounts = [\"11112222333\"]\n");
    assert_eq!(unknown, ["2 bad-account-id", "4 unknown-region", "5 unknown-word"]);
}

#[test]
fn a_conflict_is_found_although_the_settings_or_the_inventory_have_errors() {
    let policy = format!(
        "version: 1\nmacie_sessions:\n  - accounts: [\"{ACCOUNT}\"]\n    status: ENABLED\n  - status: PAUSED\n    accounts: [\"{ACCOUNT}\"]\n"
    );
    let of = |settings: &str, inventory: &str| {
        findings(
            Driftline::new().settings(settings).policy("policies/a.yaml", &policy).file("accounts.json", inventory),
        )
    };
    assert_eq!(of("[limits]\nconcurency = 8\n", ""), ["2 unknown-key", "4 ambiguous-declarations"]);
    let saved = "[inventory]\naccounts = \"accounts.json\"\n";
    assert_eq!(of(saved, "{}"), ["1 bad-inventory", "4 ambiguous-declarations"]);
    assert_eq!(of("[inventory]\naccounts = \"organization\"\nregons = [\"eu-west-1\"]\n", ""), ["3 unknown-key"]);
}

#[test]
fn every_command_reports_all_errors() {
    let text = "version: 1\nmacie_sessions:\n  - status: ENABLED\n  - status: PAUSED\n    severity: hihg\n";
    for arguments in [&["check"][..], &["targets"], &["explain", "111122223333/eu-west-1"], &["iam-policy", "check"]] {
        let ran = program().policy("policies/a.yaml", text).args(arguments).run(1);
        ran.says("unknown-word\n");
        ran.says("ambiguous-declarations\n");
        ran.says("error: 2 errors in the files");
    }
}

#[test]
fn an_error_of_shape_in_one_declaration_never_hides_those_of_another() {
    let others = "  - {regions: [eu-centrl-1], status: ENABLED}\n  - {status: NOT_ENABLED, finding_publishing_frequency: ONE_HOUR}\n\
                  \x20 - {accounts: [\"999988887777\"], regions: [ca-west-1], status: PAUSED}\n\
                  session_manager_preferences: [{kms_key_id: \"{regin}\"}]\nwaivers:\n  - {settings: [count], reason: a, expires: 2027-03-31}\n";
    let broken = [
        "1",
        "[]",
        "",
        "{}",
        "{status: 1}",
        "{status: []}",
        "{regions: eu-west-1, status: ENABLED}",
        "{acounts: [1], status: ENABLED}",
        "{zzz: {}, status: ENABLED}",
        "{status: ENABLED, status: 1}",
        "{except: {}, status: ENABLED}",
        "{except: 1, status: ENABLED}",
        "{tags: {env: []}, status: ENABLED}",
        "{reveal: {status: 1}}",
        "{security_hub.publish_policy_findings: maybe}",
        "{name: 1, status: ENABLED}",
    ];
    let found = |declaration: &str| {
        let text = format!("version: 1\nmacie_sessions:\n  - {declaration}\n{others}");
        findings(program().policy("policies/a.yaml", text))
    };
    let expected = [
        "4 unknown-region",
        "5 frequency-without-session",
        "6 region-without-macie",
        "7 unknown-placeholder",
        "9 waiver-without-cover",
    ];
    let is_of_others = |found: &String| !found.starts_with("3 ");
    for declaration in broken {
        let found = found(declaration);
        assert!(found.iter().any(|found| found.starts_with("3 ")), "{declaration}: {found:?}");
        let rest: Vec<&String> = found.iter().filter(|found| is_of_others(found)).collect();
        assert_eq!(rest, expected, "{declaration}");
    }
}
