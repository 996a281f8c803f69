//! The member lists of Macie's administrator, Region by Region.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;

use futures_util::stream;
use futures_util::{FutureExt as _, StreamExt as _};

use super::collector::Collector;
use super::request::{AdministratorReader, Fallback, ReadRequest, TargetIndex};
use super::tasks::internal_error;
use crate::aws::{AccountCredentials, AwsSession, FailureMeaning, RegionState, classify};
use crate::model::{AccountId, Region, RegionTable, Resource, Unread, UnreadReason, Value};
use crate::resource::macie_session::{ACCOUNTS_IN_A_PAGE, AdministratorAnswer, unread_reason};
use crate::resource::{ListedSession, LiveStatus, MemberState, NotApplicable, NotEnabledEvidence, Reading};

/// Whether a member list can spare any call. An administrator that the settings file names is also asked for settings of its members
/// that take calls of their own.
pub fn is_worth_listing(requests: &[ReadRequest], table: &RegionTable, is_named: bool) -> bool {
    requests.iter().any(|request| {
        is_listable(request, table) && (request.member_list_suffices || (is_named && request.asks_administrator()))
    })
}

/// Whether a member list can hold anything about a target.
fn is_listable(ReadRequest { target, .. }: &ReadRequest, table: &RegionTable) -> bool {
    target.resource == Resource::MacieSession && table.has_macie(&target.region)
}

/// What the administrator's lists say about each target.
#[derive(Debug)]
pub(super) struct MemberListing {
    pub(super) administrator: AccountId,
    states: Vec<Option<MemberState>>,
    /// The status of automated discovery of members, where it was asked and answered.
    discovery: BTreeMap<TargetIndex, Value>,
    /// The Regions whose list was read to its end.
    complete: BTreeSet<Region>,
    /// Why a list could not be read to its end, by Region.
    pub(super) failures: BTreeMap<Region, Unread>,
}

impl MemberListing {
    pub(super) fn new(administrator: AccountId, requests: usize) -> Self {
        Self {
            administrator,
            states: vec![None; requests],
            discovery: BTreeMap::new(),
            complete: BTreeSet::new(),
            failures: BTreeMap::new(),
        }
    }

    /// Records what a list says. Returns whether the target was new. A list that contradicts itself says nothing about the target.
    fn record(&mut self, target: TargetIndex, state: MemberState) -> bool {
        let Some(known) = self.states.get_mut(target) else { return false };
        let before = *known;
        *known = match before {
            Some(before) if before != state => Some(MemberState::Unknown),
            _ => Some(state),
        };
        before.is_none()
    }

    fn state(&self, target: TargetIndex) -> Option<MemberState> {
        self.states.get(target).copied().flatten()
    }

    /// The listed status of a session, if the list says so.
    pub(super) fn status(&self, target: TargetIndex) -> Option<LiveStatus> {
        self.state(target).and_then(MemberState::live_status)
    }

    /// What the administrator says of the accounts of those requests that take calls of their own.
    pub(super) fn answers(&self, requests: &[ReadRequest]) -> BTreeMap<TargetIndex, AdministratorAnswer> {
        let further = requests.iter().enumerate().filter(|(_, request)| request.further().next().is_some());
        further.filter_map(|(target, request)| Some((target, self.answer(target, request)?))).collect()
    }

    /// What the administrator says of the account of a request, as far as it was asked.
    fn answer(&self, target: TargetIndex, request: &ReadRequest) -> Option<AdministratorAnswer> {
        match self.state(target) {
            Some(MemberState::Enabled | MemberState::Paused) => {
                Some(AdministratorAnswer::Member(self.discovery.get(&target).cloned()))
            }
            Some(MemberState::RegionOff | MemberState::Unknown) => None,
            None => self.complete.contains(&request.target.region).then_some(AdministratorAnswer::NotListed),
        }
    }

