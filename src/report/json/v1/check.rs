//! Checks that driftline may have written a saved report: all numbers and outcomes agree with each other. Formats write out what
//! stands in a report, so nothing else may.

use std::borrow::Cow;
use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;

use super::changes;
use super::check_waivers::{self, check_origin, check_usages};
use crate::diagnostic::quote;
use crate::drift::{Ledger, overall};
use crate::model::{Accepted, AccountId, LiveValue, Shard, UnreadReason, Value};
use crate::report::json::check_past;
use crate::report::merge::shown;
use crate::report::model::{ReusedReadings, Review, RunFacts, SettingRow, Target, Targets, View, whole_expectation};
use crate::resource::{Outcome, settings};

/// The facts that everything in a report has to agree with.
struct Frame {
    finished: Timestamp,
    today: Date,
    shard: Option<Shard>,
    has_base: bool,
}

/// Checks a report.
///
/// # Errors
///
/// The field that does not fit.
pub(super) fn check(view: &View<'_>) -> Result<(), String> {
    check_run(&view.run)?;
    let today = view.today();
    let frame = Frame { finished: view.run.finished_at, today, shard: view.run.shard, has_base: view.base.is_some() };
    let counted: Ledger = view.ledger_by_resource.values().copied().sum();
    if !view.ledger.shows_same(&counted) {
        return Err("`ledger`: its ledger does not count its targets".to_owned());
    }
    if counted.verdict().with_drift(view.has_carried_drift()) != view.verdict {
        return Err("`verdict`: its verdict is not that of its ledger".to_owned());
    }
    if view.run.selection.as_ref().is_some_and(|selection| selection.declared_total < view.ledger.declared) {
        return Err("`run.declared_total`: more targets are selected".to_owned());
    }
    let Targets::Saved(targets) = &view.targets else { return Ok(()) };
    let mut before = None;
    for (index, target) in targets.iter().enumerate() {
        let key = target.sort_key();
        check_target(target, &frame).map_err(|what| format!("`targets[{index}] ({}/{})`: {what}", key.0, key.1))?;
        if before.is_some_and(|before| before >= key) {
            return Err(format!("its targets are not sorted, or {} stands twice", shown(target)));
        }
        before = Some(key);
    }
    check_carried(view, targets)?;
    if let Some(lost) = view.unreached.iter().find(|lost| is_elsewhere(&frame, lost.account)) {
        return Err(format!("`unreached_accounts`: {} is not in this shard", lost.account));
    }
    let rows: Vec<&SettingRow<'_>> = targets.iter().flat_map(|target| &target.settings).collect();
    check_usages(view, &rows, today)?;
    // Of each target, the change can have dropped no more settings than those that it no longer declares.
    let declarable = targets.iter().map(|target| settings().for_resource(target.resource).count());
    let most = declarable.sum::<usize>().saturating_sub(rows.len());
    if view.base.as_ref().is_some_and(|base| base.counts.unmanaged > most) {
        return Err("`base.counts.unmanaged`: there are fewer settings".to_owned());
    }
    check_base(view, targets)?;
    match &view.changes {
        Some(changes) => changes::check(changes, view, targets).map_err(|what| format!("`changes`: {what}")),
        None if view.waivers.iter().any(|used| used.became.is_some()) => {
            Err("`changes`: it is not there, and waivers have `became`".to_owned())
        }
        None => Ok(()),
    }
}

/// Checks the counts of what a change of the policies does.
fn check_base(view: &View<'_>, targets: &[Target<'_>]) -> Result<(), String> {
    let Some(base) = &view.base else { return Ok(()) };
    let of_target = |target: &Target<'_>| {
        target.review.into_iter().chain(target.settings.iter().filter_map(|row| row.review)).collect::<Vec<_>>()
    };
    let mut reviews: Vec<Review> = targets.iter().flat_map(of_target).collect();
    reviews.sort_unstable();
    let counted = |review: Review| reviews.iter().filter(|found| **found == review).count();
    let unread =
        targets.iter().map(|target| target.settings.iter().filter(|row| row.outcome == Outcome::Unread).count());
    if base.counts.unread > unread.sum() {
        return Err("`base.counts.unread`: fewer settings are unread".to_owned());
    }
    match Review::ALL.into_iter().find(|review| counted(*review) != base.counts.count(*review)) {
        Some(review) => Err(format!("`base.counts`: {} targets or settings have that `review`", counted(review))),
        None => Ok(()),
    }
}

