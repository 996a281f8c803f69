//! Merging of reports, which are the shards of a run that was split, and selection of a part of one.

use std::collections::{BTreeMap, BTreeSet};

use super::history::MarkCounts;
use super::model::{
    Changes, Resolved, ReusedReadings, RunSelection, Target, Targets, View, WaiverUsage, ledger_by_resource,
};
use crate::aws::RequestCounts;
use crate::drift::Ledger;
use crate::model::{AccountId, Region, Resource, Shard, TargetSelection};

/// Why reports cannot be merged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// Different policies.
    #[error("{0} and {1} are of different policies")]
    OtherPolicies(String, String),
    /// Different runs: another AWS, another day for waivers, or the like.
    #[error("{0} and {1} are not of one run: {2} differs")]
    OtherRun(String, String, &'static str),
    /// A target in two of them.
    #[error("{0} targets stand in more than one report, first {1} in {2} and {3}")]
    Overlap(usize, String, String, String),
    /// Some name their shard, and others do not.
    #[error("{0} does not say which shard of the run it is, and others do")]
    NoShard(String),
    /// Different numbers of shards.
    #[error("{0} is one of {1} shards, and {2} is one of {3}")]
    OtherCount(String, u32, String, u32),
    /// The same shard twice.
    #[error("shard {0} is there twice: {1} and {2}")]
    Twice(Shard, String, String),
    /// Missing shards.
    #[error("of {count} shards, {} missing: {}", if missing.len() == 1 { "one is" } else { "some are" }, missing.join(", "))]
    Missing {
        /// The number of shards.
        count: u32,
        /// The missing ones.
        missing: Vec<String>,
    },
}

