//! No target is lost and nothing is guessed, whatever is read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use driftline::aws::RequestCounts;
use driftline::drift::{Comparison, TargetFinding, Verdict};
use driftline::model::Environment;
use driftline::model::{
    Accepted, Account, AccountId, AccountState, Denial, DesiredTarget, Evidence, Inventory, InventoryFields, LiveValue,
    SettingId, SettingKind, Target, TargetSelection, Unread, UnreadReason, Value,
};
use driftline::report::{
    Detail, History, Paint, Report, RunFacts, TextOptions, View, read_json, select as select_targets, write_json,
    write_text,
};
use driftline::resource::macie_session::Frequency;
use driftline::resource::settings;
use driftline::resource::{LiveSession, LiveStatus, NotApplicable, NotEnabledEvidence, Outcome, Reading, compare};
use proptest::prelude::*;
use proptest::sample::select;

use super::cases;
use super::contract::{covers, waivers};
use super::declared::{Policy, policies};
use super::resolved::resolved;
use super::written::yaml;

/// The day by which waivers are judged.
const TODAY: jiff::civil::Date = jiff::civil::date(2027, 3, 31);
const HOSTILE: [&str; 7] = ["\u{1b}[2J", "a\nb\r\n", "##[group]x", "::error::x", "\u{202e}cba", "\u{0}", ""];

fn text() -> impl Strategy<Value = Option<Box<str>>> {
    let hostile = select(HOSTILE.to_vec());
    let text = prop_oneof![any::<String>(), hostile.prop_map(str::to_owned)];
    prop::option::of(text.prop_map(Into::into))
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let shared = || text().prop_map(|text| text.map(Into::into));
    (shared(), shared(), shared()).prop_map(|(code, message, request_id)| Evidence { code, message, request_id })
}

fn denial() -> impl Strategy<Value = Option<Arc<Denial>>> {
    let parts = (text(), text(), any::<bool>(), text());
    let denial = parts.prop_map(|(principal, action, explicit, policy_arn)| {
        Arc::new(Denial { principal, action, layer: None, explicit, policy_arn })
    });
    prop::option::of(denial)
}

pub(super) fn reading() -> impl Strategy<Value = Reading> {
    let status = select(vec![LiveStatus::Enabled, LiveStatus::Paused]);
    let frequency = select(vec![Frequency::FifteenMinutes, Frequency::OneHour, Frequency::SixHours]);
    let on = (status, frequency, text()).prop_map(|(status, frequency, service_role): (_, _, Option<Box<str>>)| {
        let service_role = service_role.map(Into::into);
        Reading::On(LiveSession {
            status,
            frequency,
            service_role,
            created_at: None,
            updated_at: None,
            note: None,
            further: None,
        })
    });
    let off = prop_oneof![
        evidence().prop_map(NotEnabledEvidence::Answer),
        Just(NotEnabledEvidence::RegionOff),
        Just(NotEnabledEvidence::NoMacieInRegion),
    ];
    let nowhere =
        select(vec![NotApplicable::NoMacieInRegion, NotApplicable::RegionOff, NotApplicable::RegionOffInferred]);
    let unread = (select(UnreadReason::ALL.to_vec()), denial(), evidence())
        .prop_map(|(reason, denial, evidence)| Reading::Unread(Unread { reason, denial, evidence }));
    prop_oneof![on, off.prop_map(Reading::NotEnabled), nowhere.prop_map(Reading::NotApplicable), unread]
}

fn values(setting: SettingId) -> Vec<Value> {
    let words: &[&str] = match setting.spec().kind {
        SettingKind::Word(words) => words,
        SettingKind::Bool => &["true", "false"],
        SettingKind::Minutes { .. } => &["1", "20", "60", "UNSET"],
        SettingKind::Amount { .. } => &["0", "1", "60"],
        SettingKind::Text(_) => &["a", "a*?", "{account}", "UNSET"],
        SettingKind::AccountOr(_) => &["111122223333", "NONE"],
        SettingKind::Window => &["24h"],
    };
    words.iter().filter_map(|word| setting.parse(word)).collect()
}

