//! Checks that the waivers of a saved report agree with its settings.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::diagnostic::quote;
use crate::model::{ENDING_WITHIN_DAYS, Origin, SettingId};
use crate::report::model::{SettingRow, State, View, WaiverFacts, WaiverUsage, Why};
use crate::resource::{Outcome, settings};

/// The settings of all targets, counted.
#[derive(Default)]
struct Counts<'a> {
    outcomes: [usize; Outcome::ALL.len()],
    /// By the place of a waiver: the settings that name it as what covers them, and the drifts that it does not cover.
    named: BTreeMap<&'a Origin, (usize, usize)>,
}

/// Checks the waivers of one row.
pub(super) fn check_row(row: &SettingRow<'_>, today: Date) -> Result<(), String> {
    if row.waiver.is_some() != (row.outcome == Outcome::Waived) {
        return Err("a waiver stands at what is not waived, or none at what is".to_owned());
    }
    if let Some(waiver) = &row.waiver {
        check_waiver(waiver)?;
        if let Some(why) = lapsed(waiver, row, today) {
            return Err(match why {
                Why::Expired => format!("`waiver.expires`: its waiver has expired on {}", waiver.expires),
                Why::OtherLiveValue => "`waiver.while_live`: its waiver is for another live value".to_owned(),
            });
        }
    }
    if !row.lapsed_waivers.is_empty() && !matches!(row.outcome, Outcome::Drifted | Outcome::Waived) {
        return Err("`lapsed_waivers`: only a drift has any".to_owned());
    }
    for (nth, found) in row.lapsed_waivers.iter().enumerate() {
        check_waiver(&found.waiver)?;
        if lapsed(&found.waiver, row, today) != Some(found.why) {
            return Err(format!("`lapsed_waivers[{nth}]`: its `why` does not fit the waiver"));
        }
    }
    Ok(())
}

/// Why a waiver does not cover a drift, if it does not.
fn lapsed(waiver: &WaiverFacts<'_>, row: &SettingRow<'_>, today: Date) -> Option<Why> {
    let named = |named: &'_ Vec<(SettingId, Vec<Cow<'_, str>>)>, live: &str| {
        named.iter().any(|(setting, values)| *setting == row.setting && values.iter().any(|value| value == live))
    };
    let is_for = |live: &str| match &waiver.while_live_by_setting {
        Some(by_setting) => named(by_setting, live),
        None => waiver.while_live.is_empty() || waiver.while_live.iter().any(|word| word == live),
    };
    if today > waiver.expires {
        return Some(Why::Expired);
    }
    (!row.live.as_deref().is_some_and(is_for)).then_some(Why::OtherLiveValue)
}

fn check_waiver(waiver: &WaiverFacts<'_>) -> Result<(), String> {
    check_origin(&waiver.origin)?;
    // A waiver may be for several settings, and its live values are of any of them.
    let is_unknown = |word: &str| settings().iter().all(|setting| setting.parse(word).is_none());
    match waiver.while_live.iter().find(|word| is_unknown(word)) {
        Some(word) => Err(format!("`while_live`: the unknown word \"{}\"", quote(word))),
        None => Ok(()),
    }
}

/// Checks a place in a policy file: lines and columns count from 1.
pub(super) fn check_origin(origin: &Origin) -> Result<(), String> {
    if origin.line == 0 || origin.column == 0 { Err("its `line` or `column` is 0".to_owned()) } else { Ok(()) }
}

/// Checks the waivers of the policies.
pub(super) fn check_usages(view: &View<'_>, rows: &[&SettingRow<'_>], today: Date) -> Result<(), String> {
    let mut counts = Counts::default();
    for used in &view.waivers {
        if counts.named.insert(&used.waiver.origin, (0, 0)).is_some() {
            return Err(format!("`waivers`: the one at {} stands twice", quote(&used.waiver.origin.to_string())));
        }
    }
    for row in rows {
        for (outcome, count) in Outcome::ALL.iter().zip(&mut counts.outcomes) {
            *count += usize::from(*outcome == row.outcome);
        }
        if let Some((covered, _)) = row.waiver.as_ref().and_then(|by| counts.named.get_mut(&*by.origin)) {
            *covered += 1;
        }
        for by in row.lapsed_waivers.iter().filter(|_| row.outcome == Outcome::Drifted) {
            if let Some((_, uncovered)) = counts.named.get_mut(&*by.waiver.origin) {
                *uncovered += 1;
            }
        }
    }
    for (nth, used) in view.waivers.iter().enumerate() {
        check_usage(used, &counts, today).map_err(|what| format!("`waivers[{nth}]`: {what}"))?;
    }
    Ok(())
}

fn check_usage(used: &WaiverUsage<'_>, counts: &Counts<'_>, today: Date) -> Result<(), String> {
    check_waiver(&used.waiver)?;
    let left = today.duration_until(used.waiver.expires).as_hours() / 24;
    let state = match left {
        left if left < 0 => State::Expired,
        left if left <= ENDING_WITHIN_DAYS => State::Ending,
        _ => State::Active,
    };
    if used.state != state {
        return Err("`state`: it does not fit the day on which it expires".to_owned());
    }
    let settings = |outcome: Outcome| {
        let counts = Outcome::ALL.into_iter().zip(counts.outcomes);
        counts.filter(|(of, _)| *of == outcome).map(|(_, count)| count).sum::<usize>()
    };
    let (covered, uncovered) = counts.named.get(&*used.waiver.origin).copied().unwrap_or_default();
    let most_covered = if state == State::Expired { 0 } else { settings(Outcome::Waived) };
    for (field, count, least, most) in [
        ("covered", used.covered, covered, most_covered),
        ("uncovered", used.uncovered, uncovered, uncovered),
        ("in_sync", used.in_sync, 0, settings(Outcome::InSync)),
        ("unread", used.unread, 0, settings(Outcome::Unread)),
    ] {
        if !(least..=most).contains(&count) {
            return Err(format!("`{field}`: {count} does not fit what is said of the targets"));
        }
    }
    Ok(())
}
