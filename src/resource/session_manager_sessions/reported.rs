//! Sessions as a saved report has them: the rules that it compared, and what it says of each.

use super::{SessionCounts, SessionList, ViolatingSessions};
use crate::model::{DesiredSetting, LiveValue, SettingId, Unread, UnreadReason, Window};
use crate::resource::SettingReading;

/// Reading of the sessions of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sessions {
    /// Every session, as AWS listed them.
    Listed(SessionList),
    /// What an earlier report says of its rules. It does not hold the sessions that keep them.
    Reported(ReportedSessions),
}

/// What an earlier report says of the sessions of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedSessions {
    /// The numbers of sessions.
    pub counts: SessionCounts,
    /// The rules, in rule order.
    pub rules: Box<[ReportedRule]>,
}

/// What an earlier report says of one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedRule {
    /// The rule.
    pub setting: SettingId,
    /// What is live.
    pub live: LiveValue,
    /// The sessions that violate it.
    pub violating: ViolatingSessions,
}

impl Sessions {
    /// What is known of a rule.
    pub fn rule(&self, rule: &DesiredSetting) -> SettingReading {
        match self {
            Self::Listed(list) => list.rule(rule),
            Self::Reported(_) => self.reported(rule.setting).map_or_else(
                || {
                    let message = format!("the earlier report does not say how the sessions keep `{}`", rule.setting);
                    SettingReading::Unread(Unread::local(UnreadReason::NotListed, message).into())
                },
                |known| SettingReading::Known(known.live.clone()),
            ),
        }
    }

    /// The sessions, as AWS listed them; `None` of an earlier report, which does not hold those that keep its rules.
    pub fn listed(&self) -> Option<&SessionList> {
        match self {
            Self::Listed(list) => Some(list),
            Self::Reported(_) => None,
        }
    }

    /// What an earlier report says of a rule, if this is one.
    pub fn reported(&self, setting: SettingId) -> Option<&ReportedRule> {
        match self {
            Self::Listed(_) => None,
            Self::Reported(reported) => reported.rules.iter().find(|rule| rule.setting == setting),
        }
    }

    /// Whether an earlier report says the same of its rules, or the same sessions are listed.
    pub fn says_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Reported(one), Self::Reported(other)) => one.rules == other.rules,
            (one, other) => one == other,
        }
    }

    /// The sessions that violate a rule; `None` if that is not known.
    pub fn violating(&self, rule: &DesiredSetting) -> Option<ViolatingSessions> {
        match self {
            Self::Listed(list) => list.violating(rule),
            Self::Reported(_) => self.reported(rule.setting).map(|known| known.violating.clone()),
        }
    }

    /// The numbers of the sessions that rules with this window are about.
    pub fn counts(&self, window: Option<Window>) -> SessionCounts {
        match self {
            Self::Listed(list) => list.counts(window),
            Self::Reported(reported) => reported.counts.clone(),
        }
    }

    /// Whether it tells of every session that rules with this window are about.
    pub fn covers(&self, window: Option<&Window>) -> bool {
        match self {
            Self::Listed(list) => list.covers(window),
            Self::Reported(reported) => reported.counts.ended_within.as_ref() == window,
        }
    }
}
