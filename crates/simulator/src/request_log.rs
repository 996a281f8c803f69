//! The requests: how many there were of each operation, and, on demand, which.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use hyper::body::Bytes;

use crate::account_id::AccountId;
use crate::operation::Operation;
use crate::region::Region;

/// The number of calls per operation.
#[derive(Debug)]
pub(crate) struct CallCounts {
    /// In the order of [`Operation::ALL`], which is that of their declaration.
    counts: [AtomicU64; Operation::ALL.len()],
}

impl Default for CallCounts {
    fn default() -> Self {
        Self { counts: std::array::from_fn(|_| AtomicU64::new(0)) }
    }
}

impl CallCounts {
    /// Counts a call, successful or not.
    pub(crate) fn count(&self, operation: Operation) {
        if let Some(count) = self.counts.get(operation as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The operations that were called, with how often.
    pub(crate) fn calls(&self) -> impl Iterator<Item = (Operation, u64)> {
        let counts = self.counts.iter().map(|count| count.load(Ordering::Relaxed));
        Operation::ALL.iter().copied().zip(counts).filter(|(_, count)| *count > 0)
    }

    /// The same by `service:Operation`.
    pub(crate) fn by_action(&self) -> BTreeMap<String, u64> {
        self.calls().map(|(operation, count)| (operation.action(), count)).collect()
    }
}

/// The requests in order. It is empty until it is switched on: a large run makes hundreds of thousands.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    is_on: AtomicBool,
    requests: Mutex<Vec<String>>,
}

impl RequestLog {
    pub(crate) fn switch_on(&self) {
        self.is_on.store(true, Ordering::Relaxed);
    }

    /// Adds a request about an account: `ssm:DescribeSessions 111122223333 eu-west-1 {"State":"Active"}`.
    pub(crate) fn add(&self, operation: Operation, account: Option<AccountId>, region: Region, body: &Bytes) {
        if !self.is_on.load(Ordering::Relaxed) {
            return;
        }
        let account = account.map_or_else(|| "-".to_owned(), |account| account.to_string());
        let line = format!("{} {account} {region} {}", operation.action(), String::from_utf8_lossy(body));
        // A push cannot fail half-way, so a panic cannot leave half of it.
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(line.trim_end().to_owned());
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
