//! The rules behind results, with ids that are stable and never reused.

use sha2::{Digest as _, Sha256};

use super::remediation::{Remediation, fix_for_drift};
use crate::model::{AccountId, SettingId, UnreadReason};
use crate::resource::settings;

/// A rule: a setting that drifts, or a reason for being unread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// A setting drifts.
    Drift(SettingId),
    /// A target could not be read.
    Unread(UnreadReason),
}

impl Rule {
    /// Every rule, in the order of their ids.
    pub fn all() -> impl Iterator<Item = Self> {
        settings().iter().map(Self::Drift).chain(UnreadReason::ALL.into_iter().map(Self::Unread))
    }

    /// The id. An id is never given to another rule.
    pub fn id(self) -> &'static str {
        match self {
            Self::Drift(setting) => setting.spec().rule,
            Self::Unread(UnreadReason::Denied) => "DL9001",
            Self::Unread(UnreadReason::RoleNotAssumable) => "DL9002",
            Self::Unread(UnreadReason::WrongAccount) => "DL9003",
            Self::Unread(UnreadReason::RegionOff) => "DL9004",
            Self::Unread(UnreadReason::BadCredentials) => "DL9005",
            Self::Unread(UnreadReason::Throttled) => "DL9006",
            Self::Unread(UnreadReason::Unreachable) => "DL9007",
            Self::Unread(UnreadReason::Unintelligible) => "DL9008",
            Self::Unread(UnreadReason::Deadline) => "DL9009",
            Self::Unread(UnreadReason::Interrupted) => "DL9010",
            Self::Unread(UnreadReason::Contradicted) => "DL9011",
            Self::Unread(UnreadReason::NotListed) => "DL9012",
        }
    }

    /// The title, in a few words.
    pub fn title(self) -> String {
        match self {
            Self::Drift(setting) => {
                let whose = setting.spec().resource.possessive();
                format!("The {whose} {} is not as the policy wants it", setting.key())
            }
            Self::Unread(reason) => format!("The target could not be read: {}", reason.as_str()),
        }
    }

    /// The explanation, in whole sentences.
    pub fn explanation(self) -> String {
        match self {
            Self::Drift(setting) => format!(
                "The live value of the {} {} is none of those that the policy accepts.",
                setting.spec().resource.possessive(),
                setting.key()
            ),
            Self::Unread(reason) => format!(
                "Nothing is known of the target: {}. That is neither in sync nor drift.",
                Remediation::new(reason).meaning
            ),
        }
    }

    /// The page in Markdown: what the rule is about, what it means that it is broken, and the fix.
    pub fn page(self) -> String {
        let (subject, facts) = match self {
            Self::Drift(setting) => {
                let spec = setting.spec();
                let facts = format!(
                    "- Resource: `{}`\n- Setting: `{}`\n\n{}\n\n## Fix\n\n{}",
                    spec.resource,
                    spec.key,
                    spec.meaning,
                    self.help()
                );
                (spec.key, facts)
            }
            Self::Unread(reason) => {
                let word = reason.as_str();
                let waivers = if UnreadReason::WAIVABLE.contains(&reason) {
                    format!("A waiver can expect this reason for a while: `unread: [{word}]`.")
                } else {
                    "No waiver can expect this reason: it goes away by itself, or is a fault to repair.".to_owned()
                };
                let fix = self.help();
                let pages = "[How driftline reads](../../explanation/reading.md) has the evidence behind each reason.";
                (word, format!("## Fix\n\n{fix}\n\n## Waivers\n\n{waivers} {pages}"))
            }
        };
        format!("# `{}`: `{subject}`\n\n{}\n\n{facts}\n", self.id(), self.explanation())
    }

    /// The fix, whatever the target.
    pub fn help(self) -> &'static str {
        match self {
            Self::Drift(setting) => fix_for_drift(setting),
            Self::Unread(reason) => Remediation::new(reason).fix,
        }
    }
}

/// The identity of a result about a setting or a target as a whole, in hexadecimal digits. It holds no values, lines or names, so that
/// it survives an edited or moved policy line and another live value.
pub(super) fn identity(rule: Rule, account: AccountId, region: &str, subject: &str) -> String {
    let mut digest = Sha256::new();
    for part in [rule.id(), &account.to_string(), region, subject] {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    digest.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        use std::fmt::Write as _;
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::resource::macie_session::{FREQUENCY, STATUS};

    #[test]
    fn ids_are_unique_and_stay_what_they_are() {
        let ids: Vec<&str> = Rule::all().map(Rule::id).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
        let known = "DL1001 DL1002 DL1003 DL1004 DL1005 DL1006 DL1007 DL1008 DL1009 DL1010 DL1011 DL1012 DL1013 DL1014 DL1015 DL1016 \
             DL2001 DL2002 DL2003 DL2004 DL2005 DL2006 DL2007 DL2008 DL2009 DL2010 DL2011 DL2012 DL2013 \
             DL3001 DL3002 DL3003 DL3004 DL3005 DL3006 DL3007 DL3008 DL3009 \
             DL9001 DL9002 DL9003 DL9004 DL9005 DL9006 DL9007 DL9008 DL9009 DL9010 DL9011 DL9012";
        assert_eq!(ids.join(" "), known);
    }

    #[test]
    fn an_identity_is_of_rule_and_place_alone() {
        let account = "111122223333".parse().expect("an id");
        let drift = |setting: SettingId, region| identity(Rule::Drift(setting), account, region, setting.key());
        let status = drift(STATUS.id(), "eu-west-1");
        assert_eq!(status.len(), 64);
        assert_ne!(status, drift(STATUS.id(), "eu-west-2"));
        assert_ne!(status, drift(FREQUENCY.id(), "eu-west-1"));
        assert_eq!(status, drift(STATUS.id(), "eu-west-1"));
    }
}
