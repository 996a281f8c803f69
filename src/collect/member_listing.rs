//! What Macie's administrator said of the targets that are asked about.

use std::collections::BTreeMap;

use super::ReadRequest;
use super::account_queue::TargetIndex;
use super::collector::Collector;
use super::region_off::without_macie;
use crate::model::{AccountId, Region, Unread, UnreadReason};
use crate::resource::{ListedSession, LiveStatus, MemberState, NotApplicable, NotEnabledEvidence, Reading};

/// What was heard of each target, by its place.
#[derive(Debug)]
pub(super) struct MemberListing {
    pub(super) administrator: AccountId,
    said: Vec<Option<MemberState>>,
    /// Why an administrator could not be asked to the end, by Region.
    pub(super) failures: BTreeMap<Region, Unread>,
}

impl MemberListing {
    pub(super) fn new(administrator: AccountId, questions: usize) -> Self {
        Self { administrator, said: vec![None; questions], failures: BTreeMap::new() }
    }

    /// Takes in what a list says, and whether it had said nothing of that before. One that says two things of an account says
    /// nothing of it.
    pub(super) fn record(&mut self, place: TargetIndex, state: MemberState) -> bool {
        let Some(said) = self.said.get_mut(place) else { return false };
        let before = *said;
        *said = match before {
            Some(before) if before != state => Some(MemberState::Unknown),
            _ => Some(state),
        };
        before.is_none()
    }

    /// What was said of the session at a place: `None` where that is nothing.
    pub(super) fn session(&self, place: TargetIndex) -> Option<LiveStatus> {
        match self.said.get(place).copied().flatten()? {
            MemberState::Enabled => Some(LiveStatus::Enabled),
            MemberState::Paused => Some(LiveStatus::Paused),
            MemberState::RegionOff | MemberState::Unknown => None,
        }
    }

    /// The reading that was heard, where it answers the question.
    pub(super) fn reading(&self, place: TargetIndex, question: &ReadRequest) -> Option<Reading> {
        let administrator = self.administrator;
        if self.said.get(place).copied().flatten()? == MemberState::RegionOff {
            return Some(if question.region_named {
                Reading::NotEnabled(NotEnabledEvidence::RegionOffListed(administrator))
            } else {
                Reading::NotApplicable(NotApplicable::RegionOffListed(administrator))
            });
        }
        let status = self.session(place).filter(|_| question.member_list_suffices)?;
        Some(Reading::Listed(ListedSession { status, administrator }))
    }

    /// A reading for each question: that which was heard, or what the silence means. A Region without Macie needs nobody's word.
    pub(super) fn readings(&self, run: &Collector<'_>, silence: impl Fn(&ReadRequest) -> Reading) -> Vec<Reading> {
        let reading = |(place, question): (TargetIndex, &ReadRequest)| {
            if run.table.has_macie(&question.target.region) {
                self.reading(place, question).unwrap_or_else(|| silence(question))
            } else {
                without_macie(question.region_named)
            }
        };
        let readings: Vec<Reading> = run.questions.iter().enumerate().map(reading).collect();
        (run.progress)(readings.len());
        readings
    }

    /// Why the list does not answer a question.
    pub(super) fn missing_reason(&self, question: &ReadRequest) -> Unread {
        if let Some(failure) = self.failures.get(&question.target.region) {
            return failure.clone();
        }
        let why = if question.target.account == self.administrator {
            "does not list itself"
        } else if question.member_list_suffices {
            "does not list the account as a member that is enabled, paused, or without the Region"
        } else {
            "is not told how often members publish findings, which the policies declare"
        };
        Unread::local(
            UnreadReason::NotListed,
            format!("Macie's administrator {} {why}; the account itself was not to be asked", self.administrator),
        )
    }
}

/// Whether a session that is listed so cannot be read so.
pub(super) fn contradicts(listed: LiveStatus, reading: &Reading) -> bool {
    match reading {
        Reading::On(session) => session.status != listed,
        Reading::NotEnabled(NotEnabledEvidence::Answer(_)) => true,
        Reading::Listed(_) | Reading::NotEnabled(_) | Reading::NotApplicable(_) | Reading::Unread(_) => false,
    }
}
