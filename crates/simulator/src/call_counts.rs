//! How often each operation was called.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use super::operation::Operation;

/// A count per operation.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// In the order of [`Operation::ALL`], which is that of their declaration.
    counts: [AtomicU64; Operation::ALL.len()],
}

impl Tally {
    /// Counts a call, whatever becomes of it.
    pub(super) fn count(&self, operation: Operation) {
        if let Some(count) = self.counts.get(operation as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The operations that were called, with how often.
    pub(super) fn calls(&self) -> impl Iterator<Item = (Operation, u64)> {
        let counts = self.counts.iter().map(|count| count.load(Ordering::Relaxed));
        Operation::ALL.into_iter().zip(counts).filter(|(_, count)| *count > 0)
    }

    /// The same by `service:Operation`.
    pub(super) fn by_action(&self) -> BTreeMap<String, u64> {
        self.calls().map(|(operation, count)| (operation.action().to_owned(), count)).collect()
    }
}
