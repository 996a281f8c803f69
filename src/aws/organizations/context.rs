//! The caller's standing in an organization, and what all calls about it share.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_smithy_runtime::client::retries::RetryPartition;

use super::OrganizationId;
use super::rate_limiter::OrganizationsRateLimiter;
use crate::aws::retry::retry_partition;
use crate::model::AccountId;

/// What is known of the caller's organization, and how often and with which retries it may be asked about.
pub(in crate::aws) struct OrganizationContext {
    pub(super) pace: OrganizationsRateLimiter,
    pub(super) budget: RetryPartition,
    /// Known once the organization was listed with the credentials that the run starts with.
    organization: OnceLock<OrganizationId>,
    /// Whether account:ListRegions about other accounts was denied: then it is for all of them.
    refused: AtomicBool,
}

impl OrganizationContext {
    pub(in crate::aws) fn new(caller: AccountId) -> Self {
        Self {
            pace: OrganizationsRateLimiter::new(),
            budget: retry_partition(caller),
            organization: OnceLock::new(),
            refused: AtomicBool::new(false),
        }
    }

    pub(super) fn organization(&self) -> Option<&OrganizationId> {
        self.organization.get()
    }

    pub(super) fn learn(&self, organization: OrganizationId) {
        // Whoever asks again is told the same.
        let _ = self.organization.set(organization);
    }

    pub(super) fn was_refused(&self) -> bool {
        self.refused.load(Ordering::Relaxed)
    }

    pub(super) fn note_refusal(&self) {
        self.refused.store(true, Ordering::Relaxed);
    }
}
