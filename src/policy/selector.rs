//! Selectors of accounts and Regions, and the accounts of an inventory that they match.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use wildmatch::WildMatch;

use crate::diagnostic::Span;
use crate::model::{Account, AccountId, AccountSpecificity, Inventory, Region, RegionSpecificity, Unit};

/// What is selected, and what is taken away from it.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// What is selected.
    pub chosen: Selectors,
    /// What is taken away.
    pub except: Option<Selectors>,
}

/// The targets that match both.
#[derive(Debug, Clone, Default)]
pub struct Selectors {
    /// The accounts.
    pub accounts: AccountSelectors,
    /// The Regions.
    pub regions: RegionSelector,
}

/// The accounts that match every selector that is given; without any, every account of the inventory.
#[derive(Debug, Clone, Default)]
pub struct AccountSelectors {
    /// Those of these ids or names.
    pub listed: Option<AccountItems>,
    /// Those in any of these organizational units.
    pub units: Option<Vec<UnitItem>>,
    /// Those that have all of these tags.
    pub tags: Option<Vec<TagItem>>,
}

/// Ids and name patterns, of which any is enough.
#[derive(Debug, Clone, Default)]
pub struct AccountItems {
    /// The ids, each with its place.
    pub ids: BTreeMap<AccountId, Span>,
    /// The patterns of names, each with its place.
    pub names: Vec<(WildMatch, Span)>,
}

/// An organizational unit, with all below it.
#[derive(Debug, Clone)]
pub struct UnitItem {
    /// Which one.
    pub name: UnitName,
    /// Where it stands.
    pub span: Span,
}

/// How an organizational unit is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnitName {
    /// By its id.
    Id(Box<str>),
    /// By the names from below the root down to it.
    Path(Vec<Box<str>>),
}

/// Kind of a name in a selector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameKind {
    /// An account, or several by a pattern.
    Account,
    /// An organizational unit.
    Unit,
    /// A tag: a key with one of its values.
    Tag,
}

/// A tag.
#[derive(Debug, Clone)]
pub struct TagItem {
    /// Its key.
    pub key: Box<str>,
    /// The values, of which any is enough, each with its place.
    pub values: Vec<(Box<str>, Span)>,
    /// Where the key stands.
    pub span: Span,
}

/// The Regions of a declaration.
#[derive(Debug, Clone, Default)]
pub enum RegionSelector {
    /// No selector: every Region of the inventory.
    #[default]
    All,
    /// Any of these.
    Any(Vec<RegionItem>),
}

/// An item of a Region selector.
#[derive(Debug, Clone)]
pub enum RegionItem {
    /// One Region, by its code.
    Name(Region, Span),
    /// The Regions whose code matches.
    Pattern(WildMatch, Span),
}

impl Selection {
    /// The selectors, those of the `except` too.
    pub fn all(&self) -> impl Iterator<Item = &Selectors> {
        std::iter::once(&self.chosen).chain(&self.except)
    }
}

impl AccountSelectors {
    /// How closely they point at the account, or `None` if one of them does not select it. The closest selector counts.
    pub fn reach(&self, account: &Account) -> Option<AccountSpecificity> {
        let mut reach = AccountSpecificity::Everyone;
        if let Some(listed) = &self.listed {
            reach = reach.max(listed.reach(account)?);
        }
        if let Some(units) = &self.units {
            reach = reach.max(units.iter().filter_map(|unit| unit.name.reach(&account.units)).max()?);
        }
        if let Some(tags) = &self.tags {
            if !tags.iter().all(|tag| tag.is_on(account)) {
                return None;
            }
            reach = reach.max(AccountSpecificity::Attribute);
        }
        Some(reach)
    }

