//! Regions that are enabled for an account.

use std::collections::BTreeMap;

use aws_credential_types::Credentials;
use aws_sdk_account::types::{Region as ListedRegion, RegionOptStatus};
use aws_smithy_runtime::client::retries::RetryPartition;

use super::rate_limiter::Operation;
use super::request::{Page, every_page};
use super::{AccountCredentials, AwsSession, CallFailure, FailureMeaning, OrganizationError, classify};
use crate::model::{AccountId, Region, UnreadReason};

/// Whether a Region is on for an account.
///
/// Source: AWS Account Management API Reference, ListRegions, `RegionOptStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegionState {
    /// `ENABLED` or `ENABLED_BY_DEFAULT`.
    On,
    /// `ENABLING` or `DISABLING`: it may take hours until every service does or does not take the account's tokens.
    Changing,
    /// `DISABLED`.
    Off,
}

/// What account:ListRegions says of an account. A Region that is not in it, or whose status is an unknown word, has no state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegionStates(BTreeMap<Region, RegionState>);

impl RegionStates {
    /// The state of a Region, where there is one.
    pub fn get(&self, region: &Region) -> Option<RegionState> {
        self.0.get(region).copied()
    }

    /// The Regions that have a state, sorted.
    pub fn iter(&self) -> impl Iterator<Item = (&Region, RegionState)> {
        self.0.iter().map(|(region, state)| (region, *state))
    }

    pub(super) fn from_listing(listed: &[ListedRegion]) -> Self {
        let states = listed.iter().filter_map(|listed| {
            let state = match listed.region_opt_status()? {
                RegionOptStatus::Enabled | RegionOptStatus::EnabledByDefault => RegionState::On,
                RegionOptStatus::Enabling | RegionOptStatus::Disabling => RegionState::Changing,
                RegionOptStatus::Disabled => RegionState::Off,
                _ => return None,
            };
            Some((listed.region_name()?.parse().ok()?, state))
        });
        Self(states.collect())
    }
}

/// How many pages of Regions are read at most: there are not half as many Regions as this allows.
const PAGES: usize = 10;

impl AwsSession {
    /// Asks which Regions are on for an account: with its own credentials or, where those may not ask and the organization was
    /// listed with the credentials that the run starts with, with the latter.
    ///
    /// # Errors
    ///
    /// Any failure of any page: half an answer is none.
    pub async fn regions(&self, account: &AccountCredentials) -> Result<RegionStates, CallFailure> {
        let asked = self.refreshing(account, async |account| {
            self.list_regions(account.credentials(), account.budget(), None, async || ()).await
        });
        match asked.await {
            Err(failure) if classify(&failure).outcome == FailureMeaning::Unread(UnreadReason::Denied) => {
                // Where the organization was listed, whoever may do that may ask about its accounts, too.
                self.regions_from_organization(account.account()).await.ok_or(failure)
            }
            asked => asked,
        }
    }

    /// Asks which Regions are on for the account of some credentials, or for another one of its organization. `turn` comes
    /// before each page.
    pub(super) async fn list_regions(
        &self,
        credentials: Credentials,
        budget: RetryPartition,
        other: Option<AccountId>,
        mut turn: impl AsyncFnMut(),
    ) -> Result<RegionStates, CallFailure> {
        let listed = every_page("account:ListRegions", PAGES, async |token| {
            turn().await;
            let own = aws_sdk_account::config::Builder::new()
                .credentials_provider(credentials.clone())
                .retry_partition(budget.clone());
            let request = self.clients.account.list_regions().max_results(50).set_next_token(token);
            let request = request.set_account_id(other.map(|account| account.to_string()));
            let page = request.customize().config_override(own).send().await;
            let page = page.map_err(|failure| self.call_failure(&failure))?;
            Ok(Page { items: page.regions, next: page.next_token })
        });
        Ok(RegionStates::from_listing(&listed.await?))
    }
}

impl AwsSession {
    /// Asks with the credentials that the run starts with which Regions are on for an account of the organization. `None` if
    /// it cannot be asked in this way: nobody but the management account itself may ask about the management account.
    ///
    /// Source: AWS Account Management API Reference, ListRegions, `AccountId`.
    ///
    /// # Errors
    ///
    /// Any failure of any page.
    pub async fn regions_of_member(&self, account: AccountId) -> Result<Option<RegionStates>, CallFailure> {
        let caller = self.caller().account;
        let Some(organization) = self.organizations.organization() else { return Ok(None) };
        if account == organization.management_account && account != caller {
            return Ok(None);
        }
        let other = (account != caller).then_some(account);
        let credentials = self.base.lease().await?.credentials;
        let regions = self.list_regions(credentials, self.organizations.budget.clone(), other, async || {
            self.organizations.limiter.wait_for(Operation::ListRegions).await;
        });
        regions.await.map(Some)
    }

    /// Why the Regions of the organization's accounts are not known, where that is no denial.
    pub fn explain_regions(&self, failure: &CallFailure) -> OrganizationError {
        self.explain(Operation::ListRegions, failure)
    }

    /// The same for an account whose own credentials may not ask, if the organization is known. Nothing is lost if that
    /// fails; a denial holds for all accounts, so that none is asked about after it.
    pub(super) async fn regions_from_organization(&self, account: AccountId) -> Option<RegionStates> {
        if account == self.caller().account
            || self.organizations.organization().is_none()
            || self.organizations.was_refused()
        {
            return None;
        }
        match self.regions_of_member(account).await {
            Ok(regions) => regions,
            Err(failure) => {
                if classify(&failure).outcome == FailureMeaning::Unread(UnreadReason::Denied) {
                    self.organizations.note_refusal();
                }
                None
            }
        }
    }
}