/// Checks the number of the readings from earlier runs, and the time of the oldest.
fn check_carried(view: &View<'_>, targets: &[Target<'_>]) -> Result<(), String> {
    let of = |field: &str, what: &str| Err(format!("`run.carried.{field}`: {what}"));
    let times = || targets.iter().filter_map(|target| target.read_at);
    let Some(ReusedReadings { readings, read_at, .. }) = &view.run.carried else {
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
    match view.run.snapshot {
        // All are of one time, which the targets do not repeat.
        Some(taken_at) if taken_at != *read_at => of("read_at", "it is not when the snapshot was taken"),
        Some(_) if times().next().is_some() => of("readings", "targets of a snapshot have no `read_at`"),
        None if times().count() > *readings => of("readings", "more targets have a `read_at`"),
        None if times().min().is_some_and(|first| first < *read_at) => of("read_at", "a target has an earlier one"),
        Some(_) | None => Ok(()),
    }
}

fn check_run(run: &RunFacts) -> Result<(), String> {
    let past = |field: &str, time| check_past(time, run.finished_at).map_err(|what| format!("`run.{field}`: {what}"));
    if run.finished_at < run.started_at {
        return Err("`run.finished_at`: it is before `run.started_at`".to_owned());
    }
    if let Some(carried) = &run.carried {
        past("carried.read_at", carried.read_at)?;
    }
    if let Some(taken_at) = run.snapshot {
        past("snapshot.taken_at", taken_at)?;
    }
    if run.command.is_empty() || !run.command.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') {
        return Err(format!("`run.command`: \"{}\" is no command", quote(&run.command)));
    }
    let digits = run.policy_digest.strip_prefix("sha256:").unwrap_or_default();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)) {
        return Err(format!("`run.policy_digest`: \"{}\" is no digest", quote(&run.policy_digest)));
    }
    match run.shard.filter(|shard| !shard.exists()) {
        Some(shard) => Err(format!("`run.shard`: there is no shard {shard}")),
        None => Ok(()),
    }
}

fn is_elsewhere(frame: &Frame, account: AccountId) -> bool {
    frame.shard.is_some_and(|shard| !shard.has(account))
}

fn check_target(target: &Target<'_>, frame: &Frame) -> Result<(), String> {
    if is_elsewhere(frame, target.account) {
        return Err("`account`: it is not in this shard".to_owned());
    }
    let past = |field: &str, time: Option<Timestamp>| {
        let checked = time.map_or(Ok(()), |time| check_past(time, frame.finished));
        checked.map_err(|what| format!("`{field}`: {what}"))
    };
    past("read_at", target.read_at)?;
    past("sessions.read_at", target.sessions.as_ref().map(|sessions| sessions.read_at))?;
    let expected = whole_expectation(&target.settings).filter(|_| target.unread().is_some());
    if target.expected.as_ref() != expected {
        return Err("`unread.expected`: it is not what is said of its settings".to_owned());
    }
    let whole = target.unread().map(|unread| unread.reason);
    let fits_review = match target.review {
        None => true,
        Some(Review::Accepts) => false,
        Some(Review::Waives) => whole.is_some() && expected.is_some(),
        Some(Review::Causes | Review::Already) => whole.is_some() && expected.is_none(),
    };
    if !fits_review || (target.review.is_some() && !frame.has_base) {
        return Err("`unread.review`: it does not fit the outcome, or there is no `base`".to_owned());
    }
    past("unread.since", target.since)?;
    let mut seen = BTreeSet::new();
    for row in &target.settings {
        let key = row.setting.key();
        past(&format!("{key}.since"), row.since)?;
        let live = target.reading.live(row.setting);
        check_row(row, live.as_ref(), whole, frame).map_err(|what| format!("`{key}`: {what}"))?;
        if !seen.insert(key) {
            return Err(format!("`settings`: {key} stands twice"));
        }
    }
    let expected =
        if whole.is_some() { Outcome::Unread } else { overall(target.settings.iter().map(|row| row.outcome)) };
    if target.outcome != expected {
        let (is, should) = (target.outcome.as_str(), expected.as_str());
        return Err(format!("`outcome`: it is {is}, and what is said of the target makes it {should}"));
    }
    Ok(())
}

