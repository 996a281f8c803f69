//! The way to AWS, once it stands.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::clients::Clients;
use super::credentials::{AccountCredentials, BaseCredentials};
use super::environment::Environment;
use super::failure::CallFailure;
use super::organizations::OrganizationContext;
use super::request_metrics::RequestMetrics;
use super::sliding_window::SlidingWindowLimiter;
use super::{AccessOptions, Caller, CongestionEvent, ConnectError, FailureKind, RequestCounts, Source};
use crate::model::AccountId;

/// Requests to STS in any second.
///
/// STS takes 600 a second of an account in a Region, as users report; the rest is left for retries and for others who ask with
/// the same account. Source: AWS re:Post, "How do I troubleshoot STS throttling errors".
const STS_IN_A_SECOND: usize = 550;

/// The way to AWS: who is calling, and the clients that every account shares.
pub struct AwsSession {
    pub(super) options: AccessOptions,
    pub(super) clients: Clients,
    pub(super) base: BaseCredentials,
    pub(super) meter: Arc<RequestMetrics>,
    pub(super) standing: OrganizationContext,
    /// The turns of calls to STS.
    pub(super) sts: SlidingWindowLimiter,
    /// The accounts that were opened: one that is asked about twice in a run is opened once.
    pub(super) opened: Mutex<BTreeMap<AccountId, CredentialSlot>>,
    caller: Caller,
}

/// The place of an account's credentials, held while they are being got, so that many who want them get them once.
pub(super) type CredentialSlot = Arc<tokio::sync::Mutex<Option<AccountCredentials>>>;

impl AwsSession {
    /// Finds credentials and asks STS whose they are.
    ///
    /// # Errors
    ///
    /// If there are no credentials, if AWS refuses them, or if STS cannot be reached or understood.
    pub async fn connect(options: AccessOptions) -> Result<Self, ConnectError> {
        let meter = Arc::new(RequestMetrics::default());
        let environment = match options.source {
            Source::Environment => Some(surroundings().await?),
            Source::Fixed { .. } => None,
        };
        // The SDK's loader takes kilobytes, which the future of every run would be larger by.
        let found = Box::pin(Clients::new(&options, environment.as_ref(), Arc::clone(&meter)));
        let (clients, provider) = found.await?;
        let Some(provider) = provider else {
            let explanation = "the chain has no credentials provider".to_owned();
            return Err(ConnectError::NoCredentials { explanation, login: None });
        };
        let base = BaseCredentials::new(provider);
        let caller = whose(&clients, &meter, &base)
            .await
            .map_err(|failure| ConnectError::from_identity_failure(failure, environment.as_ref()))?;
        let standing = OrganizationContext::new(caller.account);
        let sts = SlidingWindowLimiter::new(STS_IN_A_SECOND, Duration::from_secs(1));
        Ok(Self { options, clients, base, meter, standing, sts, opened: Mutex::default(), caller })
    }

    /// Whose credentials the run starts with.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The signs of strain since this was last asked, in the order in which they showed.
    pub fn take_congestion(&self) -> Vec<CongestionEvent> {
        self.meter.take_congestion()
    }

    /// How many requests were made since [`AwsSession::connect`] began.
    pub fn requests(&self) -> RequestCounts {
        self.meter.counts()
    }
}

/// Reads the environment on a thread of its own: a profile file may be a pipe into which nobody writes, and the run has a deadline.
async fn surroundings() -> Result<Environment, ConnectError> {
    let (told, read) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || drop(told.send(Environment::read())));
    let Ok(read) = read.await else {
        let explanation = "the environment could not be read; this is a fault in driftline".to_owned();
        return Err(ConnectError::NoCredentials { explanation, login: None });
    };
    Ok(read?)
}

async fn whose(clients: &Clients, meter: &RequestMetrics, base: &BaseCredentials) -> Result<Caller, CallFailure> {
    let asking = base.refreshing(async || {
        let lease = base.lease().await?;
        super::calls::caller_identity(clients, meter, lease.credentials, None).await
    });
    asking.await?.ok_or_else(|| CallFailure {
        kind: FailureKind::Foreign,
        code: None,
        message: Some("GetCallerIdentity names no ARN with an account".into()),
        request_id: None,
        http_status: None,
    })
}

impl fmt::Debug for AwsSession {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Access").field("caller", &self.caller).finish_non_exhaustive()
    }
}
