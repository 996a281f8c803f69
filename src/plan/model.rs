//! A plan: its metadata, its steps and its blocked changes, and its part for single targets.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{BlockedChange, SkippedTarget};
use crate::drift::{ApprovedFinding, BaseCounts};
use crate::model::{AccountId, Environment, Origin, Region, SettingId, Target, TargetSelection, Value};
use crate::resource::macie_session::Status;
use crate::resource::{BlockReason, Change, Operation, Risk, SessionState};

/// The steps that remove the drift, and the drift that remains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Its metadata.
    pub facts: PlanMetadata,
    /// The number of declared targets that it covers.
    pub declared: usize,
    /// The number of declared targets, covered or not.
    pub declared_total: usize,
    /// The steps, each after its dependencies, otherwise by account and Region.
    pub steps: Vec<Step>,
    /// Blocked changes, by account, Region and setting.
    pub blocked: Vec<BlockedChange>,
    /// Unread targets, which are left alone, by account and Region.
    pub not_planned: Vec<SkippedTarget>,
}

/// Metadata of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanMetadata {
    /// When the last reading arrived, in whole seconds.
    pub created_at: Timestamp,
    /// Where the readings come from.
    pub source: Environment,
    /// Whose credentials it was made with.
    pub maker: CallerIdentity,
    /// What it leads to.
    pub basis: PlanSource,
    /// The targets that it covers.
    pub scope: PlanScope,
    /// The day for which waivers were evaluated, where it is not that of the run.
    pub as_of: Option<Date>,
    /// The settings file as shown, if there was one.
    pub settings_file: Option<String>,
    /// The Git revision whose policies these were compared with, if so.
    pub base: Option<PlanBase>,
    /// The configured policy files that were left out, as shown.
    pub partial_policies: Vec<String>,
    /// Items of the policies that select no declared target, by place.
    pub unmatched: Vec<Unmatched>,
    /// The administrator of members of the organization, where the run could not learn which one accounts without Macie have.
    pub unnamed_administrator: Option<AccountId>,
}

/// A waiver, or items of a selector or an `except`, that select no declared target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unmatched {
    /// What matches nothing.
    pub message: String,
    /// Its place; `declaration` is null.
    pub origin: Origin,
    /// What a person can do about it.
    pub remediation: String,
}

/// What the policies of a plan change about those of a Git revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanBase {
    /// The Git revision, as it was named.
    pub revision: String,
    /// The findings by what the change does about them.
    pub counts: BaseCounts,
    /// The findings that the change waives or accepts, waived ones first.
    pub findings: Vec<ApprovedFinding>,
}

/// The targets that a plan covers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum PlanScope {
    /// Every declared target.
    #[default]
    Whole,
    /// Selected targets; no other was read.
    Selection(TargetSelection),
    /// The targets of these accounts and Regions. The whole set was read and planned.
    Only(Vec<(AccountId, Region)>),
}

impl fmt::Display for PlanScope {
    /// The options that give the same scope; empty for every declared target.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => Ok(()),
            Self::Selection(selection) => selection.fmt(out),
            Self::Only(places) => {
                let places: Vec<String> =
                    places.iter().map(|(account, region)| format!("--only {account}/{region}")).collect();
                out.write_str(&places.join(" "))
            }
        }
    }
}

/// What a plan leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanSource {
    /// The desired state of policies.
    Policies {
        /// Their digest.
        digest: String,
        /// The files as shown.
        files: Vec<String>,
        /// The paths from the command line or the settings file, as shown.
        paths: Vec<String>,
    },
    /// The state that an apply found.
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

