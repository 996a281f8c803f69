//! What a change of policies changes is what the contract says that it wants differently, no more and no less.

use std::collections::BTreeSet;

use driftline::desired_diff::{ChangeKind, DesiredDiff, RegionNamingChange};
use driftline::drift::{BaseCounts, Comparison, Review, SettingFinding, review_target};
use driftline::model::{DesiredState, DesiredTarget, RegionTable, SettingId};
use driftline::report::{BaseComparison, Report, View, read_json, write_json};
use driftline::resource::{Outcome, Reading};
use proptest::prelude::*;

use super::cases;
use super::comparison::{reading, report};
use super::contract::{Key, Wish, Wishes, waivers};
use super::declared::{Policy, policies};
use super::resolved::{Resolved, resolved};
use super::written::yaml;

/// A change of one setting of a target, or of a target as a whole.
type Told = BTreeSet<(String, String, Option<SettingId>, String)>;

fn summary(changes: &DesiredDiff) -> Told {
    let mut told = Told::new();
    for target in changes.targets() {
        let place = (target.account.to_string(), target.region.to_string());
        for setting in target.change.settings() {
            for kind in setting.kinds {
                told.insert((place.0.clone(), place.1.clone(), Some(setting.setting), kind.as_str().to_owned()));
            }
        }
        if let Some(naming) = target.change.naming() {
            let word = if naming == RegionNamingChange::Named { "named" } else { "unnamed" };
            told.insert((place.0, place.1, None, word.to_owned()));
        }
    }
    told
}

/// What the waivers say that select a setting of a target, in no order.
fn terms<'a>(
    policy: &'a Policy,
    (account, region, setting): &Key,
) -> Vec<(&'a str, Option<&'a str>, &'a str, Vec<&'a str>)> {
    let mut terms: Vec<_> = waivers(policy, account, region, *setting)
        .into_iter()
        .map(|waived| {
            let mut live = waived.while_live.clone().unwrap_or_default();
            live.sort_unstable();
            (waived.reason.as_str(), waived.owner, waived.expires, live)
        })
        .collect();
    terms.sort();
    terms
}

/// The same, setting by setting and without sharing anything.
fn expected(policies: (&Policy, &Policy), old: &Wishes, new: &Wishes) -> Told {
    let table = RegionTable::bundled();
    let mut told = Told::new();
    for key in old.keys().chain(new.keys()) {
        let (account, region, setting) = key.clone();
        let mut say = |kind: &str| told.insert((account.clone(), region.clone(), Some(setting), kind.to_owned()));
        match (old.get(key), new.get(key)) {
            (None, _) => drop(say("added")),
            (_, None) => drop(say("removed")),
            (Some(was), Some(is)) => {
                let values = |desired: &Wish| desired.accepted.iter().cloned().collect::<BTreeSet<_>>();
                if values(was) != values(is) {
                    say("changed");
                } else if was.accepted[0] != is.accepted[0] {
                    say("reordered");
                }
                if was.severity != is.severity {
                    say("severity");
                }
                if terms(policies.0, key) != terms(policies.1, key) {
                    say("waivers");
                }
            }
        }
        // Of a target, whatever of it was and is declared.
        let named = |declared: &Wishes| {
            let of_target = |(one, two, _): &(String, String, SettingId)| *one == account && *two == region;
            declared.iter().find(|(key, _)| of_target(key)).map(|(_, desired)| desired.region_named)
        };
        let may_be_off = table.is_opt_in(&region.parse().expect("a Region"));
        if let (Some(was), Some(is), true) = (named(old), named(new), may_be_off)
            && was != is
        {
            told.insert((account, region, None, if is { "named" } else { "unnamed" }.to_owned()));
        }
    }
    told
}

/// What comes of a policy; nothing if it contradicts itself.
fn sound(policy: &Policy) -> Option<Resolved> {
    let resolved = resolved(&[("a.yaml", yaml(policy))]);
    resolved.errors().is_empty().then_some(resolved)
}

fn between(old: &Resolved, new: &Resolved) -> DesiredDiff {
    DesiredDiff::between(&old.desired, &new.desired, &RegionTable::bundled())
}