fn check_row(
    row: &SettingRow<'_>,
    live: Option<&LiveValue>,
    whole: Option<UnreadReason>,
    frame: &Frame,
) -> Result<(), String> {
    check_values(row, "desired", &row.desired)?;
    if !row.base_desired.is_empty() {
        check_values(row, "base_desired", &row.base_desired)?;
    }
    check_origin(&row.origin).map_err(|what| format!("`origin`: {what}"))?;
    for (nth, lost) in row.overridden.iter().enumerate() {
        let field = format!("overridden[{nth}]");
        check_values(row, &format!("{field}.desired"), &lost.desired)?;
        check_origin(&lost.origin).map_err(|what| format!("`{field}`: {what}"))?;
    }
    if row.live != live.map(LiveValue::text) {
        return Err("its live value is not that of the target".to_owned());
    }
    let accepted: Accepted = row.desired.iter().filter_map(|item| row.setting.parse_item(item)).collect();
    let is_accepted = live.is_some_and(|live| live.is_accepted(&accepted));
    check_sessions(row, live)?;
    let unread = whole.or(row.unread.as_ref().map(|unread| unread.reason));
    let is_unread = unread.is_some();
    let fits = match row.outcome {
        Outcome::InSync => is_accepted,
        Outcome::Drifted | Outcome::Waived => live.is_some() && !is_accepted,
        Outcome::Unread => is_unread,
        Outcome::NotApplicable => !is_unread && live.is_none(),
    };
    if !fits || is_unread != (row.outcome == Outcome::Unread) {
        return Err(format!("it cannot be {}", row.outcome.as_str()));
    }
    let is_finding = matches!(row.outcome, Outcome::Drifted | Outcome::Waived) || row.unread.is_some();
    if !is_finding && (row.since.is_some() || row.mark.is_some()) {
        return Err("`since` or `mark` stands at what is no problem".to_owned());
    }
    let is_unread_alone = row.unread.is_some();
    let fits_review = match row.review {
        None => true,
        Some(Review::Causes | Review::Already) => {
            row.outcome == Outcome::Drifted || (is_unread_alone && row.expected.is_none())
        }
        Some(Review::Waives) => row.outcome == Outcome::Waived || (is_unread_alone && row.expected.is_some()),
        Some(Review::Accepts) => matches!(row.outcome, Outcome::InSync | Outcome::NotApplicable),
    } && (row.base_desired.is_empty() || row.review == Some(Review::Accepts));
    if !fits_review || (row.review.is_some() && !frame.has_base) {
        return Err("`review`: it does not fit the outcome, or there is no `base`".to_owned());
    }
    check_waivers::check_row(row, live, unread, frame.today)
}

/// Checks that the sessions that violate a rule are as many as its live value says.
fn check_sessions(row: &SettingRow<'_>, live: Option<&LiveValue>) -> Result<(), String> {
    let Some(found) = &row.sessions else { return Ok(()) };
    let listed = found.sessions.len() + found.more;
    let fits = match live {
        Some(LiveValue::Sessions(count)) => count.violating == listed,
        // The number itself violates the rule, or no session does.
        Some(LiveValue::One(Value::Number(number))) => listed == 0 || u32::try_from(listed) == Ok(*number),
        _ => false,
    };
    let is_sorted = found.sessions.is_sorted_by(|one, other| one.id < other.id);
    if fits && is_sorted { Ok(()) } else { Err("`sessions`: they are not those of its live value".to_owned()) }
}

/// Checks the accepted values of a declaration: at least one, and all of that setting.
fn check_values(row: &SettingRow<'_>, field: &str, values: &[Cow<'_, str>]) -> Result<(), String> {
    if values.is_empty() {
        return Err(format!("`{field}`: it is empty"));
    }
    match values.iter().find(|value| row.setting.parse_item(value).is_none()) {
        Some(value) => Err(format!("`{field}`: the unknown word \"{}\"", quote(value))),
        None => Ok(()),
    }
}
