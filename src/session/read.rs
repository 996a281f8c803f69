//! From an answer of Macie to a reading.

use aws_sdk_macie2::operation::RequestId;
use aws_sdk_macie2::primitives::DateTime;
use jiff::Timestamp;

use super::{CompactTimestamp, LiveSession, LiveStatus, NotEnabledEvidence, Reading};
use crate::aws::{CallFailure, FailureMeaning, SessionAnswer, classify};
use crate::model::{Evidence, Frequency, Unread, UnreadReason};

/// What one answer to GetMacieSession says by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionResponse {
    /// A reading.
    Reading(Reading),
    /// The token was refused. Whether the token is bad or the Region is off for the account shows only beside the
    /// account's other answers.
    TokenRefused(CallFailure),
}

/// What an answer to GetMacieSession says by itself.
pub fn read(result: Result<SessionAnswer, CallFailure>) -> SessionResponse {
    let failure = match result {
        Ok(answer) => return SessionResponse::Reading(read_session(&answer)),
        Err(failure) => failure,
    };
    match classify(&failure).outcome {
        FailureMeaning::NotEnabled => {
            SessionResponse::Reading(Reading::NotEnabled(NotEnabledEvidence::Answer(failure.into_evidence())))
        }
        FailureMeaning::TokenRefused => SessionResponse::TokenRefused(failure),
        FailureMeaning::Unread(reason) => SessionResponse::Reading(Reading::Unread(failure.into_unread(reason))),
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
