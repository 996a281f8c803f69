//! The difference between two desired states, and its counts.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;

use super::{ChangeKind, DesiredSettingsChange};
use crate::model::{AccountId, DesiredSettings, DesiredState, DesiredTarget, Region, RegionTable, Resource};

/// A target for which something changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetChange {
    /// The account.
    pub account: AccountId,
    /// The Region.
    pub region: Region,
    /// The resource.
    pub resource: Resource,
    /// What changes.
    pub change: Arc<DesiredSettingsChange>,
}

/// The difference between two desired states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredDiff {
    targets: Vec<TargetChange>,
    counts: Counts,
}

impl DesiredDiff {
    /// Compares `old` with `new`.
    pub fn between(old: &DesiredState, new: &DesiredState, table: &RegionTable) -> Self {
        let (mut old, mut new) = (old.targets().iter().peekable(), new.targets().iter().peekable());
        let mut pairs = Pairs { table, known: HashMap::new() };
        let (mut targets, mut total, mut no_longer_declared) = (Vec::new(), 0, 0);
        loop {
            let order = match (old.peek(), new.peek()) {
                (None, None) => break,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(old), Some(new)) => old.sort_key().cmp(&new.sort_key()),
            };
            let was = if order == Ordering::Greater { None } else { old.next() };
            let is = if order == Ordering::Less { None } else { new.next() };
            let Some(target) = is.or(was) else { break };
            total += 1;
            no_longer_declared += usize::from(order == Ordering::Less);
            if let Some(change) = pairs.change(was, is, &target.region) {
                let (account, region, resource) = (target.account, target.region.clone(), target.resource);
                targets.push(TargetChange { account, region, resource, change });
            }
        }
        let counts = Counts::from_changes(&targets, total, no_longer_declared);
        Self { targets, counts }
    }

    /// Every target for which something changes, sorted by account, Region, resource.
    pub fn targets(&self) -> &[TargetChange] {
        &self.targets
    }

    /// How much changes.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }
}

/// Compared pairs of desired settings. Targets share them, so there are few pairs however many targets there are.
struct Pairs<'table> {
    table: &'table RegionTable,
    /// By the addresses of the desired settings, which live as long as the compared states.
    known: HashMap<(usize, usize, bool), Option<Arc<DesiredSettingsChange>>>,
}

impl Pairs<'_> {
    fn change(
        &mut self,
        old: Option<&DesiredTarget>,
        new: Option<&DesiredTarget>,
        region: &Region,
    ) -> Option<Arc<DesiredSettingsChange>> {
        let address = |target: Option<&DesiredTarget>| target.map_or(0, |target| Arc::as_ptr(&target.declared).addr());
        let may_be_off = self.table.is_opt_in(region);
        let desired = |target: Option<&'_ DesiredTarget>| target.map(|target| Arc::clone(&target.declared));
        let compare = || -> Option<Arc<DesiredSettingsChange>> {
            let (old, new): (Option<Arc<DesiredSettings>>, Option<Arc<DesiredSettings>>) = (desired(old), desired(new));
            DesiredSettingsChange::between(old.as_ref(), new.as_ref(), may_be_off).map(Arc::new)
        };
        self.known.entry((address(old), address(new), may_be_off)).or_insert_with(compare).clone()
    }
}

/// How much changes. Each kind counts settings of targets; one setting may change in several ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, schemars::JsonSchema)]
pub struct Counts {
    /// The targets of either side.
    pub targets: usize,
    /// Those for which something changes.
    pub changed_targets: usize,
    /// Those that are no longer declared.
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
    /// Rules about sessions that are about other ended sessions, by another `ended_within`.
    pub window: usize,
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
            ChangeKind::Window => &mut self.window,
        }
    }
}
