//! How to reach AWS.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use super::{ExternalId, RoleTemplate, SessionName};
use crate::model::Region;

/// How to reach AWS. [`AccessOptions::new`] gives the defaults; every field may be changed after that.
#[derive(Debug, Clone)]
pub struct AccessOptions {
    /// Where credentials, endpoint and Region come from.
    pub source: Source,
    /// The role to assume in every account but the caller's own; without one no other account can be read.
    pub role: Option<RoleTemplate>,
    /// The external id that the role's trust policy asks for.
    pub external_id: Option<ExternalId>,
    /// The session name, which CloudTrail shows beside each call.
    pub session_name: SessionName,
    /// How often a call is tried in all.
    pub attempts: NonZeroU32,
    /// How long to wait.
    pub timeouts: Timeouts,
}

/// Where credentials, endpoint and Region come from.
#[derive(Clone)]
pub enum Source {
    /// The SDK's own chain: environment, profile, IAM Identity Center, web identity, container, instance; endpoints,
    /// profile, Region, proxies and certificate bundle as every AWS tool takes them from the environment.
    Environment,
    /// Exactly these. Neither environment nor AWS configuration files are read, and no proxy is used.
    Fixed {
        /// The base URL of every service, such as `http://127.0.0.1:4599`.
        endpoint_url: String,
        /// The access key id.
        access_key_id: String,
        /// The secret access key.
        secret_access_key: String,
        /// The Region of STS.
        region: Region,
    },
}

/// How long to wait. Every call has all three limits: the SDK itself sets only the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For one attempt, from connecting to the last byte of the answer.
    pub attempt: Duration,
    /// For a call with all its attempts and the pauses between them.
    pub operation: Duration,
}

impl AccessOptions {
    /// The defaults: no role, four attempts, the session name `driftline`.
    pub fn new(source: Source) -> Self {
        Self {
            source,
            role: None,
            external_id: None,
            session_name: SessionName::default(),
            attempts: NonZeroU32::MIN.saturating_add(3),
            timeouts: Timeouts::default(),
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(3), attempt: Duration::from_secs(10), operation: Duration::from_secs(25) }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => out.write_str("Environment"),
            Self::Fixed { endpoint_url, region, .. } => out
                .debug_struct("Fixed")
                .field("endpoint_url", endpoint_url)
                .field("region", region)
                .finish_non_exhaustive(),
        }
    }
}
