//! Administrators and members: who is whose member, and what an administrator changes.

use hyper::body::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::account_id::AccountId;
use crate::macie::input::SessionInput;
use crate::macie::state_store::Members;
use crate::macie::target_state::{Association, BEGINNING, TargetState};
use crate::macie::{Macie, input};
use crate::operation::{Operation, WriteCall};
use crate::request::Parameters;
use crate::response::{Answer, ServiceError};
use crate::world::account::Membership;
use crate::world::session::{SessionConfig, SessionStatus};

/// The maximum page size, which is also the default.
///
/// Source: Amazon Macie API Reference, ListMembers, `maxResults`; what it does without is not documented.
const MAX_MEMBERS: usize = 25;

impl Macie<'_> {
    /// The administrator of which the account is a member. Source: Amazon Macie API Reference, GetAdministratorAccount.
    pub(crate) fn get_administrator(&self) -> Result<Answer, ServiceError> {
        let state = self.states.read(self.world, self.id, self.region);
        if state.session.is_none() {
            return Err(self.not_enabled());
        }
        let Some(association) = state.member_of() else {
            return Ok(Answer::json(&json!({})));
        };
        let mut administrator = json!({
            "accountId": association.administrator,
            "relationshipStatus": self.relationship(self.id, &state, association),
        });
        if association.membership == Membership::Invitation {
            administrator["invitationId"] = self.invitation(association).into();
            administrator["invitedAt"] = json!(BEGINNING);
        }
        Ok(Answer::json(&json!({ "administrator": administrator })))
    }

    /// The accounts that are, or with `onlyAssociated=false` also those that were or cannot be, the caller's members.
    ///
    /// Source: Amazon Macie API Reference, ListMembers; Amazon Macie User Guide, "Reviewing Macie accounts for an
    /// organization".
    pub(crate) fn list_members(&self, query: &Parameters) -> Result<Answer, ServiceError> {
        let operation = Operation::ListMembers;
        let parameter = |name: &str| query.get(name);
        let only_associated = match parameter("onlyAssociated") {
            None => true,
            Some(word) if word.eq_ignore_ascii_case("true") => true,
            Some(word) if word.eq_ignore_ascii_case("false") => false,
            Some(word) => return Err(input::unknown(word, "onlyAssociated", &["true", "false"])),
        };
        let about = if only_associated { "associated" } else { "all" };
        let size =
            input::page_size(parameter("maxResults").map(input::parse_number).transpose()?, MAX_MEMBERS, MAX_MEMBERS)?;
        let after = match parameter("nextToken") {
            None => None,
            Some(token) => {
                Some(input::last_before(operation, about, token)?.parse().map_err(|_| input::foreign_token())?)
            }
        };
        self.own()?;
        let wanted = |id, state: &TargetState| {
            !only_associated || state.association.is_some_and(|association| self.is_current(id, state, association))
        };
        let Members { members, more } = self.states.members((self.world, self.id, self.region), after, size, wanted);
        let next = members.last().filter(|_| more).map(|(id, _)| input::page_token(operation, about, &id.to_string()));
        let members: Vec<_> = members.iter().filter_map(|(id, state)| self.member(*id, state)).collect();
        let mut body = json!({ "members": members });
        if let Some(next) = next {
            body["nextToken"] = next.into();
        }
        Ok(Answer::json(&body))
    }

    /// One of the accounts of ListMembers. Source: Amazon Macie API Reference, GetMember; the Terraform AWS provider matches
    /// the wording for an account that is no member.
    pub(crate) fn get_member(&self, id: &str) -> Result<Answer, ServiceError> {
        let id = input::account(id, "id")?;
        self.own()?;
        if self.world.account(id).is_none() {
            return Err(input::not_found());
        }
        let state = self.states.read(self.world, id, self.region);
        let is_known = state.association.is_some_and(|association| association.administrator == self.id);
        let member = self.member(id, &state).filter(|_| is_known).ok_or_else(input::not_associated)?;
        Ok(Answer::json(&member))
    }

    /// An account as its administrator sees it.
    fn member(&self, id: AccountId, state: &TargetState) -> Option<Value> {
        let association = state.association?;
        let invited = association.membership == Membership::Invitation;
        let email = self.world.account(id).map(|account| &account.profile.email);
        Some(json!({
            "accountId": id,
            "administratorAccountId": association.administrator,
            "masterAccountId": association.administrator,
            "arn": self.member_arn(id),
            // Members through Organizations have neither.
            "email": email.filter(|_| invited),
            "invitedAt": invited.then_some(BEGINNING),
            "relationshipStatus": self.relationship(id, state, association),
            "tags": {},
            "updatedAt": association.updated_at,
        }))
    }

    pub(crate) fn member_arn(&self, id: AccountId) -> String {
        format!("arn:aws:macie2:{}:{}:member/{id}", self.region, self.id)
    }

    /// The word for a association. Source: as for ListMembers.
    fn relationship(&self, id: AccountId, state: &TargetState, association: Association) -> &'static str {
        let account = self.world.account(id);
        match state.session {
            _ if association.is_over => "Removed",
            _ if account.is_some_and(|account| account.profile.state.is_suspended()) => "AccountSuspended",
            None => "RegionDisabled",
            Some(session) => match session.config.status {
                SessionStatus::Enabled => "Enabled",
                SessionStatus::Paused => "Paused",
            },
        }
    }

    /// Whether a association is that of a member that Macie works for, or would if it were not paused.
    pub(crate) fn is_current(&self, id: AccountId, state: &TargetState, association: Association) -> bool {
        matches!(self.relationship(id, state, association), "Enabled" | "Paused")
    }

    /// The id of the invitation that the caller accepted, of the shape of the real ones.
    fn invitation(&self, association: Association) -> String {
        let digest = Sha256::digest(format!("{} {} {}", association.administrator, self.id, self.region));
        digest.iter().take(16).fold(String::new(), |id, byte| format!("{id}{byte:02x}"))
    }
}

