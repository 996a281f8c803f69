//! From the report model to the structs of the document.

use std::borrow::Cow;

use super::by_setting::BySetting;
use super::changes::{Changes, Resolved};
use super::reading::{evidence, live, preferences, unread};
use super::run::{Caller, CarriedResult, Run, SelectionResult, SnapshotFacts, Unreached};
use super::sessions::{SessionCounts, ViolatingSession};
use super::target::{Overridden, SettingResult, Target, UnreadResult};
use super::waivers::{ExpectedUnread, LapsedWaiver, WaiverResult, WaiverUseResult};
use crate::model::TargetSelection;
use crate::report::model::{self, RunFacts};

impl<'m> From<&'m RunFacts> for Run<'m> {
    fn from(run: &'m RunFacts) -> Self {
        let carried = |carried: &model::ReusedReadings| CarriedResult {
            readings: carried.readings,
            read_at: carried.read_at.to_string().into(),
        };
        Self {
            command: (&*run.command).into(),
            started_at: run.started_at.to_string().into(),
            finished_at: run.finished_at.to_string().into(),
            source: run.source,
            policy_digest: run.policy_digest.as_str().into(),
            policy_files: run.policy_files.iter().map(Into::into).collect(),
            settings_file: run.settings_file.as_deref().map(Into::into),
            as_of: run.as_of.map(|day| day.to_string().into()),
            selection: run.selection.as_ref().map(|selection| SelectionResult::from(&selection.items)),
            declared_total: run.selection.as_ref().map(|selection| selection.declared_total),
            shard: run.shard,
            carried: run.carried.as_ref().map(carried),
            snapshot: run.snapshot.map(|taken_at| SnapshotFacts { taken_at: taken_at.to_string().into() }),
            management_account: run.management_account,
            caller: run.caller.as_ref().map(Caller::from),
        }
    }
}

impl<'m> From<&'m TargetSelection> for SelectionResult<'m> {
    fn from(selection: &'m TargetSelection) -> Self {
        let items = |items: &'m [String]| items.iter().map(Into::into).collect();
        Self { accounts: items(selection.accounts()), regions: items(selection.regions()) }
    }
}

impl<'m> From<&'m crate::aws::Caller> for Caller<'m> {
    fn from(caller: &'m crate::aws::Caller) -> Self {
        Self { account: caller.account, arn: (&*caller.arn).into() }
    }
}

impl<'m> From<&'m model::UnreachedAccount<'_>> for Unreached<'m> {
    fn from(found: &'m model::UnreachedAccount<'_>) -> Self {
        let account_name = found.account_name.as_deref().map(Into::into);
        Self { account: found.account, account_name, account_state: found.account_state }
    }
}

impl<'m> From<&'m model::Target<'_>> for Target<'m> {
    fn from(target: &'m model::Target<'_>) -> Self {
        let row = |row: &'m model::SettingRow<'_>| SettingResult {
            unread: row.unread.as_deref().or(target.unread()).map(|reason| UnreadResult {
                expected: row.expected.as_ref().map(ExpectedUnread::from),
                ..UnreadResult::from_evidence(unread(reason))
            }),
            ..row.into()
        };
        Self {
            resource: target.resource,
            account: target.account,
            account_name: target.account_name.as_deref().map(Into::into),
            account_state: target.account_state,
            region: target.region.as_str().into(),
            outcome: target.outcome,
            live: live(&target.reading),
            preferences: preferences(target.resource, &target.reading),
            sessions: target.sessions.as_ref().map(SessionCounts::from),
            read_at: target.read_at.map(|time| time.to_string().into()),
            settings: target.settings.iter().map(row).collect(),
            unread: target.unread().map(|reason| UnreadResult {
                since: target.since.map(|time| time.to_string().into()),
                mark: target.mark,
                expected: target.expected.as_ref().map(ExpectedUnread::from),
                review: target.review,
                ..UnreadResult::from_evidence(unread(reason))
            }),
            evidence: evidence(&target.reading),
        }
    }
}

