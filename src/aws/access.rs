//! The way to AWS, once it stands.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use super::clients::Clients;
use super::credentials::{BaseCredentials, OpenAccount};
use super::failure::CallFailure;
use super::meter::Meter;
use super::organizations::Standing;
use super::{AccessOptions, Caller, ConnectError, FailureKind, RequestCounts};
use crate::model::AccountId;

/// The way to AWS: who is calling, and the clients that every account shares.
pub struct Access {
    pub(super) options: AccessOptions,
    pub(super) clients: Clients,
    pub(super) base: BaseCredentials,
    pub(super) meter: Arc<Meter>,
    pub(super) standing: Standing,
    /// The accounts that were opened: one that is asked about twice in a run is opened once.
    pub(super) opened: Mutex<BTreeMap<AccountId, Slot>>,
    caller: Caller,
}

/// The place of an account's credentials, held while they are being got, so that many who want them get them once.
pub(super) type Slot = Arc<tokio::sync::Mutex<Option<OpenAccount>>>;

impl Access {
    /// Finds credentials and asks STS whose they are.
    ///
    /// # Errors
    ///
    /// If there are no credentials, if AWS refuses them, or if STS cannot be reached or understood.
    pub async fn connect(options: AccessOptions) -> Result<Self, ConnectError> {
        let meter = Arc::new(Meter::default());
        let (clients, provider) = Clients::new(&options, Arc::clone(&meter)).await?;
        let Some(provider) = provider else {
            return Err(ConnectError::NoCredentials {
                explanation: "the chain has no credentials provider".to_owned(),
            });
        };
        let base = BaseCredentials::new(provider);
        let caller = whose(&clients, &meter, &base)
            .await
            .map_err(|failure| ConnectError::of_identity(failure, &options.source))?;
        let standing = Standing::new(caller.account);
        Ok(Self { options, clients, base, meter, standing, opened: Mutex::default(), caller })
    }

    /// Whose credentials the run starts with.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// How many requests were made since [`Access::connect`] began.
    pub fn requests(&self) -> RequestCounts {
        self.meter.counts()
    }
}

async fn whose(clients: &Clients, meter: &Meter, base: &BaseCredentials) -> Result<Caller, CallFailure> {
    let lease = base.lease().await?;
    super::calls::caller_identity(clients, meter, lease.credentials, None).await?.ok_or_else(|| CallFailure {
        kind: FailureKind::Foreign,
        code: None,
        message: Some("GetCallerIdentity names no ARN with an account".into()),
        request_id: None,
        http_status: None,
    })
}

impl fmt::Debug for Access {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Access").field("caller", &self.caller).finish_non_exhaustive()
    }
}