/// A policy and another: of its own, or the same with an entry less.
fn pairs() -> impl Strategy<Value = (Policy, Policy)> {
    let less = (policies(), any::<prop::sample::Index>()).prop_map(|(policy, at)| {
        let mut other = policy.clone();
        // A set without a declaration is a mistake.
        if policy.declarations.len() > 1 {
            other.declarations.remove(at.index(policy.declarations.len()));
        }
        (policy, other)
    });
    prop_oneof![(policies(), policies()), less]
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn what_is_told_is_what_differs((before, after) in pairs()) {
        let (Some(old), Some(new)) = (sound(&before), sound(&after)) else { return Ok(()) };
        let changes = between(&old, &new);
        prop_assert_eq!(summary(&changes), expected((&before, &after), &old.declared(), &new.declared()));
        let counts = changes.counts();
        prop_assert_eq!(counts.changed_targets, changes.targets().len());
        prop_assert_eq!(counts.changed_targets + counts.unchanged_targets, counts.targets);
        let of_kinds: usize = ChangeKind::ALL.into_iter().map(|kind| counts.for_kind(kind)).sum();
        prop_assert_eq!(of_kinds + counts.naming, summary(&changes).len());
        prop_assert!(changes.targets().is_sorted_by_key(|target| (target.account, target.region.clone())));
    }

    #[test]
    fn the_classes_of_a_change_are_disjoint_and_complete(
        (before, after) in pairs(),
        readings in prop::collection::vec(reading(), 8),
    ) {
        let (Some(old), Some(new)) = (sound(&before), sound(&after)) else { return Ok(()) };
        let today = jiff::civil::date(2027, 3, 31);
        let mut readings = readings.iter().cycle();
        let with = |desired: &DesiredState, found: &mut dyn FnMut(&DesiredTarget) -> Reading| {
            Comparison::new(desired.clone(), desired.targets().iter().map(found).collect(), today)
        };
        let new = with(&new.desired, &mut |target| {
            let drawn = readings.next().expect("readings").clone();
            drawn.reinterpreted(target.resource, target.declared.region_named)
        });
        // The same readings, as the old declarations mean them.
        let old_desired = old.desired;
        let old = with(&old_desired, &mut |target| {
            let found = new.find_target(target).map(|found| found.reading.clone());
            found.map_or_else(Reading::missing, |reading| reading.reinterpreted(target.resource, target.declared.region_named))
        });
        let mut counts = BaseCounts::default();
        for target in new.targets() {
            let was = old_desired.find(&target.desired.target());
            let reviewed = review_target(target, was);
            counts.add(&reviewed);
            if matches!(target.reading, Reading::Unread(_)) {
                prop_assert!(reviewed.settings.iter().all(Option::is_none));
                prop_assert!(reviewed.whole.is_none_or(|review| review != Review::Accepts));
                continue;
            }
            prop_assert_eq!(reviewed.whole, None);
            let was = was.and_then(|was| old.find_target(was));
            let was: Vec<SettingFinding<'_>> = was.map(|was| was.settings().collect()).unwrap_or_default();
            for (now, review) in target.settings().zip(&reviewed.settings) {
                let was = was.iter().find(|was| was.desired.setting == now.desired.setting);
                let asks = |finding: &SettingFinding<'_>| match finding.outcome {
                    Outcome::Drifted => true,
                    Outcome::Unread => finding.expected.is_none(),
                    _ => false,
                };
                let (did_ask, does_ask) = (was.is_some_and(asks), asks(&now));
                let both_unread = was.is_some_and(|was| was.outcome == Outcome::Unread) && now.outcome == Outcome::Unread;
                let is_fine = matches!(now.outcome, Outcome::InSync | Outcome::NotApplicable);
                match review {
                    Some(Review::Causes) => prop_assert!(does_ask && !did_ask),
                    Some(Review::Already) => prop_assert!(does_ask && did_ask && !both_unread),
                    Some(Review::Accepts) => prop_assert!(is_fine),
                    Some(Review::Waives) => prop_assert!(now.waiver.is_some() || now.expected.is_some()),
                    None => prop_assert!(both_unread || (!does_ask && !did_ask)),
                }
            }
        }
        // The report has the same counts, and they are checked when it is read.
        let base = BaseComparison { revision: "main".to_owned(), desired: old_desired };
        let report = Report { base: Some(base), ..report(new) };
        let view = View::from(&report);
        let said = view.base.as_ref().map(|base| base.counts);
        let declared = BaseCounts { unmanaged: 0, no_longer_declared: 0, settings_no_longer_declared: 0, ..said.expect("counts") };
        prop_assert_eq!(declared, counts);
        let mut text = Vec::new();
        write_json(&view, &mut text).expect("a vector takes everything");
        let read = read_json(std::str::from_utf8(&text).expect("UTF-8"));
        prop_assert_eq!(read.map(|read| read.base.map(|base| base.counts)), Ok(said));
    }

    #[test]
    fn nothing_differs_from_itself_and_back_is_the_opposite((old, new) in pairs()) {
        let (Some(old), Some(new)) = (sound(&old), sound(&new)) else { return Ok(()) };
        prop_assert!(between(&old, &old).is_empty());
        let (there, back) = (between(&old, &new).counts(), between(&new, &old).counts());
        prop_assert_eq!((there.added, there.removed), (back.removed, back.added));
        prop_assert_eq!((there.changed, there.reordered), (back.changed, back.reordered));
        prop_assert_eq!((there.severity, there.waivers, there.naming), (back.severity, back.waivers, back.naming));
    }
}
