//! What an administrator does to the accounts of its members.

use hyper::body::Bytes;
use serde::Deserialize;
use serde_json::json;

use crate::account_id::AccountId;
use crate::answer::{Answer, Failure};
use crate::operation::Operation;
use crate::world::{DEFAULT_FREQUENCY, Membership, SessionStatus};

use super::failure::{self, conflict, invalid};
use super::input::{self, Wanted};
use super::service::Macie;
use super::state_store::WriteCall;
use super::target_state::{Association, TargetState};

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
    pub(super) fn create_member(&self, body: &Bytes) -> Result<Answer, Failure> {
        let detail = input::json::<CreateMemberInput>(body)?.account.ok_or_else(|| input::missing("account"))?;
        let id = detail.account_id.as_deref().ok_or_else(|| input::missing("account.accountId"))?;
        let id = input::account(id, "account.accountId")?;
        let email = detail.email.as_deref().ok_or_else(|| input::missing("account.email"))?;
        let (session, _) = self.own()?;
        if !self.world.macie_administrators().contains(&self.id) {
            return Err(failure::not_the_organizations_administrator());
        }
        if session.status == SessionStatus::Paused {
            return Err(invalid("The request failed because Macie is suspended for your account"));
        }
        self.check_candidate(id, email)?;
        let write = WriteCall { operation: Operation::CreateMember, account: id, region: self.region };
        self.standings.write(self.world, &write, |truth, now| {
            let standing = truth.get(id);
            match standing.member_of() {
                Some(relation) if relation.administrator == self.id => {
                    return Err(conflict("The request failed because the account is already a member of your account"));
                }
                Some(_) => {
                    return Err(invalid(
                        "The request failed because the account is associated with another administrator account",
                    ));
                }
                None => {}
            }
            let (administrator, membership) = (self.id, Membership::Organization);
            let relation = Some(Association { administrator, membership, updated_at: now, is_over: false });
            match standing.session {
                Some(session) if session.status == SessionStatus::Paused => {
                    Err(invalid("The request failed because Macie is suspended for the account"))
                }
                Some(_) => Ok(TargetState { relation, ..standing }),
                None => {
                    let enabled = standing.with(SessionStatus::Enabled, DEFAULT_FREQUENCY, now);
                    Ok(TargetState { relation, ..enabled })
                }
            }
        })?;
        Ok(Answer::json(&json!({ "arn": self.member_arn(id) })))
    }

    /// Suspends or resumes Macie for a member; there is no other setting that an administrator can change.
    ///
    /// Source: Amazon Macie API Reference, UpdateMemberSession; Amazon Macie User Guide, "Suspending Macie for member
    /// accounts in an organization". The words about an account that is no member are those which the Terraform AWS
    /// provider knows.
    pub(super) fn update_member_session(&self, id: &str, body: &Bytes) -> Result<Answer, Failure> {
        let id = input::account(id, "id")?;
        let status = Wanted::read(body)?.status.ok_or_else(|| input::missing("status"))?;
        self.own()?;
        let write = WriteCall { operation: Operation::UpdateMemberSession, account: id, region: self.region };
        self.standings.write(self.world, &write, |truth, now| {
            let standing = truth.get(id);
            let is_member = standing
                .member_of()
                .is_some_and(|relation| relation.administrator == self.id && self.is_current(id, &standing, relation));
            let session = standing.session.filter(|_| is_member).ok_or_else(failure::not_associated)?;
            Ok(standing.with(status, session.frequency, now))
        })?;
        Ok(Answer::json(&json!({})))
    }

    /// Whether an account may become a member at all.
    fn check_candidate(&self, id: AccountId, email: &str) -> Result<(), Failure> {
        let account = self.world.member(id).ok_or_else(|| {
            invalid("The request failed because the account is not in the same organization as your account")
        })?;
        if id == self.id {
            return Err(invalid("The request failed because an account can't be a member of its own"));
        }
        if self.world.organization().is_some_and(|organization| organization.management == id) {
            return Err(invalid(
                "The request failed because the management account of an organization must enable Macie itself",
            ));
        }
        if !account.profile.email.eq_ignore_ascii_case(email) {
            return Err(invalid("The request failed because the email address is not that of the account"));
        }
        if account.profile.state.is_suspended() {
            return Err(invalid("The request failed because the account is suspended"));
        }
        if !account.is_on(self.region) {
            return Err(invalid("The request failed because the Region is not enabled for the account"));
        }
        Ok(())
    }
}
