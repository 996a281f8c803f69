//! What a result is about, in words that are stable and never used for anything else.

use sha2::{Digest as _, Sha256};

use crate::model::{AccountId, SettingId, UnreadReason};
use crate::resource::settings;

/// What a result is about: a setting that drifts, or a reason for which nothing is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// A setting is not as wanted.
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

    /// What it is about, in a few words.
    pub fn title(self) -> String {
        match self {
            Self::Drift(setting) => format!("The Macie session's {} is not as the policy wants it", setting.key()),
            Self::Unread(reason) => format!("The Macie session could not be read: {}", reason.as_str()),
        }
    }

    /// What it is about, in whole sentences.
    pub fn explanation(self) -> String {
        match self {
            Self::Drift(setting) => format!(
                "The live value of the Macie session's {} is none of those that the policy accepts.",
                setting.key()
            ),
            Self::Unread(reason) => format!(
                "Nothing is known of the Macie session: {}. That is neither in sync nor drift.",
                match reason {
                    UnreadReason::Denied => "a policy does not allow the call",
                    UnreadReason::RoleNotAssumable => "the role in the account could not be assumed",
                    UnreadReason::WrongAccount => "the credentials belong to another account",
                    UnreadReason::RegionOff =>
                        "the Region seems to be off for the account, and that could not be made sure",
                    UnreadReason::BadCredentials => "the token has expired or is unknown to AWS",
                    UnreadReason::Throttled => "AWS asked to slow down until the retries were used up",
                    UnreadReason::Unreachable => "no answer came, or AWS reported a fault of its own",
                    UnreadReason::Unintelligible => "the answer made no sense",
                    UnreadReason::Deadline => "the time limit of the run came first",
                    UnreadReason::Interrupted => "the run was interrupted first",
                    UnreadReason::Contradicted => "Macie's administrator and the account itself say different things",
                    UnreadReason::NotListed =>
                        "who was to be asked in the place of the account, Macie's administrator or a snapshot, does not tell it",
                }
            ),
        }
    }

    /// What a reader can do, whatever the target.
    pub fn help(self) -> &'static str {
        match self {
            Self::Drift(_) => {
                "Let `driftline plan` show what would change, and `driftline apply` change it; or correct the declaration, or \
                 declare a waiver with a reason and a last day."
            }
            Self::Unread(UnreadReason::Denied) => {
                "Allow `macie2:GetMacieSession` to the role; `driftline iam-policy` prints what it needs."
            }
            Self::Unread(UnreadReason::RoleNotAssumable | UnreadReason::WrongAccount) => {
                "Check that the role exists in the account, and that its trust policy lets the caller assume it."
            }
            Self::Unread(UnreadReason::RegionOff) => "Allow `account:ListRegions` to the role, which tells for sure.",
            Self::Unread(UnreadReason::BadCredentials) => "Renew the credentials, then run again.",
            Self::Unread(UnreadReason::Throttled) => "Run again later, or with a lower `[limits] concurrency`.",
            Self::Unread(UnreadReason::Unreachable) => "Check network, DNS and proxy for the Region, then run again.",
            Self::Unread(UnreadReason::Unintelligible) => {
                "Check whether something else answers in the place of AWS; if not, use a newer driftline."
            }
            Self::Unread(UnreadReason::Deadline) => "Raise `[limits] deadline` or `[limits] concurrency`.",
            Self::Unread(UnreadReason::Interrupted) => "Run again and let it finish.",
            Self::Unread(UnreadReason::Contradicted) => "Run again in some minutes, or with `--reader direct`.",
            Self::Unread(UnreadReason::NotListed) => "Run with `--reader auto`, or take the snapshot anew.",
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
    use crate::resource::macie_session::{FREQUENCY, STATUS};

    #[test]
    fn ids_are_unique_and_stay_what_they_are() {
        let ids: Vec<&str> = Rule::all().map(Rule::id).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
        let known = "DL1001 DL1002 DL9001 DL9002 DL9003 DL9004 DL9005 DL9006 DL9007 DL9008 DL9009 DL9010 DL9011 DL9012";
        assert_eq!(ids.join(" "), known);
    }

    #[test]
    fn an_identity_is_of_rule_and_place_alone() {
        let account = "111122223333".parse().expect("an id");
        let status = Rule::Drift(STATUS.id()).identity(account, "eu-west-1");
        assert_eq!(status.len(), 64);
        assert_ne!(status, Rule::Drift(STATUS.id()).identity(account, "eu-west-2"));
        assert_ne!(status, Rule::Drift(FREQUENCY.id()).identity(account, "eu-west-1"));
        assert_eq!(status, Rule::Drift(STATUS.id()).identity(account, "eu-west-1"));
    }
}
