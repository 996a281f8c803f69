//! The accounts and Regions of a run, its selection and its shard.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use wildmatch::WildMatch;

use super::{Account, AccountId, Region, Resource};

/// What an inventory knows of its accounts beside their ids. A selector that asks for more is an error, never a silent
/// non-match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct InventoryFields {
    /// Their names.
    pub names: bool,
    /// Their organizational units.
    pub units: bool,
    /// Their tags.
    pub tags: bool,
}

/// The accounts and Regions that declarations select from. Nothing outside it is a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inventory {
    accounts: Vec<Account>,
    regions: Vec<Region>,
    by_name_only: BTreeSet<(Resource, Region)>,
    knowledge: InventoryFields,
    management_account: Option<AccountId>,
}

impl Inventory {
    /// An inventory of these accounts and Regions, sorted, each once.
    pub fn new(mut accounts: Vec<Account>, knowledge: InventoryFields, mut regions: Vec<Region>) -> Self {
        accounts.sort_by_key(|account| account.id);
        accounts.dedup_by_key(|account| account.id);
        regions.sort();
        regions.dedup();
        Self { accounts, regions, by_name_only: BTreeSet::new(), knowledge, management_account: None }
    }

    /// An inventory of accounts of which only the ids are known.
    pub fn from_ids(ids: impl IntoIterator<Item = AccountId>, regions: Vec<Region>) -> Self {
        Self::new(ids.into_iter().map(Account::from_id).collect(), InventoryFields::default(), regions)
    }

    /// Marks Regions that only a declaration that names them reaches: no pattern does, and neither does "all".
    #[must_use]
    pub fn with_regions_by_name(mut self, is_by_name: impl Fn(Resource, &Region) -> bool) -> Self {
        let each = Resource::ALL.iter().flat_map(|resource| self.regions.iter().map(|region| (*resource, region)));
        let by_name = each.filter(|(resource, region)| is_by_name(*resource, region));
        self.by_name_only = by_name.map(|(resource, region)| (resource, region.clone())).collect();
        self
    }

    /// Says that the accounts are those of an organization, and which of them manages it.
    #[must_use]
    pub fn with_management_account(mut self, account: Option<AccountId>) -> Self {
        self.management_account = account;
        self
    }

    /// The management account of the organization that the accounts are those of, if they are.
    pub fn management_account(&self) -> Option<AccountId> {
        self.management_account
    }

    /// Whether only a declaration of the resource that names the Region reaches it.
    pub fn is_by_name_only(&self, resource: Resource, region: &Region) -> bool {
        // Regions are cheap to clone, and few inventories have such Regions.
        !self.by_name_only.is_empty() && self.by_name_only.contains(&(resource, region.clone()))
    }

    /// What is known of the accounts beside their ids.
    pub fn knowledge(&self) -> InventoryFields {
        self.knowledge
    }

    /// The accounts, sorted by id.
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// The Regions, sorted.
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// The account of that id.
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        let index = self.accounts.binary_search_by_key(&id, |account| account.id).ok()?;
        self.accounts.get(index)
    }
}

/// One of so many parts of the accounts. Which part an account is in depends on its id and on the number of parts alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Shard {
    /// Which part, from 1.
    pub index: u32,
    /// How many parts there are.
    pub count: u32,
}

/// Why a text is no shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a shard is written as INDEX/COUNT, such as 3/16, with an index from 1 to the count")]
pub struct InvalidShard;

impl Shard {
    /// The part of a run that was split; none for the whole, of which `1/1` is another name.
    pub fn part(shard: Option<Self>) -> Option<Self> {
        shard.filter(|shard| shard.count > 1)
    }

    /// Whether there is such a part: an index from 1 to the count.
    pub fn exists(self) -> bool {
        (1..=self.count).contains(&self.index)
    }

    /// Whether an account is in this part.
    pub fn has(self, account: AccountId) -> bool {
        let digest = Sha256::digest(account.to_string());
        let start: [u8; 8] = std::array::from_fn(|nth| digest.get(nth).copied().unwrap_or_default());
        u64::from_be_bytes(start) % u64::from(self.count.max(1)) == u64::from(self.index.saturating_sub(1))
    }
}

impl FromStr for Shard {
    type Err = InvalidShard;

    fn from_str(text: &str) -> Result<Self, InvalidShard> {
        let (index, count) = text.split_once('/').ok_or(InvalidShard)?;
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<u32>().ok().filter(|_| digits).ok_or(InvalidShard)
        };
        let (index, count) = (number(index)?, number(count)?);
        let shard = Self { index, count };
        if shard.exists() { Ok(shard) } else { Err(InvalidShard) }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.index, self.count)
    }
}

/// Accounts and Regions that a run is about. The items of one list are combined with OR, the two lists with AND.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetSelection {
    accounts: Vec<String>,
    regions: Vec<String>,
}

/// A selection, prepared for many targets.
#[derive(Debug)]
pub struct SelectionMatcher {
    /// `None` selects every account.
    accounts: Option<(BTreeSet<AccountId>, Vec<WildMatch>)>,
    /// `None` selects every Region.
    regions: Option<Vec<WildMatch>>,
}

impl TargetSelection {
    /// A selection of accounts (ids, names, name patterns) and Regions (codes, patterns), sorted, each once. `None` without any: it
    /// would select everything.
    pub fn new(mut accounts: Vec<String>, mut regions: Vec<String>) -> Option<Self> {
        for items in [&mut accounts, &mut regions] {
            items.sort();
            items.dedup();
        }
        let is_empty = accounts.is_empty() && regions.is_empty();
        (!is_empty).then_some(Self { accounts, regions })
    }

