//! What a failed call means: first the facts, then the one table.

mod denial;
mod facts;
mod network;
mod table;

pub use denial::parse_denial;
pub use facts::{CallFailure, FailureKind};
pub(super) use network::{causes, is_too_large, is_unsent};
pub use table::{FailureMeaning, ROWS, Row, classify, is_expired, is_throttling};
pub(super) use table::{is_denial, is_not_enabled, refuses_credentials};
