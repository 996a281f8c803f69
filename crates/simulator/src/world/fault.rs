//! QueuedFault faults, and the queue that counts them down.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use hyper::{HeaderMap, StatusCode};

use crate::account_id::AccountId;
use crate::operation::{Operation, OperationPattern};
use crate::region::Region;

/// A scripted fault: the requests that it matches, how often it acts, and its effect.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) accounts: Option<BTreeSet<AccountId>>,
    pub(crate) regions: Option<BTreeSet<Region>>,
    pub(crate) operations: Option<Vec<OperationPattern>>,
    /// The number of matching requests that it lets pass first.
    pub(crate) after: u32,
    /// The number of times that it acts; `None` is always.
    pub(crate) times: Option<NonZeroU32>,
    pub(crate) kind: FaultKind,
}

/// The effect of a fault.
#[derive(Debug)]
pub(crate) enum FaultKind {
    /// Throttling, in the service's usual code.
    Throttle,
    /// Throttling with the code `TooManyRequestsException`.
    TooManyRequests,
    /// HTTP 429 without code or body.
    Bare429,
    /// An error of the service itself.
    ServerError,
    /// HTTP 503 with a page of a proxy.
    Html503,
    /// No answer, ever.
    Hang,
    /// The connection closes without an answer.
    Reset,
    /// The connection closes within the answer.
    Truncated,
    /// HTTP 200 with a page of a proxy.
    ForeignBody,
    /// HTTP 200 with nothing.
    Empty200,
    /// An error for an expired token.
    ExpiredToken,
    /// An error for an unknown token.
    UnrecognizedClient,
    /// A session with a status that no SDK knows.
    UnknownStatus,
    /// A session with a frequency that no SDK knows.
    UnknownFrequency,
    /// STS answers with the identity of another account.
    WrongIdentity(AccountId),
    /// The answer is right, but late.
    Latency(Duration),
    /// The answer is right; its head comes at once, and its body bit by bit.
    Drip(Duration),
    /// The operation is carried out, and the connection closes without an answer.
    AnswerLost,
    /// The operation is carried out, and the answer never comes.
    AnswerLate,
    /// An error in the protocol of the service.
    Error { status: StatusCode, code: String, message: String },
    /// A verbatim answer.
    Answer(VerbatimAnswer),
}

/// A verbatim answer.
#[derive(Debug)]
pub(crate) struct VerbatimAnswer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Fault {
    /// Whether the fault matches a request for this operation, about this account, in this Region.
    pub(crate) fn matches(&self, account: Option<AccountId>, region: Region, operation: Operation) -> bool {
        self.kind.fits(operation)
            && self.accounts.as_ref().is_none_or(|accounts| account.is_some_and(|account| accounts.contains(&account)))
            && self.regions.as_ref().is_none_or(|regions| regions.contains(&region))
            && self.operations.as_ref().is_none_or(|patterns| patterns.iter().any(|pattern| pattern.covers(operation)))
    }
}

impl FaultKind {
    /// Whether the fault has a meaning for the operation.
    pub(crate) fn fits(&self, operation: Operation) -> bool {
        match self {
            Self::UnknownStatus | Self::UnknownFrequency => operation == Operation::GetMacieSession,
            Self::WrongIdentity(_) => matches!(operation, Operation::AssumeRole | Operation::GetCallerIdentity),
            _ => true,
        }
    }
}

/// The faults in the order of the file.
#[derive(Debug)]
pub(crate) struct FaultQueue(Vec<QueuedFault>);

#[derive(Debug)]
struct QueuedFault {
    fault: Fault,
    /// The number of requests that it still lets pass.
    waits: AtomicU32,
    /// Unused where the fault always acts.
    left: AtomicU32,
}

impl FaultQueue {
    pub(crate) fn new(faults: Vec<Fault>) -> Self {
        let scripted = |fault: Fault| QueuedFault {
            waits: AtomicU32::new(fault.after),
            left: AtomicU32::new(fault.times.map_or(0, NonZeroU32::get)),
            fault,
        };
        Self(faults.into_iter().map(scripted).collect())
    }

    /// The first fault that matches the request, waits no longer and has uses left. Takes one use.
    pub(crate) fn next(&self, account: Option<AccountId>, region: Region, operation: Operation) -> Option<&FaultKind> {
        let acts = |scripted: &&QueuedFault| scripted.fault.matches(account, region, operation) && scripted.take();
        self.0.iter().find(acts).map(|scripted| &scripted.fault.kind)
    }
}

impl QueuedFault {
    fn take(&self) -> bool {
        let take_one = |count: &AtomicU32| {
            count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
        };
        !take_one(&self.waits) && (self.fault.times.is_none() || take_one(&self.left))
    }
}
