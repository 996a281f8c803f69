//! Macie as one account sees it in one Region.

use crate::account_id::AccountId;
use crate::answer::{Answer, Failure};
use crate::operation::Operation;
use crate::region::Region;
use crate::request::Request;
use crate::world::World;

use super::failure;
use super::state_store::StateStore;
use super::target_state::{Session, TargetState};

/// Macie in the target of a caller.
pub(crate) struct Macie<'a> {
    pub(crate) world: &'a World,
    pub(crate) standings: &'a StateStore,
    pub(crate) id: AccountId,
    pub(crate) region: Region,
}

impl Macie<'_> {
    /// Answers a request.
    pub(crate) fn answer(&self, request: &Request) -> Result<Answer, Failure> {
        let Request { operation, form, body, .. } = request;
        let member = request.member.as_deref().unwrap_or_default();
        match operation {
            Operation::GetMacieSession => self.get_session(),
            Operation::EnableMacie => self.enable(body),
            Operation::UpdateMacieSession => self.update_session(body),
            Operation::DisableMacie => self.disable(),
            Operation::GetAdministratorAccount => self.get_administrator(),
            Operation::ListMembers => self.list_members(form),
            Operation::GetMember => self.get_member(member),
            Operation::CreateMember => self.create_member(body),
            Operation::UpdateMemberSession => self.update_member_session(member, body),
            Operation::ListClassificationJobs => self.list_jobs(body),
            Operation::ListOrganizationAdminAccounts => self.list_delegated_administrators(form),
            // Of other services.
            _ => Err(Failure::bad_request("UnknownOperationException", "")),
        }
    }

    /// What is true of the caller, which must have a session.
    pub(super) fn own(&self) -> Result<(Session, TargetState), Failure> {
        let standing = self.standings.now(self.world, self.id, self.region);
        standing.session.map(|session| (session, standing)).ok_or_else(|| self.not_enabled())
    }

    pub(super) fn not_enabled(&self) -> Failure {
        failure::not_enabled(self.world)
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