    /// The reading that the list makes, if it answers the request.
    pub(super) fn reading(&self, target: TargetIndex, request: &ReadRequest) -> Option<Reading> {
        let administrator = self.administrator;
        let state = self.state(target)?;
        if state == MemberState::RegionOff {
            return Some(if request.region_named {
                Reading::NotEnabled(NotEnabledEvidence::RegionOffListed(administrator))
            } else {
                Reading::NotApplicable(NotApplicable::RegionOffListed(administrator))
            });
        }
        let status = state.live_status().filter(|_| request.member_list_suffices)?;
        Some(Reading::Listed(ListedSession { status, administrator }))
    }

    /// A reading for each request: that of the list, or else that of `missing`. Regions without Macie need no list.
    pub(super) fn readings(&self, run: &Collector<'_>, missing: impl Fn(&ReadRequest) -> Unread) -> Vec<Reading> {
        let reading = |(target, request): (TargetIndex, &ReadRequest)| {
            if run.table.hosts(request.target.resource, &request.target.region) {
                self.reading(target, request).unwrap_or_else(|| Reading::Unread(missing(request)))
            } else {
                Reading::without_macie(request.region_named)
            }
        };
        let readings: Vec<Reading> = run.requests.iter().enumerate().map(reading).collect();
        (run.progress)(readings.len());
        readings
    }

    /// Why the list does not answer a request.
    pub(super) fn missing_reason(&self, request: &ReadRequest) -> Unread {
        let declared = request.declared.iter().flat_map(|declared| &declared.settings);
        let further = declared.filter(|desired| !desired.setting.spec().has_bare_waiver_words).count();
        if let Some(failure) = self.failures.get(&request.target.region) {
            return failure.clone();
        }
        let why = if request.target.resource != Resource::MacieSession {
            "lists Macie sessions alone"
        } else if request.target.account == self.administrator {
            "does not list itself"
        } else if request.member_list_suffices {
            "does not list the account as a member that is enabled, paused, or without the Region"
        } else if further > 0 {
            "does not list all settings that the policies declare"
        } else {
            "is not told how often members publish findings, which the policies declare"
        };
        Unread::local(
            UnreadReason::NotListed,
            format!("Macie's administrator {} {why}; the account itself was not to be asked", self.administrator),
        )
    }
}

/// The targets of one Region that a list may answer, sorted by account.
struct RegionBatch<'a> {
    region: &'a Region,
    targets: Vec<(AccountId, TargetIndex)>,
    /// The most pages to ask for.
    pages: usize,
}

/// Reads the lists into `listing` as they arrive: what was read stays when this is dropped.
pub(super) async fn list_members(run: &Collector<'_>, reader: AdministratorReader, listing: &RefCell<MemberListing>) {
    let mut batches = batches(run.requests, run.table, reader);
    if batches.is_empty() {
        return;
    }
    let credentials = match run.aws.credentials_for(reader.administrator).await {
        Ok(credentials) => credentials,
        Err(unread) => {
            let failures = batches.iter().map(|batch| (batch.region.clone(), unread.clone())).collect();
            listing.borrow_mut().failures = failures;
            return;
        }
    };
    let fail = |region: &Region, unread: Unread| drop(listing.borrow_mut().failures.insert(region.clone(), unread));
    if batches.iter().any(|batch| run.table.is_opt_in(batch.region)) {
        // Where a Region is off for the administrator, it has no members, and its token is refused.
        let states = run.aws.regions(&credentials).await.unwrap_or_default();
        batches.retain(|batch| {
            let is_off = states.get(batch.region) == Some(RegionState::Off);
            if is_off {
                let why = format!("the Region is off for Macie's administrator {}", reader.administrator);
                fail(batch.region, Unread::local(UnreadReason::RegionOff, why));
            }
            !is_off
        });
    }
    for batch in &batches {
        let why = "the list of members was not told to its end in a quarter of the run's time";
        fail(batch.region, Unread::local(UnreadReason::Deadline, why));
    }
    // The pages of one Region are read one after the other, because each names the next.
    let reading = batches.iter().map(|batch| async {
        let reading = AssertUnwindSafe(read_batch(run.aws, &credentials, batch, listing)).catch_unwind();
        match reading.await.unwrap_or_else(|_| Err(internal_error())) {
            Ok(()) => drop(listing.borrow_mut().failures.remove(batch.region)),
            Err(unread) => fail(batch.region, unread),
        }
        if reader.fallback == Fallback::Accounts {
            let asking = AssertUnwindSafe(ask_discovery(run, &credentials, batch, listing)).catch_unwind();
            // Members that this does not answer are asked themselves.
            drop(asking.await);
        }
    });
    stream::iter(reading).buffer_unordered(run.limits.concurrency.get()).collect::<()>().await;
}

