//! What is wanted does not depend on how it is written, and nothing ambiguous is decided.

use std::collections::BTreeSet;

use driftline::diagnostic::Code;
use driftline::model::DesiredState;
use driftline::policy::policy_schema;
use proptest::prelude::*;
use proptest::sample::select;

use super::cases;
use super::contract::{Dispute, expected};
use super::declared::{Policy, Selection, policies};
use super::organization::{STRANGER, TAG_ITEMS};
use super::resolved::resolved;
use super::written::{json, toml, yaml};

/// Selectors that reach nothing.
fn nowhere() -> impl Strategy<Value = Selection> {
    let of = Selection::default;
    select(vec![
        Selection { regions: Some(vec!["ap-*"]), ..of() },
        Selection { accounts: Some(vec![STRANGER]), ..of() },
        Selection { accounts: Some(vec!["delta-*"]), ..of() },
        Selection { units: Some(vec!["Nowhere"]), ..of() },
        Selection { tags: Some(TAG_ITEMS[5]), ..of() },
        // Each reaches something, and both together nothing.
        Selection { units: Some(vec!["Lab"]), tags: Some(TAG_ITEMS[0]), ..of() },
    ])
}

/// A policy, and the same with its entries in another order and the items of its selectors turned around.
fn shuffled() -> impl Strategy<Value = (Policy, Policy)> {
    let reversed = |mut selection: Selection| {
        for items in [&mut selection.accounts, &mut selection.units, &mut selection.regions].into_iter().flatten() {
            items.reverse();
        }
        selection
    };
    policies().prop_flat_map(move |policy| {
        let mut other = policy.clone();
        for selection in other
            .declarations
            .iter_mut()
            .map(|it| &mut it.selection)
            .chain(other.waivers.iter_mut().map(|it| &mut it.selection))
        {
            *selection = reversed(selection.clone());
        }
        let entries = (Just(other.declarations).prop_shuffle(), Just(other.waivers).prop_shuffle());
        (Just(policy), entries.prop_map(|(declarations, waivers)| Policy { declarations, waivers }))
    })
}

proptest! {
    #![proptest_config(cases(256))]

    /// Each pair of declarations: one beats the other, or they have no target in common, or they agree, or a third beats one of
    /// them everywhere, or the dispute is told.
    #[test]
    fn the_most_specific_wins_or_the_dispute_is_told(policy in policies()) {
        let found = resolved(&[("a.yaml", yaml(&policy))]);
        let (declared, disputes) = expected(&policy);
        let errors = found.errors();
        prop_assert!(errors.iter().all(|error| error.code == Code::AmbiguousDeclarations), "{errors:?}");
        let told: BTreeSet<Dispute> = found.disputes().into_iter().map(|(dispute, _)| dispute).collect();
        prop_assert_eq!(told, disputes.clone());
        if disputes.is_empty() {
            prop_assert_eq!(found.declared(), declared);
        }
    }

    #[test]
    fn the_order_of_files_entries_and_items_changes_nothing(
        (policy, shuffled) in shuffled(),
        split in 0..=6_usize,
        waivers_first in any::<bool>(),
    ) {
        let one = resolved(&[("a.yaml", yaml(&policy))]);
        let (first, second) = shuffled.declarations.split_at(split.min(shuffled.declarations.len()));
        let (before, after) = if waivers_first { (shuffled.waivers, Vec::new()) } else { (Vec::new(), shuffled.waivers) };
        let two = resolved(&[
            ("z.yaml", yaml(&Policy { declarations: first.to_vec(), waivers: before })),
            ("b.toml", toml(&Policy { declarations: second.to_vec(), waivers: after })),
        ]);
        prop_assert_eq!(one.disputes(), two.disputes());
        prop_assert_eq!(one.doubts(), two.doubts());
        prop_assert_eq!(one.waivers(), two.waivers());
        if one.errors().is_empty() {
            prop_assert_eq!(one.declared(), two.declared());
            let sorted = |desired: &DesiredState| desired.targets().is_sorted_by_key(|target| target.target());
            prop_assert!(sorted(&one.desired) && sorted(&two.desired));
        }
    }

    #[test]
    fn a_declaration_that_matches_nothing_changes_nothing_but_a_doubt(policy in policies(), selection in nowhere()) {
        let mut more = policy.clone();
        let mut idle = policy.declarations[0].clone();
        idle.name = "declaration idle".to_owned();
        idle.selection = selection;
        more.declarations.push(idle);
        let (one, two) = (resolved(&[("a.yaml", yaml(&policy))]), resolved(&[("a.yaml", yaml(&more))]));
        prop_assert_eq!(one.errors(), two.errors());
        prop_assert_eq!(one.declared(), two.declared());
        if one.errors().is_empty() {
            let mut doubts = one.doubts();
            doubts.push((Code::MatchesNothing, "the declaration \"declaration idle\" matches no target of the inventory".to_owned()));
            doubts.sort();
            prop_assert_eq!(doubts, two.doubts());
        }
    }

    #[test]
    fn a_waiver_changes_nothing_of_what_is_wanted(policy in policies()) {
        let without = Policy { waivers: Vec::new(), ..policy.clone() };
        let (one, two) = (resolved(&[("a.yaml", yaml(&without))]), resolved(&[("a.yaml", yaml(&policy))]));
        prop_assert_eq!(one.errors(), two.errors());
        let mut declared = two.declared();
        for desired in declared.values_mut() {
            desired.waivers.clear();
        }
        prop_assert_eq!(one.declared(), declared);
        prop_assert_eq!(two.desired.waivers().len(), policy.waivers.len());
    }

    #[test]
    fn every_language_means_the_same(policy in policies()) {
        let yaml = resolved(&[("a.yaml", yaml(&policy))]);
        for other in [("a.toml", toml(&policy)), ("a.json", json(&policy))] {
            let other = resolved(&[other]);
            prop_assert_eq!(yaml.disputes(), other.disputes());
            prop_assert_eq!(yaml.doubts(), other.doubts());
            prop_assert_eq!(yaml.declared(), other.declared());
            prop_assert_eq!(yaml.waivers(), other.waivers());
        }
    }

    #[test]
    fn the_schema_accepts_what_the_program_accepts(policy in policies()) {
        let schema = driftline::document::json_schema(policy_schema(driftline::resource::settings()), "urn:test", "test");
        let document: serde_json::Value = serde_json::from_str(&json(&policy)).expect("JSON");
        prop_assert!(jsonschema::is_valid(&schema, &document), "{document}");
    }
}
