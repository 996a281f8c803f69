//! The services of AWS that driftline calls.

/// The service that a request goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Amazon Macie.
    Macie,
    /// AWS Systems Manager.
    SystemsManager,
    /// AWS Security Token Service.
    Sts,
    /// AWS Account Management.
    Account,
    /// AWS Organizations.
    Organizations,
}

impl Service {
    /// The prefix of its IAM actions.
    pub(super) fn iam_prefix(self) -> &'static str {
        match self {
            Self::Macie => "macie2",
            Self::SystemsManager => "ssm",
            Self::Sts => "sts",
            Self::Account => "account",
            Self::Organizations => "organizations",
        }
    }
}
