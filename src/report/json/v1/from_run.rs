//! From the findings of a run to the document's parts.

use std::borrow::Cow;

use jiff::Timestamp;

use super::head::{Caller, CarriedResult, Run, SnapshotFacts, Tool, Unreached};
use super::target::{Basis, EvidenceResult, Live, Overridden, SettingResult, Target, UnreadResult};
use super::waivers::{LapsedWaiver, State, WaiverResult, WaiverUseResult, Why};
use crate::drift::{SettingFinding, TargetFinding, WaiverState, WaiverUse};
use crate::model::{Account, AccountId, Candidate, Evidence, Inventory, Unread, Waiver, WaiverMatch};
use crate::report::{BaseComparison, RunFacts};
use crate::resource::macie_session::Status;
use crate::resource::{CompactTimestamp, ListedSession, NotApplicable, NotEnabledEvidence, Reading};

pub(in crate::report) fn tool() -> Tool<'static> {
    Tool { name: env!("CARGO_PKG_NAME").into(), version: env!("CARGO_PKG_VERSION").into() }
}

pub(super) fn run(run: &RunFacts) -> Run<'_> {
    Run {
        command: run.command.into(),
        started_at: seconds(run.started_at),
        finished_at: seconds(run.finished_at),
        source: run.source,
        policy_digest: run.policy_digest.as_str().into(),
        policy_files: run.policy_files.iter().map(|file| file.as_str().into()).collect(),
        settings_file: borrowed(run.settings_file.as_deref()),
        as_of: run.as_of.map(|day| day.to_string().into()),
        shard: run.shard,
        carried: run
            .carried
            .as_ref()
            .map(|carried| CarriedResult { readings: carried.readings, read_at: seconds(carried.read_at) }),
        snapshot: run.snapshot.map(|taken_at| SnapshotFacts { taken_at: seconds(taken_at) }),
        management_account: run.management_account,
        caller: run.caller.as_ref().map(caller),
    }
}

pub(in crate::report) fn caller(caller: &crate::aws::Caller) -> Caller<'_> {
    Caller { account: caller.account, arn: (&*caller.arn).into() }
}

pub(super) fn unreached(account: &Account) -> Unreached<'_> {
    Unreached { account: account.id, account_name: borrowed(account.name.as_deref()), account_state: account.state }
}

pub(super) fn target<'a>(
    finding: TargetFinding<'a>,
    accounts: &'a Inventory,
    base: Option<&BaseComparison>,
) -> Target<'a> {
    let account = accounts.account(finding.desired.account);
    Target {
        account: finding.desired.account,
        account_name: borrowed(account.and_then(|account| account.name.as_deref())),
        account_state: account.and_then(|account| account.state),
        region: finding.desired.region.as_str().into(),
        outcome: finding.outcome,
        live: live(finding.reading),
        read_at: None,
        settings: finding
            .settings()
            .map(|found| SettingResult { review: base.and_then(|base| base.review(finding, &found)), ..setting(found) })
            .collect(),
        unread: unread(finding.reading),
        evidence: known_by(finding.reading),
    }
}

pub(in crate::report) fn unread(reading: &Reading) -> Option<UnreadResult<'_>> {
    match reading {
        Reading::Unread(unread) => Some(unread_result(unread)),
        Reading::On(_) | Reading::Listed(_) | Reading::NotEnabled(_) | Reading::NotApplicable(_) => None,
    }
}

pub(in crate::report) fn live(reading: &Reading) -> Option<Live<'_>> {
    match reading {
        Reading::On(session) => Some(Live {
            status: session.status.as_status().as_str().into(),
            finding_publishing_frequency: Some(session.frequency.as_str().into()),
            service_role: borrowed(session.service_role.as_deref()),
            created_at: session.created_at.map(CompactTimestamp::timestamp).map(seconds),
            updated_at: session.updated_at.map(CompactTimestamp::timestamp).map(seconds),
            note: borrowed(session.note.as_deref()),
        }),
        Reading::Listed(session) => Some(status_alone(session.status.as_status())),
        Reading::NotEnabled(_) => Some(status_alone(Status::NotEnabled)),
        Reading::NotApplicable(_) | Reading::Unread(_) => None,
    }
}

/// A status of which nothing else is known, or of which there is nothing else.
fn status_alone(status: Status) -> Live<'static> {
    Live {
        status: status.as_str().into(),
        finding_publishing_frequency: None,
        service_role: None,
        created_at: None,
        updated_at: None,
        note: None,
    }
}