#[derive(Default, Deserialize)]
struct CreateMemberInput {
    account: Option<AccountDetail>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccountDetail {
    account_id: Option<String>,
    email: Option<String>,
}

impl Macie<'_> {
    /// Makes an account of the organization a member, and enables Macie for it where it is not.
    ///
    /// Source: Amazon Macie API Reference, CreateMember; Amazon Macie User Guide, "Integrating and configuring an
    /// organization in Macie", "Adding Macie member accounts": Macie must not be suspended in the account, nor may it have
    /// another administrator; the management account must enable Macie itself. The words of the refusals are made up.
    ///
    /// It also adds accounts to be invited, for administrators that an organization does not have: not here.
    pub(crate) fn create_member(&self, body: &Bytes) -> Result<Answer, ServiceError> {
        let detail = input::json::<CreateMemberInput>(body)?.account.ok_or_else(|| input::missing("account"))?;
        let id = detail.account_id.as_deref().ok_or_else(|| input::missing("account.accountId"))?;
        let id = input::account(id, "account.accountId")?;
        let email = detail.email.as_deref().ok_or_else(|| input::missing("account.email"))?;
        let (session, _) = self.own()?;
        if !self.world.macie_administrators().contains(&self.id) {
            return Err(input::not_the_organizations_administrator());
        }
        if session.config.status == SessionStatus::Paused {
            return Err(input::invalid("The request failed because Macie is suspended for your account"));
        }
        self.check_candidate(id, email)?;
        let write = WriteCall { operation: Operation::CreateMember, account: id, region: self.region };
        self.states.write(self.world, &write, |truth, now| {
            let state = truth.get(id);
            match state.member_of() {
                Some(association) if association.administrator == self.id => {
                    return Err(input::conflict(
                        "The request failed because the account is already a member of your account",
                    ));
                }
                Some(_) => {
                    return Err(input::invalid(
                        "The request failed because the account is associated with another administrator account",
                    ));
                }
                None => {}
            }
            let (administrator, membership) = (self.id, Membership::Organization);
            let association = Some(Association { administrator, membership, updated_at: now, is_over: false });
            match state.session {
                Some(session) if session.config.status == SessionStatus::Paused => {
                    Err(input::invalid("The request failed because Macie is suspended for the account"))
                }
                Some(_) => Ok(TargetState { association, ..state }),
                None => {
                    let enabled = state.with(SessionConfig::default(), now);
                    Ok(TargetState { association, ..enabled })
                }
            }
        })?;
        self.enable_discovery_of_new_member(id);
        Ok(Answer::json(&json!({ "arn": self.member_arn(id) })))
    }

