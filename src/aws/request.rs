//! What the calls of every service and resource share.

use aws_credential_types::Credentials;
use aws_sdk_macie2::config::Builder as MacieConfig;
use aws_sdk_sts::error::ProvideErrorMetadata;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;

use super::failure::is_denial;
use super::request_metrics::RequestMetrics;
use super::{AccountCredentials, AwsSession, CallFailure};
use crate::model::Region;

impl AwsSession {
    /// The Macie client of a Region. It has no credentials of its own.
    pub(crate) fn macie(&self, region: &Region) -> aws_sdk_macie2::Client {
        self.clients.macie(region)
    }

    /// The facts about a failed call. A denial is counted.
    pub(crate) fn call_failure<E>(&self, failure: &SdkError<E, HttpResponse>) -> CallFailure
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        call_failure(&self.meter, failure)
    }

    /// The credentials that the run starts with.
    ///
    /// # Errors
    ///
    /// If the provider has none.
    pub(crate) async fn base_credentials(&self) -> Result<Credentials, CallFailure> {
        Ok(self.base.lease().await?.credentials)
    }
}

impl AccountCredentials {
    /// The configuration of a Macie call: the account's credentials and its retry budget.
    pub(crate) fn macie_config(&self) -> MacieConfig {
        MacieConfig::new().credentials_provider(self.credentials()).retry_partition(self.budget())
    }
}

/// The facts about a failed call. A denial is counted.
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
