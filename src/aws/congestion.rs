//! Signs that something can take no more: what a run goes by when it asks less at once.

use std::sync::{Mutex, PoisonError};

use crate::model::{AccountId, Region};

/// One attempt of a call that was turned away, or got no answer. Told as it happens, while the call may still be retried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CongestionEvent {
    /// The service that was asked.
    pub service: Service,
    /// The Region that was asked, where it is Macie's.
    pub region: Option<Region>,
    /// The account whose credentials were used, or are to be had.
    pub account: Option<AccountId>,
    /// What happened.
    pub sign: CongestionKind,
}

/// The service that a request goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Amazon Macie.
    Macie,
    /// AWS Security Token Service.
    Sts,
    /// AWS Account Management.
    Account,
    /// AWS Organizations.
    Organizations,
}

/// What happened to an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CongestionKind {
    /// It was answered with "slow down".
    Throttled,
    /// No answer in time, no connection, or a fault that AWS reports of itself.
    Unanswered,
}

/// What has not been looked at yet.
#[derive(Debug, Default)]
pub(super) struct CongestionLog(Mutex<Vec<CongestionEvent>>);

impl CongestionLog {
    pub(super) fn record(&self, strain: CongestionEvent) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(strain);
    }

    pub(super) fn take(&self) -> Vec<CongestionEvent> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
