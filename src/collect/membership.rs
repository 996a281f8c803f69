//! The roles of accounts whose status is to change, read before anything is planned.

use std::collections::BTreeMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::pin;

use futures_util::stream;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::collector::sleep_until;
use super::request::CollectLimits;
use super::tasks::internal_error;
use crate::aws::{AwsSession, OrganizationError, RegionState};
use crate::model::{AccountId, DesiredState, Inventory, Region, Target, Unread, UnreadReason};
use crate::resource::macie_session::{Status, interpret, unread_reason, wants_status};
use crate::resource::{LiveStatus, Membership, MembershipContext, MembershipRole, Reading, Response, StatusTransition};

/// What is known about the organization's Macie before any call.
#[derive(Debug, Clone, Copy)]
pub struct AdministratorHint<'a> {
    /// The delegated Macie administrator, where the settings name it.
    pub administrator: Option<AccountId>,
    /// The accounts, with their email addresses where they come from AWS Organizations.
    pub accounts: &'a Inventory,
    /// Desired state, of targets that the run has not selected as well.
    pub desired: &'a DesiredState,
}

/// Reads the context of each target. Each gets exactly one answer, whatever happens on the way.
///
/// `stop` ends this when it resolves, as does the deadline; what is not known by then is unread.
pub async fn inspect_memberships(
    aws: &AwsSession,
    transitions: &[(Target, StatusTransition)],
    hint: AdministratorHint<'_>,
    limits: &CollectLimits,
    stop: impl Future<Output = ()>,
) -> BTreeMap<Target, MembershipContext> {
    let inspector = MembershipInspector::new(aws, transitions, hint);
    let mut contexts = BTreeMap::new();
    let reason = {
        let inspections = transitions.iter().map(|(target, transition)| async {
            let inspection = AssertUnwindSafe(inspector.inspect(target, *transition)).catch_unwind();
            let failed = |_| MembershipContext { role: Err(internal_error()), unfinished_jobs: None };
            (target.clone(), inspection.await.unwrap_or_else(failed))
        });
        let mut answers = stream::iter(inspections).buffer_unordered(limits.concurrency.get());
        let ends = limits.deadline.map(|deadline| Instant::now() + deadline);
        let (mut stop, mut deadline) = (pin!(stop), pin!(sleep_until(ends)));
        loop {
            tokio::select! {
                biased;
                () = &mut stop => break UnreadReason::Interrupted,
                () = &mut deadline => break UnreadReason::Deadline,
                answer = answers.next() => match answer {
                    Some((target, context)) => drop(contexts.insert(target, context)),
                    None => break UnreadReason::Unintelligible,
                },
            }
        }
    };
    for (target, _) in transitions {
        let unread = || Unread::local(reason, "the run ended before the account's place was known");
        contexts
            .entry(target.clone())
            .or_insert_with(|| MembershipContext { role: Err(unread()), unfinished_jobs: None });
    }
    contexts
}

/// The organization's Macie administrator, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AdministratorLookup {
    Administrator(AccountId),
    /// There is none, or no organization.
    Nobody,
    /// There is an organization, and the caller may not ask.
    Unknown,
}

/// Reads memberships, and caches what holds for more than one target.
struct MembershipInspector<'a> {
    aws: &'a AwsSession,
    hint: AdministratorHint<'a>,
    administrator: OnceCell<AdministratorLookup>,
    organization: OnceCell<Result<Option<AccountId>, Unread>>,
    /// By Region, whether Macie is enabled in the administrator there.
    administrator_is_on: BTreeMap<&'a Region, OnceCell<Result<bool, Unread>>>,
}

impl<'a> MembershipInspector<'a> {
    fn new(aws: &'a AwsSession, transitions: &'a [(Target, StatusTransition)], hint: AdministratorHint<'a>) -> Self {
        let administrator_is_on = transitions.iter().map(|(target, _)| (&target.region, OnceCell::new())).collect();
        Self { aws, hint, administrator: OnceCell::new(), organization: OnceCell::new(), administrator_is_on }
    }

    async fn inspect(&self, target: &Target, transition: StatusTransition) -> MembershipContext {
        if transition == StatusTransition::Enabling {
            return MembershipContext { role: self.candidate(target).await, unfinished_jobs: None };
        }
        let credentials = match self.aws.credentials_for(target.account).await {
            Ok(credentials) => credentials,
            Err(unread) => return MembershipContext { role: Err(unread), unfinished_jobs: None },
        };
        let region = &target.region;
        let role = match self.aws.membership(&credentials, region).await {
            Err(failure) => Err(unread_reason(failure)),
            Ok(Some(Membership { administrator, by_invitation: true })) => {
                Ok(MembershipRole::InvitedMember { administrator })
            }
            Ok(Some(Membership { administrator, by_invitation: false })) => {
                Ok(self.organization_member(administrator, region).await)
            }
            Ok(None) if transition == StatusTransition::Resuming => Ok(MembershipRole::Standalone),
            Ok(None) => match self.aws.members(&credentials, region).await {
                Err(failure) => Err(unread_reason(failure)),
                Ok(0) => Ok(MembershipRole::Standalone),
                Ok(members) => Ok(MembershipRole::Administrator { members }),
            },
        };
        let unfinished_jobs = match transition {
            StatusTransition::Ending => {
                Some(self.aws.unfinished_jobs(&credentials, region).await.map_err(unread_reason))
            }
            StatusTransition::Enabling | StatusTransition::Resuming => None,
        };
        MembershipContext { role, unfinished_jobs }
    }

