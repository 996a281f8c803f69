//! An account of the world.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Deserialize;

use crate::account_id::AccountId;
use crate::operation::Operation;
use crate::region::{ByRegion, Region};
use crate::world::policy::{Denial, Permissions};
use crate::world::session::{FurtherSettings, SessionConfig, Sessions, is_enabled};
use crate::world::session_manager::SessionManager;

/// An account.
#[derive(Debug)]
pub(crate) struct Account {
    /// The roles that may be assumed, with path and without a leading slash; `None` allows any.
    pub(crate) roles: Option<BTreeSet<String>>,
    pub(crate) external_id: Option<String>,
    pub(crate) profile: Profile,
    /// The id of the root or unit that directly contains the account; `None` outside the organization.
    pub(crate) parent: Option<String>,
    pub(crate) regions_on: BTreeSet<Region>,
    pub(crate) administration: Option<Administration>,
    pub(crate) sessions: Sessions,
    pub(crate) session_manager: SessionManager,
    /// The number of unfinished classification jobs.
    pub(crate) jobs: ByRegion<u32>,
    pub(crate) permissions: Permissions,
    pub(crate) denials: Vec<Denial>,
}

impl Account {
    /// An account outside of any organization. Every role may be assumed and has all permissions.
    pub(crate) fn new(profile: Profile, regions_on: BTreeSet<Region>, sessions: Sessions) -> Self {
        Self {
            roles: None,
            external_id: None,
            profile,
            parent: None,
            regions_on,
            administration: None,
            sessions,
            session_manager: SessionManager::default(),
            jobs: ByRegion::default(),
            permissions: Permissions::default(),
            denials: Vec::new(),
        }
    }

    /// Whether a Region is enabled: opt-in Regions are not until the account opts in.
    pub(crate) fn is_on(&self, region: Region) -> bool {
        !region.is_opt_in() || self.regions_on.contains(&region)
    }

    /// Whether AssumeRole succeeds for a role, with path and without a leading slash.
    ///
    /// An external id is compared only where the trust policy asks for one, as IAM conditions do.
    pub(crate) fn trusts(&self, role: &str, external_id: Option<&str>) -> bool {
        self.profile.state.is_usable()
            && self.has_role(role)
            && (self.external_id.is_none() || self.external_id.as_deref() == external_id)
    }

    pub(crate) fn has_role(&self, role: &str) -> bool {
        self.roles.as_ref().is_none_or(|roles| roles.contains(role))
    }

    /// The initial session in a Region.
    pub(crate) fn session_at_start(&self, region: Region) -> Option<SessionConfig> {
        if !self.is_on(region) || !region.has_macie() {
            return None;
        }
        self.sessions.session(region)
    }

    /// Whether any Region has an initial session.
    pub(crate) fn has_session_at_start(&self) -> bool {
        self.sessions.has_any()
    }

    /// The initial settings of the session in a Region, beyond its configuration.
    pub(crate) fn settings_at_start(&self, region: Region) -> FurtherSettings {
        self.sessions.settings(region)
    }

    /// The initial number of unfinished classification jobs in a Region with this session. Jobs run only where Macie is enabled.
    pub(crate) fn jobs_at_start(&self, region: Region, session: Option<SessionConfig>) -> u32 {
        if is_enabled(session) { *self.jobs.get(region) } else { 0 }
    }

    /// The policy that denies an operation in a Region.
    pub(crate) fn denial(&self, operation: Operation, region: Region) -> Option<&Denial> {
        self.denials.iter().find(|denial| denial.denies(operation, region))
    }
}

/// The default of `joined`: 2025-01-01T00:00:00Z.
const JOINED: Timestamp = Timestamp::constant(1_735_689_600, 0);

/// An account as its organization knows it.
#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) state: State,
    pub(crate) joined: Timestamp,
}

/// The state of an account.
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

impl State {
    /// The word in `State`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::PendingActivation => "PENDING_ACTIVATION",
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
            Self::PendingClosure => "PENDING_CLOSURE",
            Self::Closed => "CLOSED",
        }
    }

    /// The word in the retired `Status`, which has fewer.
    ///
    /// Source: AWS Cloud Operations Blog on account state: ACTIVE need not be activated, SUSPENDED may be closed.
    pub(crate) fn as_status(self) -> &'static str {
        match self {
            Self::PendingActivation | Self::Active => "ACTIVE",
            Self::Suspended | Self::Closed => "SUSPENDED",
            Self::PendingClosure => "PENDING_CLOSURE",
        }
    }

    /// Whether AWS has suspended or closed the account.
    pub(crate) fn is_suspended(self) -> bool {
        matches!(self, Self::Suspended | Self::Closed)
    }

    /// Whether the account can be used. One that is pending closure "remains functional" until it is.
    pub(crate) fn is_usable(self) -> bool {
        matches!(self, Self::Active | Self::PendingClosure)
    }
}

impl Profile {
    /// The default profile of an account with these tags.
    pub(crate) fn new(id: AccountId, tags: BTreeMap<String, String>) -> Self {
        Self {
            name: format!("account-{id}"),
            email: format!("aws+{id}@example.com"),
            tags,
            state: State::default(),
            joined: JOINED,
        }
    }
}

/// How an account became the member of an administrator.
///
/// Source: Amazon Macie User Guide, "Administrator and member account relationships".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Membership {
    /// Through AWS Organizations: the administrator alone decides on the status.
    #[default]
    Organization,
    /// By an invitation that it accepted: it may change its own status.
    Invitation,
}

/// The association of a member account with its administrator, in every Region where both have a session at the start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Administration {
    pub(crate) administrator: AccountId,
    pub(crate) membership: Membership,
}