async fn read_batch(
    aws: &AwsSession,
    administrator: &AccountCredentials,
    batch: &RegionBatch<'_>,
    listing: &RefCell<MemberListing>,
) -> Result<(), Unread> {
    let mut left = batch.targets.len();
    let mut on_member = |account: AccountId, state: MemberState| {
        if let Ok(nth) = batch.targets.binary_search_by_key(&account, |(account, _)| *account)
            && let Some((_, target)) = batch.targets.get(nth)
        {
            left = left.saturating_sub(usize::from(listing.borrow_mut().record(*target, state)));
        }
        left > 0
    };
    let listed = aws.list_members(administrator, batch.region, batch.pages, &mut on_member).await;
    let is_complete = listed.map_err(|failure| {
        if classify(&failure).outcome == FailureMeaning::NotEnabled {
            let why = format!("Macie is not enabled in its administrator {} there", administrator.account());
            return Unread::local(UnreadReason::Unintelligible, why);
        }
        unread_reason(failure)
    })?;
    if is_complete {
        listing.borrow_mut().complete.insert(batch.region.clone());
    }
    Ok(())
}

/// Asks the administrator for the automated discovery of those of its members that have a session and of which it is declared. A
/// failed call is the last: the administrator may not ask, or does not answer.
async fn ask_discovery(
    run: &Collector<'_>,
    administrator: &AccountCredentials,
    batch: &RegionBatch<'_>,
    listing: &RefCell<MemberListing>,
) {
    let is_asked = |target: TargetIndex| {
        run.requests.get(target).is_some_and(ReadRequest::asks_administrator)
            && listing.borrow().status(target).is_some()
    };
    let members: Vec<(AccountId, TargetIndex)> =
        batch.targets.iter().copied().filter(|(_, target)| is_asked(*target)).collect();
    for page in members.chunks(ACCOUNTS_IN_A_PAGE) {
        let accounts: Vec<AccountId> = page.iter().map(|(account, _)| *account).collect();
        let Ok(statuses) = run.aws.member_discovery(administrator, batch.region, &accounts).await else { return };
        let known = page.iter().filter_map(|(account, target)| Some((*target, statuses.get(account)?.clone())));
        listing.borrow_mut().discovery.extend(known);
    }
}

/// The Regions whose list is worth reading.
///
/// A list must not cost more calls than it spares: no more pages are asked for than there are targets that it may answer, unless
/// the accounts themselves are not asked at all.
fn batches<'a>(requests: &'a [ReadRequest], table: &RegionTable, reader: AdministratorReader) -> Vec<RegionBatch<'a>> {
    let mut by_region: BTreeMap<&Region, Vec<(AccountId, TargetIndex)>> = BTreeMap::new();
    let mut spared: BTreeMap<&Region, usize> = BTreeMap::new();
    for (target, request) in requests.iter().enumerate() {
        let region = &request.target.region;
        if !is_listable(request, table) || request.target.account == reader.administrator {
            continue;
        }
        by_region.entry(region).or_default().push((request.target.account, target));
        if request.member_list_suffices || request.asks_administrator() {
            *spared.entry(region).or_default() += 1;
        }
    }
    let batches = by_region.into_iter().filter_map(|(region, mut targets)| {
        targets.sort_unstable();
        let pages = match reader.fallback {
            Fallback::None => usize::MAX,
            Fallback::Accounts => spared.get(region).copied().unwrap_or_default(),
        };
        (pages > 0).then_some(RegionBatch { region, targets, pages })
    });
    batches.collect()
}