    /// The ids, names and name patterns of accounts; empty for every account.
    pub fn accounts(&self) -> &[String] {
        &self.accounts
    }

    /// The codes and patterns of Regions; empty for every Region.
    pub fn regions(&self) -> &[String] {
        &self.regions
    }

    /// The account ids among the items.
    pub fn account_ids(&self) -> impl Iterator<Item = AccountId> {
        self.accounts.iter().filter_map(|item| item.parse().ok())
    }

    /// The selection, prepared for many targets.
    pub fn matcher(&self) -> SelectionMatcher {
        let names = self.accounts.iter().filter(|item| item.parse::<AccountId>().is_err());
        let names = names.map(|item| WildMatch::new(item)).collect();
        let regions = self.regions.iter().map(|item| WildMatch::new(item)).collect();
        SelectionMatcher {
            accounts: (!self.accounts.is_empty()).then(|| (self.account_ids().collect(), names)),
            regions: (!self.regions.is_empty()).then_some(regions),
        }
    }
}

impl SelectionMatcher {
    /// Whether it selects an account. Names and patterns select none whose name is unknown.
    pub fn selects_account(&self, id: AccountId, name: Option<&str>) -> bool {
        self.accounts.as_ref().is_none_or(|(ids, names)| {
            ids.contains(&id) || name.is_some_and(|name| names.iter().any(|pattern| pattern.matches(name)))
        })
    }

    /// Whether it selects a Region.
    pub fn selects_region(&self, region: &Region) -> bool {
        let selects = |patterns: &Vec<WildMatch>| patterns.iter().any(|pattern| pattern.matches(region.as_str()));
        self.regions.as_ref().is_none_or(selects)
    }
}

impl fmt::Display for TargetSelection {
    /// The options that select the same.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let accounts = self.accounts.iter().map(|item| ("--account", item));
        let options = accounts.chain(self.regions.iter().map(|item| ("--region", item)));
        for (nth, (option, item)) in options.enumerate() {
            let blank = if nth == 0 { "" } else { " " };
            write!(out, "{blank}{option} {}", Quoted(item))?;
        }
        Ok(())
    }
}

/// An argument as a POSIX shell takes it.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./@:+".contains(letter);
        if !self.0.is_empty() && self.0.chars().all(is_plain) {
            out.write_str(self.0)
        } else {
            write!(out, "'{}'", self.0.replace('\'', "'\\''"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_account_is_in_exactly_one_part_and_parts_are_about_as_large() {
        let accounts: Vec<AccountId> =
            (0..10_000_u64).map(|number| format!("{number:012}").parse().expect("an id")).collect();
        let count = 16;
        let sizes: Vec<usize> = (1..=count)
            .map(|index| accounts.iter().filter(|account| Shard { index, count }.has(**account)).count())
            .collect();
        assert_eq!(sizes.iter().sum::<usize>(), accounts.len());
        assert!(sizes.iter().all(|size| (500..750).contains(size)), "{sizes:?}");
    }

    #[test]
    fn the_only_part_is_the_whole() {
        assert_eq!(Shard::part(Some(Shard { index: 1, count: 1 })), None);
        assert_eq!(Shard::part(Some(Shard { index: 1, count: 2 })), Some(Shard { index: 1, count: 2 }));
        assert_eq!(Shard::part(None), None);
    }

    #[test]
    fn what_is_no_shard_is_refused() {
        assert_eq!("3/16".parse(), Ok(Shard { index: 3, count: 16 }));
        for bad in ["", "3", "0/4", "5/4", "1/0", "-1/4", "+1/4", "1/4/2", "a/b", "1 / 4"] {
            assert_eq!(bad.parse::<Shard>(), Err(InvalidShard), "{bad}");
        }
    }

    fn selection(accounts: &[&str], regions: &[&str]) -> TargetSelection {
        let owned = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect();
        TargetSelection::new(owned(accounts), owned(regions)).expect("an item")
    }

    #[test]
    fn order_and_repetition_make_no_difference() {
        assert_eq!(selection(&["b", "a", "b"], &[]), selection(&["a", "b"], &[]));
        assert_eq!(TargetSelection::new(Vec::new(), Vec::new()), None);
    }

    #[test]
    fn an_id_is_an_id_and_anything_else_a_name_or_a_pattern() {
        let id: AccountId = "111122223333".parse().expect("an id");
        let other: AccountId = "444455556666".parse().expect("an id");
        let matcher = selection(&["111122223333", "pay*"], &["eu-*", "us-east-1"]).matcher();
        assert!(matcher.selects_account(id, None) && matcher.selects_account(other, Some("payments")));
        assert!(!matcher.selects_account(other, None) && !matcher.selects_account(other, Some("Payments")));
        assert!(!matcher.selects_account(other, Some("111122223333")), "a name that looks like an id");
        let region = |code: &str| matcher.selects_region(&code.parse().expect("a Region"));
        assert!(region("eu-west-1") && region("us-east-1") && !region("us-east-2"));
    }

    #[test]
    fn it_is_shown_as_a_shell_takes_it() {
        let shown = selection(&["111122223333", "Bob's team"], &["eu-*"]).to_string();
        assert_eq!(shown, r"--account 111122223333 --account 'Bob'\''s team' --region 'eu-*'");
    }
}