/// One call that changes one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its number in the plan, from 1.
    pub number: u32,
    /// The target that it changes.
    pub target: Target,
    /// The name of the target's account, if it is known.
    pub account_name: Option<Box<str>>,
    /// The operation.
    pub operation: Operation,
    /// The account whose credentials it is called with.
    pub calling_account: AccountId,
    /// What changes by it, in the order of the settings.
    pub changes: Vec<Change>,
    /// The state of the target before it: as read, or as an earlier step leaves it. A setting without a value here has one that AWS
    /// chooses.
    pub expected: SessionState,
    /// When the session was last changed, if that was read.
    pub session_updated_at: Option<jiff::Timestamp>,
    /// What it may destroy.
    pub risk: Risk,
    /// Its consequence, in words.
    pub consequence: String,
    /// How many classification jobs it cancels for good, if it does and that could be read.
    pub classification_jobs: Option<usize>,
    /// Whether a rollback cannot restore what it ends.
    pub one_way: bool,
    /// The steps it depends on.
    pub after: Vec<u32>,
}

impl Step {
    /// Whether it leaves the session with this status.
    pub fn leaves_status(&self, status: Status) -> bool {
        self.changes.iter().any(|change| change.status_after() == Some(status))
    }

    /// The values that it sets, as a state.
    pub fn state_after(&self) -> SessionState {
        self.values_after().map(|(setting, value)| (setting, value.clone())).collect()
    }

    /// The values that it sets.
    pub fn values_after(&self) -> impl Iterator<Item = (SettingId, &Value)> {
        self.changes.iter().map(|change| (change.setting, &change.after))
    }
}

/// The numbers of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// Targets that the policies want something of, and that the plan covers.
    pub declared: usize,
    /// The same, covered by the plan or not.
    pub declared_total: usize,
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
    /// Steps that cannot be rolled back, whatever their risk.
    pub one_way: usize,
    /// Blocked changes.
    pub blocked: usize,
    /// Targets of which nothing is known, or not everything.
    pub unread: usize,
    /// Those of them that a waiver expects to be unread.
    pub expected_unread: usize,
}

impl Plan {
    /// The step of a number. Steps are numbered in their order.
    pub fn step(&self, number: u32) -> Option<&Step> {
        self.steps.binary_search_by_key(&number, |step| step.number).ok().and_then(|place| self.steps.get(place))
    }

    /// The steps of a risk.
    pub fn with_risk(&self, risk: Risk) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |step| step.risk == risk)
    }

    /// Whether the plan covers targets, and nothing that is declared is known of any.
    pub fn is_blind(&self) -> bool {
        self.declared > 0 && self.not_planned.iter().filter(|target| !target.partly).count() == self.declared
    }

    /// Whether there is drift, with or without a step that removes it.
    pub fn has_drift(&self) -> bool {
        !self.steps.is_empty() || !self.blocked.is_empty()
    }

    /// Whether a target is unread that no waiver expects to be, or nothing is known of any.
    pub fn is_incomplete(&self) -> bool {
        self.is_blind() || self.not_planned.iter().any(|unread| unread.expected.is_none())
    }

    /// The numbers.
    pub fn summary(&self) -> Summary {
        let mut targets: Vec<&Target> = self.steps.iter().map(|step| &step.target).collect();
        targets.sort_unstable();
        targets.dedup();
        Summary {
            declared: self.declared,
            declared_total: self.declared_total,
            steps: self.steps.len(),
            targets: targets.len(),
            safe: self.with_risk(Risk::Safe).count(),
            disruptive: self.with_risk(Risk::Disruptive).count(),
            destructive: self.with_risk(Risk::Destructive).count(),
            one_way: self.steps.iter().filter(|step| step.one_way).count(),
            blocked: self.blocked.len(),
            unread: self.not_planned.len(),
            expected_unread: self.not_planned.iter().filter(|unread| unread.expected.is_some()).count(),
        }
    }

    /// The part of the plan for some accounts and Regions, which have `declared` targets. A step that needs one outside of it is
    /// blocked.
    #[must_use]
    pub fn only(mut self, places: Vec<(AccountId, Region)>, declared: usize) -> Self {
        let is_covered = |target: &Target| {
            places.iter().any(|(account, region)| *account == target.account && *region == target.region)
        };
        self.blocked.retain(|blocked| is_covered(&blocked.target));
        self.not_planned.retain(|skipped| is_covered(&skipped.target));
        // What is missing for the steps that come after a step that is not kept.
        let mut missing: BTreeMap<u32, Target> = BTreeMap::new();
        let mut kept = Vec::new();
        for step in self.steps {
            let needed = step.after.iter().find_map(|number| missing.get(number)).cloned();
            if !is_covered(&step.target) {
                missing.insert(step.number, step.target);
            } else if let Some(needed) = needed {
                missing.insert(step.number, needed.clone());
                self.blocked.extend(needs_unselected(&step, &needed, &format!("--only {needed}")));
            } else {
                kept.push(step);
            }
        }
        self.blocked
            .sort_by(|one, other| (&one.target, one.change.setting).cmp(&(&other.target, other.change.setting)));
        let numbers: BTreeMap<u32, u32> = kept.iter().map(|step| step.number).zip(1..).collect();
        for step in &mut kept {
            for number in std::iter::once(&mut step.number).chain(&mut step.after) {
                *number = numbers.get(number).copied().unwrap_or(*number);
            }
        }
        self.steps = kept;
        self.declared = declared;
        self.facts.scope = PlanScope::Only(places);
        self
    }
}

