//! Access to AWS: credentials, clients, rate limits, retries, and the one table that classifies failures.
//!
//! No client holds credentials of its own: every call is given those of the account that it is about, and their owner is proven
//! before the call.

mod aws_session;
mod call_log;
mod certificates;
mod clients;
mod connect_error;
mod credential_cache;
mod credential_process;
mod credentials;
mod denial;
mod environment;
mod environment_facts;
mod failure;
mod http;
mod network;
mod options;
mod organization_error;
mod organizations;
mod proxy;
mod rate_limiter;
mod regions;
mod request;
mod request_metrics;
mod response_body;
mod response_check;
mod response_json;
mod retry;
mod service;

pub use aws_session::{AwsSession, Caller, OrganizationId};
pub use call_log::{CallResult, LoggedCall};
pub use certificates::CertificateError;
pub use connect_error::{ConnectError, CredentialsFix};
pub use credentials::AccountCredentials;
pub use denial::parse_denial;
pub use environment::{EnvironmentError, named_files};
pub use environment_facts::{EnvironmentFact, EnvironmentProblem, EnvironmentTopic, describe_environment};
pub use failure::{
    CallFailure, FailureMeaning, ROWS, Row, classify, classify_systems_manager, is_expired, is_throttling,
    says_macie_is_off, says_not_administrator,
};
pub use network::FailureKind;
pub use options::{AccessOptions, ExternalId, InvalidRole, RoleTemplate, SessionName, Source, Timeouts};
pub use organization_error::OrganizationError;
pub use organizations::ListedAccount;
pub use regions::{RegionState, RegionStates};
pub use request_metrics::{CongestionEvent, CongestionKind, RequestCounts};
pub use service::Service;

pub(crate) use rate_limiter::SlidingWindowLimiter;
pub(crate) use request::{Page, every_page, foreign};
pub(crate) use response_check::ResponseObserver;
pub(crate) use response_json::twice;
pub(crate) use retry::NoRetryAfterSend;
