//! The calls that read, each signed with the credentials of the account it asks.

use aws_credential_types::Credentials;
use aws_sdk_macie2::operation::get_macie_session::{GetMacieSessionError, GetMacieSessionOutput};
use aws_sdk_sts::error::ProvideErrorMetadata;
use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityError;
use aws_smithy_runtime::client::retries::RetryPartition;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;

use super::clients::Clients;
use super::failure::is_denial;
use super::membership::account_config;
use super::pages::{Page, every_page};
use super::request_metrics::RequestMetrics;
use super::response_observer::ResponseObserver;
use super::{AccountCredentials, AwsSession, CallFailure, Caller, FailureMeaning, RegionStates, classify};
use crate::model::{AccountId, Region, UnreadReason};

/// How many pages of Regions are read at most: there are not half as many Regions as this allows.
const PAGES: usize = 10;

/// What Macie says of a session.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionAnswer {
    /// The answer.
    pub output: GetMacieSessionOutput,
    /// The fields that only inform and could not be understood, in words; they are left out of the answer.
    pub note: Option<String>,
}

impl From<GetMacieSessionOutput> for SessionAnswer {
    fn from(output: GetMacieSessionOutput) -> Self {
        Self { output, note: None }
    }
}

impl AwsSession {
    /// Asks Macie for the session of an account in a Region.
    ///
    /// # Errors
    ///
    /// Any failure, among them "not enabled": [`classify`](super::classify) tells what it means.
    pub async fn macie_session(
        &self,
        account: &AccountCredentials,
        region: &Region,
    ) -> Result<SessionAnswer, CallFailure> {
        let watch = ResponseObserver::<GetMacieSessionError>::new();
        let request = self.clients.macie(region).get_macie_session().customize().interceptor(watch.clone());
        match request.config_override(account_config(account)).send().await {
            Ok(output) => {
                let odd = watch.odd();
                let said: Vec<String> = odd.iter().map(|field| format!("{} ({})", field.name, field.value)).collect();
                let note = (!said.is_empty()).then(|| format!("not understood, so left out: {}", said.join(", ")));
                Ok(SessionAnswer { output, note })
            }
            Err(failure) => Err(watch.explain(call_failure(&self.meter, &failure))),
        }
    }

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

/// The facts about a failed call, which is counted if it was a denial.
pub(super) fn call_failure<E>(meter: &RequestMetrics, failure: &SdkError<E, HttpResponse>) -> CallFailure
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let failure = CallFailure::from_sdk_error(failure);
    if is_denial(&failure) {
        meter.denied();
    }
    failure
}
