//! The difference for people: kind by kind, what is the same for many targets once.

use std::io::{self, Write};

use super::group::{Group, groups};
use super::places::{Names, summarize_targets};
use super::{DiffSide, Difference};
use crate::desired_diff::{ChangeKind, Counts, TargetChange};
use crate::offline::messages::{faint, labelled, plain};
use crate::report::{Detail, TextOptions, pluralize, terminal, wrapped};

/// More groups of one kind than these are counted.
const GROUPS_AT_MOST: usize = 20;

/// Writes the difference for people.
pub fn write_diff_text(difference: &Difference, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    if options.detail > Detail::Quiet {
        heading(&difference.old, &difference.new, options, out)?;
        let groups = groups(&difference.changes);
        let groups: Vec<(&Group, &Vec<&TargetChange>)> = groups.iter().collect();
        for section in groups.chunk_by(|one, two| one.0.topic == two.0.topic) {
            section_of(section, &difference.names, options, out)?;
        }
    }
    summary(difference.changes.counts(), options, out)
}

fn heading(old: &DiffSide, new: &DiffSide, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let text = format!(
        "{} → {}: {} → {}. Changes are shown as what was wanted → what is wanted.",
        terminal(&old.name),
        terminal(&new.name),
        pluralize(old.files.len(), "policy file"),
        pluralize(new.files.len(), "policy file"),
    );
    for line in wrapped(&text, options.width) {
        writeln!(out, "{}", options.paint.faint(&line))?;
    }
    writeln!(out)
}

fn section_of(
    section: &[(&Group, &Vec<&TargetChange>)],
    names: &Names,
    options: TextOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Some((first, _)) = section.first() else { return Ok(()) };
    labelled("", first.topic.heading(), 0, options.width, |text| options.paint.strong(text), out)?;
    let in_full = options.detail == Detail::Verbose;
    let shown = if in_full || section.len() <= GROUPS_AT_MOST + 1 { section.len() } else { GROUPS_AT_MOST };
    let (shown, cut) = section.split_at(shown);
    for (group, targets) in shown {
        one(group, summarize_targets(targets, names, in_full), options, out)?;
    }
    if !cut.is_empty() {
        let targets: usize = cut.iter().map(|(_, targets)| targets.len()).sum();
        let changes = pluralize(cut.len(), "more change");
        writeln!(out, "  and {changes} of this kind in {} (--verbose lists them)", pluralize(targets, "target"))?;
    }
    writeln!(out)
}

fn one(
    group: &Group,
    (beside, below): (String, Vec<String>),
    options: TextOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let paint = options.paint;
    let subject = group.setting.map_or_else(String::new, |setting| format!("{setting}  "));
    let headline = format!("~ {subject}{}  in {beside}", group.headline);
    for (nth, line) in wrapped(&headline, options.width.saturating_sub(6)).iter().enumerate() {
        writeln!(out, "{}{line}", if nth == 0 { "  " } else { "      " })?;
    }
    for line in below {
        labelled("", &line, 6, options.width, plain, out)?;
    }
    for (label, place) in &group.details {
        labelled(&format!("{label:<6}"), place, 6, options.width, faint(paint), out)?;
    }
    Ok(())
}

fn summary(counts: Counts, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let unchanged = format!("{} of {} unchanged", counts.unchanged_targets, pluralize(counts.targets, "target"));
    if counts.changed_targets == 0 {
        let text = format!("no difference in what is wanted; {unchanged}");
        return labelled("Summary   ", &text, 0, options.width, |text| options.paint.good(text), out);
    }
    let words = |kind: ChangeKind| match kind {
        ChangeKind::Added => "newly declared",
        ChangeKind::Removed => "no longer declared",
        ChangeKind::Changed => "with other accepted values",
        ChangeKind::Reordered => "with another first value",
        ChangeKind::Severity => "with another severity",
        ChangeKind::Waivers => "with other waivers",
    };
    let kinds = ChangeKind::ALL.into_iter().filter(|kind| counts.for_kind(*kind) > 0);
    let mut parts: Vec<String> = kinds.map(|kind| format!("{} {}", counts.for_kind(kind), words(kind))).collect();
    if let Some(first) = parts.first_mut() {
        first.insert_str(0, "settings: ");
    }
    if counts.no_longer_declared > 0 {
        parts.push(format!("{} not declared any more", pluralize(counts.no_longer_declared, "target")));
    }
    if counts.naming > 0 {
        parts.push(format!("{} where the Region being off means something else", pluralize(counts.naming, "target")));
    }
    let text = format!("{} changed, {unchanged}; {}", pluralize(counts.changed_targets, "target"), parts.join(", "));
    labelled("Summary   ", &text, 0, options.width, |text| options.paint.strong(text), out)
}
