//! One client per service and Region, none of which holds credentials.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::AppName;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

use super::http::{Surroundings, shared_client};
use super::meter::{Count, Meter};
use super::retry::{Answered, BareThrottle, SignedTooEarlyOrLate};
use super::strain::Service;
use super::success::{Language, Success};
use super::{AccessOptions, CertificateError, Source};
use crate::model::{Partition, Region};

/// The name in the user agent, by which CloudTrail shows who asked.
const APP_NAME: &str = "driftline";

/// The Region whose endpoints serve all Regions of the commercial partition.
///
/// Source: AWS General Reference, "AWS Account Management endpoints and quotas".
const HOME: &str = "us-east-1";

/// How long to wait for account:ListRegions in all.
const REGIONS_PATIENCE: Duration = Duration::from_secs(8);

/// The clients of a run. They share one HTTP client.
pub(super) struct Clients {
    shared: SdkConfig,
    meter: Arc<Meter>,
    macie: Mutex<BTreeMap<Region, aws_sdk_macie2::Client>>,
    pub(super) sts: aws_sdk_sts::Client,
    pub(super) account: aws_sdk_account::Client,
    pub(super) organizations: aws_sdk_organizations::Client,
}

impl Clients {
    /// The clients, and the provider of the credentials that the run starts with, if the source has one.
    pub(super) async fn new(
        options: &AccessOptions,
        meter: Arc<Meter>,
    ) -> Result<(Self, Option<SharedCredentialsProvider>), CertificateError> {
        let found = load(options).await?;
        let provider = found.credentials_provider();
        let region = found.region().cloned().unwrap_or(aws_config::Region::from_static(HOME));
        let mut shared = found.into_builder().region(region);
        // Forgotten, so that no call can be signed with the wrong account's credentials by leaving out its own.
        shared.set_credentials_provider(None);
        let shared = shared.build();
        let sts = aws_sdk_sts::config::Builder::from(&shared)
            .interceptor(Count { meter: Arc::clone(&meter), service: Service::Sts, region: None })
            .interceptor(Success(Language::Xml))
            .retry_classifier(BareThrottle)
            .retry_classifier(SignedTooEarlyOrLate)
            .build();
        // The answer only saves calls and tells for sure: an account must not wait for it as long as for Macie itself.
        let patience = TimeoutConfig::builder()
            .connect_timeout(options.timeouts.connect)
            .operation_attempt_timeout(options.timeouts.attempt.min(REGIONS_PATIENCE))
            .operation_timeout(options.timeouts.operation.min(REGIONS_PATIENCE))
            .build();
        let account = aws_sdk_account::config::Builder::from(&shared)
            .region(aws_config::Region::from_static(HOME))
            .timeout_config(patience)
            .interceptor(Count { meter: Arc::clone(&meter), service: Service::Account, region: None })
            .interceptor(Success(Language::Json))
            .retry_classifier(BareThrottle)
            .retry_classifier(SignedTooEarlyOrLate)
            .build();
        let organizations = aws_sdk_organizations::config::Builder::from(&shared)
            .region(home_of(shared.region()))
            .interceptor(Count { meter: Arc::clone(&meter), service: Service::Organizations, region: None })
            .interceptor(Success(Language::Json))
            .retry_classifier(BareThrottle)
            .retry_classifier(SignedTooEarlyOrLate)
            .build();
        let clients = Self {
            shared,
            meter,
            macie: Mutex::default(),
            sts: aws_sdk_sts::Client::from_conf(sts),
            account: aws_sdk_account::Client::from_conf(account),
            organizations: aws_sdk_organizations::Client::from_conf(organizations),
        };
        Ok((clients, provider))
    }

    /// The Macie client of a Region.
    pub(super) fn macie(&self, region: &Region) -> aws_sdk_macie2::Client {
        let mut clients = self.macie.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(region) {
            return client.clone();
        }
        let config = aws_sdk_macie2::config::Builder::from(&self.shared)
            .region(aws_config::Region::new(region.as_str().to_owned()))
            .interceptor(Count {
                meter: Arc::clone(&self.meter),
                service: Service::Macie,
                region: Some(region.clone()),
            })
            .interceptor(Success(Language::Json))
            .retry_classifier(BareThrottle)
            .retry_classifier(SignedTooEarlyOrLate)
            .retry_classifier(Answered)
            .build();
        let client = aws_sdk_macie2::Client::from_conf(config);
        clients.insert(region.clone(), client.clone());
        client
    }
}

/// The Region in which AWS Organizations is asked: the one of the commercial partition, and any other as it is, for which the
/// SDK knows its partition's.
///
/// Source: AWS General Reference, "AWS Organizations endpoints and quotas".
fn home_of(region: Option<&aws_config::Region>) -> aws_config::Region {
    let known = region
        .filter(|region| region.as_ref().parse::<Region>().is_ok_and(|region| region.partition() != Partition::Aws));
    known.cloned().unwrap_or(aws_config::Region::from_static(HOME))
}

async fn load(options: &AccessOptions) -> Result<SdkConfig, CertificateError> {
    let retries = RetryConfig::standard().with_max_attempts(options.attempts.get());
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(options.timeouts.connect)
        .operation_attempt_timeout(options.timeouts.attempt)
        .operation_timeout(options.timeouts.operation)
        .build();
    // The limit per attempt does the same work without a timer per body.
    let streams = StalledStreamProtectionConfig::disabled();
    let name = AppName::new(APP_NAME).ok();
    match &options.source {
        Source::Environment => {
            let mut loader = aws_config::defaults(BehaviorVersion::latest())
                .http_client(shared_client(Surroundings::Environment)?)
                .retry_config(retries)
                .timeout_config(timeouts)
                .stalled_stream_protection(streams);
            if let Some(name) = name {
                loader = loader.app_name(name);
            }
            Ok(loader.load().await)
        }
        Source::Fixed { endpoint_url, access_key_id, secret_access_key, region } => {
            let credentials =
                Credentials::new(access_key_id.as_str(), secret_access_key.as_str(), None, None, "driftline");
            let mut config = SdkConfig::builder()
                .behavior_version(BehaviorVersion::latest())
                .http_client(shared_client(Surroundings::None)?)
                .endpoint_url(endpoint_url.as_str())
                .region(aws_config::Region::new(region.as_str().to_owned()))
                .credentials_provider(SharedCredentialsProvider::new(credentials))
                .retry_config(retries)
                .timeout_config(timeouts)
                .stalled_stream_protection(streams);
            config.set_app_name(name);
            Ok(config.build())
        }
    }
}
