//! SDK clients, one per service and Region, without credentials.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::AppName;
use aws_config::sts::AssumeRoleProvider;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

use super::credential_process::CredentialProcess;
use super::environment::{Environment, ProcessProfile};
use super::http::shared_client;
use super::request_metrics::{MetricsInterceptor, RequestMetrics};
use super::response_check::{Protocol, StrictResponse};
use super::retry::{
    ClockSkewClassifier, FutileRetryClassifier, Http429Classifier, NotEnabledIsFinal, SystemsManagerClassifier,
};
use super::service::Service;
use super::{AccessOptions, CertificateError, Source};
use crate::model::{Partition, Region};

/// Name in the user agent, which CloudTrail shows.
const APP_NAME: &str = "driftline";

/// The Region whose endpoints serve the whole commercial partition.
///
/// Source: AWS General Reference, "AWS Account Management endpoints and quotas".
const HOME: &str = "us-east-1";

/// Time limit of account:ListRegions.
const REGIONS_PATIENCE: Duration = Duration::from_secs(8);

/// The clients of a run. They share one HTTP client.
pub(super) struct Clients {
    shared: SdkConfig,
    /// Time limit of a call with all its attempts.
    operation: Duration,
    metrics: Arc<RequestMetrics>,
    macie: Mutex<BTreeMap<Region, aws_sdk_macie2::Client>>,
    systems_manager: Mutex<BTreeMap<Region, aws_sdk_ssm::Client>>,
    pub(super) sts: aws_sdk_sts::Client,
    pub(super) account: aws_sdk_account::Client,
    pub(super) organizations: aws_sdk_organizations::Client,
}

