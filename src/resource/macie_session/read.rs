//! GetMacieSession, and the reading that its answer makes.

use aws_sdk_macie2::operation::RequestId;
use aws_sdk_macie2::operation::get_macie_session::{GetMacieSessionError, GetMacieSessionOutput};
use aws_sdk_macie2::primitives::DateTime;
use jiff::Timestamp;

use super::{CompactTimestamp, Frequency, LiveSession, LiveStatus, NotEnabledEvidence, Reading, SessionState};
use crate::aws::{AccountCredentials, AwsSession, CallFailure, FailureMeaning, ResponseObserver, classify};
use crate::model::{Evidence, Region, Target, Unread, UnreadReason};

/// What Macie says of a session.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionAnswer {
    /// The answer.
    pub output: GetMacieSessionOutput,
    /// The fields that only inform and could not be understood, in words; they are left out of the answer.
    pub note: Option<String>,
}

impl From<GetMacieSessionOutput> for SessionAnswer {
    fn from(output: GetMacieSessionOutput) -> Self {
        Self { output, note: None }
    }
}

impl AwsSession {
    /// Asks Macie for the session of an account in a Region.
    ///
    /// # Errors
    ///
    /// Any failure, among them "not enabled": [`classify`] tells what it means.
    pub async fn macie_session(
        &self,
        account: &AccountCredentials,
        region: &Region,
    ) -> Result<SessionAnswer, CallFailure> {
        let watch = ResponseObserver::<GetMacieSessionError>::new();
        let request = self.macie(region).get_macie_session().customize().interceptor(watch.clone());
        match request.config_override(account.macie_config()).send().await {
            Ok(output) => Ok(SessionAnswer { output, note: watch.note() }),
            Err(failure) => Err(watch.explain(self.call_failure(&failure))),
        }
    }

    /// Reads the state of a target, with the newest credentials of its account.
    ///
    /// # Errors
    ///
    /// Why it is unread.
    pub async fn session_state(&self, target: &Target) -> Result<SessionState, Unread> {
        let account = self.credentials_for(target.account).await?;
        let answer = self.refreshing(&account, async |account| self.macie_session(account, &target.region).await);
        let reading = match SessionResponse::from_result(answer.await) {
            SessionResponse::Reading(reading) => reading,
            SessionResponse::TokenRefused(failure) => {
                Reading::Unread(failure.into_unread(UnreadReason::BadCredentials))
            }
        };
        match (SessionState::from_reading(&reading), reading) {
            (Some(state), _) => Ok(state),
            (None, Reading::Unread(unread)) => Err(unread),
            (None, _) => Err(Unread::local(UnreadReason::Unintelligible, "the answer says nothing of the session")),
        }
    }
}

/// What one answer to GetMacieSession says by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionResponse {
    /// A reading.
    Reading(Reading),
    /// The token was refused. Whether the token is bad or the Region is off for the account shows only beside the
    /// account's other answers.
    TokenRefused(CallFailure),
}

impl SessionResponse {
    /// Interprets an answer to GetMacieSession.
    pub fn from_result(result: Result<SessionAnswer, CallFailure>) -> Self {
        let failure = match result {
            Ok(answer) => return Self::Reading(read_session(&answer)),
            Err(failure) => failure,
        };
        match classify(&failure).outcome {
            FailureMeaning::NotEnabled => {
                Self::Reading(Reading::NotEnabled(NotEnabledEvidence::Answer(failure.into_evidence())))
            }
            FailureMeaning::TokenRefused => Self::TokenRefused(failure),
            FailureMeaning::Unread(reason) => Self::Reading(Reading::Unread(failure.into_unread(reason))),
        }
    }
}

/// A session is known only if both its status and its frequency are words that are known.
///
/// Every field of the answer is optional, and AWS Config is answered with an empty body where Macie is off. Source: Amazon
/// Macie API Reference, GetMacieSession and "Account administration".
fn read_session(SessionAnswer { output: answer, note }: &SessionAnswer) -> Reading {
    let status = word("status", answer.status().map(aws_sdk_macie2::types::MacieStatus::as_str), |word| match word {
        "ENABLED" => Some(LiveStatus::Enabled),
        "PAUSED" => Some(LiveStatus::Paused),
        _ => None,
    });
    let frequency = word(
        "findingPublishingFrequency",
        answer.finding_publishing_frequency().map(aws_sdk_macie2::types::FindingPublishingFrequency::as_str),
        Frequency::from_word,
    );
    match (status, frequency) {
        (Ok(status), Ok(frequency)) => Reading::On(LiveSession {
            status,
            frequency,
            service_role: answer.service_role().map(Into::into),
            created_at: answer.created_at().and_then(moment),
            updated_at: answer.updated_at().and_then(moment),
            note: note.as_deref().map(Into::into),
            further: None,
        }),
        (status, frequency) => {
            let wrong: Vec<String> = [status.err(), frequency.err()].into_iter().flatten().collect();
            Reading::Unread(Unread {
                reason: UnreadReason::Unintelligible,
                denial: None,
                evidence: Evidence::new(
                    None,
                    Some(&format!("Macie's answer {}", wrong.join(" and "))),
                    answer.request_id(),
                ),
            })
        }
    }
}

/// The meaning of a field's word, or what is wrong with it.
fn word<T>(field: &str, word: Option<&str>, meaning: impl Fn(&str) -> Option<T>) -> Result<T, String> {
    match word {
        None => Err(format!("has no {field}")),
        Some(word) => meaning(word).ok_or_else(|| format!("has the unknown {field} {word:?}")),
    }
}

/// Times are shown, never compared: one out of range is left out.
fn moment(time: &DateTime) -> Option<CompactTimestamp> {
    CompactTimestamp::from_timestamp(Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()?)
}