    /// Suspends or resumes Macie for a member; there is no other setting that an administrator can change.
    ///
    /// Source: Amazon Macie API Reference, UpdateMemberSession; Amazon Macie User Guide, "Suspending Macie for member
    /// accounts in an organization". The words about an account that is no member are those which the Terraform AWS
    /// provider knows.
    pub(crate) fn update_member_session(&self, id: &str, body: &Bytes) -> Result<Answer, ServiceError> {
        let id = input::account(id, "id")?;
        let status = SessionInput::read(body)?.status.ok_or_else(|| input::missing("status"))?;
        self.own()?;
        let write = WriteCall { operation: Operation::UpdateMemberSession, account: id, region: self.region };
        self.states.write(self.world, &write, |truth, now| {
            let state = truth.get(id);
            let is_member = state.member_of().is_some_and(|association| {
                association.administrator == self.id && self.is_current(id, &state, association)
            });
            let session = state.session.filter(|_| is_member).ok_or_else(input::not_associated)?;
            Ok(state.with(SessionConfig { status, ..session.config }, now))
        })?;
        Ok(Answer::json(&json!({})))
    }

    /// Whether an account may become a member at all.
    fn check_candidate(&self, id: AccountId, email: &str) -> Result<(), ServiceError> {
        let account = self.world.member(id).ok_or_else(|| {
            input::invalid("The request failed because the account is not in the same organization as your account")
        })?;
        if id == self.id {
            return Err(input::invalid("The request failed because an account can't be a member of its own"));
        }
        if self.world.organization().is_some_and(|organization| organization.management == id) {
            return Err(input::invalid(
                "The request failed because the management account of an organization must enable Macie itself",
            ));
        }
        if !account.profile.email.eq_ignore_ascii_case(email) {
            return Err(input::invalid("The request failed because the email address is not that of the account"));
        }
        if account.profile.state.is_suspended() {
            return Err(input::invalid("The request failed because the account is suspended"));
        }
        if !account.is_on(self.region) {
            return Err(input::invalid("The request failed because the Region is not enabled for the account"));
        }
        Ok(())
    }
}

/// Source: Amazon Macie API Reference, ListOrganizationAdminAccounts, `maxResults`.
const MAX_ADMINISTRATORS: usize = 25;

impl Macie<'_> {
    /// The delegated administrators. Macie need not be enabled in the account that asks, but it must be the management
    /// account: the words of the refusal are made up.
    ///
    /// Source: Amazon Macie API Reference, ListOrganizationAdminAccounts.
    pub(crate) fn list_delegated_administrators(&self, query: &Parameters) -> Result<Answer, ServiceError> {
        let operation = Operation::ListOrganizationAdminAccounts;
        let asked = query.get("maxResults").map(input::parse_number).transpose()?;
        let size = input::page_size(asked, MAX_ADMINISTRATORS, MAX_ADMINISTRATORS)?;
        let after = match query.get("nextToken") {
            None => None,
            Some(token) => Some(input::last_before(operation, "", token)?.parse().map_err(|_| input::foreign_token())?),
        };
        if self.world.organization().is_none_or(|organization| organization.management != self.id) {
            return Err(input::denied(
                "The request failed because you must be a user of the management account of an organization to perform \
                 this operation",
            ));
        }
        let administrators = self.world.macie_administrators().iter();
        let mut rest = administrators.filter(|id| after.is_none_or(|after| **id > after)).peekable();
        let page: Vec<_> = rest.by_ref().take(size).collect();
        let next = rest.peek().and(page.last()).map(|last| input::page_token(operation, "", &last.to_string()));
        let shown: Vec<_> = page.iter().map(|id| json!({ "accountId": id, "status": "ENABLED" })).collect();
        let mut body = json!({ "adminAccounts": shown });
        if let Some(next) = next {
            body["nextToken"] = next.into();
        }
        Ok(Answer::json(&body))
    }
}
