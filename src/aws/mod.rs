//! The way to AWS: credentials, clients, limits, what is retried, and the one table that says what a failure means.
//!
//! Whose credentials a call uses is proven before the call is made, and no client holds credentials of its own: every
//! call is given those of the account that it asks.

mod access;
mod answer;
mod at_most;
mod caller;
mod calls;
mod certificates;
mod clients;
mod connect_error;
mod credential_process;
mod credentials;
mod environment;
mod failure;
mod http;
mod members;
mod membership;
mod meter;
mod open;
mod options;
mod organizations;
mod pages;
mod proxy;
mod refresh;
mod regions;
mod retry;
mod role;
mod strain;
mod success;
mod watch;
mod write;

pub use access::Access;
pub use caller::Caller;
pub use calls::SessionAnswer;
pub use certificates::CertificateError;
pub use connect_error::ConnectError;
pub use credentials::OpenAccount;
pub use environment::{EnvironmentError, named_files};
pub use failure::{CallFailure, FailureKind, Outcome, ROWS, Row, is_expired, is_throttling, judge, parse_denial};
pub use members::MemberState;
pub use membership::Membership;
pub use meter::RequestCounts;
pub use options::{AccessOptions, Source, Timeouts};
pub use organizations::{ListedAccount, OrganizationError, OrganizationId};
pub use regions::{RegionState, RegionStates};
pub use role::{ExternalId, InvalidRole, RoleTemplate, SessionName};
pub use strain::{Service, Sign, Strain};
pub use write::{SessionChange, Writer};
