//! Which of two declarations counts for an account.

use driftline::diagnostic::Code;
use driftline::resource::macie_session::FREQUENCY;

use super::organization::declared;

/// Selectors that reach payments-prod, from the least specific to the most; those of one line are as specific as each other.
const LADDER: [&[&str]; 5] = [
    &[""],
    &["organizational_units: [Workloads]", "organizational_units: [ou-root-aaaaaaaa]"],
    &[
        "organizational_units: [Workloads/Prod]",
        "organizational_units: [ou-root-bbbbbbbb]",
        // The closest item that reaches the account counts.
        "organizational_units: [Workloads, Sandbox, Workloads/Prod]",
    ],
    &[
        "tags: {env: prod}",
        r#"accounts: ["payments-*"]"#,
        // A name without a pattern is no id: names may be given twice.
        r#"accounts: ["payments-prod"]"#,
        // The closest selector counts.
        "organizational_units: [Workloads], tags: {team: payments}",
        r#"accounts: ["*"], organizational_units: [Workloads/Prod]"#,
        // An id that does not reach the account lends it nothing.
        r#"accounts: ["222222222222", "payments-*"]"#,
    ],
    &[
        r#"accounts: ["111111111111"]"#,
        r#"accounts: ["111111111111", "payments-*"]"#,
        r#"accounts: ["111111111111"], tags: {env: prod}"#,
        r#"accounts: ["payments-*", "111111111111"], organizational_units: [Workloads/Prod]"#,
    ],
];

fn declaration(selectors: &str, frequency: &str) -> String {
    let comma = if selectors.is_empty() { "" } else { ", " };
    format!("{selectors}{comma}finding_publishing_frequency: {frequency}")
}

/// The frequency that is wanted of payments-prod in Frankfurt by two declarations, or `None` if they are ambiguous there.
fn winner(one: &str, two: &str) -> Option<String> {
    let found = declared(&[&declaration(one, "ONE_HOUR"), &declaration(two, "SIX_HOURS")]);
    if !found.errors().is_empty() {
        assert!(found.errors().iter().all(|error| error.code == Code::AmbiguousDeclarations), "{}", found.text());
        return None;
    }
    let desired = found.in_frankfurt("payments-prod").expect("a target").declared.settings[0].clone();
    assert_eq!((desired.setting, desired.overridden.len()), (FREQUENCY.id(), 1));
    desired.decided.accepted.value_to_set().map(|value| value.to_string())
}

/// Confined to payments-prod, so that two declarations meet nowhere else.
fn confined(selectors: &str) -> String {
    let comma = if selectors.is_empty() { "" } else { ", " };
    format!(
        r#"{selectors}{comma}except: {{accounts: ["222222222222", "333333333333", "444444444444", "555555555555"]}}"#
    )
}

#[test]
fn the_closer_selector_wins_whichever_comes_first() {
    for (low, weaker) in LADDER.iter().enumerate() {
        for stronger in &LADDER[low + 1..] {
            for (weak, strong) in weaker.iter().flat_map(|weak| stronger.iter().map(move |strong| (weak, strong))) {
                let (weak, strong) = (confined(weak), confined(strong));
                assert_eq!(winner(&weak, &strong).as_deref(), Some("SIX_HOURS"), "{strong} against {weak}");
                assert_eq!(winner(&strong, &weak).as_deref(), Some("ONE_HOUR"), "{strong} against {weak}");
            }
        }
    }
}

#[test]
fn selectors_that_are_equally_close_are_ambiguous() {
    for level in LADDER {
        for (one, two) in level.iter().flat_map(|one| level.iter().map(move |two| (one, two))) {
            assert_eq!(winner(&confined(one), &confined(two)), None, "{one} against {two}");
        }
    }
}

#[test]
fn an_account_and_a_region_do_not_outrank_each_other() {
    for selectors in ["organizational_units: [Workloads/Prod]", "tags: {env: prod}", r#"accounts: ["payments-*"]"#] {
        assert_eq!(winner(selectors, "regions: [eu-central-1]"), None, "{selectors}");
        let both = format!("{selectors}, regions: [eu-central-1]");
        assert_eq!(winner("regions: [eu-central-1]", &both).as_deref(), Some("SIX_HOURS"), "{selectors}");
        assert_eq!(winner(&both, selectors).as_deref(), Some("ONE_HOUR"), "{selectors}");
    }
}

#[test]
fn every_pair_that_disagrees_is_told_and_each_setting_by_itself() {
    let found = declared(&[
        "tags: {env: prod}, status: ENABLED, finding_publishing_frequency: ONE_HOUR",
        r#"accounts: ["payments-*"], status: PAUSED, finding_publishing_frequency: ONE_HOUR"#,
        r#"accounts: ["*-prod"], status: [ENABLED, PAUSED]"#,
        "organizational_units: [Workloads/Prod], status: NOT_ENABLED",
    ]);
    let pairs: Vec<Vec<&str>> = found.errors().into_iter().map(|error| found.marked(error)).collect();
    let either = "[ENABLED, PAUSED]";
    assert_eq!(pairs, [["ENABLED", "PAUSED"], ["ENABLED", either], ["PAUSED", either]]);
    // payments-prod comes first among the accounts where they meet.
    assert!(found.errors()[0].message.contains("`status` in 111111111111/eu-central-1"), "{}", found.text());
}

#[test]
fn pairs_are_bounded() {
    let many: Vec<String> =
        (0..200).map(|nth| format!("status: {}", ["ENABLED", "PAUSED", "NOT_ENABLED"][nth % 3])).collect();
    let found = declared(&many.iter().map(String::as_str).collect::<Vec<_>>());
    let count = found.errors().len();
    assert!((199..16 * 200).contains(&count), "{count}");
}
