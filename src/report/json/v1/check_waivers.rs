//! Checks that the waivers of a saved report agree with its settings.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::diagnostic::quote;
use crate::model::{ENDING_WITHIN_DAYS, LiveValue, Origin, SettingId, UnreadReason, Value};
use crate::report::model::{Expectation, LapsedWaiver, SettingRow, State, View, WaiverFacts, WaiverUsage, Why};
use crate::resource::{Outcome, settings};

/// The settings of all targets, counted.
#[derive(Default)]
struct Counts<'a> {
    outcomes: [usize; Outcome::ALL.len()],
    /// By the place of a waiver: the settings that name it as what covers them, and the findings that it does not cover.
    named: BTreeMap<&'a Origin, (usize, usize)>,
    /// Whether the waivers may also count targets that are not selected.
    is_selection: bool,
}

/// Checks the waivers of one row, of which this is live, or which is unread for this reason.
pub(super) fn check_row(
    row: &SettingRow<'_>,
    live: Option<&LiveValue>,
    unread: Option<UnreadReason>,
    today: Date,
) -> Result<(), String> {
    if let Some(expected) = &row.expected {
        check_expectation(expected, unread, today).map_err(|what| format!("`unread.expected`: {what}"))?;
    }
    if row.waiver.is_some() != (row.outcome == Outcome::Waived) {
        return Err("a waiver stands at what is not waived, or none at what is".to_owned());
    }
    if let Some(waiver) = &row.waiver {
        check_waiver(waiver)?;
        if waiver.unread_reasons.is_some() {
            return Err("`waiver.unread_reasons`: such a waiver covers no drift".to_owned());
        }
        if let Some(why) = lapsed(waiver, row.setting, live, today) {
            return Err(match why {
                Why::Expired => format!("`waiver.expires`: its waiver has expired on {}", waiver.expires),
                Why::OtherLiveValue | Why::OtherReason => {
                    "`waiver.while_live`: its waiver is for another live value".to_owned()
                }
            });
        }
    }
    let is_finding = matches!(row.outcome, Outcome::Drifted | Outcome::Waived | Outcome::Unread);
    if !row.lapsed_waivers.is_empty() && !is_finding {
        return Err("`lapsed_waivers`: only what drifts or is unread has any".to_owned());
    }
    for (nth, found) in row.lapsed_waivers.iter().enumerate() {
        check_waiver(&found.waiver)?;
        let fits = match (&found.waiver.unread_reasons, unread) {
            (None, None) => lapsed(&found.waiver, row.setting, live, today) == Some(found.why),
            (Some(_), Some(reason)) => fits_unread(found, row, reason, today),
            (None, Some(_)) | (Some(_), None) => false,
        };
        if !fits {
            return Err(format!("`lapsed_waivers[{nth}]`: its `why` does not fit the waiver"));
        }
    }
    Ok(())
}

/// Checks what a waiver expects of a row that is unread for this reason.
fn check_expectation(expected: &Expectation<'_>, unread: Option<UnreadReason>, today: Date) -> Result<(), String> {
    check_origin(&expected.origin)?;
    if !unread.is_some_and(|reason| UnreadReason::WAIVABLE.contains(&reason)) {
        return Err("no waiver can expect that".to_owned());
    }
    if today > expected.expires { Err(format!("it has expired on {}", expected.expires)) } else { Ok(()) }
}

/// Why a waiver does not cover a drift, if it does not.
fn lapsed(waiver: &WaiverFacts<'_>, setting: SettingId, live: Option<&LiveValue>, today: Date) -> Option<Why> {
    let values: Vec<&Cow<'_, str>> = match &waiver.while_live_by_setting {
        Some(named) => named.iter().filter(|(of, _)| *of == setting).flat_map(|(_, values)| values).collect(),
        None => waiver.while_live.iter().collect(),
    };
    let values: Vec<Value> = values.into_iter().filter_map(|text| setting.parse(text)).collect();
    let has = |live: &Value| values.iter().any(|value| live.is_same(value));
    if today > waiver.expires {
        return Some(Why::Expired);
    }
    let covers = live.is_some_and(|live| waiver.while_live.is_empty() || live.is_covered(has));
    (!covers).then_some(Why::OtherLiveValue)
}

