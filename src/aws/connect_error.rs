//! Why a run cannot even start.

use super::{CallFailure, CertificateError, FailureKind, Outcome, Source, judge};
use crate::model::UnreadReason;

/// Why AWS cannot be asked at all.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The certificates cannot be used.
    #[error(transparent)]
    Certificates(#[from] CertificateError),
    /// No part of the chain has credentials, or one that should have them failed.
    #[error("no AWS credentials: {explanation}")]
    NoCredentials {
        /// What each part of the chain had to say.
        explanation: String,
    },
    /// AWS does not take the credentials.
    #[error("AWS refuses the credentials: {code}: {message}")]
    Refused {
        /// AWS's error code.
        code: String,
        /// AWS's message.
        message: String,
    },
    /// STS gives no answer.
    #[error("STS, which tells whose the credentials are, cannot be reached: {message}")]
    Unreachable {
        /// What happened.
        message: String,
    },
    /// STS, or something in its place, gives an answer that makes no sense.
    #[error("STS, which tells whose the credentials are, gave an answer that cannot be understood: {message}")]
    Unintelligible {
        /// What was wrong with it.
        message: String,
    },
}

impl ConnectError {
    /// What may help, in one sentence.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Certificates(_) => {
                "let AWS_CA_BUNDLE name a file of certificates in PEM, or unset it to trust the system's own"
            }
            Self::NoCredentials { .. } => {
                "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in with `aws sso login`"
            }
            Self::Refused { .. } => {
                "log in again, or check which profile and which variables the credentials come from"
            }
            Self::Unreachable { .. } => "check the network, the proxy variables, AWS_REGION and AWS_ENDPOINT_URL",
            Self::Unintelligible { .. } => "check whether a proxy or a login page answers in the place of AWS",
        }
    }

    pub(super) fn of_identity(failure: CallFailure, source: &Source) -> Self {
        let message = failure.message.map(String::from).unwrap_or_default();
        if failure.kind == FailureKind::NoCredentials {
            return Self::NoCredentials { explanation: message + &chosen_profile(source) };
        }
        let facts = CallFailure { message: Some(message.as_str().into()), ..failure };
        match judge(&facts).outcome {
            Outcome::TokenRefused | Outcome::Unread(UnreadReason::BadCredentials | UnreadReason::Denied) => {
                Self::Refused { code: facts.code.map(String::from).unwrap_or_default(), message }
            }
            Outcome::Unread(UnreadReason::Throttled | UnreadReason::Unreachable) => Self::Unreachable { message },
            Outcome::NotEnabled | Outcome::Unread(_) => Self::Unintelligible { message },
        }
    }
}

/// The SDK does not say that a profile was asked for which does not exist.
fn chosen_profile(source: &Source) -> String {
    match (source, std::env::var("AWS_PROFILE")) {
        (Source::Environment, Ok(profile)) => format!(" (AWS_PROFILE is {profile:?})"),
        _ => String::new(),
    }
}
