//! From the structs of a saved document to the report model.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::changes::{self, Changes, Resolved};
use super::reading::ReadingFields;
use super::run::{Caller, Run, SelectionResult, Unreached};
use super::sessions::violating;
use super::target::{Overridden, SettingResult, Target, UnreadEvidence, UnreadResult};
use super::waivers::{ExpectedUnread, LapsedWaiver, WaiverResult, WaiverUseResult};
use crate::diagnostic::quote;
use crate::model::{Denial, Evidence, LiveValue, Origin, Resource, TargetSelection, Unread};
use crate::report::json::parse_time;
use crate::report::model::{self, ReusedReadings, RunFacts, RunSelection};
use crate::resource::session_manager_sessions::{ReportedRule, ReportedSessions, SessionCounts, Sessions};
use crate::resource::{NotEnabledEvidence, Outcome, Reading, SettingReading};

type Text = Cow<'static, str>;

/// The run.
///
/// # Errors
///
/// The field that makes no sense.
pub(super) fn run(saved: Run<'static>) -> Result<RunFacts, String> {
    let time_of = |field: &str, text: &str| parse_time(text).map_err(|what| format!("`run.{field}`: {what}"));
    let carried = saved.carried.map(|carried| {
        let read_at = time_of("carried.read_at", &carried.read_at)?;
        Ok::<_, String>(ReusedReadings { readings: carried.readings, read_at, times: Vec::new() })
    });
    let as_of = saved.as_of.map(|text| {
        let day = text.parse::<Date>().ok().filter(|day| day.to_string() == text);
        day.ok_or_else(|| format!("`run.as_of`: \"{}\" is no date such as 2027-03-31", quote(&text)))
    });
    let known_caller = |caller: Caller<'_>| {
        let known = crate::aws::Caller::from_arn(&caller.arn).filter(|known| known.account == caller.account);
        known.ok_or("`run.caller`: its ARN is of no user or role of that account")
    };
    Ok(RunFacts {
        started_at: time_of("started_at", &saved.started_at)?,
        finished_at: time_of("finished_at", &saved.finished_at)?,
        carried: carried.transpose()?,
        snapshot: saved.snapshot.map(|snapshot| time_of("snapshot.taken_at", &snapshot.taken_at)).transpose()?,
        as_of: as_of.transpose()?,
        command: saved.command,
        source: saved.source,
        policy_digest: saved.policy_digest.into_owned(),
        policy_files: saved.policy_files.into_iter().map(Cow::into_owned).collect(),
        settings_file: saved.settings_file.map(Cow::into_owned),
        selection: selection(saved.selection, saved.declared_total)?,
        shard: saved.shard,
        management_account: saved.management_account,
        caller: saved.caller.map(known_caller).transpose()?,
    })
}

fn selection(
    saved: Option<SelectionResult<'static>>,
    declared_total: Option<usize>,
) -> Result<Option<RunSelection>, String> {
    let (saved, declared_total) = match (saved, declared_total) {
        (None, None) => return Ok(None),
        (Some(saved), Some(total)) => (saved, total),
        _ => return Err("`run.selection` and `run.declared_total`: one stands without the other".to_owned()),
    };
    let owned = |items: Vec<Text>| items.into_iter().map(Cow::into_owned).collect();
    match TargetSelection::new(owned(saved.accounts), owned(saved.regions)) {
        Some(items) => Ok(Some(RunSelection { items, declared_total })),
        None => Err("`run.selection`: it selects nothing".to_owned()),
    }
}

