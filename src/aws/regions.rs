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

/// Region states from account:ListRegions. A Region that is not listed, or has an unknown status, has no state.
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

/// Page limit: twice the number of Regions.
const PAGES: usize = 10;

impl AwsSession {
    /// The Region states of an account, read with its own credentials or, where these are denied and the organization
    /// has been listed, with the base credentials.
    ///
    /// # Errors
    ///
    /// Any failure of any page: a partial list is useless.
    pub async fn regions(&self, account: &AccountCredentials) -> Result<RegionStates, CallFailure> {
        let asked = self.refreshing(account, async |account| {
            self.list_regions(account.credentials(), account.budget(), None, async || ()).await
        });
        match asked.await {
            Err(failure) if classify(&failure).outcome == FailureMeaning::Unread(UnreadReason::Denied) => {
                // A caller who may list the organization may read the Regions of its accounts, too.
                self.regions_from_organization(account.account()).await.ok_or(failure)
            }
            asked => asked,
        }
    }

    /// Lists the Regions of the owner of credentials, or of another account of its organization. `turn` is awaited
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
    /// The Region states of a member account, read with the base credentials. `None` where that is impossible: only the
    /// management account may ask about itself.
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

    /// The error for Regions that cannot be read, other than a denial.
    pub fn explain_regions(&self, failure: &CallFailure) -> OrganizationError {
        self.explain(Operation::ListRegions, failure)
    }

    /// The same for an account whose own credentials are denied. A failure loses nothing; a denial applies to all
    /// accounts, so that none is asked about after it.
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
