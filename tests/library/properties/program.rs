//! Whatever goes wrong on the way: the report of a check tells each declared target once, its parts add up, and nothing in it is
//! untrue.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::{Command, Output};
use std::time::Duration;

use driftline_simulator::Simulation;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use super::cases;
use super::estate::{ACCOUNTS, Estate, Place, REGIONS, Truth, estate};
use super::faults::{ending, leaves_no_trace, most_calls, simulation};
use super::script::{Kinds, Script, script};

/// Everybody is wanted enabled or, if the Region is named, paused.
const WANTED: [&str; 2] = ["ENABLED", "PAUSED"];
/// What everybody is to publish findings at, if that is declared.
const FREQUENCY: &str = "ONE_HOUR";
const DEADLINE: Duration = Duration::from_secs(2);

fn policy(estate: &Estate, with_frequency: bool) -> String {
    let ids: Vec<String> = (0..estate.accounts.len()).map(|nth| format!("\"{}\"", ACCOUNTS[nth])).collect();
    let mut text =
        format!("version: 1\nmacie_sessions:\n  - {{accounts: [{}], status: {}}}\n", ids.join(", "), WANTED[0]);
    if with_frequency {
        writeln!(text, "  - {{finding_publishing_frequency: {FREQUENCY}}}").expect("a text");
    }
    for (account, region) in estate.targets().into_iter().filter(|place| is_named(estate, *place)) {
        let (account, region, status) = (ACCOUNTS[account], REGIONS[region], WANTED[1]);
        writeln!(text, "  - {{accounts: [\"{account}\"], regions: [{region}], status: {status}}}").expect("a text");
    }
    text
}

/// Nobody may name a Region without Macie and want a session there.
fn is_named(estate: &Estate, place: Place) -> bool {
    estate.accounts[place.0].named[place.1] && estate.truth(place) != Truth::NoMacie
}

fn settings(estate: &Estate) -> String {
    let mut regions: Vec<String> =
        estate.targets().into_iter().map(|(_, region)| format!("\"{}\"", REGIONS[region])).collect();
    regions.sort();
    regions.dedup();
    format!(
        "[aws]\nrole_name = \"DriftlineRead\"\nadministrator_account = \"{}\"\n[inventory]\nregions = [{}]\n[limits]\ndeadline \
         = \"{}s\"\n",
        ACCOUNTS[estate.administrator()],
        regions.join(", "),
        DEADLINE.as_secs()
    )
}

fn check(simulation: &Simulation, estate: &Estate, reader: &str, with_frequency: bool) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("a.yaml"), policy(estate, with_frequency)).expect("a file");
    std::fs::write(folder.path().join("driftline.toml"), settings(estate)).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_driftline"));
    command.args(["check", "a.yaml", "--report", "json", "--quiet", "--reader", reader]);
    command.current_dir(folder.path()).env_clear().envs(simulation.environment()).env("HOME", folder.path());
    ending(move || (command.output().expect("the program runs"), folder).0)
}

/// What the truth comes to, as outcome, live status and live frequency.
fn expected(estate: &Estate, place: Place, with_frequency: bool) -> (&'static str, Value, Value) {
    let named = is_named(estate, place);
    match estate.truth(place) {
        Truth::On((status, frequency)) => {
            let is_fine = status == WANTED[usize::from(named)] && (!with_frequency || frequency == FREQUENCY);
            (if is_fine { "in_sync" } else { "drifted" }, status.into(), frequency.into())
        }
        Truth::NotEnabled => ("drifted", "NOT_ENABLED".into(), Value::Null),
        Truth::RegionOff if named => ("drifted", "NOT_ENABLED".into(), Value::Null),
        Truth::RegionOff | Truth::NoMacie => ("not_applicable", Value::Null, Value::Null),
    }
}

