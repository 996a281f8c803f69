//! Targets told as accounts times Regions.

use std::collections::BTreeMap;

use crate::desired_diff::TargetChange;
use crate::model::{AccountId, Region};
use crate::offline::messages::{account, listed};
use crate::report::{pluralize, terminal};

/// The names of accounts, where they are known.
pub(super) type Names = BTreeMap<AccountId, Box<str>>;

/// More accounts or Regions than these are counted, the first ones named.
const NAMED_AT_MOST: usize = 4;

/// More sorts of accounts than these are counted.
const SORTS_AT_MOST: usize = 4;

/// What is said about some targets, sorted: beside the headline, and below it, line by line.
pub(super) fn summarize_targets(targets: &[&TargetChange], names: &Names, in_full: bool) -> (String, Vec<String>) {
    let shown_account = |id: AccountId| {
        let name = names.get(&id).map(|name| format!(" ({})", terminal(name)));
        format!("{}{}", account(id), name.unwrap_or_default())
    };
    let mut sorts: BTreeMap<Vec<&Region>, Vec<String>> = BTreeMap::new();
    for of_account in targets.chunk_by(|one, two| one.account == two.account) {
        let regions = of_account.iter().map(|target| &target.region).collect();
        let Some(first) = of_account.first() else { continue };
        sorts.entry(regions).or_default().push(shown_account(first.account));
    }
    let mut sorts: Vec<(Vec<&Region>, Vec<String>)> = sorts.into_iter().collect();
    // What says the most is told first.
    let size = |(regions, accounts): &(Vec<&Region>, Vec<String>)| regions.len() * accounts.len();
    sorts.sort_by(|one, two| size(two).cmp(&size(one)).then_with(|| one.1.cmp(&two.1)));
    let total = pluralize(targets.len(), "target");
    let beside = match sorts.as_slice() {
        [(regions, accounts)] if accounts.len() > 1 && regions.len() > 1 => {
            format!("{total}: {} accounts × {} Regions", accounts.len(), regions.len())
        }
        _ => total,
    };
    let shown = if in_full || sorts.len() <= SORTS_AT_MOST + 1 { sorts.len() } else { SORTS_AT_MOST };
    let (shown, cut) = sorts.split_at(shown);
    let mut below: Vec<String> = shown.iter().map(|(regions, accounts)| line(accounts, regions, in_full)).collect();
    if !cut.is_empty() {
        let accounts: usize = cut.iter().map(|(_, accounts)| accounts.len()).sum();
        let targets: usize = cut.iter().map(size).sum();
        below.push(format!(
            "and {} in {} (--verbose lists them)",
            pluralize(targets, "more target"),
            pluralize(accounts, "more account")
        ));
    }
    (beside, below)
}

fn line(accounts: &[String], regions: &[&Region], in_full: bool) -> String {
    let at_most = if in_full { usize::MAX } else { NAMED_AT_MOST };
    let regions: Vec<String> = regions.iter().map(|region| region.to_string()).collect();
    let part = |items: &[String], noun: &str| {
        if items.len() > at_most.saturating_add(1) {
            format!("{} {noun}s ({})", items.len(), listed(items, at_most))
        } else {
            items.join(", ")
        }
    };
    format!("{} in {}", part(accounts, "account"), part(&regions, "Region"))
}
