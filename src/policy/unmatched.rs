//! Items of selectors that match nothing in the inventory.

use std::collections::BTreeSet;

use wildmatch::WildMatch;

use super::selector::{AccountSelectors, RegionItem, RegionSelector, Selectors, UnitName};
use super::selector_scope::{ItemOwner, ScopeAccount, SelectorScope, selected_regions};
use crate::diagnostic::{Diagnostic, Span, nearest};
use crate::model::{Account, AccountId, Inventory, Region, RegionSpecificity, Unit};

/// Items of one kind that match nothing.
pub(super) struct UnmatchedItem {
    /// One of them, and several, as a message calls them.
    pub(super) nouns: (&'static str, &'static str),
    pub(super) spans: Vec<Span>,
    /// What to write under each.
    pub(super) label: &'static str,
    pub(super) help: String,
}

/// The part of a selection that items stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Chosen,
    Except,
}

impl ItemOwner {
    /// Label and fix of an item that matches something of the inventory, but nothing that it is about.
    fn beside(self, part: Part) -> (&'static str, &'static str) {
        match (self, part) {
            (Self::Declaration(_), Part::Chosen) => (
                "matches nothing that the other selectors select",
                "a target must match all selectors of a declaration: check this one against the others, or remove it",
            ),
            (Self::Waiver, Part::Chosen) => (
                "matches nothing that is declared and that the other selectors select",
                "a waiver applies only to what is declared: check it against the declarations and the other selectors, or remove it",
            ),
            (Self::Declaration(_), Part::Except) => ("matches nothing that is selected here", SELECT),
            (Self::Waiver, Part::Except) => ("matches nothing that is declared and selected here", SELECT),
        }
    }
}

/// Fix for an item of an `except`.
const SELECT: &str = "an `except` excludes only what the other selectors select: check it against them, or remove it";

/// The items of selectors that match nothing in the inventory, kind by kind.
pub(super) fn unmatched_items(
    selectors: &Selectors,
    of: ItemOwner,
    part: Part,
    inventory: &Inventory,
) -> Vec<UnmatchedItem> {
    // A waiver, and an `except`, are about what a declaration has reached already, by whatever item.
    let declares = of.declares().filter(|_| part == Part::Chosen);
    idle_in(selectors, part, &SelectorScope::whole(inventory, declares), inventory)
}