fn tells_the_truth(
    target: &Value,
    (estate, script): (&Estate, &Script),
    place: Place,
    with_frequency: bool,
) -> Result<(), TestCaseError> {
    let (outcome, status, frequency) = expected(estate, place, with_frequency);
    let live = &target["live"];
    if target["outcome"] == "unread" {
        prop_assert!(live.is_null() && target["unread"]["reason"].is_string(), "{}", target);
        let said = target["unread"]["message"].as_str().unwrap_or_default();
        // What a Region without Macie is needs no call, but the run must have got so far.
        let is_early = target["unread"]["reason"] == "deadline" && said.contains("before it reached AWS");
        prop_assert!(estate.truth(place) != Truth::NoMacie || is_early, "{}", target);
        prop_assert!(!said.contains("a fault in driftline"), "{}", target);
        return Ok(());
    }
    if target["evidence"]["basis"] == "region_off_inferred" && script.may_refuse_token(place) {
        // The report says that this is inferred.
        return Ok(());
    }
    prop_assert_eq!(&target["outcome"], outcome, "{}\n{:?}", target, estate.truth(place));
    prop_assert!(target["unread"].is_null(), "{}", target);
    prop_assert_eq!(&live["status"], &status, "{}", target);
    let is_listed = target["evidence"]["basis"] == "listed" && !with_frequency && estate.is_listed(place);
    let shown = if is_listed { Value::Null } else { frequency };
    prop_assert_eq!(&live["finding_publishing_frequency"], &shown, "{}", target);
    Ok(())
}

fn adds_up(report: &Value, estate: &Estate) -> Result<i32, TestCaseError> {
    let targets = report["targets"].as_array().expect("targets");
    let found: Vec<(&str, &str)> = targets
        .iter()
        .map(|target| (target["account"].as_str().expect("an id"), target["region"].as_str().expect("a Region")))
        .collect();
    let mut declared: Vec<(&str, &str)> =
        estate.targets().into_iter().map(|(account, region)| (ACCOUNTS[account], REGIONS[region])).collect();
    declared.sort_unstable();
    prop_assert_eq!(found, declared, "each declared target once, in order");
    let mut ledger = BTreeMap::new();
    for target in targets {
        *ledger.entry(target["outcome"].as_str().expect("an outcome")).or_insert(0_u64) += 1;
    }
    for part in ["in_sync", "drifted", "waived", "not_applicable", "unread"] {
        prop_assert_eq!(&report["ledger"][part], ledger.get(part).copied().unwrap_or_default(), "{}", part);
    }
    prop_assert_eq!(&report["ledger"]["declared"], targets.len());
    Ok(if ledger.contains_key("drifted") { 2 } else { 0 } + if ledger.contains_key("unread") { 4 } else { 0 })
}

proptest! {
    #![proptest_config(cases(8))]

    #[test]
    fn no_fault_makes_a_report_wrong(
        estate in estate(),
        script in script(Kinds::Quick),
        reader in select(vec!["auto", "auto", "auto", "direct", "direct", "administrator"]),
        with_frequency in any::<bool>(),
    ) {
        let simulation = simulation(&estate, &script);
        let output = check(&simulation, &estate, reader, with_frequency);
        let (code, told) = (output.status.code(), String::from_utf8_lossy(&output.stderr));
        // The settings leave a call the usual four attempts.
        leaves_no_trace(&simulation, &most_calls(&estate, &script, 4, reader != "direct", DEADLINE))?;
        if code == Some(1) {
            prop_assert!(script.may_spoil_the_start(), "{}\n{}{}", told, estate.world(), script.world());
        } else {
            let report: Value = serde_json::from_slice(&output.stdout).map_err(|_| TestCaseError::fail(told.into_owned()))?;
            prop_assert_eq!(code, Some(adds_up(&report, &estate)?));
            let mut places = estate.targets();
            places.sort_by_key(|(account, region)| (ACCOUNTS[*account], REGIONS[*region]));
            for (target, place) in report["targets"].as_array().expect("targets").iter().zip(places) {
                tells_the_truth(target, (&estate, &script), place, with_frequency)?;
            }
        }
    }
}