fn setting(finding: SettingFinding<'_>) -> SettingResult<'_> {
    let wish = finding.wish;
    SettingResult {
        setting: wish.setting,
        desired: words(&wish.decided),
        live: finding.live.as_ref().map(|value| value.text().into_owned().into()),
        outcome: finding.outcome,
        severity: wish.severity,
        origin: Cow::Borrowed(&*wish.decided.origin),
        overridden: wish.overridden.iter().map(overridden).collect(),
        waiver: finding.waiver.map(|waiver| waiver_result(waiver)),
        lapsed_waivers: finding.lapsed().map(lapsed).collect(),
        since: None,
        mark: None,
        review: None,
    }
}

fn words(contender: &Candidate) -> Vec<Cow<'_, str>> {
    contender.accepted.texts().collect()
}

fn overridden(contender: &Candidate) -> Overridden<'_> {
    let origin = &contender.origin;
    Overridden {
        file: origin.file.as_str().into(),
        line: origin.line,
        column: origin.column,
        declaration: borrowed(origin.declaration.as_deref()),
        desired: words(contender),
    }
}

pub(in crate::report) fn unread_result(unread: &Unread) -> UnreadResult<'_> {
    let denial = unread.denial.as_deref();
    UnreadResult {
        reason: unread.reason,
        code: borrowed(unread.evidence.code.as_deref()),
        message: borrowed(unread.evidence.message.as_deref()),
        request_id: borrowed(unread.evidence.request_id.as_deref()),
        action: borrowed(denial.and_then(|denial| denial.action.as_deref())),
        principal: borrowed(denial.and_then(|denial| denial.principal.as_deref())),
        layer: denial.and_then(|denial| denial.layer),
        policy_arn: borrowed(denial.and_then(|denial| denial.policy_arn.as_deref())),
        since: None,
        mark: None,
    }
}

pub(in crate::report) fn known_by(reading: &Reading) -> Option<EvidenceResult<'_>> {
    let alone =
        |basis| Some(EvidenceResult { basis, code: None, message: None, request_id: None, administrator: None });
    match reading {
        Reading::NotEnabled(NotEnabledEvidence::Answer(Evidence { code, message, request_id })) => {
            Some(EvidenceResult {
                basis: Basis::Answer,
                code: borrowed(code.as_deref()),
                message: borrowed(message.as_deref()),
                request_id: borrowed(request_id.as_deref()),
                administrator: None,
            })
        }
        Reading::NotEnabled(NotEnabledEvidence::RegionOff) | Reading::NotApplicable(NotApplicable::RegionOff) => {
            alone(Basis::RegionOff)
        }
        Reading::NotApplicable(NotApplicable::RegionOffInferred) => alone(Basis::RegionOffInferred),
        Reading::Listed(ListedSession { administrator, .. }) => Some(listed(Basis::Listed, *administrator)),
        Reading::NotEnabled(NotEnabledEvidence::RegionOffListed(administrator))
        | Reading::NotApplicable(NotApplicable::RegionOffListed(administrator)) => {
            Some(listed(Basis::RegionOffListed, *administrator))
        }
        Reading::NotEnabled(NotEnabledEvidence::NoMacieInRegion)
        | Reading::NotApplicable(NotApplicable::NoMacieInRegion) => alone(Basis::NoMacieInRegion),
        Reading::On(_) | Reading::Unread(_) => None,
    }
}

/// What Macie's administrator says in its list of members.
fn listed(basis: Basis, administrator: AccountId) -> EvidenceResult<'static> {
    EvidenceResult { basis, code: None, message: None, request_id: None, administrator: Some(administrator) }
}

fn waiver_result(waiver: &Waiver) -> WaiverResult<'_> {
    WaiverResult {
        origin: Cow::Borrowed(&waiver.origin),
        reason: (&*waiver.reason).into(),
        owner: borrowed(waiver.owner.as_deref()),
        expires: waiver.expires,
        while_live: waiver.while_live.iter().map(|(_, value)| value.text()).collect(),
    }
}

fn lapsed((waiver, cover): (&std::sync::Arc<Waiver>, WaiverMatch)) -> LapsedWaiver<'_> {
    let why = if cover == WaiverMatch::Expired { Why::Expired } else { Why::OtherLiveValue };
    LapsedWaiver { waiver: waiver_result(waiver), why }
}

/// A waiver with what became of it.
pub(super) fn used(used: &WaiverUse) -> WaiverUseResult<'_> {
    WaiverUseResult {
        waiver: waiver_result(&used.waiver),
        state: match used.state {
            WaiverState::Active => State::Active,
            WaiverState::Ending(_) => State::Ending,
            WaiverState::Expired(_) => State::Expired,
        },
        covered: used.covered,
        uncovered: used.uncovered,
        in_sync: used.in_sync,
        unread: used.unread,
    }
}

fn borrowed(text: Option<&str>) -> Option<Cow<'_, str>> {
    text.map(Cow::Borrowed)
}

/// UTC, RFC 3339, whole seconds; the fraction is cut off, so that no time lies in the future.
pub(in crate::report) fn seconds(moment: Timestamp) -> Cow<'static, str> {
    Timestamp::from_second(moment.as_second()).unwrap_or(moment).to_string().into()
}
