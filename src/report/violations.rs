//! Sessions that violate a rule, one a line. They hold personal data: only the formats for the people behind a check, and for
//! programs that keep evidence, name them. All others count.

use super::escape::{self, terminal};
use super::messages::pluralize;
use super::model::{SettingRow, whole_seconds};
use crate::resource::session_manager_sessions::ViolatingSession;

/// The sessions of a rule in lines, as many as are named, and one for the number of the others. Escaped for text.
pub(super) fn violations(row: &SettingRow<'_>, named: usize) -> Vec<String> {
    let Some(found) = &row.sessions else { return Vec::new() };
    let mut lines: Vec<String> = found.sessions.iter().take(named).map(line).collect();
    let more = found.sessions.len().saturating_sub(named) + found.more;
    if more > 0 {
        lines.push(format!("and {}", pluralize(more, "more session")));
    }
    lines
}

/// `timmy-01cd54a0c8322733a: Standard, arn:aws:iam::123456789012:user/timmy on i-0123, 2026-11-28T02:14:00Z to 2026-11-28T02:20:00Z`.
fn line(session: &ViolatingSession) -> String {
    let owner = session.owner.as_deref().unwrap_or("an unknown owner");
    let target = session.target.as_deref().unwrap_or("an unknown node");
    let is_new = |value: &&str| ![session.owner.as_deref(), session.target.as_deref()].contains(&Some(*value));
    let value =
        session.value.as_deref().filter(is_new).map_or_else(String::new, |value| format!("{}, ", escape::value(value)));
    let [started_at, ended_at] = [session.started_at, session.ended_at].map(|time| time.map(whole_seconds));
    let time = match (started_at, ended_at) {
        (Some(start), Some(end)) => format!(", {start} to {end}"),
        (Some(start), None) => format!(", since {start}"),
        (None, Some(end)) => format!(", up to {end}"),
        (None, None) => String::new(),
    };
    terminal(&format!("{}: {value}{owner} on {target}{time}", session.id)).into_owned()
}
