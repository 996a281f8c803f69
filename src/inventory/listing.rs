//! Listing of an organization through AWS Organizations.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use futures_util::stream::{self, FuturesUnordered};
use futures_util::{StreamExt as _, TryStreamExt as _};
use tokio::sync::Notify;

use super::{Organization, RegionStatus};
use crate::aws::{AwsSession, CallFailure, FailureMeaning, ListedAccount, OrganizationError, classify};
use crate::model::{Account, AccountId, AccountState, Clock, InventoryFields, Region, Unit, UnreadReason};

/// Concurrent calls of each kind: more than AWS allows.
const AT_ONCE: usize = 16;

/// How deep units nest below the root.
///
/// Source: AWS Organizations User Guide, "Quotas and service limits".
const LEVELS: usize = 5;

/// Cap on units, roots included. Source: the same page; its quota of 2,000 may be raised.
const UNITS_AT_MOST: usize = 10_000;

/// Optional fields of a listing, beside accounts with names and states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ListFields {
    /// The organizational units of each account: some calls per unit.
    pub units: bool,
    /// The tags of each account: a call per account.
    pub tags: bool,
    /// Which Regions are on for each account: a call per account.
    pub regions: bool,
}

/// A listed organization.
#[derive(Debug)]
pub struct Listing {
    /// The organization.
    pub organization: Organization,
    /// Why no Regions are known, if they were requested.
    pub regions_denied: Option<CallFailure>,
}

/// The Regions of the accounts, or why they cannot be read.
type Regions = Result<BTreeMap<AccountId, BTreeMap<Region, RegionStatus>>, CallFailure>;

impl From<InventoryFields> for ListFields {
    fn from(knowledge: InventoryFields) -> Self {
        Self { units: knowledge.units, tags: knowledge.tags, regions: false }
    }
}

/// Lists the organization of the caller with the caller's credentials. `progress` receives the number of accounts so
/// far.
///
/// # Errors
///
/// Why the accounts are not known. A partial result is never returned.
pub async fn list(
    access: &AwsSession,
    wanted: ListFields,
    progress: &dyn Fn(usize),
) -> Result<Listing, OrganizationError> {
    let organization = access.organization().await?;
    // The walk waits for the first page of accounts, so that a caller who may do neither always gets the same error.
    let first_page = Notify::new();
    let seen = |count| {
        first_page.notify_one();
        progress(count);
    };
    let walk = async {
        if !wanted.units {
            return Ok(None);
        }
        first_page.notified().await;
        walk(access).await.map(Some)
    };
    let (listed, units) = tokio::try_join!(access.accounts(&seen), walk)?;
    let mut accounts = placed(access, listed, units.as_ref()).await?;
    if !accounts.contains_key(&organization.management_account) {
        return Err(changed(format!("the management account {} was not listed", organization.management_account)));
    }
    if wanted.tags {
        let ids: Vec<AccountId> = accounts.keys().copied().collect();
        let tagged = stream::iter(ids).map(|id| async move { Ok((id, access.account_tags(id).await?)) });
        let tags: BTreeMap<AccountId, _> = tagged.buffer_unordered(AT_ONCE).try_collect().await?;
        for (id, tags) in tags {
            if let Some(account) = accounts.get_mut(&id) {
                account.tags = tags;
            }
        }
    }
    let regions = if wanted.regions { regions(access, &accounts).await? } else { Ok(BTreeMap::new()) };
    let (regions, regions_denied) = match regions {
        Ok(regions) => (regions, None),
        Err(denied) => (BTreeMap::new(), Some(denied)),
    };
    let caller = access.caller();
    let organization = Organization {
        id: organization.id,
        management_account: organization.management_account,
        taken_at: Clock::System.now(),
        caller_account: caller.account,
        caller_arn: caller.arn.clone(),
        knowledge: InventoryFields { names: true, units: wanted.units, tags: wanted.tags },
        accounts: accounts.into_values().collect(),
        regions,
    };
    Ok(Listing { organization, regions_denied })
}

