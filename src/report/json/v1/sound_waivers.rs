//! Whether what a saved report says of its waivers fits what it says of its settings.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::target::SettingResult;
use super::view::View;
use super::waivers::{State, WaiverResult, WaiverUseResult, Why};
use crate::diagnostic::quote;
use crate::model::{ENDING_WITHIN_DAYS, Origin};
use crate::resource::Outcome;
use crate::resource::settings;

/// How often something stands in the targets.
#[derive(Default)]
struct Tally<'a> {
    outcomes: [usize; Outcome::ALL.len()],
    /// By the place of a waiver: the settings that name it as what covers them, and the drifts that it does not cover.
    named: BTreeMap<&'a Origin, (usize, usize)>,
}

/// The waivers of one setting.
pub(super) fn of_setting(setting: &SettingResult<'_>, today: Date) -> Result<(), String> {
    if setting.waiver.is_some() != (setting.outcome == Outcome::Waived) {
        return Err("a waiver stands at what is not waived, or none at what is".to_owned());
    }
    if let Some(waiver) = &setting.waiver {
        of_waiver(waiver)?;
        if let Some(why) = lapsed(waiver, setting, today) {
            return Err(match why {
                Why::Expired => format!("`waiver.expires`: its waiver has expired on {}", waiver.expires),
                Why::OtherLiveValue => "`waiver.while_live`: its waiver is for another live value".to_owned(),
            });
        }
    }
    if !setting.lapsed_waivers.is_empty() && !matches!(setting.outcome, Outcome::Drifted | Outcome::Waived) {
        return Err("`lapsed_waivers`: only a drift has any".to_owned());
    }
    for (nth, found) in setting.lapsed_waivers.iter().enumerate() {
        of_waiver(&found.waiver)?;
        if lapsed(&found.waiver, setting, today) != Some(found.why) {
            return Err(format!("`lapsed_waivers[{nth}]`: its `why` does not fit the waiver"));
        }
    }
    Ok(())
}

/// Why a waiver does not cover a drift, if it does not.
fn lapsed(waiver: &WaiverResult<'_>, setting: &SettingResult<'_>, today: Date) -> Option<Why> {
    let is_for = |live: &str| waiver.while_live.is_empty() || waiver.while_live.iter().any(|word| word == live);
    if today > waiver.expires {
        return Some(Why::Expired);
    }
    (!setting.live.as_deref().is_some_and(is_for)).then_some(Why::OtherLiveValue)
}

fn of_waiver(waiver: &WaiverResult<'_>) -> Result<(), String> {
    of_origin(&waiver.origin)?;
    // A waiver may be for several settings, and its live values are of any of them.
    let is_unknown = |word: &str| settings().iter().all(|setting| setting.parse(word).is_none());
    match waiver.while_live.iter().find(|word| is_unknown(word)) {
        Some(word) => Err(format!("`while_live`: the unknown word \"{}\"", quote(word))),
        None => Ok(()),
    }
}

/// Lines and columns count from 1.
pub(super) fn of_origin(origin: &Origin) -> Result<(), String> {
    of_place(origin.line, origin.column)
}

/// The same of what has no origin of its own.
pub(super) fn of_place(line: u32, column: u32) -> Result<(), String> {
    if line == 0 || column == 0 { Err("its `line` or `column` is 0".to_owned()) } else { Ok(()) }
}

/// The waivers of the policies.
pub(super) fn of_uses(view: &View<'_>, settings: &[&SettingResult<'_>], today: Date) -> Result<(), String> {
    let mut tally = Tally::default();
    for used in &view.waivers {
        if tally.named.insert(&used.waiver.origin, (0, 0)).is_some() {
            return Err(format!("`waivers`: the one at {} stands twice", quote(&used.waiver.origin.to_string())));
        }
    }
    for setting in settings {
        for (outcome, count) in Outcome::ALL.iter().zip(&mut tally.outcomes) {
            *count += usize::from(*outcome == setting.outcome);
        }
        if let Some((covered, _)) = setting.waiver.as_ref().and_then(|by| tally.named.get_mut(&*by.origin)) {
            *covered += 1;
        }
        for by in setting.lapsed_waivers.iter().filter(|_| setting.outcome == Outcome::Drifted) {
            if let Some((_, uncovered)) = tally.named.get_mut(&*by.waiver.origin) {
                *uncovered += 1;
            }
        }
    }
    for (nth, used) in view.waivers.iter().enumerate() {
        of_use(used, &tally, today).map_err(|what| format!("`waivers[{nth}]`: {what}"))?;
    }
    Ok(())
}

fn of_use(used: &WaiverUseResult<'_>, tally: &Tally<'_>, today: Date) -> Result<(), String> {
    of_waiver(&used.waiver)?;
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
        let counts = Outcome::ALL.into_iter().zip(tally.outcomes);
        counts.filter(|(of, _)| *of == outcome).map(|(_, count)| count).sum::<usize>()
    };
    let (covered, uncovered) = tally.named.get(&*used.waiver.origin).copied().unwrap_or_default();
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
