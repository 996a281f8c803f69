//! What to do about a violated rule, which depends on the sessions that violate it.

use super::settings::end_sessions;
use super::{SessionList, SessionRule, Sessions, ViolatingSessions};
use crate::model::{Accepted, AcceptedItem, DesiredSetting, LiveValue, Target, Value};
use crate::resource::{ReadBy, Setting, SettingReading};

/// What to do where the rule `count` is violated by too few sessions.
const TOO_FEW: &str = "there are fewer sessions than the rule wants, and ending one does not help: have sessions started, or change the rule";

/// What to do about a rule of a target that its sessions violate. Ending a session helps only if an active one violates the rule,
/// and never where there are too few.
///
/// Source: Systems Manager API Reference, DescribeSessions: AWS keeps ended sessions for 30 days.
pub fn remedy(target: &Target, rule: &DesiredSetting, sessions: &Sessions) -> String {
    if wants_more(rule, sessions) {
        return TOO_FEW.to_owned();
    }
    if violates_while_active(rule, sessions) {
        return end_sessions(target);
    }
    let window =
        rule.ended_within().map_or_else(String::new, |window| format!(" {window} after the last of them ended"));
    format!(
        "no active session violates the rule, so the drift ends by itself{window}; change who may start sessions, or the rule"
    )
}

/// Whether the rule counts sessions, and accepts more of them only.
fn wants_more(rule: &DesiredSetting, sessions: &Sessions) -> bool {
    let is_count =
        matches!(Setting::for_id(rule.setting).map(|setting| setting.read), Some(ReadBy::Sessions(SessionRule::Count)));
    match sessions.rule(rule) {
        SettingReading::Known(LiveValue::One(Value::Number(count))) if is_count => {
            !accepts_fewer(&rule.decided.accepted, count)
        }
        _ => false,
    }
}

/// Whether a number below this one is accepted.
fn accepts_fewer(accepted: &Accepted, count: u32) -> bool {
    accepted.items().iter().any(|item| match item {
        AcceptedItem::AtMost(_) => true,
        AcceptedItem::AtLeast(least) => *least < count,
        AcceptedItem::Value(Value::Number(number)) => *number < count,
        _ => false,
    })
}

/// Whether an active session is among those that violate a rule. An earlier report names only the first of them.
fn violates_while_active(rule: &DesiredSetting, sessions: &Sessions) -> bool {
    if let Some(list) = sessions.listed() {
        return SessionList::violates_while_active(list, rule);
    }
    let is_active =
        |found: ViolatingSessions| found.more > 0 || found.sessions.iter().any(|session| session.ended_at.is_none());
    sessions.counts(rule.ended_within()).active > 0 && sessions.violating(rule).is_some_and(is_active)
}
