//! What asks for no attention: accounts and targets in sync, and targets to which nothing applies.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::Range;

use super::Detail;
use super::layout::Layout;
use super::regions::by_resources;
use crate::model::{Resource, SettingId};
use crate::report::escape::terminal;
use crate::report::live_text::LiveText;
use crate::report::messages::{self, pluralize};
use crate::report::model::{Target, Targets};
use crate::resource::{Outcome, settings};

/// More quiet accounts than these are counted, not listed.
const QUIET_LISTED_AT_MOST: usize = 12;

/// More Regions than these to which nothing applies are counted, not named.
const REGIONS_NAMED: usize = 3;

/// Accounts in which nothing asks for attention: a line each, or one for many.
/// `places` are those of each account's targets.
pub(super) fn accounts(
    places: &[Range<usize>],
    targets: &Targets<'_>,
    layout: &Layout,
    out: &mut dyn Write,
) -> io::Result<()> {
    let is_empty = places.is_empty();
    let mark = layout.options.paint.good("✓");
    if places.len() > QUIET_LISTED_AT_MOST {
        let text = "accounts are in sync in every target that applies (--verbose lists them)";
        return writeln!(out, "{mark} {} {text}\n", places.len());
    }
    for places in places {
        let count = |outcome| {
            let targets = places.clone().filter_map(|place| targets.get(place));
            targets.filter(|target| target.outcome == outcome).count()
        };
        let Some(first) = targets.get(places.start) else { continue };
        let name = first.account_name.as_deref().map_or_else(String::new, |name| format!("  {}", terminal(name)));
        let counts = [(count(Outcome::InSync), "in sync"), (count(Outcome::NotApplicable), "not applicable")];
        let counts: Vec<String> =
            counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
        writeln!(out, "{mark} {}{name}  {}", first.account, counts.join(", "))?;
    }
    if is_empty { Ok(()) } else { writeln!(out) }
}

/// The targets to which nothing applies, by reason.
pub(super) fn not_applicable(targets: &[Cow<'_, Target<'_>>], layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let mut reasons: BTreeMap<&str, Vec<&Target<'_>>> = BTreeMap::new();
    for target in targets.iter().filter(|target| target.outcome == Outcome::NotApplicable) {
        reasons.entry(messages::not_applicable(target)).or_default().push(target);
    }
    for (reason, found) in reasons {
        for group in by_resources(found.into_iter(), targets.iter().map(|it| &**it)) {
            let is_counted = layout.options.detail < Detail::Verbose && group.count > REGIONS_NAMED;
            let regions = if is_counted { pluralize(group.count, "Region") } else { group.regions };
            let text = format!("{regions:<0$}  {1}not applicable: {reason}", layout.region, group.resources);
            layout.hanging(&layout.options.paint.faint("–"), &text, out)?;
        }
    }
    Ok(())
}

/// The targets in sync.
pub(super) fn in_sync(targets: &[Cow<'_, Target<'_>>], layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let mark = layout.options.paint.good("✓");
    let in_sync = targets.iter().filter(|target| target.outcome == Outcome::InSync);
    if layout.options.detail == Detail::Verbose {
        for target in in_sync {
            let (region, live) = (target.region.as_str(), live(target));
            let resource = match target.resource {
                Resource::MacieSession => String::new(),
                resource => format!("{} ", resource.noun()),
            };
            layout.hanging(&mark, &format!("{region:<0$}  {resource}in sync: {live}", layout.region), out)?;
            layout.note(target, out)?;
        }
        return Ok(());
    }
    let has_more = targets.iter().any(|target| target.outcome != Outcome::InSync);
    for group in by_resources(in_sync.map(|it| &**it), targets.iter().map(|it| &**it)) {
        let more = if has_more && group.resources.is_empty() { "more " } else { "" };
        let regions = pluralize(group.count, &format!("{more}Region"));
        layout.hanging(
            &mark,
            &format!("{regions}: {}in sync", group.resources).replace(": in sync", " in sync"),
            out,
        )?;
    }
    Ok(())
}

/// The live values: of a Macie session all that were read, else those of the declared settings. Of words that stand for themselves
/// the setting is not named.
fn live(target: &Target<'_>) -> String {
    let text = |setting: SettingId, value: &str| {
        if setting.spec().has_bare_waiver_words {
            terminal(value).into_owned()
        } else {
            format!("{setting} {}", terminal(value))
        }
    };
    let values: Vec<String> = match target.resource {
        Resource::MacieSession => {
            let of = |setting: SettingId| {
                Some(text(setting, &LiveText::new(setting, &target.reading.live_value(setting)?.text()).to_string()))
            };
            settings().for_resource(target.resource).filter_map(of).collect()
        }
        _ => target.settings.iter().map(|row| text(row.setting, &row.shown_live().to_string())).collect(),
    };
    values.join(", ")
}