/// Walks the tree of units from its roots.
async fn walk(access: &AwsSession) -> Result<Units, OrganizationError> {
    let mut units = Units::default();
    let mut waiting: VecDeque<Box<str>> = access.roots().await?.into();
    for root in &waiting {
        units.add_root(root.clone());
    }
    let mut calls = FuturesUnordered::new();
    loop {
        while calls.len() < AT_ONCE
            && let Some(parent) = waiting.pop_front()
        {
            calls.push(async move {
                let children = access.units_in(&parent).await;
                (parent, children)
            });
        }
        let Some((parent, children)) = calls.next().await else { return Ok(units) };
        let children = children?;
        if !children.is_empty() && units.holding(&parent).is_some_and(|line| line.len() >= LEVELS) {
            return Err(access.explain_units("units are nested deeper than the five levels that AWS allows"));
        }
        waiting.extend(children.iter().map(|child| child.id.clone()));
        if !units.add(&parent, children) {
            return Err(changed(format!("a unit of {parent} was also listed elsewhere")));
        }
        if units.len() > UNITS_AT_MOST {
            return Err(access.explain_units("there are more units than any organization has"));
        }
    }
}

/// Indexes the accounts by id and adds their units, if the tree is known.
async fn placed(
    access: &AwsSession,
    listed: Vec<ListedAccount>,
    units: Option<&Units>,
) -> Result<BTreeMap<AccountId, Account>, OrganizationError> {
    let mut paths = BTreeMap::new();
    let mut accounts = BTreeMap::new();
    for ListedAccount { account, path } in listed {
        let id = account.id;
        // Pages shift while accounts come and go, so an account may be listed twice; both entries must be equal.
        let other_path = paths.insert(id, path.clone()).is_some_and(|before| before != path);
        let other_facts = accounts.insert(id, account.clone()).is_some_and(|before| before != account);
        if other_path || other_facts {
            return Err(changed(format!("account {id} was listed twice, with differences")));
        }
    }
    let Some(units) = units else { return Ok(accounts) };
    let told: Option<Vec<(AccountId, Vec<Box<str>>)>> = paths.into_iter().map(|(id, path)| Some((id, path?))).collect();
    let places: BTreeMap<AccountId, Arc<[Unit]>> = match told {
        Some(told) => {
            let followed = told.into_iter().map(|(id, path)| match units.along(&path) {
                Some(line) => Ok((id, line)),
                None => Err(changed(format!("account {id} is in a unit that was not found: {}", path.join("/")))),
            });
            followed.collect::<Result<_, _>>()?
        }
        None => places_by_parent(access, units).await?,
    };
    if let Some(stranger) = places.keys().find(|id| !accounts.contains_key(id)) {
        return Err(changed(format!("account {stranger} appeared")));
    }
    for (id, account) in &mut accounts {
        let place = places.get(id).ok_or_else(|| changed(format!("account {id} was found in no unit")))?;
        account.units = Arc::clone(place);
    }
    Ok(accounts)
}

/// The units of the accounts, by listing the accounts of each root and unit.
async fn places_by_parent(
    access: &AwsSession,
    units: &Units,
) -> Result<BTreeMap<AccountId, Arc<[Unit]>>, OrganizationError> {
    let asked = stream::iter(units.ids()).map(|parent| async move {
        let accounts = access.accounts_in(&parent).await?;
        Ok((units.holding(&parent).unwrap_or_default(), accounts))
    });
    let held: Vec<(Arc<[Unit]>, Vec<AccountId>)> = asked.buffer_unordered(AT_ONCE).try_collect().await?;
    let mut places: BTreeMap<AccountId, Arc<[Unit]>> = BTreeMap::new();
    for (line, accounts) in held {
        for id in accounts {
            if places.insert(id, Arc::clone(&line)).is_some_and(|before| before != line) {
                return Err(changed(format!("account {id} was found in two places")));
            }
        }
    }
    Ok(places)
}

