//! An authenticated AWS session.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityError;
use aws_smithy_runtime::client::retries::RetryPartition;
use jiff::SignedDuration;

use super::call_log::CallLog;
use super::clients::Clients;
use super::credentials::{AccountCredentials, BaseCredentials};
use super::environment::Environment;
use super::failure::CallFailure;
use super::rate_limiter::{OrganizationsRateLimiter, SlidingWindowLimiter};
use super::request_metrics::RequestMetrics;
use super::response_check::ResponseObserver;
use super::retry::retry_partition;
use super::{AccessOptions, CallResult, CongestionEvent, ConnectError, FailureKind, LoggedCall, RequestCounts, Source};
use crate::model::AccountId;

/// Requests to STS in any second.
///
/// Users report a limit of 600 per second, account and Region; the rest is left for retries and for other callers of
/// the account. Source: AWS re:Post, "How do I troubleshoot STS throttling errors".
const STS_IN_A_SECOND: usize = 550;

/// An authenticated session: the caller, and the clients that all accounts share.
pub struct AwsSession {
    pub(super) options: AccessOptions,
    pub(super) clients: Clients,
    pub(super) base: BaseCredentials,
    pub(super) metrics: Arc<RequestMetrics>,
    pub(super) organizations: OrganizationContext,
    /// The rate limiter of STS.
    pub(super) sts: SlidingWindowLimiter,
    /// Credentials by account: each account is opened once per run.
    pub(super) opened: Mutex<BTreeMap<AccountId, CredentialSlot>>,
    caller: Caller,
}

/// The credentials of an account. The lock is held while they are obtained, so that concurrent requests obtain them
/// once.
pub(super) type CredentialSlot = Arc<tokio::sync::Mutex<Option<AccountCredentials>>>;

impl AwsSession {
    /// Macie's administrator account, where the settings file names it.
    pub fn administrator(&self) -> Option<AccountId> {
        self.options.administrator
    }

    /// Resolves credentials and asks STS for their owner.
    ///
    /// # Errors
    ///
    /// No credentials, credentials that AWS refuses, or an STS that is unreachable or unintelligible.
    pub async fn connect(options: AccessOptions) -> Result<Self, ConnectError> {
        let metrics = if options.logs_calls { RequestMetrics::with_log() } else { RequestMetrics::default() };
        let metrics = Arc::new(metrics);
        let environment = match options.source {
            Source::Environment => Some(read_environment().await?),
            Source::Fixed { .. } => None,
        };
        // Boxed: the SDK loader would add kilobytes to the future of every run.
        let found = Box::pin(Clients::new(&options, environment.as_ref(), Arc::clone(&metrics)));
        let (clients, provider) = found.await?;
        let Some(provider) = provider else {
            return Err(ConnectError::without_provider("the chain has no credentials provider"));
        };
        let base = BaseCredentials::new(provider);
        let caller = identify(&clients, &metrics, &base)
            .await
            .map_err(|failure| ConnectError::from_identity_failure(failure, environment.as_ref()))?;
        let organizations = OrganizationContext::new(caller.account);
        let sts = SlidingWindowLimiter::new(STS_IN_A_SECOND, Duration::from_secs(1));
        Ok(Self { options, clients, base, metrics, organizations, sts, opened: Mutex::default(), caller })
    }

    /// The owner of the credentials that the run starts with.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The calls so far, if the session logs them.
    pub fn logged_calls(&self) -> BTreeMap<LoggedCall, CallResult> {
        self.metrics.log().map(CallLog::calls).unwrap_or_default()
    }

    /// Lead of this machine's clock over that of AWS, if the session logs its calls and an answer had a time.
    pub fn clock_offset(&self) -> Option<SignedDuration> {
        self.metrics.log().and_then(CallLog::clock_offset)
    }

    /// Congestion events since the last call, in order.
    pub fn take_congestion(&self) -> Vec<CongestionEvent> {
        self.metrics.take_congestion()
    }

    /// Number of requests since [`AwsSession::connect`] began.
    pub fn requests(&self) -> RequestCounts {
        self.metrics.counts()
    }
}

/// Reads the environment on a thread of its own: a profile file may be a pipe without a writer, and the run has a
/// deadline.
async fn read_environment() -> Result<Environment, ConnectError> {
    let (told, read) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || drop(told.send(Environment::read())));
    let Ok(read) = read.await else {
        let explanation = "the environment could not be read; this is a fault in driftline";
        return Err(ConnectError::without_provider(explanation));
    };
    Ok(read?)
}

