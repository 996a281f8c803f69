//! Where Macie's administrator and an account contradict each other.

use std::future::Future;
use std::pin::pin;

use futures_util::StreamExt as _;
use futures_util::stream;

use super::ReadRequest;
use super::collector::Collector;
use super::member_listing::{MemberListing, contradicts};
use crate::aws::{AccountCredentials, AwsSession};
use crate::model::{Unread, UnreadReason};
use crate::resource::{LiveStatus, MemberState, Reading};

/// Asks the administrator once more about each member of which its list said something else than the account itself: the list
/// may have been read minutes before. Where they still contradict each other, or nobody tells until `cut` resolves, the target
/// is unread.
pub(super) async fn recheck_conflicts(
    run: &Collector<'_>,
    heard: &MemberListing,
    readings: &mut [Reading],
    cut: impl Future<Output = ()>,
) {
    let mut doubts: Vec<(usize, LiveStatus)> = (0..readings.len())
        .filter_map(|place| {
            let listed = heard.session(place)?;
            contradicts(listed, readings.get(place)?).then_some((place, listed))
        })
        .collect();
    if doubts.is_empty() {
        return;
    }
    let mut cut = pin!(cut);
    // Once for all of them: each try to assume a role that may not be is a denial.
    let open = tokio::select! {
        biased;
        () = &mut cut => None,
        open = run.access.credentials_for(heard.administrator) => open.ok(),
    };
    let asked: Vec<_> = doubts.iter().filter_map(|(place, _)| Some((*place, run.questions.get(*place)?))).collect();
    let mut answers = stream::iter(asked)
        .map(|(place, question)| {
            let open = open.as_ref();
            async move { (place, member_state(run.access, open, question).await) }
        })
        .buffer_unordered(run.concurrency.get());
    loop {
        tokio::select! {
            biased;
            () = &mut cut => break,
            answer = answers.next() => match answer {
                None => break,
                Some((place, state)) => {
                    let listed = match state {
                        Some(MemberState::Enabled) => Some(LiveStatus::Enabled),
                        Some(MemberState::Paused) => Some(LiveStatus::Paused),
                        // It is no longer said to have a session, so nothing is contradicted.
                        Some(MemberState::RegionOff | MemberState::Unknown) => None,
                        // As before.
                        None => continue,
                    };
                    let still = |doubt: &(usize, LiveStatus)| {
                        doubt.0 != place
                            || listed.zip(readings.get(place)).is_some_and(|(listed, read)| contradicts(listed, read))
                    };
                    doubts.retain(still);
                }
            },
        }
    }
    for (place, listed) in doubts {
        if let Some(reading) = readings.get_mut(place) {
            *reading = Reading::Unread(contradicted(heard, listed, reading));
        }
    }
}

async fn member_state(
    access: &AwsSession,
    open: Option<&AccountCredentials>,
    question: &ReadRequest,
) -> Option<MemberState> {
    access.member(open?, &question.target.region, question.target.account).await.ok()
}

fn contradicted(heard: &MemberListing, listed: LiveStatus, reading: &Reading) -> Unread {
    let read = match reading {
        Reading::On(session) => format!("has a session that is {}", session.status.as_status().as_str()),
        _ => "says that Macie is not enabled".to_owned(),
    };
    Unread::local(
        UnreadReason::Contradicted,
        format!(
            "Macie's administrator {} lists the account as {}, and the account itself {read}",
            heard.administrator,
            listed.as_status().as_str()
        ),
    )
}
