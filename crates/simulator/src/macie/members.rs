//! Who is whose member, as both sides may ask.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::account_id::AccountId;
use crate::answer::{Answer, Failure};
use crate::operation::Operation;
use crate::world::{Membership, SessionStatus};

use super::service::Macie;
use super::state_store::Members;
use super::target_state::{Association, BEGINNING, TargetState};
use super::{failure, input, page};

/// The most members in a page, and what a page holds if nothing is said.
///
/// Source: Amazon Macie API Reference, ListMembers, `maxResults`; what it does without is not documented.
const LARGEST_PAGE: usize = 25;

impl Macie<'_> {
    /// The administrator of which the account is a member. Source: Amazon Macie API Reference, GetAdministratorAccount.
    pub(super) fn get_administrator(&self) -> Result<Answer, Failure> {
        let standing = self.standings.read(self.world, self.id, self.region);
        if standing.session.is_none() {
            return Err(self.not_enabled());
        }
        let Some(relation) = standing.member_of() else {
            return Ok(Answer::json(&json!({})));
        };
        let mut administrator = json!({
            "accountId": relation.administrator,
            "relationshipStatus": self.relationship(self.id, &standing, relation),
        });
        if relation.membership == Membership::Invitation {
            administrator["invitationId"] = self.invitation(relation).into();
            administrator["invitedAt"] = json!(BEGINNING);
        }
        Ok(Answer::json(&json!({ "administrator": administrator })))
    }

    /// The accounts that are, or with `onlyAssociated=false` also those that were or cannot be, the caller's members.
    ///
    /// Source: Amazon Macie API Reference, ListMembers; Amazon Macie User Guide, "Reviewing Macie accounts for an
    /// organization".
    pub(super) fn list_members(&self, query: &BTreeMap<String, String>) -> Result<Answer, Failure> {
        let operation = Operation::ListMembers;
        let parameter = |name: &str| query.get(name).map(String::as_str);
        let only_associated = match parameter("onlyAssociated") {
            None => true,
            Some(word) if word.eq_ignore_ascii_case("true") => true,
            Some(word) if word.eq_ignore_ascii_case("false") => false,
            Some(word) => return Err(input::unknown(word, "onlyAssociated", &["true", "false"])),
        };
        let about = if only_associated { "associated" } else { "all" };
        let size = page::size(parameter("maxResults").map(page::number).transpose()?, LARGEST_PAGE, LARGEST_PAGE)?;
        let after = match parameter("nextToken") {
            None => None,
            Some(token) => Some(page::last(operation, about, token)?.parse().map_err(|_| page::foreign())?),
        };
        self.own()?;
        let wanted = |id, standing: &TargetState| {
            !only_associated || standing.relation.is_some_and(|relation| self.is_current(id, standing, relation))
        };
        let Members { members, more } = self.standings.members((self.world, self.id, self.region), after, size, wanted);
        let next = members.last().filter(|_| more).map(|(id, _)| page::token(operation, about, &id.to_string()));
        let members: Vec<_> = members.iter().filter_map(|(id, standing)| self.member(*id, standing)).collect();
        let mut body = json!({ "members": members });
        if let Some(next) = next {
            body["nextToken"] = next.into();
        }
        Ok(Answer::json(&body))
    }

    /// One of the accounts that ListMembers tells. Source: Amazon Macie API Reference, GetMember; the words about an
    /// account that is no member are those which the Terraform AWS provider knows.
    pub(super) fn get_member(&self, id: &str) -> Result<Answer, Failure> {
        let id = input::account(id, "id")?;
        self.own()?;
        if self.world.account(id).is_none() {
            return Err(failure::not_found());
        }
        let standing = self.standings.read(self.world, id, self.region);
        let is_known = standing.relation.is_some_and(|relation| relation.administrator == self.id);
        let member = self.member(id, &standing).filter(|_| is_known).ok_or_else(failure::not_associated)?;
        Ok(Answer::json(&member))
    }

    /// An account as its administrator sees it.
    fn member(&self, id: AccountId, standing: &TargetState) -> Option<Value> {
        let relation = standing.relation?;
        let invited = relation.membership == Membership::Invitation;
        let email = self.world.account(id).map(|account| &account.profile.email);
        Some(json!({
            "accountId": id,
            "administratorAccountId": relation.administrator,
            "masterAccountId": relation.administrator,
            "arn": self.member_arn(id),
            // Neither is told of members through Organizations.
            "email": email.filter(|_| invited),
            "invitedAt": invited.then_some(BEGINNING),
            "relationshipStatus": self.relationship(id, standing, relation),
            "tags": {},
            "updatedAt": relation.updated_at,
        }))
    }

    pub(super) fn member_arn(&self, id: AccountId) -> String {
        format!("arn:aws:macie2:{}:{}:member/{id}", self.region, self.id)
    }

    /// The word for a relation. Source: as for ListMembers.
    fn relationship(&self, id: AccountId, standing: &TargetState, relation: Association) -> &'static str {
        let account = self.world.account(id);
        match standing.session {
            _ if relation.is_over => "Removed",
            _ if account.is_some_and(|account| account.profile.state.is_suspended()) => "AccountSuspended",
            None => "RegionDisabled",
            Some(session) => match session.status {
                SessionStatus::Enabled => "Enabled",
                SessionStatus::Paused => "Paused",
            },
        }
    }

    /// Whether a relation is that of a member that Macie works for, or would if it were not paused.
    pub(super) fn is_current(&self, id: AccountId, standing: &TargetState, relation: Association) -> bool {
        matches!(self.relationship(id, standing, relation), "Enabled" | "Paused")
    }

    /// The id of the invitation that the caller accepted, of the shape of the real ones.
    fn invitation(&self, relation: Association) -> String {
        let digest = Sha256::digest(format!("{} {} {}", relation.administrator, self.id, self.region));
        digest.iter().take(16).fold(String::new(), |id, byte| format!("{id}{byte:02x}"))
    }
}
