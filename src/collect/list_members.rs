//! Asking Macie's administrator for its members, Region by Region, before any account is asked itself.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;

use futures_util::stream;
use futures_util::{FutureExt as _, StreamExt as _};

use super::ReadRequest;
use super::account_queue::TargetIndex;
use super::administrator_reader::{AdministratorReader, Fallback};
use super::collector::Collector;
use super::member_listing::MemberListing;
use super::tasks::internal_error;
use super::unread_reason::unread_reason;
use crate::aws::{AccountCredentials, AwsSession, FailureMeaning, RegionState, classify};
use crate::model::{AccountId, Region, RegionTable, Unread, UnreadReason};
use crate::resource::MemberState;

/// The targets of one Region about which a list may say something, by account.
struct RegionBatch<'a> {
    region: &'a Region,
    places: Vec<(AccountId, TargetIndex)>,
    /// How many pages are worth asking for.
    pages: usize,
}

/// Asks the administrator, and puts what it says into `heard` as it comes: whoever cuts this short keeps that.
pub(super) async fn list_members(run: &Collector<'_>, through: AdministratorReader, heard: &RefCell<MemberListing>) {
    let access = run.access;
    let mut chapters = batches(run.questions, run.table, through);
    if chapters.is_empty() {
        return;
    }
    let open = match access.credentials_for(through.administrator).await {
        Ok(open) => open,
        Err(unread) => {
            let failures = chapters.iter().map(|chapter| (chapter.region.clone(), unread.clone())).collect();
            heard.borrow_mut().failures = failures;
            return;
        }
    };
    if chapters.iter().any(|chapter| run.table.is_opt_in(chapter.region)) {
        // Where a Region is off for the administrator, it has no members, and its token is refused.
        let states = access.regions(&open).await.unwrap_or_default();
        chapters.retain(|chapter| {
            let off = states.get(chapter.region) == Some(RegionState::Off);
            if off {
                let why = format!("the Region is off for Macie's administrator {}", through.administrator);
                let unread = Unread::local(UnreadReason::RegionOff, why);
                heard.borrow_mut().failures.insert(chapter.region.clone(), unread);
            }
            !off
        });
    }
    // One Region's pages come one after the other, for each names the next.
    for chapter in &chapters {
        let why = "the list of members was not told to its end in a quarter of the run's time";
        let unread = Unread::local(UnreadReason::Deadline, why);
        heard.borrow_mut().failures.insert(chapter.region.clone(), unread);
    }
    let asked = chapters.iter().map(|chapter| async {
        let reading = AssertUnwindSafe(read_batch(access, &open, chapter, heard)).catch_unwind();
        match reading.await.unwrap_or_else(|_| Err(internal_error())) {
            Ok(()) => drop(heard.borrow_mut().failures.remove(chapter.region)),
            Err(unread) => drop(heard.borrow_mut().failures.insert(chapter.region.clone(), unread)),
        }
    });
    stream::iter(asked).buffer_unordered(run.concurrency.get()).collect::<()>().await;
}

async fn read_batch(
    access: &AwsSession,
    administrator: &AccountCredentials,
    chapter: &RegionBatch<'_>,
    heard: &RefCell<MemberListing>,
) -> Result<(), Unread> {
    let mut left = chapter.places.len();
    let mut hear = |account: AccountId, state: MemberState| {
        if let Ok(nth) = chapter.places.binary_search_by_key(&account, |(account, _)| *account)
            && let Some((_, place)) = chapter.places.get(nth)
        {
            left = left.saturating_sub(usize::from(heard.borrow_mut().record(*place, state)));
        }
        left > 0
    };
    access.list_members(administrator, chapter.region, chapter.pages, &mut hear).await.map_err(|failure| {
        if classify(&failure).outcome == FailureMeaning::NotEnabled {
            let why = format!("Macie is not enabled in its administrator {} there", administrator.account());
            return Unread::local(UnreadReason::Unintelligible, why);
        }
        unread_reason(failure)
    })
}

/// Whether a list could spare any call.
pub fn is_worth_listing(questions: &[ReadRequest], table: &RegionTable) -> bool {
    questions.iter().any(|question| table.has_macie(&question.target.region) && question.member_list_suffices)
}

/// The Regions in which it is worth while to ask.
///
/// So that a list never costs more calls than it can spare, no more pages are asked for than there are targets that it may
/// answer for, unless the accounts are not asked at all.
fn batches<'a>(
    questions: &'a [ReadRequest],
    table: &RegionTable,
    through: AdministratorReader,
) -> Vec<RegionBatch<'a>> {
    let mut by_region: BTreeMap<&Region, Vec<(AccountId, TargetIndex)>> = BTreeMap::new();
    let mut spared: BTreeMap<&Region, usize> = BTreeMap::new();
    for (place, question) in questions.iter().enumerate() {
        let region = &question.target.region;
        if !table.has_macie(region) || question.target.account == through.administrator {
            continue;
        }
        by_region.entry(region).or_default().push((question.target.account, place));
        if question.member_list_suffices {
            *spared.entry(region).or_default() += 1;
        }
    }
    let chapters = by_region.into_iter().filter_map(|(region, mut places)| {
        places.sort_unstable();
        let pages = match through.fallback {
            Fallback::None => usize::MAX,
            Fallback::Accounts => spared.get(region).copied().unwrap_or_default(),
        };
        (pages > 0).then_some(RegionBatch { region, places, pages })
    });
    chapters.collect()
}
