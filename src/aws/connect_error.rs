//! Why a run cannot even start.

use super::environment::{Environment, EnvironmentError};
use super::{CallFailure, CertificateError, FailureKind, FailureMeaning, classify};
use crate::model::UnreadReason;

/// Why AWS cannot be asked at all.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// A variable or a profile file cannot be used.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    /// The certificates cannot be used.
    #[error(transparent)]
    Certificates(#[from] CertificateError),
    /// No part of the chain has credentials, or one that should have them failed.
    #[error("no AWS credentials: {explanation}")]
    NoCredentials {
        /// What each part of the chain had to say.
        explanation: String,
        /// The command that logs in, where the profile is one of IAM Identity Center.
        login: Option<String>,
    },
    /// AWS does not take the credentials.
    #[error("AWS refuses the credentials: {code}: {message}")]
    Refused {
        /// AWS's error code.
        code: String,
        /// AWS's message.
        message: String,
        /// The command that logs in, where the profile is one of IAM Identity Center.
        login: Option<String>,
    },
    /// STS gives no answer.
    #[error("STS, which tells whose the credentials are, cannot be reached: {message}")]
    Unreachable {
        /// What happened.
        message: String,
        /// Who asks for endpoints that are not everywhere.
        special: Vec<String>,
    },
    /// STS asked to slow down until the retries were used up.
    #[error("STS, which tells whose the credentials are, asked to slow down until the retries were used up: {message}")]
    Throttled {
        /// What it said.
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
    pub fn help(&self) -> String {
        let text = match self {
            Self::Environment(error) => return error.help(),
            Self::Certificates(error) => return error.help(),
            Self::NoCredentials { login: Some(login), .. } => return format!("log in: {login}"),
            Self::Refused { login: Some(login), .. } => {
                return format!("log in again: {login}; or check which variables the credentials come from");
            }
            Self::Unreachable { special, .. } if !special.is_empty() => {
                return format!(
                    "{} asks for endpoints that are not in every Region: unset it, or choose a Region that has them; otherwise \
                     check the network and the proxy variables",
                    special.join(" and ")
                );
            }
            Self::NoCredentials { login: None, .. } => {
                "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in with `aws sso login`"
            }
            Self::Refused { login: None, .. } => {
                "log in again, or check which profile and which variables the credentials come from"
            }
            Self::Unreachable { .. } => "check the network, the proxy variables, AWS_REGION and AWS_ENDPOINT_URL",
            Self::Throttled { .. } => "run again in some minutes",
            Self::Unintelligible { .. } => "check whether a proxy or a login page answers in the place of AWS",
        };
        text.to_owned()
    }

    pub(super) fn from_identity_failure(failure: CallFailure, environment: Option<&Environment>) -> Self {
        let message = failure.message.map(String::from).unwrap_or_default();
        let login = environment.and_then(Environment::login);
        if failure.kind == FailureKind::NoCredentials {
            let why = environment.map(Environment::explain).unwrap_or_default();
            return Self::NoCredentials { explanation: message + &why, login };
        }
        let facts = CallFailure { message: Some(message.as_str().into()), ..failure };
        match classify(&facts).outcome {
            FailureMeaning::TokenRefused
            | FailureMeaning::Unread(UnreadReason::BadCredentials | UnreadReason::Denied) => {
                Self::Refused { code: facts.code.map(String::from).unwrap_or_default(), message, login }
            }
            FailureMeaning::Unread(UnreadReason::Throttled) => Self::Throttled { message },
            FailureMeaning::Unread(UnreadReason::Unreachable) => {
                let special =
                    environment.map(|environment| environment.special_endpoints.as_slice()).unwrap_or_default();
                Self::Unreachable { message, special: special.iter().map(ToString::to_string).collect() }
            }
            FailureMeaning::NotEnabled | FailureMeaning::Unread(_) => Self::Unintelligible { message },
        }
    }
}
