//! Which targets a declaration is about.

use std::collections::BTreeMap;

use wildmatch::WildMatch;

use crate::diagnostic::Span;
use crate::model::{AccountId, AccountReach, Region, RegionReach};

/// The accounts of a declaration.
#[derive(Debug, Clone)]
pub enum AccountSelector {
    /// No selector: every account of the inventory.
    Everyone,
    /// The accounts of these ids, each with the place where it is listed.
    Ids(BTreeMap<AccountId, Span>),
}

/// The Regions of a declaration.
#[derive(Debug, Clone)]
pub enum RegionSelector {
    /// No selector: every Region of the inventory.
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

/// What is taken away from a declaration: targets that match both selectors.
#[derive(Debug, Clone)]
pub struct Except {
    /// The accounts.
    pub accounts: AccountSelector,
    /// The Regions.
    pub regions: RegionSelector,
}

impl AccountSelector {
    /// How closely it points at the account, or `None` if it does not select it.
    pub fn reach(&self, account: AccountId) -> Option<AccountReach> {
        match self {
            Self::Everyone => Some(AccountReach::Everyone),
            Self::Ids(ids) => ids.contains_key(&account).then_some(AccountReach::Id),
        }
    }

    /// The ids that it lists, each with its place.
    pub fn ids(&self) -> impl Iterator<Item = (AccountId, Span)> {
        let ids = match self {
            Self::Everyone => None,
            Self::Ids(ids) => Some(ids),
        };
        ids.into_iter().flatten().map(|(id, span)| (*id, *span))
    }
}

impl RegionSelector {
    /// How closely it points at the Region, or `None` if it does not select it. The closest item counts.
    pub fn reach(&self, region: &Region) -> Option<RegionReach> {
        match self {
            Self::All => Some(RegionReach::All),
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
    pub fn reach(&self, region: &Region) -> Option<RegionReach> {
        match self {
            Self::Name(name, _) => (name == region).then_some(RegionReach::Name),
            Self::Pattern(pattern, _) => pattern.matches(region.as_str()).then_some(RegionReach::Pattern),
        }
    }
}
