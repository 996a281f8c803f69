//! Errors of connecting to AWS.

use super::environment::{Environment, EnvironmentError};
use super::{CallFailure, CertificateError, FailureKind, FailureMeaning, classify};
use crate::model::UnreadReason;

/// A session that cannot be established.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// An unusable variable or profile file.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    /// Unusable certificates.
    #[error(transparent)]
    Certificates(#[from] CertificateError),
    /// No provider of the chain has credentials, or one failed.
    #[error("no AWS credentials: {explanation}")]
    NoCredentials {
        /// What each provider of the chain reports.
        explanation: String,
        /// The login command, for a profile of IAM Identity Center.
        login: Option<String>,
    },
    /// AWS refuses the credentials.
    #[error("AWS refuses the credentials: {code}: {message}")]
    Refused {
        /// AWS's error code.
        code: String,
        /// AWS's message.
        message: String,
        /// The login command, for a profile of IAM Identity Center.
        login: Option<String>,
    },
    /// STS does not respond.
    #[error("STS, which tells whose the credentials are, cannot be reached: {message}")]
    Unreachable {
        /// The cause.
        message: String,
        /// The settings that request FIPS or IPv6 endpoints.
        special: Vec<String>,
    },
    /// STS throttled the call until the retries were used up.
    #[error("STS, which tells whose the credentials are, asked to slow down until the retries were used up: {message}")]
    Throttled {
        /// What it said.
        message: String,
    },
    /// The response is not one of STS.
    #[error("STS, which tells whose the credentials are, gave an answer that cannot be understood: {message}")]
    Unintelligible {
        /// The problem.
        message: String,
    },
}

impl ConnectError {
    /// The fix, in one sentence.
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
            FailureMeaning::NotEnabled
            | FailureMeaning::NoDocument
            | FailureMeaning::ReadAgain
            | FailureMeaning::Unread(_) => Self::Unintelligible { message },
        }
    }
}