pub(super) fn report(comparison: Comparison) -> Report {
    let moment = "2027-03-31T12:00:00Z".parse().expect("a moment");
    let run = RunFacts {
        command: "check".into(),
        started_at: moment,
        finished_at: moment,
        source: Environment::Aws,
        policy_digest: "sha256:0".to_owned(),
        policy_files: vec!["a.yaml".to_owned()],
        settings_file: None,
        as_of: None,
        selection: None,
        shard: None,
        carried: None,
        snapshot: None,
        management_account: None,
        caller: None,
    };
    // Names and states of other people's choosing; some targets are of accounts that the inventory does not have.
    let ids: BTreeSet<AccountId> = comparison.targets().map(|target| target.desired.account).collect();
    let named = ids.into_iter().skip(1).zip(HOSTILE.into_iter().cycle()).zip(AccountState::ALL.into_iter().cycle());
    let accounts = named.map(|((id, name), state)| Account {
        name: Some(name.into()),
        state: Some(state),
        ..Account::from_id(id)
    });
    let accounts =
        Inventory::new(accounts.collect(), InventoryFields { names: true, ..InventoryFields::default() }, Vec::new());
    Report { run, comparison, accounts, requests: RequestCounts::default(), base: None }
}

proptest! {
    #![proptest_config(cases(192))]

    #[test]
    fn comparing_is_total_and_guesses_nothing(
        setting in select(settings().iter().collect::<Vec<_>>()),
        chosen in prop::collection::vec(any::<prop::sample::Index>(), 1..=3),
        reading in reading(),
    ) {
        let known = values(setting);
        let accepted: Accepted = chosen.iter().map(|index| known[index.index(known.len())].clone()).collect();
        let outcome = compare(setting, &accepted, &reading);
        let expected = match (&reading, reading.live_value(setting)) {
            (Reading::Unread(_), live) => {
                prop_assert_eq!(live, None, "nothing is known of what was not read");
                Outcome::Unread
            }
            // The list of members has the status alone, and a session the settings that were asked for.
            (Reading::Listed(_) | Reading::On(_), None) => Outcome::Unread,
            (_, None) => Outcome::NotApplicable,
            (_, Some(live)) => if accepted.accepts(&live) { Outcome::InSync } else { Outcome::Drifted },
        };
        prop_assert_eq!(outcome, expected);
        prop_assert_eq!(compare(setting, &known.into_iter().collect(), &reading) == Outcome::Drifted, false, "any value is fine");
    }

    #[test]
    fn the_ledger_adds_up_and_no_target_is_lost(
        policy in policies(),
        readings in prop::collection::vec(reading(), 0..=16),
    ) {
        let desired = resolved(&[("a.yaml", yaml(&policy))]).desired;
        let wanted: Vec<_> = desired.targets().iter().map(|target| target.target()).collect();
        let comparison = Comparison::new(desired, readings.clone(), TODAY);
        let ledger = comparison.ledger();
        let found: Vec<_> = comparison.targets().map(|finding| finding.desired.target()).collect();
        prop_assert_eq!(&found, &wanted, "each once, in order, whether or not there is a reading for it");
        prop_assert_eq!(ledger.declared, wanted.len());
        prop_assert_eq!(ledger.declared, Outcome::ALL.into_iter().map(|outcome| ledger.count(outcome)).sum::<usize>());
        for (nth, finding) in comparison.targets().enumerate() {
            let unread = readings.get(nth).is_none_or(|reading| matches!(reading, Reading::Unread(_)));
            prop_assert_eq!(finding.outcome == Outcome::Unread, unread);
            let drifts = finding.settings().any(|setting| setting.outcome == Outcome::Drifted);
            prop_assert_eq!(finding.outcome == Outcome::Drifted, drifts, "a target drifts if one setting does");
            prop_assert_eq!(finding.severity().is_some(), drifts);
        }
        let verdict = match (ledger.drifted, ledger.unread) {
            (0, 0) => Verdict::InSync,
            (_, 0) => Verdict::Drift,
            (0, _) => Verdict::Incomplete,
            _ => Verdict::DriftAndIncomplete,
        };
        prop_assert_eq!(comparison.verdict(), verdict);
    }

    /// A selection is part of the question: the selected targets are judged as in the whole.
    #[test]
    fn a_selection_changes_no_outcome(
        policy in policies(),
        readings in prop::collection::vec(reading(), 16..=16),
        (account, region) in any::<(prop::sample::Index, prop::sample::Index)>(),
        (by_account, by_region) in select(vec![(true, false), (false, true), (true, true)]),
    ) {
        let desired = resolved(&[("a.yaml", yaml(&policy))]).desired;
        let targets: Vec<Target> = desired.targets().iter().map(DesiredTarget::target).collect();
        prop_assume!(!targets.is_empty());
        let readings: Vec<Reading> = readings.into_iter().cycle().take(targets.len()).collect();
        let accounts = by_account.then(|| account.get(&targets).account.to_string());
        let regions = by_region.then(|| region.get(&targets).region.to_string());
        let items = TargetSelection::new(accounts.into_iter().collect(), regions.into_iter().collect()).expect("items");
        let matcher = items.matcher();
        let is_selected =
            |target: &Target| matcher.selects_account(target.account, None) && matcher.selects_region(&target.region);
        let kept = targets.iter().zip(&readings).filter(|(target, _)| is_selected(target));
        let kept: Vec<Reading> = kept.map(|(_, reading)| reading.clone()).collect();
        let part = Comparison::new(desired.clone().for_selection(|target| is_selected(&target.target())), kept, TODAY);
        let whole = Comparison::new(desired, readings, TODAY);
        let outcomes = |comparison: &Comparison| -> Vec<_> {
            let selected = comparison.targets().filter(|finding| is_selected(&finding.desired.target()));
            let settings = |finding: TargetFinding<'_>| finding.settings().map(|found| found.outcome).collect::<Vec<_>>();
            selected.map(|finding| (finding.desired.target(), finding.outcome, settings(finding))).collect()
        };
        prop_assert_eq!(outcomes(&part), outcomes(&whole));
        prop_assert_eq!((part.len(), part.desired().declared_total()), (outcomes(&whole).len(), whole.len()));
        for (part, whole) in part.waivers().iter().zip(whole.waivers()) {
            prop_assert_eq!(&part.waiver, &whole.waiver);
            prop_assert!(!part.is_idle() || whole.is_idle(), "it seems unused, and another target needs it");
        }
        // The same of a saved report.
        let mut saved = Vec::new();
        write_json(&View::from(&report(whole)), &mut saved).expect("a vector takes everything");
        let selected = select_targets(read_json(std::str::from_utf8(&saved).expect("UTF-8")).expect("a report"), items);
        prop_assert_eq!((selected.ledger, selected.verdict), (part.ledger(), part.verdict()));
        let mut again = Vec::new();
        write_json(&selected, &mut again).expect("a vector takes everything");
        prop_assert!(read_json(std::str::from_utf8(&again).expect("UTF-8")).is_ok());
    }

    /// Held against the same comparison without waivers: drift that one covers is waived, and nothing else changes.
    #[test]
    fn a_waiver_touches_nothing_but_drift(
        policy in policies(),
        readings in prop::collection::vec(reading(), 16..=16),
    ) {
        let without = Policy { waivers: Vec::new(), ..policy.clone() };
        let compared = |policy: &Policy| {
            Comparison::new(resolved(&[("a.yaml", yaml(policy))]).desired, readings.clone(), TODAY)
        };
        let (bare, waived) = (compared(&without), compared(&policy));
        let (before, after) = (bare.ledger(), waived.ledger());
        prop_assert_eq!(
            (before.in_sync, before.unread, before.not_applicable, before.drifted, before.waived),
            (after.in_sync, after.unread, after.not_applicable, after.drifted + after.waived, 0)
        );
        let mut counts: BTreeMap<String, [usize; 4]> = BTreeMap::new();
        for (before, after) in bare.targets().zip(waived.targets()) {
            prop_assert_eq!(before.desired.target(), after.desired.target());
            let (account, region) = (after.desired.account.to_string(), after.desired.region.to_string());
            for (before, after) in before.settings().zip(after.settings()) {
                let selecting = waivers(&policy, &account, &region, after.desired.setting);
                let covering = |live: &LiveValue| {
                    let live = live.text().into_owned();
                    selecting.iter().filter(move |waived| covers(waived, &live)).map(|waived| waived.reason.as_str())
                };
                let covering: Vec<&str> = after.live.as_ref().map(covering).into_iter().flatten().collect();
                let expected = match before.outcome {
                    Outcome::Drifted if !covering.is_empty() => Outcome::Waived,
                    other => other,
                };
                prop_assert_eq!(after.outcome, expected);
                let named = after.waiver.map(|waiver| waiver.reason.to_string());
                prop_assert_eq!(named.is_some(), expected == Outcome::Waived);
                prop_assert!(named.is_none_or(|reason| covering.contains(&reason.as_str())));
                for waived in &selecting {
                    let place = match expected {
                        Outcome::Waived if covering.contains(&waived.reason.as_str()) => 0,
                        Outcome::Drifted => 1,
                        Outcome::InSync => 2,
                        Outcome::Unread => 3,
                        Outcome::Waived | Outcome::NotApplicable => continue,
                    };
                    counts.entry(waived.reason.clone()).or_default()[place] += 1;
                }
            }
        }
        for used in waived.waivers() {
            let expected = counts.get(&*used.waiver.reason).copied().unwrap_or_default();
            prop_assert_eq!([used.covered, used.uncovered, used.in_sync, used.unread], expected);
        }
        prop_assert_eq!(waived.waivers().len(), policy.waivers.len());
    }

    #[test]
    fn every_report_can_be_read_back(
        policy in policies(),
        before in prop::collection::vec(reading(), 16..=16),
        after in prop::collection::vec(reading(), 16..=16),
    ) {
        let of = |readings| report(Comparison::new(resolved(&[("a.yaml", yaml(&policy))]).desired, readings, TODAY));
        let saved = |view: &View<'_>| {
            let mut bytes = Vec::new();
            write_json(view, &mut bytes).expect("a report");
            String::from_utf8(bytes).expect("UTF-8")
        };
        let (before, after) = (of(before), of(after));
        let first = saved(&View::from(&before).since(None));
        let read = read_json(&first);
        prop_assert!(read.is_ok(), "{:?}", read.err());
        let read = read.expect("a report");
        prop_assert_eq!(saved(&read), first);
        let history = History::from_report(&read, after.run.started_at);
        let second = saved(&View::from(&after).since(Some(&history)));
        let read = read_json(&second);
        prop_assert!(read.is_ok(), "{:?}\n{}", read.err(), second);
    }

    #[test]
    fn every_format_holds_every_target_and_obeys_nobody(
        policy in policies(),
        readings in prop::collection::vec(reading(), 16..=16),
        width in 20..200_usize,
        detail in select(vec![Detail::Quiet, Detail::Normal, Detail::Verbose]),
    ) {
        let report = report(Comparison::new(resolved(&[("a.yaml", yaml(&policy))]).desired, readings, TODAY));
        let declared = report.comparison.ledger().declared;
        let mut bytes = Vec::new();
        write_json(&(&report).into(), &mut bytes).expect("a report");
        let json: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
        prop_assert_eq!(json["targets"].as_array().map(Vec::len), Some(declared));
        prop_assert_eq!(json["waivers"].as_array().map(Vec::len), Some(policy.waivers.len()));
        let mut bytes = Vec::new();
        write_text(&(&report).into(), TextOptions { width, paint: Paint::Plain, detail, administrator: None, links: None }, &mut bytes).expect("a report");
        let text = String::from_utf8(bytes).expect("UTF-8");
        let noun = if declared == 1 { "target" } else { "targets" };
        let words: Vec<&str> = text.split_whitespace().collect();
        let ledger = format!("Ledger {declared} {noun} = ");
        prop_assert!(words.join(" ").contains(&ledger), "{text}");
        let unsafe_letter = |letter: char| (letter.is_control() && letter != '\n') || ('\u{202a}'..='\u{202e}').contains(&letter);
        prop_assert!(!text.contains(unsafe_letter), "{text:?}");
        prop_assert!(!text.contains("##["), "{text:?}");
        prop_assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{text:?}");
    }
}