/// Whether a waiver does not expect what is unread for this reason, and why fits.
fn fits_unread(found: &LapsedWaiver<'_>, row: &SettingRow<'_>, reason: UnreadReason, today: Date) -> bool {
    let is_expired = today > found.waiver.expires;
    let expects = found.waiver.unread_reasons.as_ref().is_some_and(|reasons| reasons.contains(&reason));
    let is_meant = reason.holds_for_every_resource() || row.setting.spec().resource == found.waiver.resource;
    match found.why {
        Why::Expired => is_expired,
        Why::OtherReason => !(is_expired || expects && is_meant),
        Why::OtherLiveValue => false,
    }
}

fn check_waiver(waiver: &WaiverFacts<'_>) -> Result<(), String> {
    check_origin(&waiver.origin)?;
    if let Some(reasons) = &waiver.unread_reasons {
        let is_waivable = |reason| UnreadReason::WAIVABLE.contains(reason);
        if reasons.is_empty() || !reasons.iter().all(is_waivable) || !waiver.while_live.is_empty() {
            return Err("`unread_reasons`: a waiver cannot expect that".to_owned());
        }
    }
    // A waiver may be for several settings, and its live values are of any of them. Only words stand without a setting.
    let of_resource = settings().for_resource(waiver.resource);
    let is_named = waiver.while_live_by_setting.is_some();
    let is_unknown = |word: &str| {
        let has =
            |setting: SettingId| setting.parse(word).is_some() && (is_named || !setting.spec().kind.words().is_empty());
        !of_resource.clone().any(has)
    };
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
        if let Some((expected, _)) = row.expected.as_ref().and_then(|by| counts.named.get_mut(&*by.origin)) {
            *expected += 1;
        }
        let is_covered = row.outcome == Outcome::Waived || row.expected.is_some();
        for by in row.lapsed_waivers.iter().filter(|_| !is_covered) {
            if let Some((_, uncovered)) = counts.named.get_mut(&*by.waiver.origin) {
                *uncovered += 1;
            }
        }
    }
    counts.is_selection = view.run.selection.is_some();
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
    if used.became.is_some_and(|became| !used.concerns().contains(&became)) {
        return Err("`became`: it does not fit the state and the counts".to_owned());
    }
    let settings = |outcome: Outcome| {
        let counts = Outcome::ALL.into_iter().zip(counts.outcomes);
        counts.filter(|(of, _)| *of == outcome).map(|(_, count)| count).sum::<usize>()
    };
    let (covered, uncovered) = counts.named.get(&*used.waiver.origin).copied().unwrap_or_default();
    let unread = settings(Outcome::Unread);
    let (coverable, in_sync, unread) = match used.waiver.unread_reasons {
        Some(_) => (unread, settings(Outcome::InSync) + settings(Outcome::Drifted) + settings(Outcome::Waived), 0),
        None => (settings(Outcome::Waived), settings(Outcome::InSync), unread),
    };
    let most_covered = if state == State::Expired { 0 } else { coverable };
    for (field, count, least, most) in [
        ("covered", used.covered, covered, most_covered),
        ("uncovered", used.uncovered, uncovered, uncovered),
        ("in_sync", used.in_sync, 0, in_sync),
        ("unread", used.unread, 0, unread),
        ("not_selected", used.not_selected, 0, 0),
    ] {
        // A selection from a merged report leaves the counts of all its targets.
        let most = if counts.is_selection { usize::MAX } else { most };
        if !(least..=most).contains(&count) {
            return Err(format!("`{field}`: {count} does not fit what is said of the targets"));
        }
    }
    Ok(())
}
