//! What goes wrong in a simulated AWS: faults of every kind, none of which is a plausible lie about a session.

use std::fmt::Write as _;
use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::estate::{ACCOUNTS, Place, REGIONS};

/// An account that no estate has.
const STRANGER: &str = "555566667777";

/// Kinds that answer at once.
const QUICK: [&str; 11] = [
    "throttle",
    "too_many_requests",
    "bare_429",
    "server_error",
    "html_503",
    "reset",
    "truncated",
    "foreign_body",
    "empty_200",
    "expired_token",
    "unrecognized_client",
];

/// Kinds that take their time, be it for ever. All of them are longer than an attempt may take, or shorter by far.
const SLOW: [&str; 8] = [
    "hang",
    "answer_late",
    "answer_lost",
    "{latency: 5ms}",
    "{latency: 1s}",
    "{drip: 10ms}",
    "{drip: 1s}",
    "{drip: 1m}",
];

/// Answers that nobody could take for a session, for the word that there is none, or for the list of a member.
const ANSWERS: [&str; 18] = [
    "{status: 200, body: \"{}\"}",
    "{status: 200, body: \"null\"}",
    "{status: 200, body: \"[]\"}",
    "{status: 200, body: '{\"status\": \"ENABLED\"}'}",
    "{status: 200, body: '{\"status\": \"NOT_ENABLED\", \"findingPublishingFrequency\": \"ONE_HOUR\"}'}",
    "{status: 200, body: '{\"status\": \"PAUSED\", \"findingPublishingFrequency\": \"ONE_HOUR\"} and more'}",
    "{status: 200, body: '{\"status\": \"PAUSED\", \"findingPublishingFrequency\": \"ONE_HOUR\"'}",
    "{status: 203, body: '{\"status\": \"PAUSED\", \"findingPublishingFrequency\": \"ONE_HOUR\"}'}",
    "{status: 204}",
    "{status: 301, headers: {location: \"/macie\"}}",
    "{status: 400, body: \"?\"}",
    "{status: 403, body: '{\"message\": \"Forbidden\"}'}",
    "{status: 403, headers: {x-amzn-errortype: AccessDeniedException}, body: '{\"message\": \"No.\"}'}",
    "{status: 403, headers: {x-amzn-errortype: InvalidSignatureException, date: \"Thu, 01 Jan 1970 00:00:00 GMT\"}}",
    "{status: 404, body: \"<html>Macie is not enabled here</html>\"}",
    "{status: 407}",
    "{status: 429, headers: {x-amz-retry-after: \"60000\"}}",
    "{status: 429, headers: {x-amz-retry-after: \"18446744073709551615\"}}",
];

const OPERATIONS: [&str; 11] = [
    "macie2:GetMacieSession",
    "macie2:GetMacieSession",
    "macie2:GetMacieSession",
    "macie2:*",
    "macie2:ListMembers",
    "macie2:GetMember",
    "account:ListRegions",
    "sts:AssumeRole",
    "sts:AssumeRole",
    "sts:*",
    "sts:GetCallerIdentity",
];

/// Which kinds of faults there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kinds {
    All,
    /// None that keeps an attempt waiting until its time is over.
    Quick,
}

#[derive(Debug, Clone)]
pub(crate) struct Fault {
    accounts: Option<Vec<usize>>,
    regions: Option<Vec<usize>>,
    operation: Option<&'static str>,
    times: Option<u32>,
    kind: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Script {
    faults: Vec<Fault>,
    /// Whether the question whose the first credentials are is spared, so that there is a run at all.
    spares_the_start: bool,
    credentials_last: Option<&'static str>,
    clock: &'static str,
    not_enabled: u16,
}

fn fault(kinds: Kinds) -> impl Strategy<Value = Fault> {
    let answer = || select(ANSWERS.to_vec()).prop_map(|answer| format!("{{answer: {answer}}}"));
    // Most of them are made to look like a session, or like none.
    let answered = answer().prop_map(|kind| (Some("macie2:GetMacieSession"), kind));
    let quick = select(QUICK.to_vec()).prop_map(str::to_owned);
    let anything = match kinds {
        Kinds::All => {
            prop_oneof![4 => quick, 4 => select(SLOW.to_vec()).prop_map(str::to_owned), 1 => answer()].boxed()
        }
        Kinds::Quick => prop_oneof![4 => quick, 1 => answer()].boxed(),
    };
    let operation = prop::option::weighted(0.9, select(OPERATIONS.to_vec()));
    let strange = select(vec!["unknown_status", "unknown_frequency"])
        .prop_map(|kind| (Some("macie2:GetMacieSession"), kind.to_owned()));
    let others = [&ACCOUNTS[..], &[STRANGER]].concat();
    // STS may say of a role whatever it likes. If it says that the first credentials are of another account of the estate, that
    // is a lie that nobody can see through.
    let of_role = select(others).prop_map(|id| (Some("sts:AssumeRole"), format!("{{wrong_identity: \"{id}\"}}")));
    let of_caller = Just((Some("sts:GetCallerIdentity"), format!("{{wrong_identity: \"{STRANGER}\"}}")));
    let deed = prop_oneof![20 => (operation, anything), 6 => answered, 2 => strange, 2 => of_role, 1 => of_caller];
    let parts = (
        prop::option::weighted(0.7, subsequence((0..ACCOUNTS.len()).collect::<Vec<_>>(), 1..4)),
        prop::option::weighted(0.4, subsequence((0..REGIONS.len() - 1).collect::<Vec<_>>(), 1..4)),
        prop::option::weighted(0.6, 1_u32..6),
        deed,
    );
    parts.prop_map(|(accounts, regions, times, (operation, kind))| Fault { accounts, regions, operation, times, kind })
}

/// Up to 7 faults, and the keys of a world that make trouble.
pub(crate) fn script(kinds: Kinds) -> impl Strategy<Value = Script> {
    let parts = (
        prop::collection::vec(fault(kinds), 0..8),
        prop::bool::weighted(0.8),
        prop::option::weighted(0.4, select(vec!["0s", "1s", "2s", "60s"])),
        prop_oneof![6 => Just("0s"), 1 => select(vec!["2m", "10m", "-10m", "9600h"])],
        select(vec![403, 401]),
    );
    parts.prop_map(|(faults, spares_the_start, credentials_last, clock, not_enabled)| Script {
        faults,
        spares_the_start,
        credentials_last,
        clock,
        not_enabled,
    })
}

impl Fault {
    fn strikes(&self, (account, region): Place, operation: &str) -> bool {
        let covers = |pattern: &str| {
            pattern == operation || pattern.strip_suffix('*').is_some_and(|service| operation.starts_with(service))
        };
        self.accounts.as_ref().is_none_or(|accounts| accounts.contains(&account))
            && self.regions.as_ref().is_none_or(|regions| regions.contains(&region))
            && self.operation.is_none_or(covers)
    }

