//! What surrounds the targets whose status is to change: the second, smaller round of questions, before anything is planned.

use std::collections::BTreeMap;
use std::future::Future;
use std::num::NonZeroUsize;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::time::Duration;

use futures_util::stream;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::collector::sleep_until;
use super::tasks::internal_error;
use super::unread_reason::unread_reason;
use crate::aws::{AwsSession, OrganizationError, RegionState};
use crate::model::{AccountId, Inventory, Region, Target, Unread, UnreadReason};
use crate::resource::{
    LiveStatus, Membership, MembershipContext, MembershipRole, Reading, SessionResponse, StatusTransition,
};

/// What the run knows of the organization's Macie before it asks.
#[derive(Debug, Clone, Copy)]
pub struct AdministratorHint<'a> {
    /// The delegated Macie administrator, where the settings name it.
    pub administrator: Option<AccountId>,
    /// The accounts, with their addresses where they come from AWS Organizations.
    pub accounts: &'a Inventory,
}

/// Learns what surrounds each of some targets. Each gets exactly one answer, whatever happens on the way.
///
/// `stop` ends this when it resolves, as does the deadline; what is not known by then is unread.
pub async fn inspect_memberships(
    access: &AwsSession,
    concerns: &[(Target, StatusTransition)],
    administration: AdministratorHint<'_>,
    concurrency: NonZeroUsize,
    deadline: Option<Duration>,
    stop: impl Future<Output = ()>,
) -> BTreeMap<Target, MembershipContext> {
    let surveyor = MembershipInspector::new(access, concerns, administration);
    let mut learnt = BTreeMap::new();
    let reason = {
        let asked = concerns.iter().map(|(target, concern)| async {
            let asking = AssertUnwindSafe(surveyor.inspect(target, *concern)).catch_unwind();
            let failed = |_| MembershipContext { standing: Err(internal_error()), unfinished_jobs: None };
            (target.clone(), asking.await.unwrap_or_else(failed))
        });
        let mut answers = stream::iter(asked).buffer_unordered(concurrency.get());
        let (mut stop, mut deadline) = (pin!(stop), pin!(sleep_until(deadline.map(|time| Instant::now() + time))));
        loop {
            tokio::select! {
                biased;
                () = &mut stop => break UnreadReason::Interrupted,
                () = &mut deadline => break UnreadReason::Deadline,
                answer = answers.next() => match answer {
                    Some((target, surroundings)) => drop(learnt.insert(target, surroundings)),
                    None => break UnreadReason::Unintelligible,
                },
            }
        }
    };
    for (target, _) in concerns {
        let unread = || Unread::local(reason, "the run ended before the account's place was known");
        learnt
            .entry(target.clone())
            .or_insert_with(|| MembershipContext { standing: Err(unread()), unfinished_jobs: None });
    }
    learnt
}

/// Who administers Macie for the organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AdministratorLookup {
    Administrator(AccountId),
    /// Nobody does, or there is no organization.
    Nobody,
    /// There is an organization, and AWS does not tell the caller.
    NotTold,
}

/// Asks, and remembers what holds for more than one target.
struct MembershipInspector<'a> {
    access: &'a AwsSession,
    known: AdministratorHint<'a>,
    administrator: OnceCell<AdministratorLookup>,
    organization: OnceCell<Result<Option<AccountId>, Unread>>,
    /// By Region, whether Macie is enabled in the administrator there.
    administrator_is_on: BTreeMap<&'a Region, OnceCell<Result<bool, Unread>>>,
}

impl<'a> MembershipInspector<'a> {
    fn new(access: &'a AwsSession, concerns: &'a [(Target, StatusTransition)], known: AdministratorHint<'a>) -> Self {
        let administrator_is_on = concerns.iter().map(|(target, _)| (&target.region, OnceCell::new())).collect();
        Self { access, known, administrator: OnceCell::new(), organization: OnceCell::new(), administrator_is_on }
    }

