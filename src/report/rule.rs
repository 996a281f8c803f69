//! What a result is about, in words that are stable and never used for anything else.

use sha2::{Digest as _, Sha256};

use crate::model::{AccountId, Setting, UnreadReason};

/// What a result is about: a setting that drifts, or a reason for which nothing is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// A setting is not as wanted.
    Drift(Setting),
    /// A target could not be read.
    Unread(UnreadReason),
}

impl Rule {
    /// Every rule, in the order of their ids.
    pub fn all() -> impl Iterator<Item = Self> {
        Setting::ALL.into_iter().map(Self::Drift).chain(UnreadReason::ALL.into_iter().map(Self::Unread))
    }

    /// The id. An id is never given to another rule.
    pub fn id(self) -> &'static str {
        match self {
            Self::Drift(Setting::Status) => "DL1001",
            Self::Drift(Setting::FindingPublishingFrequency) => "DL1002",
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
        }
    }

    /// What it is about, in a few words.
    pub fn title(self) -> String {
        match self {
            Self::Drift(setting) => format!("The Macie session's {} is not as the policy wants it", setting.key()),
            Self::Unread(reason) => format!("The Macie session could not be read: {}", reason.as_str()),
        }
    }

    /// The part of the result's identity that says what of the target it is about: a setting, or the session as a whole.
    pub fn subject(self) -> &'static str {
        match self {
            Self::Drift(setting) => setting.key(),
            Self::Unread(_) => "session",
        }
    }

    /// The identity of a result, in hexadecimal digits. It holds no values, lines or names, so that editing or moving a policy
    /// line, or another live value, does not make another result of it.
    pub fn identity(self, account: AccountId, region: &str) -> String {
        let mut digest = Sha256::new();
        for part in [self.id(), &account.to_string(), region, self.subject()] {
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
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_stay_what_they_are() {
        let ids: Vec<&str> = Rule::all().map(Rule::id).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
        let known = "DL1001 DL1002 DL9001 DL9002 DL9003 DL9004 DL9005 DL9006 DL9007 DL9008 DL9009 DL9010";
        assert_eq!(ids.join(" "), known);
    }

    #[test]
    fn an_identity_is_of_rule_and_place_alone() {
        let account = "111122223333".parse().expect("an id");
        let status = Rule::Drift(Setting::Status).identity(account, "eu-west-1");
        assert_eq!(status.len(), 64);
        assert_ne!(status, Rule::Drift(Setting::Status).identity(account, "eu-west-2"));
        assert_ne!(status, Rule::Drift(Setting::FindingPublishingFrequency).identity(account, "eu-west-1"));
        assert_eq!(status, Rule::Drift(Setting::Status).identity(account, "eu-west-1"));
    }
}
