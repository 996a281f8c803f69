//! The text form of a difference between two policy sets.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::sync::Arc;

use super::difference::{DiffSide, Difference};
use super::offline_output::{account, faint, origin, plain, waiver_line, write_paragraph, written};
use crate::desired_diff::{
    ChangeKind, Counts, DesiredDiff, DesiredSettingsChange, RegionNamingChange, SettingChange, TargetChange,
};
use crate::model::{AccountId, DesiredSetting, Resource, SettingId, Waiver};
use crate::report::{Detail, TargetGroup, TextOptions, group_targets, listed, pluralize, terminal, wrapped};

/// Maximum of groups shown per section; the rest is counted.
const MAX_GROUPS: usize = 20;

/// Writes the difference as text.
pub(super) fn write_diff_text(difference: &Difference, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    if options.detail > Detail::Quiet {
        heading(&difference.old, &difference.new, options, out)?;
        let groups = groups(&difference.changes);
        let groups: Vec<(&Group, &Vec<&TargetChange>)> = groups.iter().collect();
        for section in groups.chunk_by(|one, two| one.0.section == two.0.section) {
            write_section(section, &difference.names, options, out)?;
        }
    }
    summary(difference.changes.counts(), options, out)
}

fn heading(old: &DiffSide, new: &DiffSide, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let text = format!(
        "{} → {}: {} → {}. Changes are shown as old → new.",
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

fn write_section(
    section: &[(&Group, &Vec<&TargetChange>)],
    names: &Names,
    options: TextOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Some((first, _)) = section.first() else { return Ok(()) };
    write_paragraph("", first.section.heading(), options.width, |text| options.paint.strong(text), out)?;
    let in_full = options.detail == Detail::Verbose;
    let shown = if in_full || section.len() <= MAX_GROUPS + 1 { section.len() } else { MAX_GROUPS };
    let (shown, cut) = section.split_at(shown);
    for (group, targets) in shown {
        write_group(group, summarize_targets(targets, names, in_full), options, out)?;
    }
    if !cut.is_empty() {
        let targets: usize = cut.iter().map(|(_, targets)| targets.len()).sum();
        let changes = pluralize(cut.len(), "more change");
        writeln!(out, "  and {changes} of this kind in {} (--verbose lists them)", pluralize(targets, "target"))?;
    }
    writeln!(out)
}

fn write_group(
    group: &Group,
    (beside, below): (String, Vec<String>),
    options: TextOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let paint = options.paint;
    let subject = match (group.setting, group.resource) {
        (Some(setting), resource) => format!("{}  ", resource.label(setting.key())),
        (None, Resource::MacieSession) => String::new(),
        (None, resource) => format!("{}  ", resource.subject()),
    };
    let headline = format!("~ {subject}{}  in {beside}", group.headline);
    for (nth, line) in wrapped(&headline, options.width.saturating_sub(6)).iter().enumerate() {
        writeln!(out, "{}{line}", if nth == 0 { "  " } else { "      " })?;
    }
    for line in below {
        write_paragraph("      ", &line, options.width, plain, out)?;
    }
    for (label, place) in &group.details {
        write_paragraph(&format!("      {label:<6}"), place, options.width, faint(paint), out)?;
    }
    Ok(())
}

fn summary(counts: Counts, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let unchanged = format!("{} of {} unchanged", counts.unchanged_targets, pluralize(counts.targets, "target"));
    if counts.changed_targets == 0 {
        let text = format!("no difference in the effective settings; {unchanged}");
        return write_paragraph("Summary   ", &text, options.width, |text| options.paint.good(text), out);
    }
    let words = |kind: ChangeKind| match kind {
        ChangeKind::Added => "newly declared",
        ChangeKind::Removed => "no longer declared",
        ChangeKind::Changed => "with other accepted values",
        ChangeKind::Reordered => "with another first value",
        ChangeKind::Severity => "with another severity",
        ChangeKind::Waivers => "with other waivers",
        ChangeKind::Window => "about other ended sessions",
    };
    let kinds = ChangeKind::ALL.into_iter().filter(|kind| counts.for_kind(*kind) > 0);
    let mut parts: Vec<String> = kinds.map(|kind| format!("{} {}", counts.for_kind(kind), words(kind))).collect();
    if let Some(first) = parts.first_mut() {
        first.insert_str(0, "settings: ");
    }
    if counts.no_longer_declared > 0 {
        parts.push(format!("{} no longer declared", pluralize(counts.no_longer_declared, "target")));
    }
    if counts.naming > 0 {
        parts.push(format!("{} where a Region that is off counts differently", pluralize(counts.naming, "target")));
    }
    let text = format!("{} changed, {unchanged}; {}", pluralize(counts.changed_targets, "target"), parts.join(", "));
    write_paragraph("Summary   ", &text, options.width, |text| options.paint.strong(text), out)
}

/// Change that many targets share. Groups sort as they are shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    section: Section,
    resource: Resource,
    /// The setting; `None` for the target as a whole.
    setting: Option<SettingId>,
    /// Old and new value, on one line.
    headline: String,
    /// Label and place of the declarations.
    details: Vec<(&'static str, String)>,
}

/// Section of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Section {
    Setting(ChangeKind),
    Naming,
}

impl Section {
    fn heading(self) -> &'static str {
        match self {
            Self::Setting(ChangeKind::Added) => "Newly declared",
            Self::Setting(ChangeKind::Removed) => "No longer declared: shown, but no longer compared",
            Self::Setting(ChangeKind::Changed) => "Accepted values",
            Self::Setting(ChangeKind::Reordered) => {
                "Same accepted values, but another one first, which apply would set"
            }
            Self::Setting(ChangeKind::Severity) => "Severity",
            Self::Setting(ChangeKind::Waivers) => "Waivers",
            Self::Setting(ChangeKind::Window) => "Ended sessions that every rule of the target is about",
            Self::Naming => "Regions that an account may not have opted into",
        }
    }
}

