//! What Macie's administrator is told of its members, 25 to a call.

use aws_sdk_macie2::types::{Member, RelationshipStatus};

use super::membership::{MEMBERS_IN_A_PAGE, PAGES_AT_MOST};
use crate::aws::{AccountCredentials, AwsSession, CallFailure, Page, every_page};
use crate::model::{AccountId, Region};

/// What a member's relationship says of Macie in its account, in one Region.
///
/// Source: Amazon Macie User Guide, "Reviewing Macie accounts for an organization". What it says of an account is only ever
/// what stands here: an account that is not listed may have Macie enabled or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberState {
    /// `Enabled`: Macie is enabled there.
    Enabled,
    /// `Paused`: it is suspended there.
    Paused,
    /// `RegionDisabled`: the Region, one that an account must opt into, is off for it.
    RegionOff,
    /// Any other word: nothing is known.
    Unknown,
}

impl MemberState {
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
    /// Asks an administrator for its members in a Region, page by page, and tells each to `hear`, which says whether to go on.
    /// At most so many pages are asked for. An account that is listed twice is told twice.
    ///
    /// # Errors
    ///
    /// Any failure of a page. What was told before it holds.
    pub async fn list_members(
        &self,
        administrator: &AccountCredentials,
        region: &Region,
        pages: usize,
        hear: &mut impl FnMut(AccountId, MemberState) -> bool,
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
                // Who names another administrator is not this one's to tell about.
                let is_own =
                    member.administrator_account_id().is_none_or(|id| id == administrator.account().to_string());
                if let Some(account) = member.account_id().and_then(|id| id.parse().ok()).filter(|_| is_own) {
                    goes_on &= hear(account, MemberState::from_member(&member));
                }
            }
            Ok(Page { items: Some(Vec::<()>::new()), next: page.next_token.filter(|_| goes_on) })
        })
        .await
        .map(drop)
    }

    /// Asks an administrator for one of its members in a Region.
    ///
    /// Source: Amazon Macie API Reference, GetMember.
    ///
    /// # Errors
    ///
    /// Any failure, among them that the account is no member.
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
