//! The drift that stays: blocked changes, and targets that are left alone because they are unread.

use std::borrow::Cow;
use std::sync::Arc;

use crate::drift::{Approval, SettingFinding, TargetFinding};
use crate::model::{
    ChangeMethod, DesiredSetting, LiveValue, Origin, Resource, SettingId, Severity, Target, Unread, UnreadReason,
    Value, Waiver,
};
use crate::resource::session_manager_preferences::{PreferenceDrift, remedy};
use crate::resource::{BlockReason, Change, Outcome, Reading, session_manager_sessions};

/// Drift that no step removes: AWS forbids it, driftline only reports it, or too little is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockedChange {
    /// The target.
    pub target: Target,
    /// The name of its account, if it is known.
    pub account_name: Option<Box<str>>,
    /// The change.
    pub change: DesiredChange,
    /// Why it is blocked.
    pub block_reason: BlockReason,
    /// The same in words.
    pub reason: String,
    /// What a person can do about it.
    pub remediation: String,
}

/// The change that would remove a drift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredChange {
    /// The setting.
    pub setting: SettingId,
    /// What is live, as reports show it; `None` where the setting has no value, or one that AWS chooses.
    pub before: Option<String>,
    /// The value to set; `None` where the policy has none to set, or nothing is set at all.
    pub after: Option<Value>,
    /// The accepted values as reports show them, if there is no value to set; else empty.
    pub desired: Vec<String>,
    /// The severity of the drift; `None` where no declaration asks for the setting.
    pub severity: Option<Severity>,
    /// The declaration behind it.
    pub origin: Option<Origin>,
}

impl DesiredChange {
    /// The change that would remove a drift. Nothing is ever set of sessions: they are judged by rules.
    pub(super) fn for_drift(desired: &DesiredSetting, live: &LiveValue) -> Self {
        let accepted = &desired.decided.accepted;
        let is_settable = desired.setting.spec().resource != Resource::SessionManagerSessions;
        let after = accepted.value_to_set().filter(|_| is_settable);
        Self {
            setting: desired.setting,
            before: Some(live.text().into_owned()),
            desired: if after.is_none() { accepted.texts().map(Cow::into_owned).collect() } else { Vec::new() },
            after,
            severity: Some(desired.severity),
            origin: Some((*desired.decided.origin).clone()),
        }
    }

    /// What is wanted: the value to set, or else the accepted ones.
    pub fn wanted(&self) -> String {
        self.after.as_ref().map_or_else(|| self.desired.join(" or "), Value::to_string)
    }
}

impl From<Change> for DesiredChange {
    fn from(change: Change) -> Self {
        Self {
            setting: change.setting,
            before: change.before.as_ref().map(Value::to_string),
            after: Some(change.after),
            desired: Vec::new(),
            severity: change.severity,
            origin: change.origin,
        }
    }
}

/// What stands in a remedy for a value that the reader chooses.
const PLACEHOLDER: &str = "<VALUE>";

/// A drift that driftline only reports, and the change that would remove it.
struct Reported<'t> {
    finding: SettingFinding<'t>,
    change: DesiredChange,
}

impl Reported<'_> {
    /// The value to set; a placeholder where the policy names none.
    fn value(&self) -> Value {
        self.change.after.clone().unwrap_or_else(|| Value::Text(PLACEHOLDER.into()))
    }

    fn is_latest_accepted(&self) -> bool {
        let accepted = &self.finding.desired.decided.accepted;
        matches!(&self.finding.live, Some(LiveValue::Versions(versions)) if accepted.accepts(&versions.latest))
    }
}

/// The drift of a target that driftline only reports.
pub(super) fn reported(target: &Target, name: Option<&str>, finding: TargetFinding<'_>) -> Vec<BlockedChange> {
    let is_reported = |setting: &SettingFinding<'_>| {
        setting.outcome == Outcome::Drifted && setting.desired.setting.spec().change.is_report_only()
    };
    let drifting = finding.settings().filter(is_reported);
    let drifting = drifting.filter_map(|finding| {
        let change = DesiredChange::for_drift(finding.desired, finding.live.as_ref()?);
        Some(Reported { finding, change })
    });
    let drifting: Vec<Reported<'_>> = drifting.collect();
    let together = remedy_of_all(target, finding.reading, &drifting);
    let blocked = drifting.into_iter().filter_map(|reported| {
        let remediation = match reported.change.setting.spec().change {
            ChangeMethod::ByPlanner => return None,
            ChangeMethod::ReportOnly { remedy } => match finding.reading {
                Reading::Sessions(sessions) => {
                    session_manager_sessions::remedy(target, reported.finding.desired, sessions)
                }
                _ => remedy(target, &reported.value()),
            },
            ChangeMethod::ReportTogether => together.clone()?,
        };
        Some(BlockedChange {
            target: target.clone(),
            account_name: name.map(Into::into),
            remediation: explained(remediation),
            reason: "driftline reports this setting and does not change it".to_owned(),
            block_reason: BlockReason::ReportOnly,
            change: reported.change,
        })
    });
    blocked.collect()
}

/// The one remedy for all drift of a target whose settings are set together.
fn remedy_of_all(target: &Target, reading: &Reading, drifting: &[Reported<'_>]) -> Option<String> {
    let Reading::Preferences(preferences) = reading else { return None };
    let drift = |reported: &Reported<'_>| PreferenceDrift {
        setting: reported.change.setting,
        value: Cow::Owned(reported.value()),
        is_latest_accepted: reported.is_latest_accepted(),
    };
    let drift: Vec<PreferenceDrift<'_>> = drifting.iter().map(drift).collect();
    (!drift.is_empty()).then(|| remedy(target, preferences, &drift))
}

/// A person knows a value that a pattern accepts.
fn explained(remedy: String) -> String {
    if remedy.contains(PLACEHOLDER) {
        format!("{remedy}; write a value that the policy accepts in the place of {PLACEHOLDER}")
    } else {
        remedy
    }
}

/// An unread target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedTarget {
    /// The target.
    pub target: Target,
    /// Whether another of its declared settings is known.
    pub partly: bool,
    /// Why it is unread.
    pub reason: UnreadReason,
    /// AWS's error code, if there was one.
    pub code: Option<Arc<str>>,
    /// The message of AWS or the network.
    pub message: Option<Arc<str>>,
    /// The request id, which AWS Support asks for.
    pub request_id: Option<Arc<str>>,
    /// The waiver that expects it, if one does.
    pub expected: Option<Approval>,
}

impl SkippedTarget {
    pub(super) fn new(target: Target, unread: &Unread, expected: Option<&Arc<Waiver>>, partly: bool) -> Self {
        let evidence = &unread.evidence;
        Self {
            target,
            partly,
            reason: unread.reason,
            code: evidence.code.clone(),
            message: evidence.message.clone(),
            request_id: evidence.request_id.clone(),
            expected: expected.map(|waiver| Approval::from(&**waiver)),
        }
    }
}
