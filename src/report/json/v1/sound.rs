//! Whether a saved report is one that driftline may have written: every text of the type that its field has, and all numbers and
//! outcomes in keeping with each other. Formats write out what stands in a report, so nothing else may.

use std::borrow::Cow;
use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;

use super::head::{CarriedResult, Run};
use super::sound_waivers::{self, of_origin, of_place, of_uses};
use super::target::{Review, SettingResult, Target};
use super::time::{time, time_until};
use super::view::{Targets, View};
use crate::diagnostic::quote;
use crate::drift::{Ledger, overall};
use crate::model::{AccountId, Region, Shard, Value};
use crate::resource::Outcome;
use crate::resource::settings as all_settings;

/// What everything in a report has to fit.
struct Frame {
    finished: Timestamp,
    today: Date,
    shard: Option<Shard>,
    has_base: bool,
}

/// Says what does not fit, with the field that it stands in.
pub(super) fn check(view: &View<'_>) -> Result<(), String> {
    let finished = of_run(&view.run)?;
    let today = view.today().ok_or("`run.as_of`: it is no date")?;
    let frame = Frame { finished, today, shard: view.run.shard, has_base: view.base.is_some() };
    let counted: Ledger = view.targets.iter().map(|target| target.outcome).collect();
    if counted != view.ledger {
        return Err("`ledger`: its ledger does not count its targets".to_owned());
    }
    if view.ledger.verdict() != view.verdict {
        return Err("`verdict`: its verdict is not that of its ledger".to_owned());
    }
    let Targets::Saved(targets) = &view.targets else { return Ok(()) };
    let mut before = None;
    for (nth, target) in targets.iter().enumerate() {
        let key = (target.account, &*target.region);
        let place = || format!("targets[{nth}] ({}/{})", key.0, quote(key.1));
        of_target(target, &frame).map_err(|what| format!("`{}`: {what}", place()))?;
        if before.is_some_and(|before| before >= key) {
            return Err(format!("its targets are not sorted, or {}/{} stands twice", key.0, key.1));
        }
        before = Some(key);
    }
    of_carried(view, targets)?;
    if let Some(lost) = view.unreached.iter().find(|lost| is_elsewhere(&frame, lost.account)) {
        return Err(format!("`unreached_accounts`: {} is not in this shard", lost.account));
    }
    let settings: Vec<&SettingResult<'_>> = targets.iter().flat_map(|target| &target.settings).collect();
    of_uses(view, &settings, today)?;
    // Of each target, the change can have dropped no more settings than there are beside those that it declares.
    let most = targets.len().saturating_mul(all_settings().iter().count()).saturating_sub(settings.len());
    if view.base.as_ref().is_some_and(|base| base.unmanaged > most) {
        return Err("`base.unmanaged`: there are fewer settings".to_owned());
    }
    match &view.changes {
        Some(changes) => changes.check(view, finished).map_err(|what| format!("`changes`: {what}")),
        None => Ok(()),
    }
}

/// The readings that were not made in the run are counted, and the oldest is named.
fn of_carried(view: &View<'_>, targets: &[Target<'_>]) -> Result<(), String> {
    let of = |field: &str, what: &str| Err(format!("`run.carried.{field}`: {what}"));
    let times = || targets.iter().filter_map(|target| target.read_at.as_deref());
    let Some(CarriedResult { readings, read_at }) = &view.run.carried else {
        return match times().next() {
            Some(_) => Err("`run.carried`: it is not there, and targets have a `read_at`".to_owned()),
            None => Ok(()),
        };
    };
    if *readings > targets.len() {
        return of("readings", "there are fewer targets");
    }
    if *readings == 0 {
        return of("readings", "without any there is no `run.carried`");
    }
    match &view.run.snapshot {
        // All are of one time, which the targets do not repeat.
        Some(snapshot) if snapshot.taken_at != *read_at => of("read_at", "it is not when the snapshot was taken"),
        Some(_) if times().next().is_some() => of("readings", "targets of a snapshot have no `read_at`"),
        None if times().count() > *readings => of("readings", "more targets have a `read_at`"),
        None if times().min().is_some_and(|first| first < &**read_at) => of("read_at", "a target has an earlier one"),
        Some(_) | None => Ok(()),
    }
}

