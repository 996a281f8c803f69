//! The rules about Session Manager sessions: the fields of a session, and the number of sessions.

use super::{SessionRule, property};
use crate::model::{ChangeMethod, Resource, SettingId, SettingKind, SettingSpec, Target, TextForm, Value};
use crate::resource::{ReadBy, Setting};

/// What the rules have in common.
///
/// Source: Systems Manager API Reference, `Session`: names, types and words.
const RULE: SettingSpec = SettingSpec {
    resource: Resource::SessionManagerSessions,
    key: "",
    rule: "",
    summary: "",
    meaning: "",
    kind: SettingKind::Text(TextForm::Pattern),
    in_member_list: false,
    has_bare_waiver_words: false,
    absent: None,
    needs_resource: None,
    read_actions: &[],
    change: ChangeMethod::ReportOnly { remedy: |target, _| end_sessions(target) },
    other_names: &[],
    other_words: &[],
};

const STATUSES: &[&str] = &["Connected", "Connecting", "Disconnected", "Terminated", "Terminating", "Failed"];

/// The rule `access_type`.
pub static ACCESS_TYPE: Setting = Setting {
    spec: SettingSpec {
        key: "access_type",
        rule: "DL3001",
        summary: "How access to the node was given.",
        meaning: "How access to the node was given: Standard, JustInTime, or UNSET where AWS says nothing. A list: any of its values is fine.",
        kind: SettingKind::Word(&["Standard", "JustInTime", Value::UNSET]),
        other_names: &["accessType"],
        other_words: &[("just_in_time", "JustInTime"), ("jit", "JustInTime")],
        ..RULE
    },
    read: ReadBy::Sessions(SessionRule::Each(property::access_type)),
};

/// The rule `document_name`.
pub static DOCUMENT_NAME: Setting = Setting {
    spec: SettingSpec {
        key: "document_name",
        rule: "DL3002",
        summary: "The document that the session was started with.",
        meaning: "The document that the session was started with, or UNSET for a session that was started without one. Such a session is never taken for one with the default document.",
        other_names: &["document", "documentName"],
        ..RULE
    },
    read: ReadBy::Sessions(SessionRule::Each(property::document_name)),
};

/// The rule `max_session_duration`.
pub static MAX_SESSION_DURATION: Setting = Setting {
    spec: SettingSpec {
        key: "max_session_duration",
        rule: "DL3003",
        summary: "The minutes after which the session ends.",
        meaning: "The minutes after which the session ends: 1 to 1440, a bound, SET, or UNSET for no limit.",
        kind: SettingKind::Minutes { least: 1, most: 1440 },
        other_names: &["maxSessionDuration"],
        ..RULE
    },
    read: ReadBy::Sessions(SessionRule::Each(property::max_session_duration)),
};

/// The rule `owner`.
pub static OWNER: Setting = Setting {
    spec: SettingSpec {
        key: "owner",
        rule: "DL3004",
        summary: "The principal that started the session.",
        meaning: "The ARN of the principal that started the session.",
        other_names: &["principal", "user"],
        ..RULE
    },
    read: ReadBy::Sessions(SessionRule::Each(property::owner)),
};

/// The rule `reason`.
pub static REASON: Setting = Setting {
    spec: SettingSpec {
        key: "reason",
        rule: "DL3005",
        summary: "The reason that was given for the session.",
        meaning: "The reason that was given for the session; SET for any, UNSET for none.",
        other_names: &["why"],
        ..RULE
    },
    read: ReadBy::Sessions(SessionRule::Each(property::reason)),
};

/// The rule `status`.
pub static STATUS: Setting = Setting {
    spec: SettingSpec {
        key: "status",
        rule: "DL3006",
        summary: "The status of the session.",
        meaning: "The status of the session: Connected, Connecting, Disconnected, Terminated, Terminating or Failed. A list: any of its values is fine.",
        kind: SettingKind::Word(STATUSES),
        other_names: &["state"],
        ..RULE
    },
    read: ReadBy::Sessions(SessionRule::Each(property::status)),
};

/// The rule `target`.
pub static TARGET: Setting = Setting {
    spec: SettingSpec {
        key: "target",
        rule: "DL3007",
        summary: "The node that the session is on.",
        meaning: "The node that the session is on: an EC2 instance (i-…), another managed node (mi-…) or a task (ecs:…).",
        other_names: &["instance", "node"],
        ..RULE
    },
    read: ReadBy::Sessions(SessionRule::Each(property::target)),
};

/// The rule `duration`.
pub static DURATION: Setting = Setting {
    spec: SettingSpec {
        key: "duration",
        rule: "DL3008",
        summary: "The minutes from the start of the session to its end.",
        meaning: "The minutes from the start of the session to its end, or to the reading while it is active: a whole number or a bound.",
        kind: SettingKind::Amount { least: 0, most: 525_600 },
        other_names: &["length"],
        ..RULE
    },
    read: ReadBy::Sessions(SessionRule::Each(property::duration)),
};

/// The rule `count`.
pub static COUNT: Setting = Setting {
    spec: SettingSpec {
        key: "count",
        rule: "DL3009",
        summary: "The number of sessions.",
        meaning: "The number of sessions: a whole number or a bound.",
        kind: SettingKind::Amount { least: 0, most: 1_000_000 },
        other_names: &["number", "sessions"],
        ..RULE
    },
    read: ReadBy::Sessions(SessionRule::Count),
};

static ENDED_WITHIN_SPEC: SettingSpec = SettingSpec {
    key: "ended_within",
    rule: "DL3000",
    summary: "How long ago the sessions ended that the rules are about.",
    meaning: "How long ago the ended sessions ended that the rules are about, beside the active ones: a number of minutes, hours or days up to 30d. Left out: active sessions only.",
    kind: SettingKind::Window,
    other_names: &["window", "history", "since"],
    ..RULE
};

/// The parameter `ended_within`: which ended sessions the rules of a target are about.
pub static ENDED_WITHIN: SettingId = SettingId::new(&ENDED_WITHIN_SPEC);

/// What to do about active sessions that violate a rule.
///
/// Source: Systems Manager API Reference, TerminateSession.
pub(super) fn end_sessions(target: &Target) -> String {
    let Target { account, region, .. } = target;
    format!(
        "end an active session that violates the rule: `aws ssm terminate-session --session-id <its id> --region {region}`, with credentials of {account}; change who may start sessions, or the rule"
    )
}