impl<'m> From<&'m model::SettingRow<'_>> for SettingResult<'m> {
    fn from(row: &'m model::SettingRow<'_>) -> Self {
        let overridden = |lost: &'m model::Overridden<'_>| Overridden {
            file: lost.origin.file.as_str().into(),
            line: lost.origin.line,
            column: lost.origin.column,
            declaration: lost.origin.declaration.as_deref().map(Into::into),
            desired: texts(&lost.desired),
        };
        Self {
            setting: row.setting.into(),
            desired: texts(&row.desired),
            live: row.live.as_deref().map(Into::into),
            sessions: row.sessions.as_ref().map(|found| found.sessions.iter().map(ViolatingSession::from).collect()),
            sessions_more: row.sessions.as_ref().map(|found| found.more),
            sessions_digest: row.sessions.as_ref().map(|found| (&*found.digest).into()),
            outcome: row.outcome,
            severity: row.severity,
            origin: Cow::Borrowed(&*row.origin),
            overridden: row.overridden.iter().map(overridden).collect(),
            waiver: row.waiver.as_ref().map(WaiverResult::from),
            unread: None,
            lapsed_waivers: row.lapsed_waivers.iter().map(LapsedWaiver::from).collect(),
            since: row.since.map(|time| time.to_string().into()),
            mark: row.mark,
            review: row.review,
            base_desired: texts(&row.base_desired),
        }
    }
}

impl<'m> From<&'m model::WaiverFacts<'_>> for WaiverResult<'m> {
    fn from(waiver: &'m model::WaiverFacts<'_>) -> Self {
        Self {
            resource: waiver.resource,
            origin: Cow::Borrowed(&*waiver.origin),
            reason: (&*waiver.reason).into(),
            owner: waiver.owner.as_deref().map(Into::into),
            expires: waiver.expires,
            while_live: texts(&waiver.while_live),
            while_live_by_setting: waiver
                .while_live_by_setting
                .as_ref()
                .map(|named| BySetting(named.iter().map(|(setting, values)| (*setting, texts(values))).collect())),
            unread_reasons: waiver.unread_reasons.clone(),
        }
    }
}

impl<'m> From<&'m model::Expectation<'_>> for ExpectedUnread<'m> {
    fn from(waiver: &'m model::Expectation<'_>) -> Self {
        Self {
            reason: (&*waiver.reason).into(),
            owner: waiver.owner.as_deref().map(Into::into),
            expires: waiver.expires,
            origin: Cow::Borrowed(&*waiver.origin),
        }
    }
}

impl<'m> From<&'m model::LapsedWaiver<'_>> for LapsedWaiver<'m> {
    fn from(lapsed: &'m model::LapsedWaiver<'_>) -> Self {
        Self { waiver: (&lapsed.waiver).into(), why: lapsed.why }
    }
}

impl<'m> From<&'m model::WaiverUsage<'_>> for WaiverUseResult<'m> {
    fn from(used: &'m model::WaiverUsage<'_>) -> Self {
        Self {
            waiver: (&used.waiver).into(),
            state: used.state,
            covered: used.covered,
            uncovered: used.uncovered,
            in_sync: used.in_sync,
            unread: used.unread,
            not_selected: used.not_selected,
            became: used.became,
        }
    }
}

impl From<&model::Changes> for Changes {
    fn from(changes: &model::Changes) -> Self {
        Self {
            compared_with: changes.compared_with.map(|time| time.to_string()),
            new: changes.new,
            newly_unread: Some(changes.newly_unread),
            changed: changes.changed,
            persisting: changes.persisting,
            resolved: changes.resolved.iter().map(Resolved::from).collect(),
            carried: changes.carried.iter().map(Resolved::from).collect(),
            waivers: changes.waivers,
            reminder: changes.is_reminder,
            told_at: changes.last_notified.map(|time| time.to_string()),
            clock_was_ahead: changes.clock_was_ahead,
        }
    }
}

impl From<&model::Resolved> for Resolved {
    fn from(ended: &model::Resolved) -> Self {
        Self {
            resource: ended.resource,
            account: ended.account,
            account_name: ended.account_name.clone(),
            region: ended.region.to_string(),
            setting: ended.setting.clone(),
            was: ended.was.clone(),
            since: ended.since.to_string(),
            undeclared: ended.undeclared,
            kind: Some(ended.kind),
            waiver_ended: ended.waiver_ended,
        }
    }
}

fn texts<'m>(values: &'m [Cow<'_, str>]) -> Vec<Cow<'m, str>> {
    values.iter().map(|value| Cow::Borrowed(&**value)).collect()
}
