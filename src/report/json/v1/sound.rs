//! Whether a saved report is one that driftline may have written: every text of the type that its field has, and all numbers and
//! outcomes in keeping with each other. Formats write out what stands in a report, so nothing else may.

use jiff::Timestamp;
use jiff::civil::Date;

use super::head::Run;
use super::target::{SettingResult, Target};
use super::view::View;
use crate::diagnostic::quotable;
use crate::drift::{Ledger, overall};
use crate::model::{Region, Setting, SettingValue};
use crate::report::{Changes, Gone, Mark, problems};
use crate::session::Outcome;

/// A time as driftline writes it.
///
/// # Errors
///
/// If it is none.
pub(super) fn time(text: &str) -> Result<Timestamp, String> {
    let none = || format!("\"{}\" is no time such as 2027-03-31T12:00:00Z", quotable(text));
    // Other spellings of a time, such as with the name of a zone, would go into formats that do not know them.
    let is_plain = text.ends_with('Z') && text.bytes().all(|byte| byte.is_ascii_digit() || b"-:.TZ".contains(&byte));
    if is_plain { text.parse().map_err(|_| none()) } else { Err(none()) }
}

/// Says what does not fit, with the field that it stands in.
pub(super) fn check(view: &View<'_>) -> Result<(), String> {
    of_run(&view.run)?;
    let counted: Ledger = view.targets.iter().map(|target| target.outcome).collect();
    if counted != view.ledger {
        return Err("`ledger`: its ledger does not count its targets".to_owned());
    }
    if view.ledger.verdict() != view.verdict {
        return Err("`verdict`: its verdict is not that of its ledger".to_owned());
    }
    if view.run.carried.as_ref().is_some_and(|carried| carried.readings > view.ledger.declared) {
        return Err("`run.carried.readings`: there are fewer targets".to_owned());
    }
    let mut before = None;
    for (nth, target) in view.targets.iter().enumerate() {
        let key = (target.account, target.region.clone().into_owned());
        let place = || format!("targets[{nth}] ({}/{})", key.0, quotable(&key.1));
        of_target(&target).map_err(|what| format!("`{}`: {what}", place()))?;
        if before.as_ref().is_some_and(|before| *before >= key) {
            return Err(format!("its targets are not sorted, or {}/{} stands twice", key.0, key.1));
        }
        before = Some(key);
    }
    match &view.changes {
        Some(changes) => of_changes(changes, view).map_err(|what| format!("`changes`: {what}")),
        None => Ok(()),
    }
}

fn of_run(run: &Run<'_>) -> Result<(), String> {
    let timed = |field: &str, text: &str| time(text).map(drop).map_err(|what| format!("`run.{field}`: {what}"));
    timed("started_at", &run.started_at)?;
    timed("finished_at", &run.finished_at)?;
    if let Some(carried) = &run.carried {
        timed("carried.read_at", &carried.read_at)?;
    }
    if let Some(snapshot) = &run.snapshot {
        timed("snapshot.taken_at", &snapshot.taken_at)?;
    }
    if let Some(day) = run.as_of.as_deref().filter(|day| day.len() != 10 || day.parse::<Date>().is_err()) {
        return Err(format!("`run.as_of`: \"{}\" is no date such as 2027-03-31", quotable(day)));
    }
    if run.command.is_empty() || !run.command.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') {
        return Err(format!("`run.command`: \"{}\" is no command", quotable(&run.command)));
    }
    let digits = run.policy_digest.strip_prefix("sha256:").unwrap_or_default();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)) {
        return Err(format!("`run.policy_digest`: \"{}\" is no digest", quotable(&run.policy_digest)));
    }
    if let Some(shard) = run.shard.filter(|shard| !shard.exists()) {
        return Err(format!("`run.shard`: there is no shard {shard}"));
    }
    if let Some(caller) = &run.caller {
        let known = crate::aws::Caller::from_arn(&caller.arn);
        if known.is_none_or(|known| known.account != caller.account) {
            return Err("`run.caller`: its ARN is of no user or role of that account".to_owned());
        }
    }
    Ok(())
}

