//! Groups of targets that share everything but account and Region: `9 targets: 3 accounts × 3 Regions`.

use std::collections::BTreeMap;

use super::messages::{listed, pluralize};
use crate::model::AccountId;

/// The account, its name if it is known, and the Region of a target.
pub(crate) type Place<'a> = (AccountId, Option<&'a str>, &'a str);

/// Accounts with the same Regions.
#[derive(Debug, Clone)]
pub(crate) struct TargetGroup<'a, T> {
    /// The accounts, sorted, each with its name if that is known.
    pub(crate) accounts: Vec<(AccountId, Option<&'a str>)>,
    /// The Regions, sorted.
    pub(crate) regions: Vec<&'a str>,
    /// Findings of each target: at least one.
    pub(crate) items: Vec<&'a T>,
}

/// Groups items that share a key, by key, then by accounts with the same Regions, the largest first.
pub(crate) fn group_by_key<'a, T, K: Ord>(
    items: impl IntoIterator<Item = &'a T>,
    key: impl Fn(&'a T) -> K,
    place: impl Fn(&'a T) -> Place<'a>,
) -> Vec<TargetGroup<'a, T>> {
    let mut keys: BTreeMap<K, Vec<&T>> = BTreeMap::new();
    for item in items {
        keys.entry(key(item)).or_default().push(item);
    }
    keys.into_values().flat_map(|items| group_targets(items, &place)).collect()
}

/// Groups items, one about each target, by accounts with the same Regions, the largest first.
pub(crate) fn group_targets<'a, T>(
    items: impl IntoIterator<Item = &'a T>,
    place: impl Fn(&'a T) -> Place<'a>,
) -> Vec<TargetGroup<'a, T>> {
    type Account<'a, T> = (Option<&'a str>, BTreeMap<&'a str, &'a T>);
    let mut accounts: BTreeMap<AccountId, Account<'_, T>> = BTreeMap::new();
    for item in items {
        let (account, name, region) = place(item);
        accounts.entry(account).or_insert((name, BTreeMap::new())).1.insert(region, item);
    }
    let mut groups: BTreeMap<Vec<&str>, TargetGroup<'_, T>> = BTreeMap::new();
    for (account, (name, targets)) in accounts {
        let regions: Vec<&str> = targets.keys().copied().collect();
        let group =
            groups.entry(regions.clone()).or_insert(TargetGroup { accounts: Vec::new(), regions, items: Vec::new() });
        group.accounts.push((account, name));
        group.items.extend(targets.into_values());
    }
    let mut groups: Vec<TargetGroup<'_, T>> = groups.into_values().collect();
    groups.sort_by(|one, two| two.len().cmp(&one.len()).then_with(|| one.accounts.cmp(&two.accounts)));
    groups
}

impl<'a, T> TargetGroup<'a, T> {
    /// The number of targets.
    pub(crate) fn len(&self) -> usize {
        self.accounts.len() * self.regions.len()
    }

    /// The first item, which stands for all.
    pub(crate) fn first(&self) -> Option<&'a T> {
        self.items.first().copied()
    }

    /// The accounts and Regions in one text, of each at most `named`. Of several targets their number comes first.
    pub(crate) fn describe(&self, quoted: fn(&str) -> String, named: usize, between: &str) -> String {
        let account = |id: AccountId, name: Option<&str>| {
            let name = name.map_or_else(String::new, |name| format!(" {}", quoted(name)));
            format!("{}{name}", quoted(&id.to_string()))
        };
        self.describe_with(account, quoted, named, [" ", between])
    }

    /// The same, with accounts as a format writes them. The account and the Region of a single target are joined by the first
    /// text; the second one stands behind the number of several.
    pub(crate) fn describe_with(
        &self,
        account: impl Fn(AccountId, Option<&str>) -> String,
        region: impl Fn(&str) -> String,
        named: usize,
        [joint, between]: [&str; 2],
    ) -> String {
        let accounts: Vec<String> = self.accounts.iter().map(|(id, name)| account(*id, *name)).collect();
        let regions: Vec<String> = self.regions.iter().map(|name| region(name)).collect();
        let (accounts, regions) = (listed(&accounts, named), listed(&regions, named));
        if self.len() == 1 {
            return format!("{accounts}{joint}{regions}");
        }
        let (whole, of) = (pluralize(self.len(), "target"), pluralize(self.accounts.len(), "account"));
        format!("{whole}: {of} × {}{between}{accounts} in {regions}", pluralize(self.regions.len(), "Region"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_with_the_same_regions_are_one_group_and_no_target_is_lost() {
        let id = |text: &str| text.parse::<AccountId>().expect("an id");
        let (one, two, three) = (id("111122223333"), id("222233334444"), id("333344445555"));
        let items = [(one, "a"), (one, "b"), (two, "b"), (two, "a"), (three, "a")];
        let groups = group_targets(&items, |(account, region)| (*account, (*account == one).then_some("x"), region));
        let texts: Vec<String> = groups.iter().map(|group| group.describe(str::to_owned, 1, "; ")).collect();
        assert_eq!(
            texts,
            ["4 targets: 2 accounts × 2 Regions; 111122223333 x, 222233334444 in a, b", "333344445555 a"]
        );
        assert_eq!(groups.iter().map(TargetGroup::len).sum::<usize>(), items.len());
        let keys = group_by_key(&items, |(_, region)| *region, |(account, region)| (*account, None, region));
        let texts: Vec<String> = keys.iter().map(|group| group.describe(str::to_owned, 1, "; ")).collect();
        let many = "3 targets: 3 accounts × 1 Region; 111122223333, … and 2 more in a";
        assert_eq!(texts, [many, "2 targets: 2 accounts × 1 Region; 111122223333, 222233334444 in b"]);
    }
}