/// Groups in order of display, each with its sorted targets.
fn groups(changes: &DesiredDiff) -> BTreeMap<Group, Vec<&TargetChange>> {
    // Targets share their changes, which are described once for all of them.
    let mut numbers: HashMap<*const DesiredSettingsChange, usize> = HashMap::new();
    let mut shared: Vec<(&TargetChange, Vec<&TargetChange>)> = Vec::new();
    for target in changes.targets() {
        let number = *numbers.entry(Arc::as_ptr(&target.change)).or_insert_with(|| {
            shared.push((target, Vec::new()));
            shared.len() - 1
        });
        if let Some((_, targets)) = shared.get_mut(number) {
            targets.push(target);
        }
    }
    let mut groups: BTreeMap<Group, Vec<&TargetChange>> = BTreeMap::new();
    for (first, targets) in shared {
        for group in groups_of_change(&first.change, first.resource) {
            groups.entry(group).or_default().extend(&targets);
        }
    }
    for targets in groups.values_mut() {
        targets.sort_by(|one, two| (one.account, &one.region).cmp(&(two.account, &two.region)));
    }
    groups
}

fn groups_of_change(change: &DesiredSettingsChange, resource: Resource) -> Vec<Group> {
    let mut groups = Vec::new();
    for setting in change.settings() {
        // The window is that of the target: it is shown once for all rules.
        let kinds = setting.kinds.iter().filter(|kind| **kind != ChangeKind::Window);
        groups.extend(kinds.map(|kind| setting_group(*kind, &setting)));
    }
    groups.extend(change.window().and_then(|(old, new)| {
        let setting = new.or(old)?.setting;
        let text = |window: Option<&DesiredSetting>| {
            window.map_or_else(|| "active sessions alone".to_owned(), |window| written(&window.decided))
        };
        let headline = format!("{} → {}", text(old), text(new));
        let section = Section::Setting(ChangeKind::Window);
        Some(Group { section, resource, setting: Some(setting), headline, details: places(old, new) })
    }));
    groups.extend(change.naming().map(|naming| Group {
        section: Section::Naming,
        resource,
        setting: None,
        headline: match (naming, resource) {
            (RegionNamingChange::Named, Resource::MacieSession) => {
                "now named: a Region that is off counts as not enabled".to_owned()
            }
            (RegionNamingChange::Named, _) => "now named: a Region that is off counts as unread".to_owned(),
            (RegionNamingChange::Unnamed, _) => {
                "no longer named: where the Region is off, the target does not apply".to_owned()
            }
        },
        details: Vec::new(),
    }));
    groups
}

/// The declarations that decided and decide.
fn places(old: Option<&DesiredSetting>, new: Option<&DesiredSetting>) -> Vec<(&'static str, String)> {
    let was = old.map(|desired| ("was", origin(&desired.decided.origin)));
    was.into_iter().chain(new.map(|desired| ("is", origin(&desired.decided.origin)))).collect()
}

