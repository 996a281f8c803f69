//! A plan, and how it came about.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{BlockedChange, Step};
use crate::drift::BaseFacts;
use crate::model::{AccountId, Environment, Target, Unread, UnreadReason};
use crate::resource::Risk;

/// What would remove the drift, and what would stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// How it came about.
    pub facts: PlanMetadata,
    /// How many targets the policies want something of.
    pub declared: usize,
    /// The steps, each after those that it needs, else by account and Region.
    pub steps: Vec<Step>,
    /// Drift that no call can remove, by account, Region and setting.
    pub blocked: Vec<BlockedChange>,
    /// Targets of which nothing is known, and which are therefore left alone, by account and Region.
    pub not_planned: Vec<SkippedTarget>,
}

/// How a plan came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanMetadata {
    /// When the readings were in. Whole seconds.
    pub created_at: Timestamp,
    /// Where the readings come from.
    pub source: Environment,
    /// Whose credentials it was made with.
    pub maker: CallerIdentity,
    /// What it is to lead to.
    pub basis: PlanSource,
    /// The day by which waivers were judged, where it was not that of the run.
    pub as_of: Option<Date>,
    /// The settings file, as shown, where there was one.
    pub settings_file: Option<String>,
    /// The git revision whose policies these were compared with, where they were.
    pub base: Option<BaseFacts>,
}

/// What a plan is to lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanSource {
    /// What policies want.
    Policies {
        /// Their digest.
        digest: String,
        /// The files, as shown.
        files: Vec<String>,
        /// The paths that were named, by the command line or the settings, as shown.
        paths: Vec<String>,
    },
    /// What an apply had found.
    Journal {
        /// The journal of that apply, as shown.
        file: String,
    },
}

/// Whose credentials a plan was made with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallerIdentity {
    /// The account.
    pub account: AccountId,
    /// The ARN of the user or of the role's session.
    pub arn: String,
}

/// A target of which nothing is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedTarget {
    /// The target.
    pub target: Target,
    /// Why nothing is known.
    pub reason: UnreadReason,
    /// AWS's error code, where there was one.
    pub code: Option<Arc<str>>,
    /// What AWS or the network said.
    pub message: Option<Arc<str>>,
    /// What AWS Support asks for.
    pub request_id: Option<Arc<str>>,
}

/// The numbers of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// Targets that the policies want something of.
    pub declared: usize,
    /// Calls that the plan makes.
    pub steps: usize,
    /// Targets that they change.
    pub targets: usize,
    /// Steps that lose nothing.
    pub safe: usize,
    /// Steps that pause.
    pub disruptive: usize,
    /// Steps that end a session.
    pub destructive: usize,
    /// Settings that drift and that no call can mend.
    pub blocked: usize,
    /// Targets of which nothing is known.
    pub unread: usize,
}

impl SkippedTarget {
    pub(super) fn new(target: Target, unread: &Unread) -> Self {
        let evidence = &unread.evidence;
        Self {
            target,
            reason: unread.reason,
            code: evidence.code.clone(),
            message: evidence.message.clone(),
            request_id: evidence.request_id.clone(),
        }
    }
}

impl Plan {
    /// The step of that number. Steps are numbered in their order.
    pub fn step(&self, number: u32) -> Option<&Step> {
        self.steps.binary_search_by_key(&number, |step| step.number).ok().and_then(|place| self.steps.get(place))
    }

    /// The steps of a risk.
    pub fn with_risk(&self, risk: Risk) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |step| step.risk == risk)
    }

    /// Whether there is drift: something to change, or something that should change and cannot.
    pub fn has_drift(&self) -> bool {
        !self.steps.is_empty() || !self.blocked.is_empty()
    }

    /// The numbers.
    pub fn summary(&self) -> Summary {
        let mut targets: Vec<&Target> = self.steps.iter().map(|step| &step.target).collect();
        targets.sort_unstable();
        targets.dedup();
        Summary {
            declared: self.declared,
            steps: self.steps.len(),
            targets: targets.len(),
            safe: self.with_risk(Risk::Safe).count(),
            disruptive: self.with_risk(Risk::Disruptive).count(),
            destructive: self.with_risk(Risk::Destructive).count(),
            blocked: self.blocked.len(),
            unread: self.not_planned.len(),
        }
    }
}
