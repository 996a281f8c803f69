//! Amazon Macie as one account sees it in one Region: its session here; settings, members and classification jobs below.

mod discovery;
mod input;
mod jobs;
mod members;
mod settings;
pub(crate) mod state_store;
pub(crate) mod target_state;

use hyper::body::Bytes;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use crate::account_id::AccountId;
use crate::macie::input::SessionInput;
use crate::macie::state_store::{StateStore, TrueState};
use crate::macie::target_state::{Session, TargetState};
use crate::operation::{Operation, WriteCall};
use crate::region::Region;
use crate::request::Request;
use crate::response::{Answer, ServiceError};
use crate::world::World;
use crate::world::account::Membership;
use crate::world::session::{SessionConfig, SessionStatus};

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
            Operation::GetFindingsPublicationConfiguration => self.get_publication(),
            Operation::PutFindingsPublicationConfiguration => self.put_publication(body),
            Operation::GetClassificationExportConfiguration => self.get_export(),
            Operation::PutClassificationExportConfiguration => self.put_export(body),
            Operation::GetRevealConfiguration => self.get_reveal(),
            Operation::UpdateRevealConfiguration => self.update_reveal(body),
            Operation::GetAutomatedDiscoveryConfiguration => self.get_discovery(),
            Operation::UpdateAutomatedDiscoveryConfiguration => self.update_discovery(body),
            Operation::ListAutomatedDiscoveryAccounts => self.list_discovery_accounts(form),
            Operation::BatchUpdateAutomatedDiscoveryAccounts => self.update_discovery_accounts(body),
            Operation::DescribeOrganizationConfiguration => self.describe_organization(),
            Operation::UpdateOrganizationConfiguration => self.update_organization(body),
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

/// The answer to GetMacieSession. By far the most frequent one, it is written out without a detour.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VisibleState {
    created_at: Timestamp,
    finding_publishing_frequency: &'static str,
    service_role: String,
    status: &'static str,
    updated_at: Timestamp,
}

impl Macie<'_> {
    /// The session. Source: Amazon Macie API Reference, GetMacieSession.
    pub(crate) fn get_session(&self) -> Result<Answer, ServiceError> {
        let state = self.states.read_session(self.world, self.id, self.region);
        let session = state.session.ok_or_else(|| self.not_enabled())?;
        Ok(Answer::json(&self.shown(&session)))
    }

    /// The session, or one made up where there is none, with a word of which no SDK knows the meaning.
    pub(crate) fn get_session_with(&self, key: &str, word: &str) -> Answer {
        let epoch = Timestamp::UNIX_EPOCH;
        let made_up = Session { config: SessionConfig::default(), created_at: epoch, updated_at: epoch };
        let state = self.states.read_session(self.world, self.id, self.region);
        let shown = self.shown(&state.session.unwrap_or(made_up));
        let mut body = json!(shown);
        body[key] = word.into();
        Answer::json(&body)
    }

    /// Enables Macie. Source: Amazon Macie API Reference, EnableMacie.
    ///
    /// What an equal `clientToken` does is not known; here it is ignored.
    pub(crate) fn enable(&self, body: &Bytes) -> Result<Answer, ServiceError> {
        let input = SessionInput::read(body)?;
        self.write(Operation::EnableMacie, |truth, now| {
            let own = truth.get(self.id);
            if own.session.is_some() {
                return Err(input::conflict("Macie has already been enabled"));
            }
            Ok(own.with(input.apply_to(SessionConfig::default()), now))
        })
    }

    /// Changes status or frequency. Source: Amazon Macie API Reference, UpdateMacieSession.
    ///
    /// A member through the organization cannot change its own status, and an administrator cannot suspend Macie while it
    /// has members: Amazon Macie User Guide, "Administrator and member account relationships", "Suspending Macie".
    pub(crate) fn update_session(&self, body: &Bytes) -> Result<Answer, ServiceError> {
        let input = SessionInput::read(body)?;
        if input.is_empty() {
            return Err(input::invalid("the request names neither status nor findingPublishingFrequency"));
        }
        self.write(Operation::UpdateMacieSession, |truth, now| {
            let own = truth.get(self.id);
            let session = own.session.ok_or_else(|| self.not_enabled())?;
            let config = input.apply_to(session.config);
            if config.status != session.config.status {
                if own.member_of().is_some_and(|association| association.membership == Membership::Organization) {
                    let message =
                        "The request failed because a member account can't change the status of its own account";
                    return Err(input::denied(message));
                }
                if config.status == SessionStatus::Paused && truth.has_members(self.id) {
                    return Err(input::has_members());
                }
            }
            Ok(own.with(config, now))
        })
    }

    /// Disables Macie. Source: Amazon Macie API Reference, DisableMacie; the refusals are those which the Terraform AWS
    /// provider knows.
    pub(crate) fn disable(&self) -> Result<Answer, ServiceError> {
        self.write(Operation::DisableMacie, |truth, now| {
            let own = truth.get(self.id);
            if own.session.is_none() {
                return Err(self.not_enabled());
            }
            if own.member_of().is_some() {
                return Err(input::conflict("Cannot disable Macie while associated with an administrator account"));
            }
            if truth.has_members(self.id) {
                return Err(input::has_members());
            }
            Ok(own.disabled(now))
        })
    }

    fn write(
        &self,
        operation: Operation,
        change: impl FnOnce(&TrueState<'_>, Timestamp) -> Result<TargetState, ServiceError>,
    ) -> Result<Answer, ServiceError> {
        self.states.write(self.world, &WriteCall { operation, account: self.id, region: self.region }, change)?;
        Ok(Answer::json(&json!({})))
    }

    fn shown(&self, session: &Session) -> VisibleState {
        VisibleState {
            created_at: session.created_at,
            finding_publishing_frequency: session.config.frequency.as_str(),
            service_role: service_role(self.id, self.region),
            status: session.config.status.as_str(),
            updated_at: session.updated_at,
        }
    }
}
