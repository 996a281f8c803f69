//! The calls that read, each signed with the credentials of the account it asks.

use aws_credential_types::Credentials;
use aws_sdk_macie2::operation::get_macie_session::GetMacieSessionOutput;
use aws_sdk_sts::error::ProvideErrorMetadata;
use aws_smithy_runtime::client::retries::RetryPartition;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;

use super::clients::Clients;
use super::failure::is_denial;
use super::meter::Meter;
use super::{Access, CallFailure, Caller, FailureKind, OpenAccount, RegionStates};
use crate::model::Region;

/// How many pages of Regions are read at most: there are not half as many Regions as this allows.
const PAGES: usize = 10;

impl Access {
    /// Asks Macie for the session of an account in a Region.
    ///
    /// # Errors
    ///
    /// Any failure, among them "not enabled": [`judge`](super::judge) tells what it means.
    pub async fn macie_session(
        &self,
        account: &OpenAccount,
        region: &Region,
    ) -> Result<GetMacieSessionOutput, CallFailure> {
        let own = aws_sdk_macie2::config::Builder::new()
            .credentials_provider(account.credentials())
            .retry_partition(account.budget());
        let sent = self.clients.macie(region).get_macie_session().customize().config_override(own).send().await;
        sent.map_err(|failure| failed(&self.meter, &failure))
    }

    /// Asks which Regions are on for an account.
    ///
    /// # Errors
    ///
    /// Any failure of any page: half an answer is none.
    pub async fn regions(&self, account: &OpenAccount) -> Result<RegionStates, CallFailure> {
        let mut states = RegionStates::default();
        let mut token = None;
        for _ in 0..PAGES {
            let own = aws_sdk_account::config::Builder::new()
                .credentials_provider(account.credentials())
                .retry_partition(account.budget());
            let request = self.clients.account.list_regions().max_results(50).set_next_token(token);
            let page = request.customize().config_override(own).send().await;
            let page = page.map_err(|failure| failed(&self.meter, &failure))?;
            states.learn(page.regions());
            token = page.next_token;
            if token.as_deref().is_none_or(str::is_empty) {
                return Ok(states);
            }
        }
        // More pages than there can be Regions: the answer has no end, so it is none.
        Err(CallFailure {
            kind: FailureKind::Foreign,
            code: None,
            message: Some("account:ListRegions has no last page".into()),
            request_id: None,
            http_status: None,
        })
    }
}

/// Asks STS whose some credentials are; `None` if the answer names no account.
pub(super) async fn caller_identity(
    clients: &Clients,
    meter: &Meter,
    credentials: Credentials,
    budget: Option<RetryPartition>,
) -> Result<Option<Caller>, CallFailure> {
    let mut own = aws_sdk_sts::config::Builder::new().credentials_provider(credentials);
    own.set_retry_partition(budget);
    let answer = clients.sts.get_caller_identity().customize().config_override(own).send().await;
    let answer = answer.map_err(|failure| failed(meter, &failure))?;
    Ok(answer.arn().and_then(Caller::from_arn))
}

/// The facts about a failed call, which is counted if it was a denial.
pub(super) fn failed<E>(meter: &Meter, failure: &SdkError<E, HttpResponse>) -> CallFailure
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let failure = CallFailure::of(failure);
    if is_denial(&failure) {
        meter.denied();
    }
    failure
}
