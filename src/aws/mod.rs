//! The way to AWS: credentials, clients, limits, what is retried, and the one table that says what a failure means.
//!
//! Whose credentials a call uses is proven before the call is made, and no client holds credentials of its own: every
//! call is given those of the account that it asks.

mod aws_session;
mod caller;
mod calls;
mod certificates;
mod clients;
mod congestion;
mod connect_error;
mod credential_process;
mod credentials;
mod environment;
mod failure;
mod http;
mod open_account;
mod options;
mod organizations;
mod pages;
mod proxy;
mod refresh;
mod regions;
mod request;
mod request_metrics;
mod response;
mod response_observer;
mod retry;
mod role;
mod sliding_window;
mod strict_response;

pub use aws_session::AwsSession;
pub use caller::Caller;
pub use certificates::CertificateError;
pub use congestion::{CongestionEvent, CongestionKind, Service};
pub use connect_error::ConnectError;
pub use credentials::AccountCredentials;
pub use environment::{EnvironmentError, named_files};
pub use failure::{
    CallFailure, FailureKind, FailureMeaning, ROWS, Row, classify, is_expired, is_throttling, parse_denial,
};
pub use options::{AccessOptions, Source, Timeouts};
pub use organizations::{ListedAccount, OrganizationError, OrganizationId};
pub use regions::{RegionState, RegionStates};
pub use request_metrics::RequestCounts;
pub use role::{ExternalId, InvalidRole, RoleTemplate, SessionName};

pub(crate) use pages::{Page, every_page, foreign};
pub(crate) use response_observer::ResponseObserver;
pub(crate) use retry::NoRetryAfterSend;