/// The changes of a step that needs an unselected target to be changed first. `option` selects it as well.
pub(super) fn needs_unselected(step: &Step, needed: &Target, option: &str) -> Vec<BlockedChange> {
    let blocked = |change: &Change| BlockedChange {
        target: step.target.clone(),
        account_name: step.account_name.clone(),
        change: change.clone().into(),
        block_reason: BlockReason::NeedsUnselectedStep,
        reason: format!("{needed} must be changed first, and it is not selected"),
        remediation: format!("select it as well: {option}; or plan every target"),
    };
    step.changes.iter().map(blocked).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::test_fixtures::{account, plan, step, target};
    use crate::resource::Operation::{self, EnableMacie, UpdateMacieSession, UpdateMemberSession};
    use crate::resource::macie_session::Status;

    #[test]
    fn a_step_that_needs_one_outside_is_blocked_with_all_that_follow() {
        let added = Operation::CreateMember { email: "new@example.com".into() };
        let enable = (Status::NotEnabled, Status::Enabled);
        let pause = (Status::Enabled, Status::Paused);
        let whole = plan(vec![
            step(1, (5, 5), EnableMacie, enable, &[]),
            step(2, (1, 5), added, enable, &[1]),
            step(3, (1, 5), UpdateMemberSession, pause, &[2]),
            step(4, (2, 2), EnableMacie, enable, &[]),
            step(5, (2, 2), UpdateMacieSession, pause, &[4]),
        ]);
        let place = |digit| (account(digit), target(digit).region);
        let shown = |plan: &Plan| {
            let steps: Vec<(u32, Vec<u32>)> = plan.steps.iter().map(|step| (step.number, step.after.clone())).collect();
            (steps, plan.blocked.iter().map(|blocked| blocked.target.clone()).collect::<Vec<_>>())
        };
        let part = whole.clone().only(vec![place(1), place(2)], 2);
        assert_eq!(shown(&part), (vec![(1, vec![]), (2, vec![1])], vec![target(1), target(1)]));
        assert!(part.blocked.iter().all(|blocked| blocked.block_reason == BlockReason::NeedsUnselectedStep));
        assert_eq!((part.declared, part.declared_total), (2, 5));
        let with_administrator = whole.clone().only(vec![place(1), place(5)], 2);
        assert_eq!(shown(&with_administrator), (vec![(1, vec![]), (2, vec![1]), (3, vec![2])], vec![]));
        assert_eq!(shown(&whole.only(vec![place(9)], 0)), (vec![], vec![]));
    }
}
