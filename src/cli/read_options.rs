//! What a run reads, and how.

use std::time::Duration;

use super::reader::Reader;
use super::saved_readings::SavedReadings;
use crate::model::Shard;

/// What a run reads, and how.
pub(super) struct ReadOptions<'a> {
    /// What is not read by then is unread.
    pub(super) deadline: Duration,
    /// Which part of the accounts; all of them if left out.
    pub(super) shard: Option<Shard>,
    /// Whom to ask.
    pub(super) reader: Reader,
    /// Readings that there are already: what they hold is not asked again.
    pub(super) known: Option<&'a SavedReadings>,
    /// Whether every target of the inventory is read, as opposed to those of which something is wanted.
    pub(super) everything: bool,
    /// Whether accounts stay open, for more that is to be asked there.
    pub(super) keep_credentials: bool,
}

impl ReadOptions<'_> {
    /// What is wanted, account by account, until that time.
    pub(super) fn with_deadline(deadline: Duration) -> Self {
        Self { deadline, shard: None, reader: Reader::Direct, known: None, everything: false, keep_credentials: false }
    }
}