/// When the run ended.
fn of_run(run: &Run<'_>) -> Result<Timestamp, String> {
    let in_field = |field: &str, what: String| format!("`run.{field}`: {what}");
    let started = time(&run.started_at).map_err(|what| in_field("started_at", what))?;
    let finished = time(&run.finished_at).map_err(|what| in_field("finished_at", what))?;
    if finished < started {
        return Err("`run.finished_at`: it is before `run.started_at`".to_owned());
    }
    if let Some(carried) = &run.carried {
        time_until(&carried.read_at, finished).map_err(|what| in_field("carried.read_at", what))?;
    }
    if let Some(snapshot) = &run.snapshot {
        time_until(&snapshot.taken_at, finished).map_err(|what| in_field("snapshot.taken_at", what))?;
    }
    let is_date = |day: &str| day.parse::<Date>().is_ok_and(|date| date.to_string() == day);
    if let Some(day) = run.as_of.as_deref().filter(|day| !is_date(day)) {
        return Err(format!("`run.as_of`: \"{}\" is no date such as 2027-03-31", quote(day)));
    }
    if run.command.is_empty() || !run.command.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') {
        return Err(format!("`run.command`: \"{}\" is no command", quote(&run.command)));
    }
    let digits = run.policy_digest.strip_prefix("sha256:").unwrap_or_default();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)) {
        return Err(format!("`run.policy_digest`: \"{}\" is no digest", quote(&run.policy_digest)));
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
    Ok(finished)
}

fn is_elsewhere(frame: &Frame, account: AccountId) -> bool {
    frame.shard.is_some_and(|shard| !shard.has(account))
}

fn of_target(target: &Target<'_>, frame: &Frame) -> Result<(), String> {
    if target.region.parse::<Region>().is_err() {
        return Err(format!("\"{}\" is no Region", quote(&target.region)));
    }
    if is_elsewhere(frame, target.account) {
        return Err("`account`: it is not in this shard".to_owned());
    }
    let timed = |field: &str, text: &Option<Cow<'_, str>>| match text {
        Some(text) => time_until(text, frame.finished).map(drop).map_err(|what| format!("`{field}`: {what}")),
        None => Ok(()),
    };
    timed("read_at", &target.read_at)?;
    let reading = target.reading()?;
    let is_unread = target.unread.is_some();
    if let Some(unread) = &target.unread {
        timed("unread.since", &unread.since)?;
    }
    let mut seen = BTreeSet::new();
    for setting in &target.settings {
        let key = setting.setting.key();
        timed(&format!("{key}.since"), &setting.since)?;
        let live = reading.live_value(setting.setting);
        let live = live.as_ref().map(Value::text);
        of_setting(setting, live.as_deref(), is_unread, frame).map_err(|what| format!("`{key}`: {what}"))?;
        if !seen.insert(key) {
            return Err(format!("`settings`: {key} stands twice"));
        }
    }
    let expected = if is_unread { Outcome::Unread } else { overall(target.settings.iter().map(|one| one.outcome)) };
    if target.outcome != expected {
        let (is, should) = (target.outcome.as_str(), expected.as_str());
        return Err(format!("`outcome`: it is {is}, and what is said of the target makes it {should}"));
    }
    Ok(())
}

fn of_setting(setting: &SettingResult<'_>, live: Option<&str>, is_unread: bool, frame: &Frame) -> Result<(), String> {
    of_words(setting, "desired", &setting.desired)?;
    of_origin(&setting.origin).map_err(|what| format!("`origin`: {what}"))?;
    for (nth, lost) in setting.overridden.iter().enumerate() {
        let field = format!("overridden[{nth}]");
        of_words(setting, &format!("{field}.desired"), &lost.desired)?;
        of_place(lost.line, lost.column).map_err(|what| format!("`{field}`: {what}"))?;
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
    let is_problem = matches!(setting.outcome, Outcome::Drifted | Outcome::Waived);
    if !is_problem && (setting.since.is_some() || setting.mark.is_some()) {
        return Err("`since` or `mark` stands at what is no problem".to_owned());
    }
    let is_drift = setting.outcome == Outcome::Drifted;
    let reviewed = match setting.review {
        None => true,
        Some(Review::Causes | Review::Already) => is_drift,
        Some(Review::Fixes) => !is_drift && !is_unread,
    };
    if !reviewed || (setting.review.is_some() && !frame.has_base) {
        return Err("`review`: it does not fit the outcome, or there is no `base`".to_owned());
    }
    sound_waivers::of_setting(setting, frame.today)
}

/// The words that a declaration accepts: at least one, and of that setting.
fn of_words(setting: &SettingResult<'_>, field: &str, words: &[Cow<'_, str>]) -> Result<(), String> {
    if words.is_empty() {
        return Err(format!("`{field}`: it is empty"));
    }
    match words.iter().find(|word| setting.setting.parse(word).is_none()) {
        Some(word) => Err(format!("`{field}`: the unknown word \"{}\"", quote(word))),
        None => Ok(()),
    }
}