    /// The texts that only a list of the accounts can confirm: names, units and tags, each with its place.
    pub(super) fn names(&self) -> impl Iterator<Item = (NameKind, String, Span)> {
        let names = self.listed.iter().flat_map(|listed| &listed.names);
        let units = self.units.iter().flatten();
        let tags = self.tags.iter().flatten().flat_map(|tag| tag.values.iter().map(move |value| (&tag.key, value)));
        names
            .map(|(pattern, span)| (NameKind::Account, pattern.to_string(), *span))
            .chain(units.map(|unit| (NameKind::Unit, unit.name.to_string(), unit.span)))
            .chain(tags.map(|(key, (value, span))| (NameKind::Tag, format!("{key}={value}"), *span)))
    }

    /// The ids that they list, each with its place.
    pub fn ids(&self) -> impl Iterator<Item = (AccountId, Span)> {
        self.listed.iter().flat_map(|listed| listed.ids.iter().map(|(id, span)| (*id, *span)))
    }

    /// The ids, if nothing but ids can select an account.
    pub(super) fn only_ids(&self) -> Option<&BTreeMap<AccountId, Span>> {
        let listed = self.listed.as_ref()?;
        listed.names.is_empty().then_some(&listed.ids)
    }
}

impl AccountItems {
    fn reach(&self, account: &Account) -> Option<AccountSpecificity> {
        if self.ids.contains_key(&account.id) {
            return Some(AccountSpecificity::Id);
        }
        let name = account.name.as_deref()?;
        self.names.iter().any(|(pattern, _)| pattern.matches(name)).then_some(AccountSpecificity::Attribute)
    }
}

impl TagItem {
    /// Whether the account has the tag with one of the values.
    pub fn is_on(&self, account: &Account) -> bool {
        account.tags.get(&self.key).is_some_and(|value| self.values.iter().any(|(it, _)| it == value))
    }
}

impl UnitName {
    /// How closely it points at an account in these units, or `None` if it holds none of them.
    pub fn reach(&self, units: &[Unit]) -> Option<AccountSpecificity> {
        let depth = match self {
            Self::Id(id) => units.iter().position(|unit| unit.id == *id)? + 1,
            Self::Path(path) => {
                let above = units.get(..path.len())?;
                above.iter().zip(path).all(|(unit, name)| unit.name == *name).then_some(path.len())?
            }
        };
        Some(AccountSpecificity::Unit(u8::try_from(depth).unwrap_or(u8::MAX)))
    }
}

impl fmt::Display for UnitName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => out.write_str(id),
            Self::Path(path) => out.write_str(&path.join("/")),
        }
    }
}

impl FromStr for UnitName {
    type Err = &'static str;

    /// Source: AWS Organizations API Reference, OrganizationalUnit, `Id` and `Name`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_code = |text: &str, least: usize| {
            (least..=32).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        let id = text.strip_prefix("ou-").and_then(|rest| rest.split_once('-'));
        if id.is_some_and(|(root, unit)| is_code(root, 4) && is_code(unit, 8)) {
            return Ok(Self::Id(text.into()));
        }
        let path: Vec<Box<str>> = text.split('/').map(Into::into).collect();
        if path.iter().any(|name| name.trim().is_empty()) {
            return Err("a part of the path is empty");
        }
        Ok(Self::Path(path))
    }
}

impl RegionSelector {
    /// How closely it points at the Region, or `None` if it does not select it. The closest item counts.
    pub fn reach(&self, region: &Region) -> Option<RegionSpecificity> {
        match self {
            Self::All => Some(RegionSpecificity::All),
            Self::Any(items) => items.iter().filter_map(|item| item.reach(region)).max(),
        }
    }

    /// The items, where there are any.
    pub fn items(&self) -> &[RegionItem] {
        match self {
            Self::All => &[],
            Self::Any(items) => items,
        }
    }
}

impl RegionItem {
    /// The Region, if the item names one.
    pub fn name(&self) -> Option<&Region> {
        match self {
            Self::Name(region, _) => Some(region),
            Self::Pattern(..) => None,
        }
    }

    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Name(_, span) | Self::Pattern(_, span) => *span,
        }
    }

    /// How closely the item points at the Region, or `None` if it does not select it.
    pub fn reach(&self, region: &Region) -> Option<RegionSpecificity> {
        match self {
            Self::Name(name, _) => (name == region).then_some(RegionSpecificity::Name),
            Self::Pattern(pattern, _) => pattern.matches(region.as_str()).then_some(RegionSpecificity::Pattern),
        }
    }
}