/// Merges reports, each with the name of its file.
///
/// # Errors
///
/// Everything that keeps them from being merged.
pub fn merge(parts: Vec<(String, View<'static>)>) -> Result<View<'static>, Vec<MergeError>> {
    let errors = errors(&parts);
    if !errors.is_empty() {
        return Err(errors);
    }
    let changes = merged_changes(&parts);
    let mut views = parts.into_iter().map(|(_, view)| view);
    let Some(mut whole) = views.next() else { return Err(Vec::new()) };
    let mut targets = match std::mem::replace(&mut whole.targets, Targets::Saved(Vec::new())) {
        Targets::Saved(targets) => targets,
        Targets::Lazy(_) => Vec::new(),
    };
    let mut waivers: BTreeMap<(String, u32, u32), WaiverUsage<'static>> = BTreeMap::new();
    let mut take = |list: Vec<WaiverUsage<'static>>| {
        for used in list {
            let origin = &used.waiver.origin;
            let key = (origin.file.clone(), origin.line, origin.column);
            match waivers.get_mut(&key) {
                None => drop(waivers.insert(key, used)),
                Some(known) => {
                    known.covered = known.covered.saturating_add(used.covered);
                    known.uncovered = known.uncovered.saturating_add(used.uncovered);
                    known.in_sync = known.in_sync.saturating_add(used.in_sync);
                    known.unread = known.unread.saturating_add(used.unread);
                    known.not_selected = known.not_selected.saturating_add(used.not_selected);
                    known.became = known.became.or(used.became);
                }
            }
        }
    };
    take(std::mem::take(&mut whole.waivers));
    for part in views {
        if let Targets::Saved(more) = part.targets {
            targets.extend(more);
        }
        take(part.waivers);
        if let (Some(base), Some(more)) = (&mut whole.base, part.base) {
            base.counts = base.counts.plus(more.counts);
        }
        whole.unreached.extend(part.unreached);
        whole.requests = sum(whole.requests, part.requests);
        whole.run.started_at = whole.run.started_at.min(part.run.started_at);
        whole.run.finished_at = whole.run.finished_at.max(part.run.finished_at);
        if let (Some(whole), Some(part)) = (&mut whole.run.selection, part.run.selection) {
            whole.declared_total = whole.declared_total.max(part.declared_total);
        }
        whole.run.carried = reused(whole.run.carried.take(), part.run.carried);
        if whole.run.caller != part.run.caller {
            whole.run.caller = None;
        }
        if whole.run.management_account != part.run.management_account {
            whole.run.management_account = None;
        }
    }
    if changes.is_none() {
        // A change seen by one part says nothing about the whole.
        targets.iter_mut().for_each(unmark);
    }
    targets.sort_by(|one, other| one.sort_key().cmp(&other.sort_key()));
    whole.unreached.sort_by_key(|account| account.account);
    // What a waiver became for one part, it need not be for the whole.
    let news =
        |used: &WaiverUsage<'_>| used.became.filter(|became| changes.is_some() && used.concerns().contains(became));
    whole.waivers = waivers.into_values().map(|used| WaiverUsage { became: news(&used), ..used }).collect();
    let waivers = whole.waivers.iter().filter(|used| used.became.is_some()).count();
    let changes = changes.map(|changes| Changes { waivers, ..changes });
    whole.run.shard = None;
    whole.changes = changes;
    whole.set_targets(targets);
    Ok(whole)
}

/// The changes of all parts, if each part was compared with an earlier report or tried to be.
fn merged_changes(parts: &[(String, View<'static>)]) -> Option<Changes> {
    let all: Vec<&Changes> = parts.iter().map(|(_, view)| view.changes.as_ref()).collect::<Option<_>>()?;
    let sum = |count: fn(&Changes) -> usize| all.iter().fold(0, |sum: usize, part| sum.saturating_add(count(part)));
    let list = |of: fn(&Changes) -> &Vec<Resolved>| {
        let mut list: Vec<Resolved> = all.iter().flat_map(|part| of(part)).cloned().collect();
        list.sort();
        list
    };
    Some(Changes {
        compared_with: all.iter().filter_map(|part| part.compared_with).min(),
        new: sum(|part| part.new),
        newly_unread: sum(|part| part.newly_unread),
        changed: sum(|part| part.changed),
        persisting: sum(|part| part.persisting),
        resolved: list(|part| &part.resolved),
        carried: list(|part| &part.carried),
        waivers: 0,
        last_notified: all.iter().filter_map(|part| part.last_notified).min(),
        is_reminder: all.iter().any(|part| part.is_reminder),
        clock_was_ahead: all.iter().any(|part| part.clock_was_ahead),
    })
}

impl<'a> View<'a> {
    /// Replaces the targets, and counts them again. The changes must be those of the new targets.
    pub(super) fn set_targets(&mut self, targets: Vec<Target<'a>>) {
        self.ledger_by_resource = ledger_by_resource(&targets);
        self.ledger = self.ledger_by_resource.values().copied().sum::<Ledger>();
        self.verdict = self.ledger.verdict().with_drift(self.has_carried_drift());
        self.targets = Targets::Saved(targets);
    }
}

/// The reused readings of both parts.
fn reused(one: Option<ReusedReadings>, other: Option<ReusedReadings>) -> Option<ReusedReadings> {
    match (one, other) {
        (Some(one), Some(other)) => Some(ReusedReadings {
            readings: one.readings.saturating_add(other.readings),
            read_at: one.read_at.min(other.read_at),
            times: Vec::new(),
        }),
        (one, other) => one.or(other),
    }
}

/// Removes the marks, and keeps since when a finding has been there, which is true of the whole too.
fn unmark(target: &mut Target<'_>) {
    target.mark = None;
    target.settings.iter_mut().for_each(|row| row.mark = None);
}

fn revision<'a>(view: &'a View<'_>) -> Option<&'a str> {
    view.base.as_ref().map(|base| base.revision.as_str())
}

fn items<'a>(view: &'a View<'_>) -> Option<&'a TargetSelection> {
    view.run.selection.as_ref().map(|selection| &selection.items)
}

fn errors(parts: &[(String, View<'static>)]) -> Vec<MergeError> {
    let mut found = Vec::new();
    let Some(((first, one), rest)) = parts.split_first() else { return found };
    for (name, other) in rest {
        let pair = || (first.clone(), name.clone());
        if one.run.policy_digest != other.run.policy_digest {
            found.push(MergeError::OtherPolicies(pair().0, pair().1));
        }
        for (what, differs) in [
            ("the source", one.run.source != other.run.source),
            ("the snapshot", one.run.snapshot != other.run.snapshot),
            ("the day of the waivers", one.today() != other.today()),
            ("the command", one.run.command != other.run.command),
            ("the selection", items(one) != items(other)),
            ("the revision of --base", revision(one) != revision(other)),
        ] {
            if differs {
                found.push(MergeError::OtherRun(pair().0, pair().1, what));
            }
        }
    }
    let partition = |view: &View<'_>| view.run.caller.as_ref().map(|caller| caller.partition.clone());
    found.extend(differ(parts, "the partition of the credentials", partition));
    found.extend(differ(parts, "the organization", |view| view.run.management_account));
    found.extend(overlap(parts));
    found.extend(shards(parts));
    found
}

/// The difference between two parts that both know a fact.
fn differ<T: PartialEq>(
    parts: &[(String, View<'static>)],
    what: &'static str,
    of: impl Fn(&View<'_>) -> Option<T>,
) -> Option<MergeError> {
    let mut known = parts.iter().filter_map(|(name, view)| Some((name, of(view)?)));
    let (first, one) = known.next()?;
    let (other, _) = known.find(|(_, other)| *other != one)?;
    Some(MergeError::OtherRun(first.clone(), other.clone(), what))
}

/// The target as messages show it: `111122223333/eu-west-1`, with its resource unless that is a Macie session.
pub(super) fn shown(target: &Target<'_>) -> String {
    let resource = match target.resource {
        Resource::MacieSession => String::new(),
        resource => format!(" ({resource})"),
    };
    format!("{}/{}{resource}", target.account, target.region)
}

fn overlap(parts: &[(String, View<'static>)]) -> Option<MergeError> {
    let mut seen: BTreeMap<(AccountId, Region, Resource), &String> = BTreeMap::new();
    let mut twice = Vec::new();
    for (name, view) in parts {
        for target in view.targets.iter() {
            if let Some(before) = seen.insert((target.account, target.region.clone(), target.resource), name) {
                twice.push((shown(&target), before.clone(), name.clone()));
            }
        }
    }
    let (target, one, other) = twice.first()?.clone();
    Some(MergeError::Overlap(twice.len(), target, one, other))
}

/// The missing and repeated shards, if the reports name their shards.
fn shards(parts: &[(String, View<'static>)]) -> Vec<MergeError> {
    let mut found = Vec::new();
    let Some((first, whole)) = parts.iter().find_map(|(name, view)| Some((name, Shard::part(view.run.shard)?))) else {
        return found;
    };
    let mut present: BTreeMap<u32, &String> = BTreeMap::new();
    for (name, view) in parts {
        match Shard::part(view.run.shard) {
            None => found.push(MergeError::NoShard(name.clone())),
            Some(shard) if shard.count != whole.count => {
                found.push(MergeError::OtherCount(first.clone(), whole.count, name.clone(), shard.count));
            }
            Some(shard) => {
                if let Some(before) = present.insert(shard.index, name) {
                    found.push(MergeError::Twice(shard, before.clone(), name.clone()));
                }
            }
        }
    }
    let indices: BTreeSet<u32> = present.into_keys().collect();
    let missing: Vec<String> = (1..=whole.count)
        .filter(|index| !indices.contains(index))
        .map(|index| format!("{index}/{}", whole.count))
        .collect();
    if !missing.is_empty() {
        found.push(MergeError::Missing { count: whole.count, missing });
    }
    found
}

/// The sum of request counts, which saturates: a saved report may hold any number.
fn sum(one: RequestCounts, other: RequestCounts) -> RequestCounts {
    RequestCounts {
        macie2: one.macie2.saturating_add(other.macie2),
        ssm: one.ssm.saturating_add(other.ssm),
        sts: one.sts.saturating_add(other.sts),
        account: one.account.saturating_add(other.account),
        organizations: one.organizations.saturating_add(other.organizations),
        retried: one.retried.saturating_add(other.retried),
        throttled: one.throttled.saturating_add(other.throttled),
        access_denied: one.access_denied.saturating_add(other.access_denied),
    }
}

/// Restricts a report to selected targets. Ledger and verdict are theirs; waivers, unreached accounts and requests stay those of
/// the whole report.
pub fn select(mut view: View<'static>, items: TargetSelection) -> View<'static> {
    let matcher = items.matcher();
    let is_selected = |target: &Target<'_>| {
        matcher.selects_account(target.account, target.account_name.as_deref())
            && matcher.selects_region(&target.region)
    };
    let targets = match std::mem::replace(&mut view.targets, Targets::Saved(Vec::new())) {
        Targets::Saved(targets) => targets,
        Targets::Lazy(_) => Vec::new(),
    };
    let (mut selected, others): (Vec<_>, Vec<_>) = targets.into_iter().partition(is_selected);
    // The comparison with a Git revision counts the targets of the whole report.
    view.base = None;
    for target in &mut selected {
        target.review = None;
        target.settings.iter_mut().for_each(|row| row.review = None);
    }
    if let Some(changes) = &mut view.changes {
        // The earlier report may have known no names.
        let all = selected.iter().chain(&others);
        let names: BTreeMap<AccountId, Option<&str>> =
            all.map(|target| (target.account, target.account_name.as_deref())).collect();
        for ended in [&mut changes.resolved, &mut changes.carried] {
            ended.retain(|ended| {
                let known = || names.get(&ended.account).copied().flatten();
                let name = ended.account_name.as_deref().or_else(known);
                matcher.selects_account(ended.account, name) && matcher.selects_region(&ended.region)
            });
        }
    }
    view.run.carried = view.run.carried.take().and_then(|carried| carried_by(&carried, &selected));
    view.run.selection = Some(match view.run.selection.take() {
        None => RunSelection { items, declared_total: view.ledger.declared },
        Some(before) => RunSelection { items: narrowed(&before.items, &items, &selected), ..before },
    });
    view.set_targets(selected);
    if let Some(mut changes) = view.changes.take() {
        changes.set_counts(MarkCounts::from_view(&view));
        view.changes = Some(changes);
    }
    view
}

/// The reused readings among the selected ones. The readings of a snapshot share one time.
fn carried_by(carried: &ReusedReadings, selected: &[Target<'_>]) -> Option<ReusedReadings> {
    let times = selected.iter().filter_map(|target| target.read_at);
    let (readings, read_at) = match times.clone().min() {
        Some(first) => (times.count(), first),
        None => (carried.readings.min(selected.len()), carried.read_at),
    };
    (readings > 0).then_some(ReusedReadings { readings, read_at, times: Vec::new() })
}

/// The selection of what is left of an earlier one. Where both name accounts or Regions, it names those that are left.
fn narrowed(before: &TargetSelection, items: &TargetSelection, left: &[Target<'_>]) -> TargetSelection {
    let both = |before: &[String], items: &[String], left: &mut dyn Iterator<Item = String>| {
        if items.is_empty() || before == items {
            before.to_vec()
        } else if before.is_empty() {
            items.to_vec()
        } else {
            left.collect()
        }
    };
    let accounts = both(before.accounts(), items.accounts(), &mut left.iter().map(|target| target.account.to_string()));
    let regions = both(before.regions(), items.regions(), &mut left.iter().map(|target| target.region.to_string()));
    TargetSelection::new(accounts, regions).unwrap_or_else(|| items.clone())
}