    fn text(&self) -> String {
        let list = |key: &str, words: Vec<&str>| format!("{key}: [{}], ", words.join(", "));
        let accounts = self.accounts.as_ref().map(|accounts| {
            let quoted: Vec<String> = accounts.iter().map(|nth| format!("\"{}\"", ACCOUNTS[*nth])).collect();
            list("accounts", quoted.iter().map(String::as_str).collect())
        });
        let regions =
            self.regions.as_ref().map(|regions| list("regions", regions.iter().map(|nth| REGIONS[*nth]).collect()));
        let operation = self.operation.map(|operation| format!("operations: [\"{operation}\"], "));
        let times = self.times.map(|times| format!("times: {times}, "));
        let parts = [accounts, regions, operation, times].map(Option::unwrap_or_default).concat();
        format!("{{{parts}fault: {}}}", self.kind)
    }
}

impl Script {
    /// Where nothing strikes one account, nor the credentials that the run starts with, and what is slow is so a few times.
    pub(crate) fn sparing(mut self, account: usize) -> Self {
        for fault in &mut self.faults {
            let others = (0..ACCOUNTS.len()).filter(|other| *other != account);
            let struck = fault.accounts.take().unwrap_or_else(|| others.clone().collect());
            let struck: Vec<usize> = struck.into_iter().filter(|other| *other != account).collect();
            fault.accounts = Some(if struck.is_empty() { others.collect() } else { struck });
            if SLOW.contains(&fault.kind.as_str()) {
                fault.times = Some(fault.times.unwrap_or(2).min(2));
            }
        }
        self.spares_the_start = true;
        self.credentials_last = self.credentials_last.filter(|length| *length == "60s");
        if self.clock != "2m" {
            self.clock = "0s";
        }
        self
    }

    /// Whether an account may be told there that its token is not known, although it is good.
    pub(crate) fn may_refuse_token(&self, place: Place) -> bool {
        let refuses = |fault: &Fault| fault.kind == "unrecognized_client";
        self.faults.iter().any(|fault| refuses(fault) && fault.strikes(place, "macie2:GetMacieSession"))
    }

    /// Whether the run may find no way to AWS at all.
    pub(crate) fn may_spoil_the_start(&self) -> bool {
        let home =
            REGIONS.iter().position(|region| *region == "us-east-1").expect("the Region that clients start from");
        !self.spares_the_start && self.faults.iter().any(|fault| fault.strikes((0, home), "sts:GetCallerIdentity"))
    }

    /// How often the credentials of an account are got anew at most because they are about to end, in a run of that length:
    /// those that live for less than a second never, all others once three quarters of their life are over.
    pub(crate) fn renewals(&self, run: Duration) -> u64 {
        match self.credentials_last {
            None | Some("60s") => 0,
            Some(_) => u64::try_from(run.as_millis()).expect("a short run") / 750 + 1,
        }
    }

    /// The rest of the world file.
    pub(crate) fn world(&self) -> String {
        let mut text = format!("clock: {}\nnot_enabled_http_status: {}\n", self.clock, self.not_enabled);
        if let Some(length) = self.credentials_last {
            writeln!(text, "credentials_last: {length}").expect("a text");
        }
        text.push_str("faults:\n");
        if self.spares_the_start {
            // The first that fits acts.
            text.push_str("  - {operations: [\"sts:GetCallerIdentity\"], fault: {latency: 0s}}\n");
        }
        for fault in &self.faults {
            writeln!(text, "  - {}", fault.text()).expect("a text");
        }
        if self.faults.is_empty() && !self.spares_the_start {
            text.push_str("  []\n");
        }
        text
    }
}
