//! Accounts with sessions, some of which may not be asked, and what is true of each target: from how they are made, without a
//! look at how the program finds it.

use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// The first is the caller's.
pub(crate) const ACCOUNTS: [&str; 6] =
    ["999988887777", "111122223333", "222233334444", "333344445555", "444455556666", "012345678901"];
/// The first is in every estate, and is off unless an account has it on; so is `af-south-1`. The last has no Macie.
pub(crate) const REGIONS: [&str; 6] =
    ["me-south-1", "us-east-1", "eu-central-1", "eu-west-1", "af-south-1", "ca-west-1"];
const OPT_IN: [usize; 2] = [0, 4];
const WITHOUT_MACIE: usize = 5;

/// The places of an account and of a Region among those.
pub(crate) type Place = (usize, usize);

/// Status and frequency.
pub(crate) type Session = (&'static str, &'static str);

/// What is true of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Truth {
    On(Session),
    NotEnabled,
    RegionOff,
    NoMacie,
}

#[derive(Debug, Clone)]
pub(crate) struct Account {
    sessions: [Option<Session>; 6],
    /// Whether each of the opt-in Regions is on.
    opted_in: [bool; 2],
    /// Whether Macie's administrator administers it where both have a session.
    is_member: bool,
    by_invitation: bool,
    denial: Option<&'static str>,
    has_role: bool,
    /// Whether a question names the Region.
    pub(crate) named: [bool; 6],
    /// Whether a question is about the status alone.
    pub(crate) status_only: [bool; 6],
}

#[derive(Debug, Clone)]
pub(crate) struct Estate {
    pub(crate) accounts: Vec<Account>,
    regions: Vec<usize>,
    /// Macie's administrator, if there is one.
    administrator: Option<usize>,
    /// Every place, in the order in which questions are put.
    order: Vec<Place>,
}

fn account() -> impl Strategy<Value = Account> {
    let session = (
        select(vec!["ENABLED", "ENABLED", "PAUSED"]),
        select(vec!["FIFTEEN_MINUTES", "FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS"]),
    );
    let denials = vec![
        "{actions: [\"macie2:GetMacieSession\"]}",
        "{actions: [\"macie2:GetMacieSession\"], regions: [me-south-1, eu-west-1], layer: permissions_boundary}",
        "{actions: [\"macie2:*\"], regions: [us-east-1], layer: service_control_policy, explicit: true}",
        "{actions: [\"macie2:ListMembers\"], layer: service_control_policy, explicit: true}",
        "{actions: [\"account:ListRegions\"]}",
        "{actions: [\"account:*\", \"macie2:GetMacieSession\"], layer: session_policy}",
    ];
    let parts = (
        prop::array::uniform6(prop::option::weighted(0.7, session)),
        prop::array::uniform2(any::<bool>()),
        prop::bool::weighted(0.8),
        any::<bool>(),
        prop::option::weighted(0.3, select(denials)),
        prop::bool::weighted(0.9),
        prop::array::uniform6(any::<bool>()),
        prop::array::uniform6(any::<bool>()),
    );
    parts.prop_map(|(sessions, opted_in, is_member, by_invitation, denial, has_role, named, status_only)| Account {
        sessions,
        opted_in,
        is_member,
        by_invitation,
        denial,
        has_role,
        named,
        status_only,
    })
}

/// 2 to 6 accounts, and 2 to 5 Regions.
pub(crate) fn estate() -> impl Strategy<Value = Estate> {
    let order: Vec<Place> = (0..6).flat_map(|account| (0..6).map(move |region| (account, region))).collect();
    let parts = (
        prop::collection::vec(account(), 2..=6),
        subsequence(vec![1, 2, 3, 4, 5], 1..=4),
        select(vec![None, Some(0), Some(1), Some(1)]),
        Just(order).prop_shuffle(),
    );
    parts.prop_map(|(accounts, mut regions, administrator, order)| {
        regions.push(0);
        Estate { accounts, regions, administrator, order }
    })
}

impl Estate {
    /// With one account where nothing is in the way of reading.
    pub(crate) fn with_healthy(mut self, account: usize) -> Self {
        if let Some(healthy) = self.accounts.get_mut(account) {
            healthy.denial = None;
            healthy.has_role = true;
        }
        self
    }

    /// Macie's administrator as the settings have it; where there is none, it is one without members.
    pub(crate) fn administrator(&self) -> usize {
        self.administrator.unwrap_or(1)
    }

    /// The places of all targets, in the order of the questions.
    pub(crate) fn targets(&self) -> Vec<Place> {
        let is_in = |(account, region): &&Place| *account < self.accounts.len() && self.regions.contains(region);
        self.order.iter().filter(is_in).copied().collect()
    }

    fn is_on(&self, (account, region): Place) -> bool {
        OPT_IN.iter().position(|opt_in| *opt_in == region).is_none_or(|nth| self.accounts[account].opted_in[nth])
    }

    pub(crate) fn truth(&self, place: Place) -> Truth {
        let (account, region) = place;
        match self.accounts[account].sessions[region] {
            _ if region == WITHOUT_MACIE => Truth::NoMacie,
            _ if !self.is_on(place) => Truth::RegionOff,
            Some(session) => Truth::On(session),
            None => Truth::NotEnabled,
        }
    }

    /// Whether Macie's administrator is told of the account there, as one of its members.
    pub(crate) fn is_listed(&self, (account, region): Place) -> bool {
        let has_session = |place| matches!(self.truth(place), Truth::On(_));
        self.administrator.is_some_and(|administrator| {
            self.accounts[account].is_member
                && account != administrator
                && has_session((administrator, region))
                && (has_session((account, region)) || !self.is_on((account, region)))
        })
    }

    /// The world file, but for what goes wrong.
    pub(crate) fn world(&self) -> String {
        let mut text = format!("version: 1\ncaller: \"{}\"\naccounts:\n", ACCOUNTS[0]);
        for (nth, account) in self.accounts.iter().enumerate() {
            let on = OPT_IN.iter().zip(account.opted_in).filter(|(_, on)| *on).map(|(region, _)| REGIONS[*region]);
            let mut parts = vec![format!("regions_on: [{}]", on.collect::<Vec<_>>().join(", "))];
            let sessions = (0..REGIONS.len()).filter_map(|region| match self.truth((nth, region)) {
                Truth::On((status, frequency)) => Some(format!(
                    "{}: {{status: {status}, finding_publishing_frequency: {frequency}}}",
                    REGIONS[region]
                )),
                _ => None,
            });
            parts.push(format!("sessions: {{{}}}", sessions.collect::<Vec<_>>().join(", ")));
            if let Some(administrator) = self.administrator.filter(|id| account.is_member && *id != nth) {
                let kind = if account.by_invitation { "invitation" } else { "organization" };
                parts.push(format!("administrator: \"{}\", membership: {kind}", ACCOUNTS[administrator]));
            }
            if let Some(denial) = account.denial {
                parts.push(format!("denials: [{denial}]"));
            }
            if !account.has_role {
                parts.push("roles: [Other]".to_owned());
            }
            writeln!(text, "  \"{}\": {{{}}}", ACCOUNTS[nth], parts.join(", ")).expect("a text");
        }
        text
    }
}