    /// The role of an account without a session.
    ///
    /// Source: Amazon Macie User Guide, "Integrating and configuring an organization": the administrator enables Macie for
    /// accounts of the organization, except for the management account, which does so itself.
    async fn candidate(&self, target: &Target) -> Result<MembershipRole, Unread> {
        let administrator = self.administrator.get_or_init(|| self.find_administrator(&target.region)).await;
        let administrator = match administrator {
            AdministratorLookup::Administrator(administrator) if *administrator != target.account => *administrator,
            AdministratorLookup::Administrator(_) | AdministratorLookup::Nobody => {
                return Ok(MembershipRole::Standalone);
            }
            AdministratorLookup::Unknown => return Ok(MembershipRole::StandaloneAsFarAsKnown),
        };
        let Some(email) = self.email(target.account).await? else { return Ok(MembershipRole::Standalone) };
        let administrator_is_on = self.cached_is_on(administrator, &target.region).await?;
        Ok(MembershipRole::Candidate { administrator, email, administrator_is_on })
    }

    /// The role of a member of the organization. An administrator that cannot be read would have no step in the whole plan either.
    async fn organization_member(&self, administrator: AccountId, region: &Region) -> MembershipRole {
        let there = Target::macie_session(administrator, region.clone());
        let unselected = self.hint.desired.find_unselected(&there);
        let administrator_is_on = match unselected.filter(|desired| wants_status(&desired.declared, Status::Enabled)) {
            Some(_) => self.cached_is_on(administrator, region).await.ok(),
            None => None,
        };
        MembershipRole::OrganizationMember { administrator, administrator_is_on }
    }

    /// Whether Macie is enabled in the administrator, read once for each Region.
    async fn cached_is_on(&self, administrator: AccountId, region: &Region) -> Result<bool, Unread> {
        match self.administrator_is_on.get(region) {
            Some(cell) => cell.get_or_init(|| self.is_on(administrator, region)).await.clone(),
            None => self.is_on(administrator, region).await,
        }
    }

    /// The organization's Macie administrator: that of the settings, or else that of the management account's answer.
    async fn find_administrator(&self, region: &Region) -> AdministratorLookup {
        if let Some(administrator) = self.hint.administrator {
            return AdministratorLookup::Administrator(administrator);
        }
        if self.hint.accounts.management_account().is_none() {
            return AdministratorLookup::Nobody;
        }
        match self.aws.delegated_administrator(region).await {
            Ok(Some(administrator)) => AdministratorLookup::Administrator(administrator),
            Ok(None) => AdministratorLookup::Nobody,
            // Only the management account may ask.
            Err(_) => AdministratorLookup::Unknown,
        }
    }

    /// The email address of an account that its organization's administrator may add; `None` for one that must enable itself.
    async fn email(&self, account: AccountId) -> Result<Option<Box<str>>, Unread> {
        if let Some(management) = self.hint.accounts.management_account() {
            // An account that the organization does not list belongs to none, or to another one.
            let email = self.hint.accounts.account(account).and_then(|account| account.email.clone());
            return Ok(email.filter(|_| account != management));
        }
        let management = self.organization.get_or_init(|| self.find_management()).await.clone()?;
        if management.is_none_or(|management| management == account) {
            return Ok(None);
        }
        match self.aws.organization_account(account).await {
            Ok(None) => Ok(None),
            Ok(Some(listed)) if listed.account.email.is_some() => Ok(listed.account.email),
            Ok(Some(_)) => Err(unknown_address(account, "AWS Organizations does not tell it")),
            Err(error) => Err(unknown_address(account, &error.to_string())),
        }
    }

    /// The management account of the caller's organization, if it belongs to one.
    async fn find_management(&self) -> Result<Option<AccountId>, Unread> {
        match self.aws.organization().await {
            Ok(organization) => Ok(Some(organization.management_account)),
            Err(OrganizationError::NotInUse { .. }) => Ok(None),
            Err(error) => Err(Unread::local(
                UnreadReason::Denied,
                format!("whether the account is in an organization is not known: {error}"),
            )),
        }
    }

    async fn is_on(&self, administrator: AccountId, region: &Region) -> Result<bool, Unread> {
        let credentials = self.aws.credentials_for(administrator).await?;
        let answer = self.aws.refreshing(&credentials, async |held| self.aws.macie_session(held, region).await);
        match interpret(answer.await) {
            // A paused administrator has never been seen to add a member.
            Response::Reading(Reading::On(session)) => Ok(session.status == LiveStatus::Enabled),
            Response::Reading(Reading::Listed(listed)) => Ok(listed.status == LiveStatus::Enabled),
            Response::Reading(Reading::Unread(unread)) => Err(unread),
            Response::Reading(_) => Ok(false),
            // A Region that is off for the administrator has no Macie there. Otherwise the credentials are bad.
            Response::TokenRefused(failure) => match self.aws.regions(&credentials).await {
                Ok(states) if states.get(region) == Some(RegionState::Off) => Ok(false),
                _ => Err(failure.into_unread(UnreadReason::BadCredentials)),
            },
        }
    }
}

fn unknown_address(account: AccountId, why: &str) -> Unread {
    Unread::local(
        UnreadReason::Denied,
        format!("Macie's administrator enables it in {account} by its email address, which is not known: {why}"),
    )
}
