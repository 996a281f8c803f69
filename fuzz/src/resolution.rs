//! Any sound policy, made up from bytes: what is wanted does not depend on order or language.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use driftline::diagnostic::Code;
use driftline::model::{Candidate, InventoryFields};

use super::organization::inventory;
use super::policy::{Resolved, holds};

const ACCOUNTS: [&str; 8] =
    ["012345678901", "111122223333", "444455556666", "555555555555", "payments-*", "*", "ledger", "no-*"];
const UNITS: [&str; 6] = ["Workloads", "Workloads/Prod", "Sandbox", "ou-root-0000prod", "ou-root-00000test", "Nowhere"];
const TAGS: [&str; 4] =
    [r#"{"env": "prod"}"#, r#"{"env": ["prod", "test"]}"#, r#"{"env": "prod", "team": "payments"}"#, r#"{"a": "b"}"#];
const REGIONS: [&str; 6] = ["eu-central-1", "us-east-1", "eu-*", "*-1", "us-west-?", "ap-*"];
const STATUS: [&str; 3] = ["ENABLED", "PAUSED", "NOT_ENABLED"];
const FREQUENCY: [&str; 3] = ["FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS"];
const DAYS: [&str; 4] = ["2027-03-30", "2027-03-31", "2027-04-10", "2029-12-31"];

/// Choices, as long as there are bytes; then always the first.
struct Choices<'bytes>(&'bytes [u8]);

impl Choices<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// Some of the words, as the bits of a byte say: a list in JSON, or nothing if there is none.
    fn some(&mut self, words: &[&str]) -> Option<String> {
        let bits = self.byte();
        let chosen = words.iter().enumerate().filter(|(nth, _)| bits & 1 << nth != 0);
        let chosen: Vec<String> = chosen.map(|(_, word)| format!("{word:?}")).collect();
        (!chosen.is_empty()).then(|| format!("[{}]", chosen.join(", ")))
    }

    /// Keys that select, each with a comma after it.
    fn selectors(&mut self) -> String {
        let mut text = String::new();
        // The high bits are seldom all there, so that most selectors are few.
        let kinds = self.byte();
        for (bit, key, words) in
            [(1, "accounts", ACCOUNTS.as_slice()), (2, "organizational_units", &UNITS), (4, "regions", &REGIONS)]
        {
            if let Some(items) = (kinds & bit != 0).then(|| self.some(words)).flatten() {
                let _ = write!(text, "{key:?}: {items}, ");
            }
        }
        if kinds & 0x18 == 0x18 {
            let _ = write!(text, "\"tags\": {}, ", TAGS[usize::from(self.byte()) % TAGS.len()]);
        }
        text
    }

    fn selection(&mut self) -> String {
        let chosen = self.selectors();
        let except = if self.byte() % 4 == 3 { self.selectors() } else { String::new() };
        if except.is_empty() { chosen } else { format!("{chosen}\"except\": {{{}}}, ", except.trim_end_matches(", ")) }
    }

    fn declaration(&mut self, nth: usize) -> String {
        let selection = self.selection();
        let status = self.some(&STATUS);
        let frequency = self.some(&FREQUENCY).filter(|_| status.as_deref() != Some("[\"NOT_ENABLED\"]"));
        let mut text = format!("{{\"name\": \"declaration {nth}\", {selection}");
        if let Some(values) = &frequency {
            let _ = write!(text, "\"finding_publishing_frequency\": {values}, ");
        }
        if status.is_some() || frequency.is_none() {
            let _ = write!(text, "\"status\": {}, ", status.as_deref().unwrap_or("\"ENABLED\""));
        }
        text + "\"severity\": \"high\"}"
    }

    fn waiver(&mut self, nth: usize) -> String {
        let selection = self.selection();
        let values = self.some(&[STATUS[0], STATUS[1], FREQUENCY[2]]);
        let values = values.map(|values| format!("\"while_live\": {values}, ")).unwrap_or_default();
        let day = DAYS[usize::from(self.byte()) % DAYS.len()];
        format!("{{\"reason\": \"waiver {nth}\", {selection}{values}\"expires\": {day:?}}}")
    }
}

fn file(declarations: &[String], waivers: &[String]) -> String {
    format!(
        "{{\"version\": 1, \"macie_sessions\": [{}], \"waivers\": [{}]}}",
        declarations.join(", "),
        waivers.join(", ")
    )
}

/// What is tried of a policy that bytes make up.
pub fn try_choices(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let counts = choices.byte();
    let declarations: Vec<String> = (0..=usize::from(counts & 0xf)).map(|nth| choices.declaration(nth)).collect();
    let waivers: Vec<String> = (0..usize::from(counts >> 4 & 3)).map(|nth| choices.waiver(nth)).collect();
    let split = usize::from(choices.byte()) % declarations.len();
    let inventory = inventory(InventoryFields { names: true, units: true, tags: true });
    let once = holds(&[("a.json".to_owned(), file(&declarations, &waivers).as_bytes())], &inventory);
    assert_eq!(
        (once.set.declarations.len(), once.set.waivers.len()),
        (declarations.len(), waivers.len()),
        "all is sound"
    );
    let (mut backwards, mut last) = (declarations.clone(), waivers.clone());
    backwards.reverse();
    last.reverse();
    let (first, second) = backwards.split_at(split);
    // JSON is YAML too.
    let (first, second) = (file(first, &[]), file(second, &last));
    let files = [("a.yaml".to_owned(), first.as_bytes()), ("b.json".to_owned(), second.as_bytes())];
    let again = holds(&files, &inventory);
    assert_eq!(disputes(&once), disputes(&again));
    if !once.told.has_errors() {
        assert_eq!(declared(&once), declared(&again));
        assert_eq!(doubts(&once), doubts(&again));
    }
}

/// The pairs that dispute, by what is said of them.
fn disputes(resolved: &Resolved) -> BTreeSet<(String, BTreeSet<String>)> {
    let told = resolved.told.sorted(&resolved.sources);
    let disputes = told.iter().filter(|diagnostic| diagnostic.code == Code::AmbiguousDeclarations);
    // Of many, not every pair is told, and which ones depends on their order.
    let target = |message: &str| message.split(", and").next().unwrap_or_default().to_owned();
    disputes
        .map(|dispute| (target(&dispute.message), dispute.labels.iter().map(|label| label.text.clone()).collect()))
        .collect()
}

fn doubts(resolved: &Resolved) -> Vec<String> {
    let told = resolved.told.sorted(&resolved.sources).into_iter();
    let mut doubts: Vec<String> = told.map(|doubt| format!("{} {}", doubt.code, doubt.message)).collect();
    doubts.sort();
    doubts
}

/// Everything that is wanted, without places and in an order of its own.
fn declared(resolved: &Resolved) -> Vec<String> {
    let mut declared = Vec::new();
    for target in resolved.desired.targets() {
        for desired in &target.declared.settings {
            let name = |one: &Candidate| format!("{:?} {}", one.origin.declaration, one.specificity);
            let standing: BTreeSet<String> = desired.agreeing.iter().chain([&desired.decided]).map(name).collect();
            let beaten: BTreeSet<String> = desired.overridden.iter().map(name).collect();
            let waivers: BTreeSet<&str> = desired.waivers.iter().map(|waiver| &*waiver.reason).collect();
            let (setting, accepted, named) = (desired.setting, &desired.decided.accepted, target.declared.region_named);
            declared.push(format!(
                "{} {setting} {accepted:?} {named} {standing:?} {beaten:?} {waivers:?}",
                target.target()
            ));
        }
    }
    declared
}
