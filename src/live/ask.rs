//! The two kinds of work that are under way during a run, each of which always ends in an event.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;

use super::errand::Place;
use super::schedule::Asking;
use crate::aws::{Access, OpenAccount, RegionStates};
use crate::model::{AccountId, Region, Unread, UnreadReason};
use crate::session::{Answer, Reading, read};

/// Something has come back.
#[derive(Debug)]
pub(super) enum Event {
    /// An account is open, or will not be.
    Opened { errand: usize, outcome: Result<Opened, Unread> },
    /// A question is answered, that was asked with so many-th credentials of its account.
    Answered { errand: usize, place: Place, lease: u32, answer: Answer },
}

/// An account that is open.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) account: Arc<OpenAccount>,
    /// Which Regions are on, if that was asked and answered.
    pub(super) regions: Option<RegionStates>,
}

/// Opens an account and, if that matters, asks which Regions are on.
pub(super) async fn open(access: &Access, errand: usize, account: AccountId, asks_regions: bool) -> Event {
    let opening = async {
        let account = Arc::new(access.open(account).await?);
        // Whoever may not ask this finds out from Macie itself.
        let regions = if asks_regions { access.regions(&account).await.ok() } else { None };
        Ok(Opened { account, regions })
    };
    let outcome = AssertUnwindSafe(opening).catch_unwind().await.unwrap_or_else(|_| Err(broken()));
    Event::Opened { errand, outcome }
}

/// Gets new credentials for an account that is open.
pub(super) async fn renew(access: &Access, errand: usize, open: Arc<OpenAccount>) -> Event {
    let renewing = async { Ok(Opened { account: Arc::new(access.renew(&open).await?), regions: None }) };
    let outcome = AssertUnwindSafe(renewing).catch_unwind().await.unwrap_or_else(|_| Err(broken()));
    Event::Opened { errand, outcome }
}

/// Asks Macie about one target.
pub(super) async fn ask(access: &Access, asking: Asking, region: &Region) -> Event {
    let Asking { errand, place, lease, open } = asking;
    let asking = async { read(access.macie_session(&open, region).await) };
    let answer = AssertUnwindSafe(asking).catch_unwind().await;
    Event::Answered {
        errand,
        place,
        lease,
        answer: answer.unwrap_or_else(|_| Answer::Reading(Reading::Unread(broken()))),
    }
}

/// A fault of the program in one target says nothing about the others.
pub(super) fn broken() -> Unread {
    Unread::without_answer(
        UnreadReason::Unintelligible,
        "driftline failed while it handled the answer; this is a fault in driftline",
    )
}
