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