/// A declaration or waiver that selects an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct AccountMatch {
    /// Which one, counted through all of them.
    pub(super) selection: usize,
    pub(super) reach: AccountSpecificity,
    /// Whether the account is among those that it excepts, in the excepted Regions.
    pub(super) excepted: bool,
}

/// The matches of each account of the inventory, in the inventory's order, each list by selection.
///
/// Thousands of accounts by hundreds of selections are too many pairs to look at each: a list of ids is looked up, and
/// organizational units are compared once for all the accounts that they hold.
pub(super) fn matches<'set>(
    selections: impl Iterator<Item = &'set Selection>,
    inventory: &Inventory,
) -> Vec<Vec<AccountMatch>> {
    let accounts = inventory.accounts();
    let mut matches: Vec<Vec<AccountMatch>> = vec![Vec::new(); accounts.len()];
    let units_with_accounts = accounts_by_unit_path(accounts);
    for (index, selection) in selections.enumerate() {
        let mut consider = |place: usize| {
            let (Some(account), Some(found)) = (accounts.get(place), matches.get_mut(place)) else { return };
            let Some(reach) = selection.chosen.accounts.reach(account) else { return };
            let excepted = selection.except.as_ref().is_some_and(|except| except.accounts.reach(account).is_some());
            found.push(AccountMatch { selection: index, reach, excepted });
        };
        let chosen = &selection.chosen.accounts;
        if let Some(ids) = chosen.only_ids() {
            let places = ids.keys().filter_map(|id| accounts.binary_search_by_key(id, |account| account.id).ok());
            places.for_each(&mut consider);
        } else if let Some(units) = &chosen.units {
            let held =
                units_with_accounts.iter().filter(|(path, _)| units.iter().any(|unit| unit.name.reach(path).is_some()));
            held.flat_map(|(_, places)| places).copied().for_each(&mut consider);
        } else {
            (0..accounts.len()).for_each(&mut consider);
        }
    }
    matches
}

/// The accounts by the units that hold them.
fn accounts_by_unit_path(accounts: &[Account]) -> BTreeMap<&[Unit], Vec<usize>> {
    let mut units_with_accounts: BTreeMap<&[Unit], Vec<usize>> = BTreeMap::new();
    for (place, account) in accounts.iter().enumerate() {
        units_with_accounts.entry(&account.units).or_default().push(place);
    }
    units_with_accounts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_named_by_id_or_by_path() {
        assert_eq!("ou-ab12-cd34ef56".parse(), Ok(UnitName::Id("ou-ab12-cd34ef56".into())));
        assert_eq!("ou-x".parse(), Ok(UnitName::Path(vec!["ou-x".into()])), "names may begin like that");
        assert_eq!("Workloads/Prod".parse(), Ok(UnitName::Path(vec!["Workloads".into(), "Prod".into()])));
        for bad in ["", "/Workloads", "Workloads/", "a//b"] {
            assert!(bad.parse::<UnitName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_unit_holds_all_below_it_and_deeper_is_closer() {
        let unit = |id: &str, name: &str| Unit { id: id.into(), name: name.into() };
        let units = [unit("ou-root-00000001", "Workloads"), unit("ou-root-00000002", "Prod")];
        let reach = |name: &str| name.parse::<UnitName>().expect("a name").reach(&units);
        assert_eq!(reach("Workloads"), Some(AccountSpecificity::Unit(1)));
        assert_eq!(reach("Workloads/Prod"), Some(AccountSpecificity::Unit(2)));
        assert_eq!(reach("ou-root-00000002"), Some(AccountSpecificity::Unit(2)));
        assert_eq!(reach("Prod"), None, "a path begins below the root");
        assert_eq!(reach("Workloads/Prod/Payments"), None);
        assert_eq!(reach("workloads"), None);
    }
}
