//! How much changes.

use serde::Serialize;

use super::{ChangeKind, TargetChange};

/// How much changes. Each kind counts settings of targets; one setting may change in several ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, schemars::JsonSchema)]
pub struct Counts {
    /// The targets of either side.
    pub targets: usize,
    /// Those for which something changes.
    pub changed_targets: usize,
    /// Those of which nothing is wanted any more.
    pub no_longer_declared: usize,
    /// Those for which nothing does.
    pub unchanged_targets: usize,
    /// Settings newly declared.
    pub added: usize,
    /// Settings no longer declared.
    pub removed: usize,
    /// Settings of which other values are accepted.
    pub changed: usize,
    /// Settings of which the same values are accepted, another one first.
    pub reordered: usize,
    /// Settings whose severity changes.
    pub severity: usize,
    /// Settings whose waivers change.
    pub waivers: usize,
    /// Targets whose Region is named where it was not, or the other way round, and may be off.
    pub naming: usize,
}

impl Counts {
    pub(super) fn from_changes(changed: &[TargetChange], targets: usize, no_longer_declared: usize) -> Self {
        let mut counts = Self {
            targets,
            no_longer_declared,
            changed_targets: changed.len(),
            unchanged_targets: targets - changed.len(),
            ..Self::default()
        };
        for target in changed {
            for kind in target.change.settings().flat_map(|setting| setting.kinds) {
                *counts.slot(*kind) += 1;
            }
            counts.naming += usize::from(target.change.naming().is_some());
        }
        counts
    }

    /// How many settings of targets change in that way.
    pub fn for_kind(mut self, kind: ChangeKind) -> usize {
        *self.slot(kind)
    }

    fn slot(&mut self, kind: ChangeKind) -> &mut usize {
        match kind {
            ChangeKind::Added => &mut self.added,
            ChangeKind::Removed => &mut self.removed,
            ChangeKind::Changed => &mut self.changed,
            ChangeKind::Reordered => &mut self.reordered,
            ChangeKind::Severity => &mut self.severity,
            ChangeKind::Waivers => &mut self.waivers,
        }
    }
}
