//! The accounts of Macie in a Region: the role of each, and the member list of an administrator.

use std::collections::BTreeSet;

use aws_sdk_macie2::config::Builder;
use aws_sdk_macie2::operation::get_administrator_account::GetAdministratorAccountError;
use aws_sdk_macie2::types::{
    Invitation, JobComparator, JobStatus, JobSummary, ListJobsFilterCriteria, ListJobsFilterKey, ListJobsFilterTerm,
    Member, RelationshipStatus,
};

use super::LiveStatus;
use crate::aws::{AccountCredentials, AwsSession, CallFailure, Page, ResponseObserver, every_page, foreign};
use crate::model::{AccountId, Region, Unread};

/// The most members in a page.
///
/// Source: Amazon Macie API Reference, ListMembers, `maxResults`.
const MEMBERS_IN_A_PAGE: i32 = 25;

/// The most jobs in a page.
///
/// Source: Amazon Macie API Reference, ListClassificationJobs, `maxResults`.
const JOBS_IN_A_PAGE: i32 = 200;

/// More pages than the largest organization has members, or an account jobs.
///
/// Source: Amazon Macie User Guide, "Quotas": 10,000 members of an organization.
const PAGES_AT_MOST: usize = 2_000;

/// The jobs that a pause cancels: those that run, wait for their next run, or are paused themselves.
///
/// Source: Amazon Macie API Reference, `JobStatus`; Amazon Macie User Guide, "Suspending Macie".
const UNFINISHED: [JobStatus; 4] = [JobStatus::Running, JobStatus::Idle, JobStatus::Paused, JobStatus::UserPaused];

/// The association of an account with a Macie administrator, in one Region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    /// The administrator.
    pub administrator: AccountId,
    /// Whether the account accepted an invitation, as opposed to being a member through AWS Organizations.
    pub by_invitation: bool,
}

/// The role of an account among the Macie accounts of a Region.
///
/// Source: Amazon Macie User Guide, "Administrator and member account relationships".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MembershipRole {
    /// No other account administers it.
    Standalone,
    /// The same, except that AWS does not say whether its organization has an administrator.
    StandaloneAsFarAsKnown,
    /// It accepted an administrator's invitation. It still pauses and resumes itself.
    InvitedMember {
        /// Its administrator.
        administrator: AccountId,
    },
    /// It is a member through AWS Organizations: only its administrator changes its status.
    OrganizationMember {
        /// Its administrator.
        administrator: AccountId,
        /// Whether Macie is enabled in the administrator in the Region, and not paused. `None` unless policies want it enabled there
        /// and the run has not selected it.
        administrator_is_on: Option<bool>,
    },
    /// It administers others.
    Administrator {
        /// How many accounts are associated with it.
        members: usize,
    },
    /// Macie is not enabled in it, and its organization has an administrator, which enables it as a member.
    Candidate {
        /// The organization's Macie administrator.
        administrator: AccountId,
        /// The email address of the account, which CreateMember asks for.
        email: Box<str>,
        /// Whether Macie is enabled in the administrator itself in the Region, and not paused: elsewhere it adds no member.
        administrator_is_on: bool,
    },
}

/// What must be known before a change of a target's status can be planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MembershipContext {
    /// The role of the account.
    pub role: Result<MembershipRole, Unread>,
    /// How many classification jobs are unfinished, where the change would cancel them.
    pub unfinished_jobs: Option<Result<usize, Unread>>,
}

/// The kind of a status change, as far as it decides what must be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatusTransition {
    /// A session is created.
    Enabling,
    /// A session is resumed.
    Resuming,
    /// A session is paused or disabled.
    Ending,
}

