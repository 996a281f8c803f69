//! What an organization knows of an account.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_yaml::Spanned;

use crate::account_id::AccountId;

use super::error::Contradiction;

/// When accounts joined of which the file does not say: 2025-01-01T00:00:00Z.
const JOINED: Timestamp = Timestamp::constant(1_735_689_600, 0);

/// Name and fate of an account.
#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) state: State,
    pub(crate) joined: Timestamp,
}

/// Where an account is in its life.
///
/// Source: AWS Organizations User Guide, "Monitor the state of your AWS accounts".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum State {
    PendingActivation,
    #[default]
    Active,
    Suspended,
    PendingClosure,
    Closed,
}

/// A profile as written, out of the keys of an account.
pub(super) struct WrittenProfile {
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) state: Option<State>,
    /// The older key for one of the states.
    pub(super) suspended: Option<Spanned<bool>>,
    pub(super) joined: Option<Timestamp>,
}

impl State {
    /// The word for it in `State`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::PendingActivation => "PENDING_ACTIVATION",
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
            Self::PendingClosure => "PENDING_CLOSURE",
            Self::Closed => "CLOSED",
        }
    }

    /// The word for it in the retired `Status`, which has fewer.
    ///
    /// Source: AWS Cloud Operations Blog on account state: ACTIVE need not be activated, SUSPENDED may be closed.
    pub(crate) fn as_status(self) -> &'static str {
        match self {
            Self::PendingActivation | Self::Active => "ACTIVE",
            Self::Suspended | Self::Closed => "SUSPENDED",
            Self::PendingClosure => "PENDING_CLOSURE",
        }
    }

    /// Whether AWS has suspended the account, for a while or for good.
    pub(crate) fn is_suspended(self) -> bool {
        matches!(self, Self::Suspended | Self::Closed)
    }

    /// Whether anybody can work in the account. One that is to be closed "remains functional" until it is.
    pub(crate) fn is_usable(self) -> bool {
        matches!(self, Self::Active | Self::PendingClosure)
    }
}

impl Profile {
    /// What an organization knows of an account of which nothing but its tags is told.
    pub(super) fn new(id: AccountId, tags: BTreeMap<String, String>) -> Self {
        Self {
            name: format!("account-{id}"),
            email: format!("aws+{id}@example.com"),
            tags,
            state: State::default(),
            joined: JOINED,
        }
    }
}

impl WrittenProfile {
    pub(super) fn check(self, id: AccountId) -> Result<Profile, Contradiction> {
        let state = match (self.state, self.suspended) {
            (Some(state), Some(suspended)) if suspended.value != (state == State::Suspended) => {
                let cause = format!("suspended: {} contradicts state: {}", suspended.value, state.as_str());
                return Err(Contradiction { at: suspended.referenced, cause });
            }
            (Some(state), _) => state,
            (None, Some(suspended)) if suspended.value => State::Suspended,
            (None, _) => State::default(),
        };
        let Profile { name, email, tags, joined, .. } = Profile::new(id, self.tags);
        Ok(Profile {
            name: self.name.unwrap_or(name),
            email: self.email.unwrap_or(email),
            tags,
            state,
            joined: self.joined.unwrap_or(joined),
        })
    }
}