impl Clients {
    /// Builds the clients, and the provider of the base credentials if the source has one.
    pub(super) async fn new(
        options: &AccessOptions,
        environment: Option<&Environment>,
        metrics: Arc<RequestMetrics>,
    ) -> Result<(Self, Option<SharedCredentialsProvider>), CertificateError> {
        let found = load(options, environment).await?;
        let operation = options.timeouts.operation;
        let provider = found.credentials_provider();
        let region = found.region().cloned().unwrap_or(aws_config::Region::from_static(HOME));
        let mut shared = found.into_builder().region(region);
        // Removed, so that no call can be signed with the wrong credentials by omission.
        shared.set_credentials_provider(None);
        let shared = shared.build();
        let sts = aws_sdk_sts::config::Builder::from(&shared)
            .interceptor(MetricsInterceptor { metrics: Arc::clone(&metrics), service: Service::Sts, region: None })
            .interceptor(StrictResponse(Protocol::Xml))
            .retry_classifier(Http429Classifier)
            .retry_classifier(ClockSkewClassifier)
            .retry_classifier(FutileRetryClassifier { operation })
            .build();
        // The response only saves calls: an account must not wait for it as long as for Macie.
        let patience = TimeoutConfig::builder()
            .connect_timeout(options.timeouts.connect)
            .operation_attempt_timeout(options.timeouts.attempt.min(REGIONS_PATIENCE))
            .operation_timeout(options.timeouts.operation.min(REGIONS_PATIENCE))
            .build();
        let account = aws_sdk_account::config::Builder::from(&shared)
            .region(aws_config::Region::from_static(HOME))
            .timeout_config(patience)
            .interceptor(MetricsInterceptor { metrics: Arc::clone(&metrics), service: Service::Account, region: None })
            .interceptor(StrictResponse(Protocol::Json))
            .retry_classifier(Http429Classifier)
            .retry_classifier(ClockSkewClassifier)
            .retry_classifier(FutileRetryClassifier { operation })
            .build();
        let organizations = aws_sdk_organizations::config::Builder::from(&shared)
            .region(organizations_region(shared.region()))
            .interceptor(MetricsInterceptor {
                metrics: Arc::clone(&metrics),
                service: Service::Organizations,
                region: None,
            })
            .interceptor(StrictResponse(Protocol::Json))
            .retry_classifier(Http429Classifier)
            .retry_classifier(ClockSkewClassifier)
            .retry_classifier(FutileRetryClassifier { operation })
            .build();
        let clients = Self {
            shared,
            operation,
            metrics,
            macie: Mutex::default(),
            systems_manager: Mutex::default(),
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
            .interceptor(MetricsInterceptor {
                metrics: Arc::clone(&self.metrics),
                service: Service::Macie,
                region: Some(region.clone()),
            })
            .interceptor(StrictResponse(Protocol::Json))
            .retry_classifier(Http429Classifier)
            .retry_classifier(ClockSkewClassifier)
            .retry_classifier(FutileRetryClassifier { operation: self.operation })
            .retry_classifier(NotEnabledIsFinal)
            .build();
        let client = aws_sdk_macie2::Client::from_conf(config);
        clients.insert(region.clone(), client.clone());
        client
    }

    /// The Systems Manager client of a Region.
    pub(super) fn systems_manager(&self, region: &Region) -> aws_sdk_ssm::Client {
        let mut clients = self.systems_manager.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(region) {
            return client.clone();
        }
        let config = aws_sdk_ssm::config::Builder::from(&self.shared)
            .region(aws_config::Region::new(region.as_str().to_owned()))
            .interceptor(MetricsInterceptor {
                metrics: Arc::clone(&self.metrics),
                service: Service::SystemsManager,
                region: Some(region.clone()),
            })
            .interceptor(StrictResponse(Protocol::Json))
            .retry_classifier(Http429Classifier)
            .retry_classifier(ClockSkewClassifier)
            .retry_classifier(SystemsManagerClassifier)
            .retry_classifier(FutileRetryClassifier { operation: self.operation })
            .build();
        let client = aws_sdk_ssm::Client::from_conf(config);
        clients.insert(region.clone(), client.clone());
        client
    }
}

/// The Region for AWS Organizations: us-east-1 in the commercial partition; for other Regions the SDK knows the
/// endpoint.
///
/// Source: AWS General Reference, "AWS Organizations endpoints and quotas".
fn organizations_region(region: Option<&aws_config::Region>) -> aws_config::Region {
    let known = region
        .filter(|region| region.as_ref().parse::<Region>().is_ok_and(|region| region.partition() != Partition::Aws));
    known.cloned().unwrap_or(aws_config::Region::from_static(HOME))
}

async fn load(options: &AccessOptions, environment: Option<&Environment>) -> Result<SdkConfig, CertificateError> {
    let retries = RetryConfig::standard().with_max_attempts(options.attempts.get());
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(options.timeouts.connect)
        .operation_attempt_timeout(options.timeouts.attempt)
        .operation_timeout(options.timeouts.operation)
        .build();
    // The time limit per attempt covers this without a timer per body.
    let streams = StalledStreamProtectionConfig::disabled();
    let name = AppName::new(APP_NAME).ok();
    let http = shared_client(environment)?;
    if let Some(environment) = environment {
        let region = environment.region.clone().unwrap_or_else(|| HOME.to_owned());
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .env(environment.variables.clone())
            .profile_files(environment.files.clone())
            .profile_name(&environment.profile)
            .region(aws_config::Region::new(region))
            .http_client(http)
            .retry_config(retries)
            .timeout_config(timeouts)
            .stalled_stream_protection(streams);
        if let Some(name) = name {
            loader = loader.app_name(name);
        }
        let Some(process) = &environment.process else { return Ok(loader.load().await) };
        let found = loader.no_credentials().load().await;
        let provider = process_provider(process, &found).await;
        return Ok(found.into_builder().credentials_provider(provider).build());
    }
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http)
        .retry_config(retries)
        .timeout_config(timeouts)
        .stalled_stream_protection(streams);
    if let Source::Fixed { endpoint_url, access_key_id, secret_access_key, region } = &options.source {
        let credentials = Credentials::new(access_key_id.as_str(), secret_access_key.as_str(), None, None, "driftline");
        config = config
            .endpoint_url(endpoint_url.as_str())
            .region(aws_config::Region::new(region.as_str().to_owned()))
            .credentials_provider(SharedCredentialsProvider::new(credentials));
    }
    config.set_app_name(name);
    Ok(config.build())
}

/// The provider of a credential process, with the roles assumed from it.
async fn process_provider(process: &ProcessProfile, config: &SdkConfig) -> SharedCredentialsProvider {
    let mut provider = SharedCredentialsProvider::new(CredentialProcess::new(process.command.clone()));
    for role in &process.roles {
        let mut assumed = AssumeRoleProvider::builder(role.arn.as_str()).configure(config);
        if let Some(id) = &role.external_id {
            assumed = assumed.external_id(id);
        }
        if let Some(name) = &role.session_name {
            assumed = assumed.session_name(name);
        }
        provider = SharedCredentialsProvider::new(assumed.build_from_provider(provider).await);
    }
    provider
}
