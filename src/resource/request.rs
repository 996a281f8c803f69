//! What the reading of one target takes and gives.

use super::macie_session::AdministratorAnswer;
use super::{LiveSession, Reading};
use crate::aws::{AccountCredentials, AwsSession, CallFailure};
use crate::model::{DesiredSettings, Resource, Target};

/// A target to read, with the credentials of its account.
#[derive(Clone, Copy)]
pub struct TargetRequest<'a> {
    /// The way to AWS.
    pub aws: &'a AwsSession,
    /// The credentials of the target's account.
    pub credentials: &'a AccountCredentials,
    /// The target.
    pub target: &'a Target,
    /// What is declared of it: some settings take calls of their own.
    pub declared: Option<&'a DesiredSettings>,
    /// What Macie's administrator says of the account, where it was asked.
    pub administrator_answer: Option<&'a AdministratorAnswer>,
    /// Receives a session whenever more of it is known, while further settings are still to be read.
    pub on_part: &'a dyn Fn(&LiveSession),
}

/// What the answers about a target say by themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Response {
    /// A reading.
    Reading(Reading),
    /// The token was refused. Whether the token is bad or the Region is off for the account shows only beside the account's other
    /// answers.
    TokenRefused(CallFailure),
}

/// The IAM action that reading any target of a resource takes.
///
/// Sources: Service Authorization Reference, "Actions, resources, and condition keys for Amazon Macie" and "… for AWS Systems
/// Manager".
pub fn read_action(resource: Resource) -> &'static str {
    match resource {
        Resource::MacieSession => "macie2:GetMacieSession",
        Resource::SessionManagerPreferences => "ssm:GetDocument",
        Resource::SessionManagerSessions => "ssm:DescribeSessions",
    }
}
