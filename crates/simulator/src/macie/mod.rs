//! Amazon Macie as one account sees it in one Region: sessions, administrators and members, classification jobs.

mod discovery;
mod input;
mod jobs;
mod members;
mod session;
pub(crate) mod state_store;
pub(crate) mod target_state;

use crate::account_id::AccountId;
use crate::macie::state_store::StateStore;
use crate::macie::target_state::{Session, TargetState};
use crate::operation::Operation;
use crate::region::Region;
use crate::request::Request;
use crate::response::{Answer, ServiceError};
use crate::world::World;

/// Macie in one account and Region, for one request.
pub(crate) struct Macie<'a> {
    pub(crate) world: &'a World,
    pub(crate) states: &'a StateStore,
    pub(crate) id: AccountId,
    pub(crate) region: Region,
}

impl Macie<'_> {
    /// Answers a request.
    pub(crate) fn answer(&self, request: &Request) -> Result<Answer, ServiceError> {
        let Request { operation, form, body, .. } = request;
        let member = request.member.as_deref().unwrap_or_default();
        match operation {
            Operation::GetMacieSession => self.get_session(),
            Operation::EnableMacie => self.enable(body),
            Operation::UpdateMacieSession => self.update_session(body),
            Operation::DisableMacie => self.disable(),
            Operation::GetAdministratorAccount => self.get_administrator(),
            Operation::GetAutomatedDiscoveryConfiguration => self.get_discovery_configuration(),
            Operation::ListAutomatedDiscoveryAccounts => self.list_discovery_accounts(form),
            Operation::ListMembers => self.list_members(form),
            Operation::GetMember => self.get_member(member),
            Operation::CreateMember => self.create_member(body),
            Operation::UpdateMemberSession => self.update_member_session(member, body),
            Operation::ListClassificationJobs => self.list_jobs(body),
            Operation::ListOrganizationAdminAccounts => self.list_delegated_administrators(form),
            // Of other services.
            _ => Err(ServiceError::bad_request("UnknownOperationException", "")),
        }
    }

    /// The true state of the caller, which must have a session.
    pub(crate) fn own(&self) -> Result<(Session, TargetState), ServiceError> {
        let state = self.states.now(self.world, self.id, self.region);
        state.session.map(|session| (session, state)).ok_or_else(|| self.not_enabled())
    }

    pub(crate) fn not_enabled(&self) -> ServiceError {
        input::not_enabled(self.world)
    }
}

/// The ARN of the role in which Macie acts in an account.
///
/// Source: Amazon Macie User Guide, "Using service-linked roles for Macie". In opt-in Regions the service principal, and
/// with it the role's path, carries the Region.
pub(crate) fn service_role(account: AccountId, region: Region) -> String {
    let principal =
        if region.is_opt_in() { format!("macie.{region}.amazonaws.com") } else { "macie.amazonaws.com".to_owned() };
    format!("arn:aws:iam::{account}:role/aws-service-role/{principal}/AWSServiceRoleForAmazonMacie")
}