impl AwsSession {
    /// Reads the administrator of an account in a Region, if it has one.
    ///
    /// Source: Amazon Macie API Reference, GetAdministratorAccount: the fields about an invitation are present only where there was
    /// one.
    ///
    /// # Errors
    ///
    /// Any failure, including "not enabled" and an unknown kind of relationship.
    pub async fn membership(
        &self,
        account: &AccountCredentials,
        region: &Region,
    ) -> Result<Option<Membership>, CallFailure> {
        let answer = self.refreshing(account, async |account| {
            let observer = ResponseObserver::<GetAdministratorAccountError>::with_body();
            let request = self.macie(region).get_administrator_account().customize().interceptor(observer.clone());
            match request.config_override(account.macie_config()).send().await {
                Ok(answer) if observer.json().is_object() => Ok(answer),
                // Without an administrator, the object is there and empty.
                Ok(_) => Err(foreign("macie2:GetAdministratorAccount was answered without a JSON object".to_owned())),
                Err(failure) => Err(observer.explain(self.call_failure(&failure))),
            }
        });
        match answer.await {
            Ok(answer) => {
                answer.administrator().map_or(Ok(None), |invitation| parse_membership(invitation).map_err(foreign))
            }
            Err(failure) if has_no_administrator(&failure) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Counts the members of an administrator in a Region.
    ///
    /// # Errors
    ///
    /// Any failure of any page.
    pub async fn members(&self, account: &AccountCredentials, region: &Region) -> Result<usize, CallFailure> {
        let listed = every_page("macie2:ListMembers", PAGES_AT_MOST, async |token| {
            let request = self.macie(region).list_members().only_associated("true");
            let request = request.max_results(MEMBERS_IN_A_PAGE).set_next_token(token);
            let page = self.refreshing(account, async |account| {
                let page = request.clone().customize().config_override(account.macie_config()).send().await;
                page.map_err(|failure| self.call_failure(&failure))
            });
            let page = page.await?;
            // Where there are none, the answer may have no list at all.
            Ok(Page { items: Some(page.members.unwrap_or_default()), next: page.next_token })
        });
        let ids: BTreeSet<String> = listed.await?.into_iter().filter_map(|member| member.account_id).collect();
        Ok(ids.len())
    }

    /// Counts the unfinished classification jobs of a target.
    ///
    /// # Errors
    ///
    /// Any failure of any page.
    pub async fn unfinished_jobs(&self, account: &AccountCredentials, region: &Region) -> Result<usize, CallFailure> {
        let term = ListJobsFilterTerm::builder()
            .key(ListJobsFilterKey::JobStatus)
            .comparator(JobComparator::Eq)
            .set_values(Some(UNFINISHED.iter().map(|status| status.as_str().to_owned()).collect()));
        let criteria = ListJobsFilterCriteria::builder().includes(term.build()).build();
        let listed = every_page("macie2:ListClassificationJobs", PAGES_AT_MOST, async |token| {
            let request = self.macie(region).list_classification_jobs().filter_criteria(criteria.clone());
            let request = request.max_results(JOBS_IN_A_PAGE).set_next_token(token);
            let page = self.refreshing(account, async |account| {
                let page = request.clone().customize().config_override(account.macie_config()).send().await;
                page.map_err(|failure| self.call_failure(&failure))
            });
            let page = page.await?;
            Ok(Page { items: Some(page.items.unwrap_or_default()), next: page.next_token })
        });
        let unfinished = |job: &JobSummary| job.job_status().is_none_or(|status| UNFINISHED.contains(status));
        Ok(listed.await?.iter().filter(|job| unfinished(job)).count())
    }

    /// Reads the delegated Macie administrator of the caller's organization, if it has one. Only the management account may ask.
    ///
    /// Source: Amazon Macie API Reference, ListOrganizationAdminAccounts.
    ///
    /// # Errors
    ///
    /// Any failure of any page.
    pub async fn delegated_administrator(&self, region: &Region) -> Result<Option<AccountId>, CallFailure> {
        let listed = every_page("macie2:ListOrganizationAdminAccounts", PAGES_AT_MOST, async |token| {
            let request = self.macie(region).list_organization_admin_accounts().set_next_token(token);
            let page = self.refreshing_base(async || {
                let as_caller = Builder::new().credentials_provider(self.base_credentials().await?);
                let page = request.clone().customize().config_override(as_caller).send().await;
                page.map_err(|failure| self.call_failure(&failure))
            });
            let page = page.await?;
            Ok(Page { items: Some(page.admin_accounts.unwrap_or_default()), next: page.next_token })
        });
        let accounts = listed.await?;
        let in_force = accounts.iter().find(|account| {
            account.status().is_none_or(|status| status == &aws_sdk_macie2::types::AdminStatus::Enabled)
        });
        Ok(in_force.and_then(|account| account.account_id()?.parse().ok()))
    }
}

/// Whether there is no administrator, as opposed to Macie not being enabled, which has the same code.
///
/// Source: Amazon Macie API Reference, GetAdministratorAccount: 404, "the specified resource wasn't found".
fn has_no_administrator(failure: &CallFailure) -> bool {
    let mentions_enabling = |message: &str| message.to_ascii_lowercase().contains("enabled");
    failure.code.as_deref() == Some("ResourceNotFoundException")
        && !failure.message.as_deref().is_some_and(mentions_enabling)
}

/// The membership that a relationship to an administrator makes.
///
/// Source: Amazon Macie User Guide, "Reviewing Macie accounts for an organization", for the words.
fn parse_membership(invitation: &Invitation) -> Result<Option<Membership>, String> {
    let by_invitation =
        invitation.invitation_id().is_some_and(|id| !id.is_empty()) || invitation.invited_at().is_some();
    let in_force = match invitation.relationship_status() {
        None
        | Some(
            RelationshipStatus::Enabled
            | RelationshipStatus::Paused
            | RelationshipStatus::Created
            | RelationshipStatus::RegionDisabled
            | RelationshipStatus::AccountSuspended,
        ) => true,
        Some(
            RelationshipStatus::Removed
            | RelationshipStatus::Resigned
            | RelationshipStatus::Invited
            | RelationshipStatus::EmailVerificationFailed
            | RelationshipStatus::EmailVerificationInProgress,
        ) => false,
        Some(other) => return Err(format!("GetAdministratorAccount tells of the unknown relationship {other:?}")),
    };
    if !in_force {
        return Ok(None);
    }
    match invitation.account_id().map(str::parse) {
        Some(Ok(administrator)) => Ok(Some(Membership { administrator, by_invitation })),
        _ => Err("GetAdministratorAccount names no administrator account".to_owned()),
    }
}

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
    /// to continue. An account that is listed twice is passed on twice. Returns whether the list was read to its end.
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
    ) -> Result<bool, CallFailure> {
        let mut left = pages.min(PAGES_AT_MOST);
        let mut is_complete = false;
        every_page("macie2:ListMembers", PAGES_AT_MOST, async |token| {
            let request = self.macie(region).list_members().only_associated("false");
            let request = request.max_results(MEMBERS_IN_A_PAGE).set_next_token(token);
            let page = self.refreshing(administrator, async |administrator| {
                let page = request.clone().customize().config_override(administrator.macie_config()).send().await;
                page.map_err(|failure| self.call_failure(&failure))
            });
            let page = page.await?;
            is_complete = page.next_token.as_ref().is_none_or(String::is_empty);
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
        .await?;
        Ok(is_complete)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(status: Option<&str>, id: Option<&str>, invitation: Option<&str>) -> Result<Option<Membership>, String> {
        parse_membership(
            &Invitation::builder()
                .set_account_id(id.map(str::to_owned))
                .set_invitation_id(invitation.map(str::to_owned))
                .set_relationship_status(status.map(RelationshipStatus::from))
                .build(),
        )
    }

    #[test]
    fn not_found_means_no_administrator_and_not_enabled_does_not() {
        let failure = |code: &str, message: &str| CallFailure {
            kind: crate::aws::FailureKind::Answered,
            code: Some(code.into()),
            message: Some(message.into()),
            request_id: None,
            http_status: Some(404),
        };
        assert!(has_no_administrator(&failure("ResourceNotFoundException", "The specified resource wasn't found.")));
        assert!(!has_no_administrator(&failure(
            "ResourceNotFoundException",
            "Amazon Macie isn't enabled for your account"
        )));
        assert!(!has_no_administrator(&failure("AccessDeniedException", "Macie is not enabled")));
    }

    #[test]
    fn only_a_relationship_in_force_is_a_membership_and_only_an_invitation_makes_it_one_by_invitation() {
        let administrator: AccountId = "999988887777".parse().expect("an id");
        let member = |by_invitation| Ok(Some(Membership { administrator, by_invitation }));
        for status in [None, Some("Enabled"), Some("Paused"), Some("Created")] {
            assert_eq!(parse(status, Some("999988887777"), None), member(false), "{status:?}");
            assert_eq!(parse(status, Some("999988887777"), Some("1a2b")), member(true), "{status:?}");
        }
        for status in ["Removed", "Resigned", "Invited"] {
            assert_eq!(parse(Some(status), Some("999988887777"), None), Ok(None), "{status}");
        }
        assert!(parse(Some("Adopted"), Some("999988887777"), None).is_err(), "a new word is not passed over");
        assert!(parse(Some("Enabled"), None, None).is_err());
    }
}
