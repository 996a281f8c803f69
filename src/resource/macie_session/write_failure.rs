//! What a failed write means for the change.

use super::Operation;
use crate::aws::{CallFailure, FailureKind, FailureMeaning, classify, is_throttling};
use crate::model::{Unread, UnreadReason};

/// The effect of a failed write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteEffect {
    /// AWS did not carry it out.
    NotApplied,
    /// AWS says that there was nothing left to do.
    NothingToDo,
    /// AWS gave no answer, or one that says nothing: it may have been carried out.
    NoAnswer,
}

/// The effect of a failed write, by its failure.
///
/// Sources: AWS CloudFormation's handlers of `AWS::Macie::Session` and the Terraform AWS provider: an EnableMacie that finds
/// Macie enabled, and a DisableMacie that finds it disabled, are a reason to read again.
pub fn write_effect(operation: &Operation, failure: &CallFailure) -> WriteEffect {
    let is_off = || classify(failure).outcome == FailureMeaning::NotEnabled;
    match failure.kind {
        FailureKind::ConnectionClosed | FailureKind::TimedOut | FailureKind::Foreign => WriteEffect::NoAnswer,
        FailureKind::Answered => match failure.code.as_deref() {
            Some("ConflictException") if operation.enables() => WriteEffect::NothingToDo,
            // AWS waited too long for a part of the request and does not say which.
            Some("RequestTimeout" | "RequestTimeoutException") => WriteEffect::NoAnswer,
            _ if failure.http_status.is_some_and(|status| status >= 500) => WriteEffect::NoAnswer,
            // Not a code of AWS: a proxy answered.
            Some(code) if failure.http_status == Some(429) && !is_throttling(code) => WriteEffect::NoAnswer,
            _ if *operation == Operation::DisableMacie && is_off() => WriteEffect::NothingToDo,
            _ => WriteEffect::NotApplied,
        },
        FailureKind::NameNotResolved
        | FailureKind::NotConnected
        | FailureKind::NoCredentials
        | FailureKind::NotSent => WriteEffect::NotApplied,
    }
}

/// Why something is unread or was not done, where a call other than the reading of the session itself failed.
pub fn unread_reason(failure: CallFailure) -> Unread {
    let reason = match classify(&failure).outcome {
        FailureMeaning::Unread(reason) => reason,
        // Whoever was asked has no Macie, or no longer has it.
        FailureMeaning::NotEnabled | FailureMeaning::NoDocument | FailureMeaning::ReadAgain => {
            UnreadReason::Unintelligible
        }
        FailureMeaning::TokenRefused => UnreadReason::BadCredentials,
    };
    failure.into_unread(reason)
}

/// The failure in words.
pub fn describe(operation: &Operation, failure: &CallFailure) -> String {
    let name = operation.name();
    match failure.code.as_deref() {
        Some("ConflictException") => format!(
            "AWS says that {name} is in conflict with how the account is set: with its membership, or with what it administers"
        ),
        Some("ServiceQuotaExceededException") => format!("AWS says that {name} would exceed a quota"),
        Some("ValidationException") => format!("AWS does not take {name} as it was sent"),
        _ => match unread_reason(failure.clone()).reason {
            UnreadReason::Denied => format!("AWS denied {name}"),
            UnreadReason::Throttled if write_effect(operation, failure) == WriteEffect::NotApplied => {
                format!("AWS asked to slow down until the retries of {name} were used up; nothing was changed")
            }
            UnreadReason::Unreachable | UnreadReason::Throttled => format!("there was no good answer to {name}"),
            _ => format!("{name} failed"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, code: &str, message: &str) -> CallFailure {
        CallFailure {
            kind: FailureKind::Answered,
            code: Some(code.into()),
            message: Some(message.into()),
            request_id: None,
            http_status: Some(status),
        }
    }

    fn unanswered(kind: FailureKind) -> CallFailure {
        CallFailure { kind, code: None, message: None, request_id: None, http_status: None }
    }

    #[test]
    fn what_a_failure_says_of_the_change() {
        use Operation::{DisableMacie, EnableMacie, UpdateMacieSession, UpdateMemberSession};
        use WriteEffect::{NoAnswer, NotApplied, NothingToDo};
        let added = || Operation::CreateMember { email: "new@example.com".into() };
        let conflict = || answered(409, "ConflictException", "Macie has already been enabled");
        let off = || answered(403, "AccessDeniedException", "Macie is not enabled.");
        let denied = || answered(403, "AccessDeniedException", "User: x is not authorized to perform: y");
        for (operation, failure, expected) in [
            // No whole answer: it may have been carried out.
            (UpdateMacieSession, unanswered(FailureKind::ConnectionClosed), NoAnswer),
            (UpdateMacieSession, unanswered(FailureKind::TimedOut), NoAnswer),
            (UpdateMacieSession, unanswered(FailureKind::Foreign), NoAnswer),
            (UpdateMacieSession, answered(500, "InternalServerException", ""), NoAnswer),
            (UpdateMacieSession, answered(503, "ServiceUnavailable", ""), NoAnswer),
            (UpdateMacieSession, answered(400, "RequestTimeout", ""), NoAnswer),
            (UpdateMacieSession, answered(429, "rate_limited", ""), NoAnswer),
            // It never went out.
            (UpdateMacieSession, unanswered(FailureKind::NameNotResolved), NotApplied),
            (UpdateMacieSession, unanswered(FailureKind::NotConnected), NotApplied),
            (UpdateMacieSession, unanswered(FailureKind::NoCredentials), NotApplied),
            (UpdateMacieSession, unanswered(FailureKind::NotSent), NotApplied),
            // There may have been nothing left to do.
            (EnableMacie, conflict(), NothingToDo),
            (added(), conflict(), NothingToDo),
            (DisableMacie, off(), NothingToDo),
            // The same words about another call mean that it was not carried out.
            (UpdateMacieSession, conflict(), NotApplied),
            (UpdateMemberSession, conflict(), NotApplied),
            (DisableMacie, conflict(), NotApplied),
            (UpdateMacieSession, off(), NotApplied),
            (EnableMacie, denied(), NotApplied),
            (DisableMacie, denied(), NotApplied),
            (DisableMacie, answered(429, "ThrottlingException", ""), NotApplied),
        ] {
            assert_eq!(write_effect(&operation, &failure), expected, "{operation:?} {failure:?}");
        }
    }
}
