//! An account's place among the Macie accounts of a Region: it decides which account may change what.

use crate::model::{AccountId, Unread};

/// An account's place among the Macie accounts of a Region.
///
/// Source: Amazon Macie User Guide, "Administrator and member account relationships".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MembershipRole {
    /// It changes itself: no other account administers it.
    Standalone,
    /// The same, but that AWS does not tell whether its organization has an administrator.
    StandaloneAsFarAsKnown,
    /// It accepted an administrator's invitation, and still pauses, resumes and disables itself.
    InvitedMember {
        /// Its administrator.
        administrator: AccountId,
    },
    /// It is a member through AWS Organizations: only its administrator changes its status.
    OrganizationMember {
        /// Its administrator.
        administrator: AccountId,
    },
    /// It administers others.
    Administrator {
        /// How many accounts are associated with it.
        members: usize,
    },
    /// Macie is not enabled in it, and its organization has an administrator, which enables it as a member.
    Candidate {
        /// The organization's Macie administrator.
        administrator: AccountId,
        /// The email address of the account, which CreateMember asks for.
        email: Box<str>,
        /// Whether Macie is enabled in the administrator itself in the Region, and not paused: elsewhere it adds nobody.
        administrator_is_on: bool,
    },
}

/// What must be known of a target before a change of its status can be planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MembershipContext {
    /// The account's place.
    pub standing: Result<MembershipRole, Unread>,
    /// How many classification jobs are not finished, where a pause or the end of the session would cancel them.
    pub unfinished_jobs: Option<Result<usize, Unread>>,
}

/// What is to happen to the status of a target, as far as that decides what must be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatusTransition {
    /// There is no session, and there is to be one.
    Enabling,
    /// A session is to be resumed.
    Resuming,
    /// A session is to be paused, or to be no more.
    Ending,
}