/// The items that match nothing in the inventory, and those that match nothing of what the rest of the selection leaves them.
pub(super) fn unmatched_chosen(
    chosen: &Selectors,
    of: ItemOwner,
    held: &[ScopeAccount<'_>],
    inventory: &Inventory,
) -> Vec<UnmatchedItem> {
    let held: Vec<&ScopeAccount<'_>> = held.iter().filter(|held| held.regions.contains(&true)).collect();
    idle_beside(
        chosen,
        of,
        Part::Chosen,
        &SelectorScope::for_accounts(&held, &held, inventory, of.declares()),
        inventory,
    )
}

/// The items of an `except` that take nothing away: those that match nothing in the inventory, and those that match nothing of
/// what is selected.
pub(super) fn unmatched_except(
    except: &Selectors,
    of: ItemOwner,
    held: &[ScopeAccount<'_>],
    inventory: &Inventory,
) -> Vec<UnmatchedItem> {
    let held: Vec<&ScopeAccount<'_>> = held.iter().filter(|held| held.regions.contains(&true)).collect();
    let regions = selected_regions(&except.regions, inventory);
    let meets =
        |held: &ScopeAccount<'_>| held.regions.iter().zip(regions.iter()).any(|(held, except)| *held && *except);
    // A target must fit all selectors of an `except`. Where none does, each item is judged by itself.
    let excepted: Vec<&ScopeAccount<'_>> = held.iter().filter(|held| held.excepted).copied().collect();
    let taken: Vec<&ScopeAccount<'_>> = excepted.iter().filter(|held| meets(held)).copied().collect();
    let beside = if excepted.is_empty() { &held } else { &excepted };
    let accounts = if taken.is_empty() { beside } else { &taken };
    let mut idle = idle_beside(
        except,
        of,
        Part::Except,
        &SelectorScope::for_accounts(accounts, beside, inventory, None),
        inventory,
    );
    if excepted.is_empty() && !held.is_empty() && idle.iter().all(|idle| idle.spans.is_empty()) {
        idle.push(UnmatchedItem {
            nouns: ("selector", "selectors"),
            spans: spans(&except.accounts),
            label: "no account selected here matches all of them",
            help: SELECT.to_owned(),
        });
    }
    idle
}

/// The items that match nothing in the ground: first those that match nothing in the whole inventory either, then the others.
fn idle_beside(
    selectors: &Selectors,
    of: ItemOwner,
    part: Part,
    ground: &SelectorScope<'_>,
    inventory: &Inventory,
) -> Vec<UnmatchedItem> {
    let mut beside = idle_in(selectors, part, ground, inventory);
    if beside.iter().all(|idle| idle.spans.is_empty()) {
        return Vec::new();
    }
    let mut idle = unmatched_items(selectors, of, part, inventory);
    let nowhere: BTreeSet<Span> = idle.iter().flat_map(|idle| idle.spans.iter().copied()).collect();
    let (label, help) = of.beside(part);
    for idle in &mut beside {
        idle.spans.retain(|span| !nowhere.contains(span));
        (idle.label, idle.help) = (label, help.to_owned());
    }
    idle.extend(beside);
    idle
}

fn idle_in(selectors: &Selectors, part: Part, ground: &SelectorScope<'_>, inventory: &Inventory) -> Vec<UnmatchedItem> {
    let mut idle = idle_accounts(&selectors.accounts, part, &ground.accounts, inventory);
    idle.extend(idle_regions(&selectors.regions, part, &ground.regions));
    idle
}

/// The items of account selectors that match none of the accounts, kind by kind.
fn idle_accounts(
    selectors: &AccountSelectors,
    part: Part,
    accounts: &[&Account],
    inventory: &Inventory,
) -> Vec<UnmatchedItem> {
    let known: BTreeSet<AccountId> =
        accounts.iter().filter(|_| selectors.listed.is_some()).map(|account| account.id).collect();
    let strangers = selectors.ids().filter(|(id, _)| !known.contains(id));
    let [tag_keys, tag_values] = idle_tags(selectors, accounts);
    vec![
        UnmatchedItem {
            nouns: ("account", "accounts"),
            spans: strangers.map(|(_, span)| span).collect(),
            label: "not in the inventory",
            help: widen("accounts", part),
        },
        idle_names(selectors, accounts, inventory),
        idle_units(selectors, accounts, inventory),
        tag_keys,
        tag_values,
    ]
}

fn widen(what: &str, part: Part) -> String {
    match part {
        Part::Chosen => format!("widen `[inventory] {what}` in driftline.toml, or remove them"),
        Part::Except => {
            "check them for typos, or remove them: nothing outside the inventory is checked, so there is nothing to exclude"
                .to_owned()
        }
    }
}

fn idle_names(selectors: &AccountSelectors, accounts: &[&Account], inventory: &Inventory) -> UnmatchedItem {
    let patterns: Vec<_> = selectors.listed.iter().flat_map(|listed| &listed.names).collect();
    let names = accounts.iter().filter(|_| !patterns.is_empty()).filter_map(|account| account.name.as_deref());
    let names: BTreeSet<&str> = names.collect();
    let is_plain = |pattern: &str| !pattern.contains(['*', '?']);
    // A plain name is looked up: thousands of them by thousands of accounts are too many to compare each.
    let is_idle = |pattern: &WildMatch| match pattern.to_string() {
        plain if is_plain(&plain) => !names.contains(plain.as_str()),
        _ => !names.iter().any(|name| pattern.matches(name)),
    };
    let idle: Vec<_> = patterns.into_iter().filter(|(pattern, _)| is_idle(pattern)).collect();
    let known = || inventory.accounts().iter().filter_map(|account| account.name.as_deref());
    // Of a pattern with wildcards, no single name is what was meant.
    let plain = idle.iter().map(|(pattern, _)| pattern.to_string()).find(|pattern| is_plain(pattern));
    let near = plain.and_then(|pattern| nearest(&pattern, known()));
    let compared = "names must match exactly; * matches any characters, ? matches one";
    UnmatchedItem {
        nouns: ("name pattern", "name patterns"),
        spans: idle.iter().map(|(_, span)| *span).collect(),
        label: "no account has a matching name",
        help: near.map_or_else(|| compared.to_owned(), |near| format!("did you mean \"{near}\"? {compared}")),
    }
}

fn idle_regions(selector: &RegionSelector, part: Part, regions: &[(&Region, bool)]) -> [UnmatchedItem; 2] {
    let reaches = |item: &RegionItem| {
        let mut reached = regions.iter().filter_map(|(region, by_name)| Some((item.reach(region)?, *by_name)));
        reached.any(|(reach, by_name)| reach == RegionSpecificity::Name || !by_name)
    };
    let idle = selector.items().iter().filter(|item| !reaches(item));
    let (by_pattern, strange): (Vec<_>, Vec<_>) =
        idle.partition(|item| regions.iter().any(|(region, _)| item.reach(region).is_some()));
    [
        UnmatchedItem {
            nouns: ("Region or pattern", "Regions or patterns"),
            spans: strange.into_iter().map(RegionItem::span).collect(),
            label: "no such Region in the inventory",
            help: widen("regions", part),
        },
        UnmatchedItem {
            nouns: ("pattern", "patterns"),
            spans: by_pattern.into_iter().map(RegionItem::span).collect(),
            label: "patterns skip Regions without Macie",
            help: "write the code of the Region, or remove the pattern".to_owned(),
        },
    ]
}

/// Keys that no account has, and of the others the values that no account has.
fn idle_tags(selectors: &AccountSelectors, accounts: &[&Account]) -> [UnmatchedItem; 2] {
    let tags = selectors.tags.iter().flatten();
    let (mut strange, mut values) = (Vec::new(), Vec::new());
    for tag in tags {
        let known: BTreeSet<&str> =
            accounts.iter().filter_map(|account| account.tags.get(&tag.key)).map(|value| &**value).collect();
        if known.is_empty() {
            strange.push(tag.span);
        } else {
            let idle = tag.values.iter().filter(|(value, _)| !known.contains(&**value));
            values.extend(idle.map(|(_, span)| *span));
        }
    }
    [
        UnmatchedItem {
            nouns: ("tag", "tags"),
            spans: strange,
            label: "no account has a tag with this key",
            help: "keys must match exactly".to_owned(),
        },
        UnmatchedItem {
            nouns: ("tag value", "tag values"),
            spans: values,
            label: "no account has this value",
            help: "values must match exactly".to_owned(),
        },
    ]
}

fn idle_units(selectors: &AccountSelectors, accounts: &[&Account], inventory: &Inventory) -> UnmatchedItem {
    // Accounts of one unit have the same units above them.
    let houses = accounts.iter().filter(|_| selectors.units.is_some()).map(|account| &*account.units);
    let houses: BTreeSet<&[Unit]> = houses.collect();
    let holds = |name: &UnitName| houses.iter().any(|house| name.reach(house).is_some());
    let idle: Vec<_> = selectors.units.iter().flatten().filter(|unit| !holds(&unit.name)).collect();
    let near = idle.first().and_then(|unit| match &unit.name {
        UnitName::Id(_) => None,
        UnitName::Path(path) => near_unit(&path.join("/"), inventory),
    });
    UnmatchedItem {
        nouns: ("organizational unit", "organizational units"),
        spans: idle.iter().map(|unit| unit.span).collect(),
        label: "contains no account of the inventory",
        help: near.map_or_else(
            || {
                "a path starts below the root and must match exactly; select a unit with a / in its name by its id; \
                 `driftline inventory` lists the units of each account"
                    .to_owned()
            },
            |near| format!("did you mean \"{near}\"? a path starts below the root"),
        ),
    }
}

/// The places of all items of account selectors.
fn spans(selectors: &AccountSelectors) -> Vec<Span> {
    let names = selectors.listed.iter().flat_map(|listed| &listed.names).map(|(_, span)| *span);
    let units = selectors.units.iter().flatten().map(|unit| unit.span);
    let tags = selectors.tags.iter().flatten().map(|tag| tag.span);
    selectors.ids().map(|(_, span)| span).chain(names).chain(units).chain(tags).collect()
}

/// The path of a unit that may be meant: one that ends in the same name, or one that is spelt alike.
fn near_unit(path: &str, inventory: &Inventory) -> Option<String> {
    let mut known: Vec<String> = inventory
        .accounts()
        .iter()
        .flat_map(|account| (1..=account.units.len()).filter_map(|depth| account.units.get(..depth)))
        .map(Unit::path)
        .collect();
    known.sort_unstable();
    known.dedup();
    // A unit whose name holds a slash: only its id tells it from a path.
    known.retain(|known| known != path);
    let ending = format!("/{path}");
    let longer = known.iter().find(|known| known.ends_with(&ending)).cloned();
    longer.or_else(|| nearest(path, known.iter().map(String::as_str)).map(str::to_owned))
}

/// More places than these are counted, not shown.
const SHOWN_AT_MOST: usize = 5;

/// What a message about so many places ends with.
pub(super) fn label_limit_note(count: usize) -> String {
    if count > SHOWN_AT_MOST { format!("; showing the first {SHOWN_AT_MOST}") } else { String::new() }
}

/// Labels the first few of the places.
pub(super) fn label_first(mut diagnostic: Diagnostic, spans: &[Span], text: &str) -> Diagnostic {
    for span in spans.iter().take(SHOWN_AT_MOST) {
        diagnostic = diagnostic.label(*span, text);
    }
    diagnostic
}
