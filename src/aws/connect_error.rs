//! Errors of connecting to AWS.

use super::environment::{Environment, EnvironmentError, OtherProfiles};
use super::{CallFailure, CertificateError, FailureKind, FailureMeaning, certificates, classify};
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
        /// The fix: what provides credentials.
        fix: CredentialsFix,
    },
    /// AWS refuses the credentials.
    #[error("AWS refuses the credentials: {code}: {message}")]
    Refused {
        /// AWS's error code.
        code: String,
        /// AWS's message.
        message: String,
        /// The fix: what provides other credentials.
        fix: CredentialsFix,
    },
    /// STS does not respond.
    #[error("STS, which tells whose the credentials are, cannot be reached: {message}")]
    Unreachable {
        /// The cause.
        message: String,
        /// The fix of a certificate that is not trusted.
        certificates: Option<&'static str>,
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

/// How to get credentials.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CredentialsFix {
    /// The login command, for a profile of IAM Identity Center or of a console session.
    login: Option<String>,
    /// Where the credentials come from, if the environment says so.
    source: Option<String>,
    /// The profiles that there are, if AWS_PROFILE names none of them.
    other_profiles: Option<Box<OtherProfiles>>,
}

impl CredentialsFix {
    fn new(environment: Option<&Environment>) -> Self {
        let Some(environment) = environment else { return Self::default() };
        Self {
            login: environment.login().map(str::to_owned),
            source: environment.source().map(str::to_owned),
            other_profiles: environment.other_profiles().cloned().map(Box::new),
        }
    }

    /// The fix where there are no credentials.
    fn missing(&self) -> String {
        if let Some(login) = &self.login {
            return format!("log in: {login}");
        }
        self.other_profiles.as_deref().map_or_else(
            || {
                "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in with `aws sso login`"
                    .to_owned()
            },
            OtherProfiles::fix,
        )
    }

    /// The fix where AWS refuses the credentials.
    fn refused(&self) -> String {
        match (&self.login, &self.source) {
            (Some(login), _) => {
                format!("log in again: {login}; or check which variables the credentials come from")
            }
            (None, Some(source)) => {
                format!("log in again, or get new credentials for where these come from: {source}")
            }
            (None, None) => {
                "log in again, or check which profile and which variables the credentials come from".to_owned()
            }
        }
    }
}

impl ConnectError {
    /// An error of the program: no credentials, and nothing that the user could do about it.
    pub(super) fn without_provider(explanation: &str) -> Self {
        Self::NoCredentials { explanation: explanation.to_owned(), fix: CredentialsFix::default() }
    }

    /// The fix, in one sentence.
    pub fn help(&self) -> String {
        match self {
            Self::Environment(error) => error.help(),
            Self::Certificates(error) => error.help(),
            Self::NoCredentials { fix, .. } => fix.missing(),
            Self::Refused { code, message, .. } if is_of_the_clock(code, message) => {
                "set the clock of this machine, for example with NTP: AWS accepts a request only within minutes of its time"
                    .to_owned()
            }
            Self::Refused { fix, .. } => fix.refused(),
            Self::Unreachable { certificates: Some(advice), .. } => (*advice).to_owned(),
            Self::Unreachable { special, .. } if !special.is_empty() => format!(
                "{} asks for endpoints that are not in every Region: unset it, or choose a Region that has them; otherwise check \
                 the network and the proxy variables",
                special.join(" and ")
            ),
            Self::Unreachable { .. } => {
                "check the network, the proxy variables, AWS_REGION and AWS_ENDPOINT_URL".to_owned()
            }
            Self::Throttled { .. } => "run again in some minutes".to_owned(),
            Self::Unintelligible { .. } => {
                "check whether a proxy or a login page answers in the place of AWS".to_owned()
            }
        }
    }

    /// Whether AWS refuses requests for their time.
    pub fn is_of_clock(&self) -> bool {
        matches!(self, Self::Refused { code, message, .. } if is_of_the_clock(code, message))
    }

    /// Whether a look at the whole environment helps, since it is not known which part of it is wrong.
    pub fn is_vague(&self) -> bool {
        match self {
            Self::Unreachable { certificates, special, .. } => certificates.is_none() && special.is_empty(),
            Self::Unintelligible { .. } => true,
            Self::Environment(_)
            | Self::Certificates(_)
            | Self::NoCredentials { .. }
            | Self::Refused { .. }
            | Self::Throttled { .. } => false,
        }
    }

    pub(super) fn from_identity_failure(failure: CallFailure, environment: Option<&Environment>) -> Self {
        let message = failure.message.map(String::from).unwrap_or_default();
        let fix = CredentialsFix::new(environment);
        if failure.kind == FailureKind::NoCredentials {
            let why = environment.map(Environment::explain).unwrap_or_default();
            return Self::NoCredentials { explanation: message + &why, fix };
        }
        let facts = CallFailure { message: Some(message.as_str().into()), ..failure };
        match classify(&facts).outcome {
            FailureMeaning::TokenRefused
            | FailureMeaning::Unread(UnreadReason::BadCredentials | UnreadReason::Denied) => {
                Self::Refused { code: facts.code.map(String::from).unwrap_or_default(), message, fix }
            }
            FailureMeaning::Unread(UnreadReason::Throttled) => Self::Throttled { message },
            FailureMeaning::Unread(UnreadReason::Unreachable) => {
                let special =
                    environment.map(|environment| environment.special_endpoints.as_slice()).unwrap_or_default();
                let special = special.iter().map(ToString::to_string).collect();
                let (message, certificates) = certificates::split_advice(message);
                Self::Unreachable { message, certificates, special }
            }
            FailureMeaning::NotEnabled
            | FailureMeaning::NoDocument
            | FailureMeaning::ReadAgain
            | FailureMeaning::Unread(_) => Self::Unintelligible { message },
        }
    }
}

/// Whether AWS refuses a request for its time. The SDK corrects its own time by the answers, so that this is rare.
///
/// Source: AWS General Reference, "Troubleshooting Signature Version 4": "Signature expired", "Signature not yet current".
fn is_of_the_clock(code: &str, message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    code == "RequestTimeTooSkewed"
        || message.contains("signature expired")
        || message.contains("signature not yet current")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fix_names_what_helps() {
        let text = |text: &str| Some(text.to_owned());
        let login = CredentialsFix { login: text("aws sso login --profile audit"), ..CredentialsFix::default() };
        assert_eq!(login.missing(), "log in: aws sso login --profile audit");
        let keys = CredentialsFix { source: text("AWS_ACCESS_KEY_ID"), ..CredentialsFix::default() };
        assert!(keys.refused().ends_with("where these come from: AWS_ACCESS_KEY_ID"));
    }

    #[test]
    fn a_clock_that_is_wrong_is_told_from_wrong_keys() {
        assert!(is_of_the_clock("RequestTimeTooSkewed", ""));
        let refused = |code: &str| ConnectError::Refused {
            code: code.to_owned(),
            message: String::new(),
            fix: CredentialsFix::default(),
        };
        assert!(refused("RequestTimeTooSkewed").is_of_clock());
        assert!(!refused("InvalidClientTokenId").is_of_clock());
        assert!(is_of_the_clock("SignatureDoesNotMatch", "Signature expired: 20270331T060000Z is now earlier than …"));
        assert!(!is_of_the_clock("SignatureDoesNotMatch", "The request signature we calculated does not match"));
    }
}