async fn identify(clients: &Clients, metrics: &RequestMetrics, base: &BaseCredentials) -> Result<Caller, CallFailure> {
    let asking = base.refreshing(async || {
        let lease = base.lease().await?;
        caller_identity(clients, metrics, lease.credentials, None).await
    });
    asking.await?.ok_or_else(|| CallFailure {
        kind: FailureKind::Foreign,
        code: None,
        message: Some("GetCallerIdentity names no ARN with an account".into()),
        request_id: None,
        http_status: None,
    })
}

/// Asks STS for the owner of credentials; `None` if the response names no account.
pub(super) async fn caller_identity(
    clients: &Clients,
    metrics: &RequestMetrics,
    credentials: Credentials,
    budget: Option<RetryPartition>,
) -> Result<Option<Caller>, CallFailure> {
    let mut own = aws_sdk_sts::config::Builder::new().credentials_provider(credentials);
    own.set_retry_partition(budget);
    let observer = ResponseObserver::<GetCallerIdentityError>::new();
    let request = clients.sts.get_caller_identity().customize().interceptor(observer.clone());
    let answer = request.config_override(own).send().await;
    let answer = answer.map_err(|failure| observer.explain(metrics.call_failure(&failure)))?;
    Ok(answer.arn().and_then(Caller::from_arn))
}

impl fmt::Debug for AwsSession {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Access").field("caller", &self.caller).finish_non_exhaustive()
    }
}

/// The owner of the credentials that a run starts with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub account: AccountId,
    /// The ARN of the user or of the role's session.
    pub arn: Box<str>,
    /// The partition as ARNs name it: `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: Box<str>,
}

impl Caller {
    /// Parses an ARN of STS or IAM, such as `arn:aws:sts::111122223333:assumed-role/Name/session`.
    ///
    /// Source: IAM User Guide, "IAM and AWS STS quotas": names, paths and sessions consist of visible ASCII characters.
    pub fn from_arn(arn: &str) -> Option<Self> {
        if !arn.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        let mut parts = arn.splitn(6, ':');
        let (word, partition, _service, _region) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let account = parts.next()?.parse().ok()?;
        parts.next()?;
        (word == "arn").then(|| Self { account, arn: arn.into(), partition: partition.into() })
    }
}

/// Identity of an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationId {
    /// Its id, such as `o-a1b2c3d4e5`.
    pub id: Box<str>,
    /// Its management account.
    pub management_account: AccountId,
}

/// The organization of the caller, with the rate limiter and retry budget of calls about it.
pub(super) struct OrganizationContext {
    pub(super) limiter: OrganizationsRateLimiter,
    pub(super) budget: RetryPartition,
    /// Set once the organization has been listed with the base credentials.
    organization: OnceLock<OrganizationId>,
    /// Whether account:ListRegions for other accounts was denied, which applies to all of them.
    refused: AtomicBool,
}

impl OrganizationContext {
    pub(super) fn new(caller: AccountId) -> Self {
        Self {
            limiter: OrganizationsRateLimiter::new(),
            budget: retry_partition(caller),
            organization: OnceLock::new(),
            refused: AtomicBool::new(false),
        }
    }

    pub(super) fn organization(&self) -> Option<&OrganizationId> {
        self.organization.get()
    }

    pub(super) fn learn(&self, organization: OrganizationId) {
        // A second listing gives the same answer.
        let _ = self.organization.set(organization);
    }

    pub(super) fn was_refused(&self) -> bool {
        self.refused.load(Ordering::Relaxed)
    }

    pub(super) fn note_refusal(&self) {
        self.refused.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_names_account_and_partition() {
        let caller = Caller::from_arn("arn:aws-cn:sts::011122223333:assumed-role/A/b").expect("a caller");
        assert_eq!((caller.account.to_string().as_str(), &*caller.partition), ("011122223333", "aws-cn"));
        for bad in
            ["", "arn:aws:sts::1:x", "arn:aws:s3:::bucket", "111122223333", "arn:aws:sts::111122223333:a/\u{1b}[2J"]
        {
            assert_eq!(Caller::from_arn(bad), None, "{bad}");
        }
    }
}
