//! The calls that read, each signed with the credentials of the account it asks.

use aws_credential_types::Credentials;
use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityError;
use aws_smithy_runtime::client::retries::RetryPartition;

use super::clients::Clients;
use super::pages::{Page, every_page};
use super::request::call_failure;
use super::request_metrics::RequestMetrics;
use super::response_observer::ResponseObserver;
use super::{AccountCredentials, AwsSession, CallFailure, Caller, FailureMeaning, RegionStates, classify};
use crate::model::{AccountId, UnreadReason};

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
                self.regions_by_standing(account.account()).await.ok_or(failure)
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
            let page = page.map_err(|failure| call_failure(&self.meter, &failure))?;
            Ok(Page { items: page.regions, next: page.next_token })
        });
        Ok(RegionStates::from_listing(&listed.await?))
    }
}

/// Asks STS whose some credentials are; `None` if the answer names no account.
pub(super) async fn caller_identity(
    clients: &Clients,
    meter: &RequestMetrics,
    credentials: Credentials,
    budget: Option<RetryPartition>,
) -> Result<Option<Caller>, CallFailure> {
    let mut own = aws_sdk_sts::config::Builder::new().credentials_provider(credentials);
    own.set_retry_partition(budget);
    let watch = ResponseObserver::<GetCallerIdentityError>::new();
    let request = clients.sts.get_caller_identity().customize().interceptor(watch.clone());
    let answer = request.config_override(own).send().await;
    let answer = answer.map_err(|failure| watch.explain(call_failure(meter, &failure)))?;
    Ok(answer.arn().and_then(Caller::from_arn))
}