fn setting_group(kind: ChangeKind, change: &SettingChange<'_>) -> Group {
    const NOTHING: &str = "not managed";
    let is_whole = matches!(kind, ChangeKind::Added | ChangeKind::Removed);
    let wanted = |desired: Option<&DesiredSetting>| {
        let Some(desired) = desired else { return NOTHING.to_owned() };
        let window = desired.window.as_ref().filter(|_| is_whole);
        let window =
            window.map_or_else(String::new, |window| format!(" ({} {})", window.setting, written(&window.decided)));
        format!("{}{window}", written(&desired.decided))
    };
    let severity = |desired: Option<&DesiredSetting>| desired.map_or("none", |desired| desired.severity.as_str());
    let waivers = |desired: Option<&DesiredSetting>| desired.map_or(0, |desired| desired.waivers.len());
    let headline = match kind {
        ChangeKind::Added => format!("{NOTHING} → {} (severity {})", wanted(change.new), severity(change.new)),
        ChangeKind::Removed | ChangeKind::Changed | ChangeKind::Reordered | ChangeKind::Window => {
            format!("{} → {}", wanted(change.old), wanted(change.new))
        }
        ChangeKind::Severity => format!("{} → {}", severity(change.old), severity(change.new)),
        ChangeKind::Waivers => {
            format!("{} → {}", pluralize(waivers(change.old), "waiver"), pluralize(waivers(change.new), "waiver"))
        }
    };
    let details = if kind == ChangeKind::Waivers {
        let terms = |desired: Option<&DesiredSetting>| -> Vec<Arc<Waiver>> {
            desired.map(|desired| desired.waivers.clone()).unwrap_or_default()
        };
        let (old, new) = (terms(change.old), terms(change.new));
        let gone = only(&old, &new).map(|gone| ("gone", waiver_line(gone)));
        gone.chain(only(&new, &old).map(|came| ("new", waiver_line(came)))).collect()
    } else {
        places(change.old, change.new)
    };
    let resource = change.setting.spec().resource;
    Group { section: Section::Setting(kind), resource, setting: Some(change.setting), headline, details }
}

/// Waivers that the other side lacks, wherever they are declared.
fn only<'one>(one: &'one [Arc<Waiver>], other: &'one [Arc<Waiver>]) -> impl Iterator<Item = &'one Waiver> {
    one.iter().map(|waiver| &**waiver).filter(move |waiver| !other.iter().any(|other| waiver.terms() == other.terms()))
}

/// Known account names.
type Names = BTreeMap<AccountId, Box<str>>;

/// Maximum of accounts or Regions named per line; the rest is counted.
const MAX_NAMED: usize = 4;

/// Maximum of lines per group; the rest is counted.
const MAX_LINES: usize = 4;

/// Summary of sorted targets: text next to the headline, and lines below it.
fn summarize_targets(targets: &[&TargetChange], names: &Names, in_full: bool) -> (String, Vec<String>) {
    let shown_account = |id: AccountId| {
        let name = names.get(&id).map(|name| format!(" ({})", terminal(name)));
        format!("{}{}", account(id), name.unwrap_or_default())
    };
    let groups = group_targets(targets, |target| (target.account, None, target.region.as_str()));
    let total = pluralize(targets.len(), "target");
    let beside = match groups.as_slice() {
        [TargetGroup { accounts, regions, .. }] if accounts.len() > 1 && regions.len() > 1 => {
            format!("{total}: {} accounts × {} Regions", accounts.len(), regions.len())
        }
        _ => total,
    };
    let shown = if in_full || groups.len() <= MAX_LINES + 1 { groups.len() } else { MAX_LINES };
    let (shown, cut) = groups.split_at(shown);
    let line = |group: &TargetGroup<'_, _>| {
        let accounts: Vec<String> = group.accounts.iter().map(|(id, _)| shown_account(*id)).collect();
        line(&accounts, &group.regions, in_full)
    };
    let mut below: Vec<String> = shown.iter().map(line).collect();
    if !cut.is_empty() {
        let accounts: usize = cut.iter().map(|group| group.accounts.len()).sum();
        let targets: usize = cut.iter().map(TargetGroup::len).sum();
        below.push(format!(
            "and {} in {} (--verbose lists them)",
            pluralize(targets, "more target"),
            pluralize(accounts, "more account")
        ));
    }
    (beside, below)
}

fn line(accounts: &[String], regions: &[&str], in_full: bool) -> String {
    let at_most = if in_full { usize::MAX } else { MAX_NAMED };
    let regions: Vec<String> = regions.iter().map(|region| (*region).to_owned()).collect();
    let part = |items: &[String], noun: &str| {
        if items.len() > at_most.saturating_add(1) {
            format!("{} {noun}s ({})", items.len(), listed(items, at_most))
        } else {
            items.join(", ")
        }
    };
    format!("{} in {}", part(accounts, "account"), part(&regions, "Region"))
}