/// The target at an index.
///
/// # Errors
///
/// The field that makes no sense.
pub(super) fn target(saved: Target<'static>, index: usize) -> Result<model::Target<'static>, String> {
    let place = format!("`targets[{index}] ({}/{})`", saved.account, quote(&saved.region));
    checked_target(saved).map_err(|what| format!("{place}: {what}"))
}

fn checked_target(saved: Target<'static>) -> Result<model::Target<'static>, String> {
    let region = saved.region.parse().map_err(|_| format!("\"{}\" is no Region", quote(&saved.region)))?;
    let read_at = optional_time("read_at", saved.read_at.as_ref())?;
    let resource = saved.resource;
    let is_whole = saved.unread.is_some();
    let rows = saved.settings.into_iter().map(|saved| {
        let row = row(saved, resource)?;
        // A target that is unread as a whole says so once.
        Ok(if is_whole { model::SettingRow { unread: None, ..row } } else { row })
    });
    let settings: Vec<model::SettingRow<'static>> = rows.collect::<Result<_, String>>()?;
    let whole = saved.unread.clone().map(UnreadResult::into_evidence);
    let place = crate::model::Target::new(saved.resource, saved.account, region);
    let counts = saved.sessions.as_ref().map(|counts| counts.parse()).transpose()?;
    let mut reading = ReadingFields {
        target: &place,
        live: saved.live.as_ref(),
        preferences: saved.preferences.as_ref(),
        sessions: counts.as_ref().map(|counts| reported_sessions(counts, &settings)),
        evidence: saved.evidence.as_ref(),
        unread: whole.as_ref(),
    }
    .reading()?;
    let (mut since, mut mark, mut expected, mut review) = (None, None, None, None);
    match (&mut reading, saved.unread) {
        (Reading::Unread(unread), Some(mut saved)) => {
            since = optional_time("unread.since", saved.since.as_ref())?;
            mark = saved.mark;
            review = saved.review;
            expected = saved.expected.take().map(expectation);
            *unread = unread_in_full(saved.into_evidence());
        }
        (Reading::NotEnabled(NotEnabledEvidence::Answer(answer)), None) => {
            if let Some(saved) = saved.evidence {
                *answer = evidence(saved.code, saved.message, saved.request_id);
            }
        }
        _ => {}
    }
    if let Reading::On(session) = &mut reading {
        session.add_unread(settings.iter().filter_map(|row| Some((row.setting, row.unread.as_deref()?.clone()))));
        let not_applicable = settings.iter().filter(|row| row.outcome == Outcome::NotApplicable);
        session.add(not_applicable.map(|row| (row.setting, SettingReading::NotApplicable)));
    }
    Ok(model::Target {
        resource,
        account: saved.account,
        account_name: saved.account_name,
        account_state: saved.account_state,
        region: place.region,
        outcome: saved.outcome,
        reading: Cow::Owned(reading),
        sessions: counts,
        read_at,
        settings,
        since,
        mark,
        expected,
        review,
    })
}

/// The reading of sessions behind the rules that the report compared.
fn reported_sessions(counts: &SessionCounts, settings: &[model::SettingRow<'_>]) -> Sessions {
    let rule = |row: &model::SettingRow<'_>| {
        let (live, violating) = (LiveValue::parse(row.setting, row.live.as_deref()?)?, row.sessions.clone()?);
        Some(ReportedRule { setting: row.setting, live, violating })
    };
    let rules = settings.iter().filter_map(rule).collect();
    Sessions::Reported(ReportedSessions { counts: counts.clone(), rules })
}

/// Why a target was unread, with the parts of the denial as the report has them: the message may have been cut.
fn unread_in_full(saved: UnreadEvidence<'static>) -> Unread {
    let explicit = saved.message.as_deref().is_some_and(|message| message.contains("explicit deny"));
    let denial = Denial {
        principal: saved.principal.map(Into::into),
        action: saved.action.map(Into::into),
        layer: saved.layer,
        explicit,
        policy_arn: saved.policy_arn.map(Into::into),
    };
    let is_told =
        denial.principal.is_some() || denial.action.is_some() || denial.layer.is_some() || denial.policy_arn.is_some();
    Unread {
        reason: saved.reason,
        denial: is_told.then(|| Arc::new(denial)),
        evidence: evidence(saved.code, saved.message, saved.request_id),
    }
}

/// Evidence as the report has it, of any length.
fn evidence(code: Option<Text>, message: Option<Text>, request_id: Option<Text>) -> Evidence {
    let shared = |text: Option<Text>| text.map(|text| Arc::from(&*text));
    Evidence { code: shared(code), message: shared(message), request_id: shared(request_id) }
}

fn expectation(saved: ExpectedUnread<'static>) -> model::Expectation<'static> {
    let ExpectedUnread { reason, owner, expires, origin } = saved;
    model::Expectation { origin, reason, owner, expires }
}

fn row(saved: SettingResult<'static>, resource: Resource) -> Result<model::SettingRow<'static>, String> {
    let setting = saved.setting.resolve(resource)?;
    let since = optional_time(&format!("{setting}.since"), saved.since.as_ref())?;
    let mut unread = saved.unread;
    let expected = unread.as_mut().and_then(|unread| unread.expected.take());
    let unread = unread.map(UnreadResult::into_evidence);
    let sessions = violating(saved.sessions.as_deref(), saved.sessions_more, saved.sessions_digest.as_deref());
    Ok(model::SettingRow {
        setting,
        desired: saved.desired,
        live: saved.live,
        sessions: sessions.map_err(|what| format!("`{setting}`: {what}"))?,
        outcome: saved.outcome,
        severity: saved.severity,
        origin: saved.origin,
        overridden: saved.overridden.into_iter().map(overridden).collect(),
        waiver: saved.waiver.map(waiver),
        lapsed_waivers: saved.lapsed_waivers.into_iter().map(lapsed).collect(),
        expected: expected.map(expectation),
        unread: unread.map(|unread| Cow::Owned(unread_in_full(unread))),
        since,
        mark: saved.mark,
        review: saved.review,
        base_desired: saved.base_desired,
    })
}

fn overridden(saved: Overridden<'static>) -> model::Overridden<'static> {
    let origin = Origin {
        file: saved.file.into_owned(),
        line: saved.line,
        column: saved.column,
        declaration: saved.declaration.map(Cow::into_owned),
    };
    model::Overridden { origin: Cow::Owned(origin), desired: saved.desired }
}

fn waiver(saved: WaiverResult<'static>) -> model::WaiverFacts<'static> {
    let WaiverResult { resource, origin, reason, owner, expires, while_live, while_live_by_setting, unread_reasons } =
        saved;
    let while_live_by_setting = while_live_by_setting.map(|named| named.for_resource(resource));
    model::WaiverFacts { resource, origin, reason, owner, expires, while_live, while_live_by_setting, unread_reasons }
}

fn lapsed(saved: LapsedWaiver<'static>) -> model::LapsedWaiver<'static> {
    model::LapsedWaiver { waiver: waiver(saved.waiver), why: saved.why }
}

/// The use of a waiver.
pub(super) fn usage(saved: WaiverUseResult<'static>) -> model::WaiverUsage<'static> {
    let WaiverUseResult { waiver: terms, state, covered, uncovered, in_sync, unread, not_selected, became } = saved;
    model::WaiverUsage { waiver: waiver(terms), state, covered, uncovered, in_sync, unread, not_selected, became }
}

/// An account that no declaration reaches.
pub(super) fn unreached(saved: Unreached<'static>) -> model::UnreachedAccount<'static> {
    let Unreached { account, account_name, account_state } = saved;
    model::UnreachedAccount { account, account_name, account_state }
}

/// The changes. The targets tell the `kind` of an ended problem whose entry has none.
///
/// # Errors
///
/// The field that makes no sense.
pub(super) fn changes(saved: Changes, targets: &[model::Target<'_>]) -> Result<model::Changes, String> {
    let list = |name: &str, list: Vec<Resolved>| {
        let each = list.into_iter().enumerate();
        each.map(|(nth, ended)| resolved(ended, targets).map_err(|what| format!("`{name}[{nth}]`: {what}")))
            .collect::<Result<Vec<_>, String>>()
    };
    Ok(model::Changes {
        compared_with: optional_time("compared_with", saved.compared_with.as_ref())?,
        last_notified: optional_time("told_at", saved.told_at.as_ref())?,
        new: saved.new,
        newly_unread: saved.newly_unread.unwrap_or_default(),
        changed: saved.changed,
        persisting: saved.persisting,
        resolved: list("resolved", saved.resolved)?,
        carried: list("carried", saved.carried)?,
        waivers: saved.waivers,
        is_reminder: saved.reminder,
        clock_was_ahead: saved.clock_was_ahead,
    })
}

fn resolved(saved: Resolved, targets: &[model::Target<'_>]) -> Result<model::Resolved, String> {
    let since = parse_time(&saved.since).map_err(|what| format!("`since`: {what}"))?;
    let region = saved.region.parse().map_err(|_| format!("\"{}\" is no Region", quote(&saved.region)))?;
    let Resolved { resource, account, account_name, setting, was, undeclared, kind, waiver_ended, .. } = saved;
    let ended = model::Resolved {
        account,
        account_name,
        region,
        resource,
        setting,
        was,
        since,
        undeclared,
        kind: model::End::default(),
        waiver_ended,
    };
    Ok(model::Resolved { kind: kind.unwrap_or_else(|| changes::kind(&ended, targets)), ..ended })
}

fn optional_time(field: &str, text: Option<&impl AsRef<str>>) -> Result<Option<Timestamp>, String> {
    text.map(|text| parse_time(text.as_ref()).map_err(|what| format!("`{field}`: {what}"))).transpose()
}