    async fn inspect(&self, target: &Target, concern: StatusTransition) -> MembershipContext {
        if concern == StatusTransition::Enabling {
            return MembershipContext { standing: self.candidate(target).await, unfinished_jobs: None };
        }
        let open = match self.access.credentials_for(target.account).await {
            Ok(open) => open,
            Err(unread) => return MembershipContext { standing: Err(unread), unfinished_jobs: None },
        };
        let region = &target.region;
        let standing = match self.access.membership(&open, region).await {
            Err(failure) => Err(unread_reason(failure)),
            Ok(Some(Membership { administrator, by_invitation: true })) => {
                Ok(MembershipRole::InvitedMember { administrator })
            }
            Ok(Some(Membership { administrator, by_invitation: false })) => {
                Ok(MembershipRole::OrganizationMember { administrator })
            }
            Ok(None) if concern == StatusTransition::Resuming => Ok(MembershipRole::Standalone),
            Ok(None) => match self.access.members(&open, region).await {
                Err(failure) => Err(unread_reason(failure)),
                Ok(0) => Ok(MembershipRole::Standalone),
                Ok(members) => Ok(MembershipRole::Administrator { members }),
            },
        };
        let unfinished_jobs = match concern {
            StatusTransition::Ending => Some(self.access.unfinished_jobs(&open, region).await.map_err(unread_reason)),
            StatusTransition::Enabling | StatusTransition::Resuming => None,
        };
        MembershipContext { standing, unfinished_jobs }
    }

    /// The place of an account without a session.
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
            AdministratorLookup::NotTold => return Ok(MembershipRole::StandaloneAsFarAsKnown),
        };
        let Some(email) = self.email(target.account).await? else { return Ok(MembershipRole::Standalone) };
        let is_on = match self.administrator_is_on.get(&target.region) {
            Some(cell) => cell.get_or_init(|| self.is_on(administrator, &target.region)).await.clone()?,
            None => self.is_on(administrator, &target.region).await?,
        };
        Ok(MembershipRole::Candidate { administrator, email, administrator_is_on: is_on })
    }

    /// The organization's Macie administrator: as the settings say, else as the management account is told.
    async fn find_administrator(&self, region: &Region) -> AdministratorLookup {
        if let Some(administrator) = self.known.administrator {
            return AdministratorLookup::Administrator(administrator);
        }
        if self.known.accounts.management_account().is_none() {
            return AdministratorLookup::Nobody;
        }
        // Only the management account is told.
        match self.access.delegated_administrator(region).await {
            Ok(Some(administrator)) => AdministratorLookup::Administrator(administrator),
            Ok(None) => AdministratorLookup::Nobody,
            Err(_) => AdministratorLookup::NotTold,
        }
    }

    /// The address of an account that its organization's administrator may add; `None` for one that must enable itself.
    async fn email(&self, account: AccountId) -> Result<Option<Box<str>>, Unread> {
        if let Some(management) = self.known.accounts.management_account() {
            // An account that the organization does not list is in none, or in another one.
            let email = self.known.accounts.account(account).and_then(|account| account.email.clone());
            return Ok(email.filter(|_| account != management));
        }
        let management = self.organization.get_or_init(|| self.find_management()).await.clone()?;
        if management.is_none_or(|management| management == account) {
            return Ok(None);
        }
        match self.access.organization_account(account).await {
            Ok(None) => Ok(None),
            Ok(Some(listed)) if listed.account.email.is_some() => Ok(listed.account.email),
            Ok(Some(_)) => Err(unknown_address(account, "AWS Organizations does not tell it")),
            Err(error) => Err(unknown_address(account, &error.to_string())),
        }
    }

    /// The management account of the caller's organization, if it belongs to one.
    async fn find_management(&self) -> Result<Option<AccountId>, Unread> {
        match self.access.organization().await {
            Ok(organization) => Ok(Some(organization.management_account)),
            Err(OrganizationError::NotInUse { .. }) => Ok(None),
            Err(error) => Err(Unread::local(
                UnreadReason::Denied,
                format!("whether the account is in an organization is not known: {error}"),
            )),
        }
    }

    async fn is_on(&self, administrator: AccountId, region: &Region) -> Result<bool, Unread> {
        let open = self.access.credentials_for(administrator).await?;
        let asked = self.access.refreshing(&open, async |open| self.access.macie_session(open, region).await);
        match SessionResponse::from_result(asked.await) {
            // A paused one takes nobody in, as far as anybody has seen.
            SessionResponse::Reading(Reading::On(session)) => Ok(session.status == LiveStatus::Enabled),
            SessionResponse::Reading(Reading::Listed(listed)) => Ok(listed.status == LiveStatus::Enabled),
            SessionResponse::Reading(Reading::NotEnabled(_) | Reading::NotApplicable(_)) => Ok(false),
            SessionResponse::Reading(Reading::Unread(unread)) => Err(unread),
            // Where the Region is off for the administrator, it has no Macie. Else the credentials are to blame.
            SessionResponse::TokenRefused(failure) => match self.access.regions(&open).await {
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