/// The Regions of the accounts that may be in use. The first denial ends the listing: permission depends on the caller,
/// so every account would be denied.
async fn regions(access: &AwsSession, accounts: &BTreeMap<AccountId, Account>) -> Result<Regions, OrganizationError> {
    let in_use = |account: &&Account| account.state.is_none_or(AccountState::allows_assume_role);
    let ids: Vec<AccountId> = accounts.values().filter(in_use).map(|account| account.id).collect();
    let asked = stream::iter(ids).map(|id| async move { Ok((id, access.regions_of_member(id).await?)) });
    let found: Result<Vec<_>, CallFailure> = asked.buffer_unordered(AT_ONCE).try_collect().await;
    match found {
        Ok(found) => Ok(Ok(found
            .into_iter()
            .filter_map(|(id, regions)| {
                let regions = regions?;
                Some((id, regions.iter().map(|(region, state)| (region.clone(), state.into())).collect()))
            })
            .collect())),
        Err(failure) if classify(&failure).outcome == FailureMeaning::Unread(UnreadReason::Denied) => Ok(Err(failure)),
        Err(failure) => Err(access.explain_regions(&failure)),
    }
}

fn changed(what: String) -> OrganizationError {
    OrganizationError::Changed { what }
}

/// The tree of organizational units, by id, each with all units above it.
#[derive(Debug, Default)]
pub(super) struct Units {
    /// The units from below the root down to the unit itself; none for a root. Accounts share them.
    lines: BTreeMap<Box<str>, Arc<[Unit]>>,
}

impl Units {
    /// Adds a root.
    pub(super) fn add_root(&mut self, id: Box<str>) {
        self.lines.insert(id, Arc::default());
    }

    /// Adds the children of a known root or unit. `false` if one of them is known already: then this is no tree, and a
    /// walk might never end.
    pub(super) fn add(&mut self, parent: &str, children: Vec<Unit>) -> bool {
        let above = self.lines.get(parent).cloned().unwrap_or_default();
        children.into_iter().all(|child| {
            let id = child.id.clone();
            let line: Arc<[Unit]> = above.iter().cloned().chain([child]).collect();
            self.lines.insert(id, line).is_none()
        })
    }

    /// The units above the children of a root or unit.
    pub(super) fn holding(&self, parent: &str) -> Option<Arc<[Unit]>> {
        self.lines.get(parent).cloned()
    }

    /// The units on a path of ids, if the tree has exactly that path.
    pub(super) fn along(&self, path: &[Box<str>]) -> Option<Arc<[Unit]>> {
        let (root, below) = path.split_first()?;
        let line = self.holding(below.last().unwrap_or(root))?;
        let same = self.lines.contains_key(root) && line.iter().map(|unit| &unit.id).eq(below);
        same.then_some(line)
    }

    /// Number of roots and units.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// The ids of all roots and units, sorted.
    pub(super) fn ids(&self) -> Vec<Box<str>> {
        self.lines.keys().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(id: &str) -> Unit {
        Unit { id: id.into(), name: format!("name of {id}").into() }
    }

    fn tree() -> Units {
        let mut units = Units::default();
        units.add_root("r-1".into());
        assert!(units.add("r-1", vec![unit("ou-a"), unit("ou-b")]));
        assert!(units.add("ou-a", vec![unit("ou-c")]));
        units
    }

    #[test]
    fn a_line_has_every_unit_from_below_the_root() {
        let line =
            |id: &str| tree().holding(id).map(|line| line.iter().map(|unit| unit.id.to_string()).collect::<Vec<_>>());
        assert_eq!(line("r-1"), Some(vec![]));
        assert_eq!(line("ou-c"), Some(vec!["ou-a".to_owned(), "ou-c".to_owned()]));
        assert_eq!(line("ou-x"), None);
    }

    #[test]
    fn only_a_path_that_the_tree_has_is_followed() {
        let along = |path: &[&str]| {
            let path: Vec<Box<str>> = path.iter().map(|id| (*id).into()).collect();
            tree().along(&path).map(|line| line.len())
        };
        assert_eq!(along(&["r-1"]), Some(0));
        assert_eq!(along(&["r-1", "ou-a", "ou-c"]), Some(2));
        for stale in [&["r-1", "ou-c"][..], &["r-1", "ou-b", "ou-c"], &["r-2", "ou-a"], &["r-1", "ou-x"], &[]] {
            assert_eq!(along(stale), None, "{stale:?}");
        }
    }

    #[test]
    fn what_is_in_two_places_is_no_tree() {
        assert!(!tree().add("ou-b", vec![unit("ou-c")]));
        assert!(!tree().add("ou-c", vec![unit("ou-a")]));
    }
}
