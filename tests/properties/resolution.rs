//! What is wanted does not depend on how it is written, and nothing ambiguous is decided.

use std::collections::{BTreeMap, BTreeSet};

use driftline::diagnostic::Code;
use driftline::model::{Contender, DesiredState, Setting};
use proptest::prelude::*;

use crate::cases;
use crate::declared::{ACCOUNTS, Declared, REGIONS, STRANGER, Selection, declarations, json, resolved, toml, yaml};

/// What is wanted of one setting, told without places and in no order.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Wish {
    accepted: Vec<&'static str>,
    severity: &'static str,
    standing: BTreeSet<String>,
    beaten: BTreeSet<String>,
    /// Of the target: whether a deciding declaration names the Region.
    region_named: bool,
}

/// A declaration, its values for a setting, and how closely it points at a target.
type Claim<'a> = (&'a Declared, &'a Vec<&'static str>, (u8, u8));

type Wishes = BTreeMap<(String, String, Setting), Wish>;

fn wishes(desired: &DesiredState) -> Wishes {
    let name = |contender: &Contender| contender.origin.declaration.clone().expect("every declaration has a name");
    let mut wishes = Wishes::new();
    for target in desired.targets() {
        for wish in &target.wish.settings {
            let key = (target.account.to_string(), target.region.to_string(), wish.setting);
            let told = Wish {
                accepted: wish.decided.accepted.iter().map(|value| value.as_str()).collect(),
                severity: wish.severity.as_str(),
                standing: wish.agreeing.iter().chain([&wish.decided]).map(name).collect(),
                beaten: wish.overridden.iter().map(name).collect(),
                region_named: target.wish.region_named,
            };
            assert!(wishes.insert(key, told).is_none(), "each target and setting once");
        }
    }
    wishes
}

/// How closely a selection points at a Region that it names.
const NAMED: u8 = 2;

/// How closely a selection points at a target, by a reading of the contract of its own: (accounts, Regions).
fn reach(selection: &Selection, account: &str, region: &str) -> Option<(u8, u8)> {
    let accounts = match &selection.accounts {
        None => 0,
        Some(ids) => ids.contains(&account).then_some(1)?,
    };
    let item = |item: &&str| match *item {
        "eu-*" => region.starts_with("eu-").then_some(1),
        "us-*" => region.starts_with("us-").then_some(1),
        "*-1" => region.ends_with("-1").then_some(1),
        "eu-west-?" => region.starts_with("eu-west-").then_some(1),
        "ap-*" => None,
        name => (name == region).then_some(NAMED),
    };
    let regions = match &selection.regions {
        None => 0,
        Some(items) => items.iter().filter_map(item).max()?,
    };
    Some((accounts, regions))
}

fn beats(one: (u8, u8), two: (u8, u8)) -> bool {
    one.0 >= two.0 && one.1 >= two.1 && one != two
}

