//! Items of selectors that match nothing.

use std::collections::BTreeSet;

use super::selector::{AccountSelectors, RegionItem, RegionSelector, Selectors, UnitName};
use crate::diagnostic::{Span, nearest};
use crate::model::{Account, Inventory, Region, RegionReach, Unit};

/// Items of one kind that match nothing.
pub(super) struct Idle {
    /// One of them, and several, as a message calls them.
    pub(super) nouns: (&'static str, &'static str),
    pub(super) spans: Vec<Span>,
    /// What to write under each.
    pub(super) label: &'static str,
    pub(super) help: String,
}

/// Label of an item that matches something of the inventory, but nothing of what is selected.
const NOT_SELECTED: &str = "matches nothing that is selected here";

/// Way out for it.
const SELECT: &str =
    "an `except` takes away from what the selectors beside it select: check it against them, or take it out";

/// The items of selectors that match nothing in the inventory, kind by kind.
pub(super) fn idle(selectors: &Selectors, inventory: &Inventory) -> Vec<Idle> {
    let accounts: Vec<&Account> = inventory.accounts().iter().collect();
    let regions: Vec<&Region> = inventory.regions().iter().collect();
    let mut idle = idle_accounts(&selectors.accounts, &accounts, inventory);
    idle.push(idle_regions(&selectors.regions, &regions));
    idle
}

/// The items of an `except` that take nothing away: those that match nothing in the inventory, and those that match nothing of
/// what is selected.
pub(super) fn idle_except(chosen: &Selectors, except: &Selectors, inventory: &Inventory) -> Vec<Idle> {
    let mut idle = idle(except, inventory);
    let nowhere: BTreeSet<Span> = idle.iter().flat_map(|idle| idle.spans.iter().copied()).collect();
    let accounts = inventory.accounts().iter().filter(|account| chosen.accounts.reach(account).is_some());
    let mut accounts: Vec<&Account> = accounts.collect();
    let is_reached = |region: &&Region| {
        let reach = chosen.regions.reach(region);
        reach.is_some_and(|reach| reach == RegionReach::Name || !inventory.is_by_name_only(region))
    };
    let regions: Vec<&Region> = inventory.regions().iter().filter(is_reached).collect();
    // An account must fit all selectors of an `except`. Where none does, each item is judged by itself.
    let fits = |account: &&Account| except.accounts.reach(account).is_some();
    let any_fits = accounts.iter().any(fits);
    if any_fits {
        accounts.retain(fits);
    }
    let mut beside = idle_accounts(&except.accounts, &accounts, inventory);
    beside.push(idle_regions(&except.regions, &regions));
    for idle in &mut beside {
        idle.spans.retain(|span| !nowhere.contains(span));
        (idle.label, idle.help) = (NOT_SELECTED, SELECT.to_owned());
    }
    idle.extend(beside);
    if !any_fits && !accounts.is_empty() && idle.iter().all(|idle| idle.spans.is_empty()) {
        idle.push(Idle {
            nouns: ("selector", "selectors"),
            spans: spans(&except.accounts),
            label: "no account that is selected here fits all of them at once",
            help: SELECT.to_owned(),
        });
    }
    idle
}

/// The items of account selectors that match none of the accounts, kind by kind.
fn idle_accounts(selectors: &AccountSelectors, accounts: &[&Account], inventory: &Inventory) -> Vec<Idle> {
    let strangers = selectors.ids().filter(|(id, _)| accounts.binary_search_by_key(id, |account| account.id).is_err());
    let [tag_keys, tag_values] = idle_tags(selectors, accounts);
    vec![
        Idle {
            nouns: ("account", "accounts"),
            spans: strangers.map(|(_, span)| span).collect(),
            label: "not in the inventory",
            help: widen("accounts"),
        },
        idle_names(selectors, accounts, inventory),
        idle_units(selectors, accounts, inventory),
        tag_keys,
        tag_values,
    ]
}

fn widen(what: &str) -> String {
    format!("widen `[inventory] {what}` in driftline.toml, or take them out")
}

fn idle_names(selectors: &AccountSelectors, accounts: &[&Account], inventory: &Inventory) -> Idle {
    let names = || accounts.iter().filter_map(|account| account.name.as_deref());
    let patterns = selectors.listed.iter().flat_map(|listed| &listed.names);
    let idle: Vec<_> = patterns.filter(|(pattern, _)| !names().any(|name| pattern.matches(name))).collect();
    let known = || inventory.accounts().iter().filter_map(|account| account.name.as_deref());
    // Of a pattern with wildcards, no single name is what was meant.
    let plain = idle.iter().map(|(pattern, _)| pattern.to_string()).find(|pattern| !pattern.contains(['*', '?']));
    let near = plain.and_then(|pattern| nearest(&pattern, known()));
    let compared = "names are compared letter by letter; * stands for any letters, ? for one";
    Idle {
        nouns: ("name pattern", "name patterns"),
        spans: idle.iter().map(|(_, span)| *span).collect(),
        label: "no account has such a name",
        help: near.map_or_else(|| compared.to_owned(), |near| format!("did you mean \"{near}\"? {compared}")),
    }
}

fn idle_regions(selector: &RegionSelector, regions: &[&Region]) -> Idle {
    let items = selector.items().iter();
    let items = items.filter(|item| !regions.iter().any(|region| item.reach(region).is_some()));
    Idle {
        nouns: ("Region or pattern", "Regions or patterns"),
        spans: items.map(RegionItem::span).collect(),
        label: "no such Region in the inventory",
        help: widen("regions"),
    }
}

/// Keys that no account has, and of the others the values that no account has.
fn idle_tags(selectors: &AccountSelectors, accounts: &[&Account]) -> [Idle; 2] {
    let any = |test: &dyn Fn(&Account) -> bool| accounts.iter().any(|account| test(account));
    let tags = selectors.tags.iter().flatten();
    let (known, strange): (Vec<_>, Vec<_>) = tags.partition(|tag| any(&|account| account.tags.contains_key(&tag.key)));
    let values = known.iter().flat_map(|tag| {
        tag.values.iter().filter(|(value, _)| !any(&|account| account.tags.get(&tag.key) == Some(value)))
    });
    [
        Idle {
            nouns: ("tag", "tags"),
            spans: strange.iter().map(|tag| tag.span).collect(),
            label: "no account has a tag with this key",
            help: "keys are compared letter by letter".to_owned(),
        },
        Idle {
            nouns: ("tag value", "tag values"),
            spans: values.map(|(_, span)| *span).collect(),
            label: "no account has this value",
            help: "values are compared letter by letter".to_owned(),
        },
    ]
}

fn idle_units(selectors: &AccountSelectors, accounts: &[&Account], inventory: &Inventory) -> Idle {
    let holds = |name: &UnitName| accounts.iter().any(|account| name.reach(&account.units).is_some());
    let idle: Vec<_> = selectors.units.iter().flatten().filter(|unit| !holds(&unit.name)).collect();
    let near = idle.first().and_then(|unit| match &unit.name {
        UnitName::Id(_) => None,
        UnitName::Path(path) => near_unit(&path.join("/"), inventory),
    });
    Idle {
        nouns: ("organizational unit", "organizational units"),
        spans: idle.iter().map(|unit| unit.span).collect(),
        label: "holds no account of the inventory",
        help: near.map_or_else(
            || {
                "a path begins below the root and is compared letter by letter; a unit with a / in its name is selected by its \
                 id; `driftline inventory` tells the units of each account"
                    .to_owned()
            },
            |near| format!("did you mean \"{near}\"? a path begins below the root"),
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