fn of_target(target: &Target<'_>) -> Result<(), String> {
    if target.region.parse::<Region>().is_err() {
        return Err(format!("\"{}\" is no Region", quotable(&target.region)));
    }
    let timed = |field: &str, text: &Option<std::borrow::Cow<'_, str>>| match text {
        Some(text) => time(text).map(drop).map_err(|what| format!("`{field}`: {what}")),
        None => Ok(()),
    };
    timed("read_at", &target.read_at)?;
    let reading = target.reading()?;
    let is_unread = target.unread.is_some();
    if let Some(unread) = &target.unread {
        timed("unread.since", &unread.since)?;
    }
    for setting in &target.settings {
        let key = setting.setting.key();
        timed(&format!("{key}.since"), &setting.since)?;
        let live = reading.live_value(setting.setting).map(SettingValue::as_str);
        of_setting(setting, live, is_unread).map_err(|what| format!("`{key}`: {what}"))?;
    }
    let expected = if is_unread { Outcome::Unread } else { overall(target.settings.iter().map(|one| one.outcome)) };
    if target.outcome != expected {
        let (is, should) = (target.outcome.as_str(), expected.as_str());
        return Err(format!("`outcome`: it is {is}, and what is said of the target makes it {should}"));
    }
    Ok(())
}

fn of_setting(setting: &SettingResult<'_>, live: Option<&str>, is_unread: bool) -> Result<(), String> {
    let lost = setting.overridden.iter().flat_map(|lost| &lost.desired);
    let waived = setting.waiver.iter().chain(setting.lapsed_waivers.iter().map(|lapsed| &lapsed.waiver));
    let words = setting.desired.iter().chain(lost).chain(waived.flat_map(|waiver| &waiver.while_live));
    for word in words {
        if Setting::ALL.into_iter().all(|setting| setting.value(word).is_none()) {
            return Err(format!("the unknown word \"{}\"", quotable(word)));
        }
    }
    if setting.live.as_deref() != live {
        return Err("its live value is not that of the target".to_owned());
    }
    let is_accepted = live.is_some_and(|live| setting.desired.iter().any(|word| word == live));
    let fits = match setting.outcome {
        Outcome::InSync => is_accepted,
        Outcome::Drifted | Outcome::Waived => live.is_some() && !is_accepted,
        Outcome::Unread => is_unread,
        Outcome::NotApplicable => !is_unread && live.is_none(),
    };
    if !fits || is_unread != (setting.outcome == Outcome::Unread) {
        return Err(format!("it cannot be {}", setting.outcome.as_str()));
    }
    if setting.waiver.is_some() != (setting.outcome == Outcome::Waived) {
        return Err("a waiver stands at what is not waived, or none at what is".to_owned());
    }
    Ok(())
}

fn of_changes(changes: &Changes, view: &View<'_>) -> Result<(), String> {
    for text in changes.compared_with.iter().chain(&changes.told_at) {
        time(text)?;
    }
    let (mut new, mut otherwise, mut persisting) = (0, 0, 0);
    for problem in problems(view) {
        match problem.mark() {
            Some(Mark::Changed) => otherwise += 1,
            Some(Mark::Persisting) => persisting += 1,
            Some(Mark::New) | None => new += 1,
        }
    }
    if (new, otherwise, persisting) != (changes.new, changes.changed, changes.persisting) {
        return Err("it does not count what is new, changed and persisting".to_owned());
    }
    changes.resolved.iter().chain(&changes.carried).try_for_each(of_gone)
}

fn of_gone(gone: &Gone) -> Result<(), String> {
    time(&gone.since)?;
    if gone.region.parse::<Region>().is_err() {
        return Err(format!("\"{}\" is no Region", quotable(&gone.region)));
    }
    let is_setting = Setting::ALL.into_iter().any(|setting| setting.key() == gone.setting);
    if !is_setting && gone.setting != crate::report::SESSION {
        return Err(format!("\"{}\" is no setting", quotable(&gone.setting)));
    }
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    if gone.was.split(' ').count() != 2 || !gone.was.split(' ').all(is_word) {
        return Err(format!("\"{}\" is nothing that a target can have been", quotable(&gone.was)));
    }
    Ok(())
}
