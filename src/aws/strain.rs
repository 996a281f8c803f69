//! Signs that something can take no more: what a run goes by when it asks less at once.

use std::sync::{Mutex, PoisonError};

use crate::model::{AccountId, Region};

/// One attempt of a call that was turned away, or got no answer. Told as it happens, while the call may still be retried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strain {
    /// The service that was asked.
    pub service: Service,
    /// The Region that was asked, where it is Macie's.
    pub region: Option<Region>,
    /// The account whose credentials were used, or are to be had.
    pub account: Option<AccountId>,
    /// What happened.
    pub sign: Sign,
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
pub enum Sign {
    /// It was answered with "slow down".
    Throttled,
    /// No answer in time, no connection, or a fault that AWS reports of itself.
    Unanswered,
}

/// What has not been looked at yet.
#[derive(Debug, Default)]
pub(super) struct Strains(Mutex<Vec<Strain>>);

impl Strains {
    pub(super) fn tell(&self, strain: Strain) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(strain);
    }

    pub(super) fn take(&self) -> Vec<Strain> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
