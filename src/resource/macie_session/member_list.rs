//! The member list of Macie's administrator, 25 members per call.

use aws_sdk_macie2::types::{Member, RelationshipStatus};

use super::LiveStatus;
use super::membership::{MEMBERS_IN_A_PAGE, PAGES_AT_MOST};
use crate::aws::{AccountCredentials, AwsSession, CallFailure, Page, every_page};
use crate::model::{AccountId, Region};

/// What a member's relationship says about Macie in its account, in one Region. An account that is not listed may have Macie enabled
/// or not.
///
/// Source: Amazon Macie User Guide, "Reviewing Macie accounts for an organization".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberState {
    /// `Enabled`: Macie is enabled there.
    Enabled,
    /// `Paused`: it is suspended there.
    Paused,
    /// `RegionDisabled`: the Region, an opt-in Region, is off for the account.
    RegionOff,
    /// Any other word, or contradictory ones: nothing is known.
    Unknown,
}

impl MemberState {
    /// The status of the member's session, if the relationship says so.
    pub fn live_status(self) -> Option<LiveStatus> {
        match self {
            Self::Enabled => Some(LiveStatus::Enabled),
            Self::Paused => Some(LiveStatus::Paused),
            Self::RegionOff | Self::Unknown => None,
        }
    }

    fn from_member(member: &Member) -> Self {
        match member.relationship_status() {
            Some(RelationshipStatus::Enabled) => Self::Enabled,
            Some(RelationshipStatus::Paused) => Self::Paused,
            Some(RelationshipStatus::RegionDisabled) => Self::RegionOff,
            _ => Self::Unknown,
        }
    }
}

impl AwsSession {
    /// Lists the members of an administrator in a Region, at most so many pages. Each member goes to `on_member`, which says whether
    /// to continue. An account that is listed twice is passed on twice.
    ///
    /// # Errors
    ///
    /// Any failure of a page. What was passed on before it stays valid.
    pub async fn list_members(
        &self,
        administrator: &AccountCredentials,
        region: &Region,
        pages: usize,
        on_member: &mut impl FnMut(AccountId, MemberState) -> bool,
    ) -> Result<(), CallFailure> {
        let mut left = pages.min(PAGES_AT_MOST);
        every_page("macie2:ListMembers", PAGES_AT_MOST, async |token| {
            let request = self.macie(region).list_members().only_associated("false");
            let request = request.max_results(MEMBERS_IN_A_PAGE).set_next_token(token);
            let page = self.refreshing(administrator, async |administrator| {
                let page = request.clone().customize().config_override(administrator.macie_config()).send().await;
                page.map_err(|failure| self.call_failure(&failure))
            });
            let page = page.await?;
            left = left.saturating_sub(1);
            let mut goes_on = left > 0;
            for member in page.members.unwrap_or_default() {
                // The member of another administrator is not this one's to report.
                let is_own =
                    member.administrator_account_id().is_none_or(|id| id == administrator.account().to_string());
                if let Some(account) = member.account_id().and_then(|id| id.parse().ok()).filter(|_| is_own) {
                    goes_on &= on_member(account, MemberState::from_member(&member));
                }
            }
            Ok(Page { items: Some(Vec::<()>::new()), next: page.next_token.filter(|_| goes_on) })
        })
        .await
        .map(drop)
    }

    /// Asks an administrator about one of its members in a Region.
    ///
    /// Source: Amazon Macie API Reference, GetMember.
    ///
    /// # Errors
    ///
    /// Any failure, including that the account is not a member.
    pub async fn member(
        &self,
        administrator: &AccountCredentials,
        region: &Region,
        account: AccountId,
    ) -> Result<MemberState, CallFailure> {
        let request = self.macie(region).get_member().id(account.to_string());
        let answer = self.refreshing(administrator, async |administrator| {
            let answer = request.clone().customize().config_override(administrator.macie_config()).send().await;
            answer.map_err(|failure| self.call_failure(&failure))
        });
        let answer = answer.await?;
        Ok(MemberState::from_member(&Member::builder().set_relationship_status(answer.relationship_status).build()))
    }
}