/// What is wanted by the contract: the wishes, and the pairs that stand against each other, per setting.
fn expected(declarations: &[Declared]) -> (Wishes, BTreeSet<(String, String, Setting)>) {
    let (mut wishes, mut disputes, mut by_name) = (Wishes::new(), BTreeSet::new(), BTreeSet::new());
    for (account, region) in ACCOUNTS.iter().flat_map(|account| REGIONS.map(|region| (*account, region))) {
        for setting in Setting::ALL {
            let claims: Vec<Claim<'_>> = declarations
                .iter()
                .filter_map(|declared| {
                    let values = match setting {
                        Setting::Status => declared.status.as_ref()?,
                        Setting::FindingPublishingFrequency => declared.frequency.as_ref()?,
                    };
                    let excepted =
                        declared.except.as_ref().is_some_and(|except| reach(except, account, region).is_some());
                    let reach = reach(&declared.selection, account, region).filter(|_| !excepted)?;
                    Some((declared, values, reach))
                })
                .collect();
            let is_beaten = |reach: (u8, u8)| claims.iter().any(|(_, _, other)| beats(*other, reach));
            let (beaten, standing): (Vec<_>, Vec<_>) = claims.iter().partition(|(_, _, reach)| is_beaten(*reach));
            for (one, values, _) in &standing {
                for (two, others, _) in &standing {
                    if values != others && one.name < two.name {
                        disputes.insert((one.name.clone(), two.name.clone(), setting));
                    }
                }
            }
            let Some((_, values, _)) = standing.first() else { continue };
            let severities = ["low", "medium", "high", "critical"];
            let severity = severities.into_iter().rfind(|word| standing.iter().any(|(it, _, _)| it.severity == *word));
            let names = |claims: &[Claim<'_>]| claims.iter().map(|(it, _, _)| it.name.clone()).collect();
            let wish = Wish {
                accepted: (*values).clone(),
                severity: severity.expect("one of them"),
                standing: names(&standing),
                beaten: names(&beaten),
                region_named: false,
            };
            if standing.iter().any(|(_, _, reach)| reach.1 == NAMED) {
                by_name.insert((account.to_owned(), region.to_owned()));
            }
            wishes.insert((account.to_owned(), region.to_owned(), setting), wish);
        }
    }
    for ((account, region, _), wish) in &mut wishes {
        wish.region_named = by_name.contains(&(account.clone(), region.clone()));
    }
    (wishes, disputes)
}

proptest! {
    #![proptest_config(cases(192))]

    /// Each pair of declarations: one beats the other, or they have no target in common, or they agree, or a third beats one of
    /// them everywhere, or the dispute is told.
    #[test]
    fn the_most_specific_wins_or_the_dispute_is_told(declarations in declarations()) {
        let found = resolved(&[("a.yaml", yaml(&declarations))]);
        let (wishes_expected, disputes) = expected(&declarations);
        let errors = found.errors();
        prop_assert!(errors.iter().all(|error| error.code == Code::AmbiguousDeclarations), "{errors:?}");
        let mut told = BTreeSet::new();
        for error in &errors {
            let names = found.named(error);
            let setting = Setting::ALL.into_iter().find(|setting| error.message.contains(&format!("`{setting}`")));
            let mut pair = [names[0].clone(), names[1].clone()];
            pair.sort();
            let [one, two] = pair;
            told.insert((one, two, setting.expect("the setting")));
        }
        prop_assert!(told.is_subset(&disputes), "no dispute is made up: {told:?} {disputes:?}");
        // Where many dispute, each is told against one of them, so that of every pair at least one is told.
        for (one, two, setting) in &disputes {
            let is_told = told.iter().any(|(left, right, of)| of == setting && [left, right].iter().any(|name| *name == one || *name == two));
            prop_assert!(is_told, "{one} and {two} dispute about {setting}: {told:?}");
        }
        prop_assert_eq!(told.is_empty(), disputes.is_empty());
        if disputes.is_empty() {
            prop_assert_eq!(wishes(&found.desired), wishes_expected);
        }
    }

    #[test]
    fn the_order_of_files_and_entries_changes_nothing(
        (declarations, shuffled) in declarations().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        split in 0..=6_usize,
    ) {
        let (first, second) = shuffled.split_at(split.min(shuffled.len()));
        let one = resolved(&[("a.yaml", yaml(&declarations))]);
        let two = resolved(&[("z.yaml", yaml(first)), ("b.yaml", yaml(second))]);
        prop_assert_eq!(one.errors().is_empty(), two.errors().is_empty());
        if one.errors().is_empty() {
            prop_assert_eq!(wishes(&one.desired), wishes(&two.desired));
            let sorted = |desired: &DesiredState| desired.targets().is_sorted_by_key(|target| target.target());
            prop_assert!(sorted(&one.desired) && sorted(&two.desired));
        }
    }

    #[test]
    fn a_declaration_that_matches_nothing_changes_nothing(declarations in declarations(), nowhere in any::<bool>()) {
        let mut more = declarations.clone();
        let mut idle = declarations[0].clone();
        idle.name = "declaration idle".to_owned();
        if nowhere {
            idle.selection.regions = Some(vec!["ap-*"]);
        } else {
            idle.selection.accounts = Some(vec![STRANGER]);
        }
        more.push(idle);
        let (one, two) = (resolved(&[("a.yaml", yaml(&declarations))]), resolved(&[("a.yaml", yaml(&more))]));
        prop_assert_eq!(one.errors(), two.errors());
        prop_assert_eq!(&one.desired, &two.desired);
    }

    #[test]
    fn every_language_means_the_same(declarations in declarations()) {
        let yaml = resolved(&[("a.yaml", yaml(&declarations))]);
        for other in [("a.toml", toml(&declarations)), ("a.json", json(&declarations))] {
            let other = resolved(&[other]);
            let messages = |of: &crate::declared::Resolved| -> BTreeSet<String> {
                of.errors().into_iter().map(|error| error.message.clone()).collect()
            };
            prop_assert_eq!(messages(&yaml), messages(&other));
            prop_assert_eq!(wishes(&yaml.desired), wishes(&other.desired));
            let named = |desired: &DesiredState| -> Vec<bool> {
                desired.targets().iter().map(|target| target.wish.region_named).collect()
            };
            prop_assert_eq!(named(&yaml.desired), named(&other.desired));
        }
    }
}
