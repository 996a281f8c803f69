//! Asking for the Regions of another account, as the management account or a delegated administrator may.

use super::OrganizationError;
use super::rate_limiter::Operation;
use crate::aws::{AwsSession, CallFailure, FailureMeaning, RegionStates, classify};
use crate::model::{AccountId, UnreadReason};

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
        let Some(organization) = self.standing.organization() else { return Ok(None) };
        if account == organization.management_account && account != caller {
            return Ok(None);
        }
        let other = (account != caller).then_some(account);
        let credentials = self.base.lease().await?.credentials;
        let regions = self.list_regions(credentials, self.standing.budget.clone(), other, async || {
            self.standing.pace.wait_for(Operation::ListRegions).await;
        });
        regions.await.map(Some)
    }

    /// Why the Regions of the organization's accounts are not known, where that is no denial.
    pub fn explain_regions(&self, failure: &CallFailure) -> OrganizationError {
        self.explain(Operation::ListRegions, failure)
    }

    /// The same for an account whose own credentials may not ask, if the organization is known. Nothing is lost if that
    /// fails; a denial holds for all accounts, so that none is asked about after it.
    pub(in crate::aws) async fn regions_by_standing(&self, account: AccountId) -> Option<RegionStates> {
        if account == self.caller().account || self.standing.organization().is_none() || self.standing.was_refused() {
            return None;
        }
        match self.regions_of_member(account).await {
            Ok(regions) => regions,
            Err(failure) => {
                if classify(&failure).outcome == FailureMeaning::Unread(UnreadReason::Denied) {
                    self.standing.note_refusal();
                }
                None
            }
        }
    }
}
