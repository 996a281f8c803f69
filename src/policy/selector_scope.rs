//! What the items of selectors are held against: accounts and Regions of the inventory.

use std::rc::Rc;
use std::sync::Arc;

use super::declaration::DeclaredWaiver;
use super::selector::{RegionSelector, Selection};
use crate::model::{Account, DesiredSettings, Inventory, Region, RegionSpecificity, Resource};

/// What selectors belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ItemOwner {
    Declaration(Resource),
    Waiver,
}

impl ItemOwner {
    /// The resource that it declares.
    pub(super) fn declares(self) -> Option<Resource> {
        match self {
            Self::Declaration(resource) => Some(resource),
            Self::Waiver => None,
        }
    }
}

/// Accounts that the same declarations and waivers match, and whether each has desired settings, Region by Region of the inventory.
#[derive(Default)]
pub(super) struct Group<'a> {
    pub(super) accounts: Vec<&'a Account>,
    pub(super) declared: Vec<Vec<(Resource, Arc<DesiredSettings>)>>,
}

/// Accounts that a selection selects, with the Regions in which it does.
pub(super) struct ScopeAccount<'a> {
    pub(super) accounts: &'a [&'a Account],
    /// For each Region of the inventory whether it is one of them.
    pub(super) regions: Rc<[bool]>,
    /// Whether the accounts are among those of the `except`.
    pub(super) excepted: bool,
}

/// Accounts and Regions that an item may match.
pub(super) struct SelectorScope<'a> {
    pub(super) accounts: Vec<&'a Account>,
    /// The Regions, each with whether only its name reaches it.
    pub(super) regions: Vec<(&'a Region, bool)>,
}

impl<'a> SelectorScope<'a> {
    /// The whole inventory. With a resource, a pattern does not reach a Region that is there for it by its name only.
    pub(super) fn whole(inventory: &'a Inventory, declares: Option<Resource>) -> Self {
        Self { accounts: inventory.accounts().iter().collect(), regions: regions(inventory, declares).collect() }
    }

    /// The accounts of some of what is held, and the Regions of some.
    pub(super) fn for_accounts(
        accounts: &[&ScopeAccount<'a>],
        there: &[&ScopeAccount<'a>],
        inventory: &'a Inventory,
        declares: Option<Resource>,
    ) -> Self {
        let mut any = vec![false; inventory.regions().len()];
        for held in there {
            any.iter_mut().zip(held.regions.iter()).for_each(|(any, is)| *any |= is);
        }
        Self {
            accounts: accounts.iter().flat_map(|held| held.accounts).copied().collect(),
            regions: regions(inventory, declares).zip(any).filter_map(|(region, is)| is.then_some(region)).collect(),
        }
    }
}

fn regions(inventory: &Inventory, declares: Option<Resource>) -> impl Iterator<Item = (&Region, bool)> {
    let by_name = move |region: &Region| declares.is_some_and(|resource| inventory.is_by_name_only(resource, region));
    inventory.regions().iter().map(move |region| (region, by_name(region)))
}

/// Whether a selection reaches a Region of the inventory.
pub(super) fn reaches(of: ItemOwner, selection: &Selection, region: &Region, inventory: &Inventory) -> bool {
    let by_name = || of.declares().is_some_and(|resource| inventory.is_by_name_only(resource, region));
    let reach = selection.chosen.regions.reach(region);
    reach.is_some_and(|reach| reach == RegionSpecificity::Name || !by_name())
}

/// For each Region of the inventory whether a selection reaches it.
pub(super) fn reached_regions(of: ItemOwner, selection: &Selection, inventory: &Inventory) -> Rc<[bool]> {
    inventory.regions().iter().map(|region| reaches(of, selection, region, inventory)).collect()
}

/// For each Region of the inventory whether a selector selects it, by whatever item.
pub(super) fn selected_regions(selector: &RegionSelector, inventory: &Inventory) -> Rc<[bool]> {
    inventory.regions().iter().map(|region| selector.reach(region).is_some()).collect()
}

/// Of some Regions those where something that a waiver is for, or anything without one, is declared of the accounts of a group.
pub(super) fn declared_regions(group: &Group<'_>, waiver: Option<&DeclaredWaiver>, selected: &[bool]) -> Rc<[bool]> {
    let is_declared = |declared: &[(Resource, Arc<DesiredSettings>)]| {
        let mut settings = declared.iter().flat_map(|(_, desired)| &desired.settings);
        settings.any(|desired| waiver.is_none_or(|waiver| waiver.settings.contains(&desired.setting)))
    };
    selected.iter().zip(&group.declared).map(|(selected, desired)| *selected && is_declared(desired)).collect()
}
