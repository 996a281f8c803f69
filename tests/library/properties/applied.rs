//! After an apply a check finds nothing, and neither a plan nor a check changes anything: in any world, for any policy.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use driftline_simulator::{Simulation, World};
use proptest::collection::btree_map;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use super::cases;

const MANAGEMENT: &str = "000011112222";
const ADMINISTRATOR: &str = "999988887777";
/// Accounts of the organization that the administrator may administer.
const MEMBERS: [&str; 2] = ["111122223333", "222233334444"];
/// An account outside the organization.
const OUTSIDE: &str = "333344445555";
const ACCOUNTS: [&str; 5] = [MANAGEMENT, MEMBERS[0], MEMBERS[1], OUTSIDE, ADMINISTRATOR];

/// The last one is off unless an account has it on.
const REGIONS: [&str; 3] = ["eu-central-1", "eu-west-1", "me-south-1"];
const FREQUENCIES: [&str; 3] = ["FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS"];

/// What a session is at the start; `None` is none.
type Session = Option<(&'static str, &'static str)>;

/// What is wanted of a target: accepted statuses, and accepted frequencies; either may be empty, not both.
type Wish = (Vec<&'static str>, Vec<&'static str>);

#[derive(Debug, Clone)]
struct Start {
    sessions: [Session; 3],
    optional_region_is_on: bool,
    /// Whether the administrator administers it where both have a session.
    is_member: bool,
}

#[derive(Debug, Clone)]
struct Situation {
    accounts: [Start; 5],
    declared: std::collections::BTreeMap<(usize, usize), Wish>,
    /// What everybody wants where nothing more specific does, in all Regions.
    everywhere: Option<Wish>,
    caller: &'static str,
    /// Whether the settings name the administrator.
    administrator_is_named: bool,
    /// Whether the accounts come from AWS Organizations.
    of_organization: bool,
}

fn start() -> impl Strategy<Value = Start> {
    let session = prop::option::of((select(vec!["ENABLED", "PAUSED"]), select(FREQUENCIES.to_vec())));
    let parts = (prop::array::uniform3(session), any::<bool>(), any::<bool>());
    parts.prop_map(|(sessions, optional_region_is_on, is_member)| Start { sessions, optional_region_is_on, is_member })
}

fn desired() -> impl Strategy<Value = Wish> {
    let statuses: Vec<Vec<&str>> = vec![
        vec![],
        vec!["ENABLED"],
        vec!["PAUSED"],
        vec!["NOT_ENABLED"],
        vec!["PAUSED", "ENABLED"],
        vec!["ENABLED", "NOT_ENABLED"],
        vec!["NOT_ENABLED", "PAUSED"],
    ];
    let frequencies = prop::sample::subsequence(FREQUENCIES.to_vec(), 0..3).prop_shuffle();
    (select(statuses), frequencies).prop_map(|(statuses, frequencies)| {
        match (statuses.as_slice(), frequencies.as_slice()) {
            ([], []) => (vec!["ENABLED"], vec![]),
            // A frequency beside no session is a mistake.
            (["NOT_ENABLED"], _) => (statuses, vec![]),
            _ => (statuses, frequencies),
        }
    })
}

fn situation() -> impl Strategy<Value = Situation> {
    let declared = btree_map((0..ACCOUNTS.len(), 0..REGIONS.len()), desired(), 1..9);
    let caller = select(vec![MANAGEMENT, ADMINISTRATOR]);
    let parts =
        (prop::array::uniform5(start()), declared, prop::option::of(desired()), caller, any::<bool>(), any::<bool>());
    parts.prop_map(|(accounts, mut declared, mut everywhere, caller, administrator_is_named, of_organization)| {
        if of_organization {
            // Nobody is asked about an account that the organization does not list.
            declared.retain(|(account, _), _| ACCOUNTS[*account] != OUTSIDE);
        }
        if declared.is_empty() {
            everywhere.get_or_insert((vec!["ENABLED"], vec![]));
        }
        Situation { accounts, declared, everywhere, caller, administrator_is_named, of_organization }
    })
}

impl Situation {
    fn world(&self) -> String {
        let mut text = format!(
            "version: 1\ncaller: \"{}\"\norganization: {{management: \"{MANAGEMENT}\", delegated_administrators: \
             [\"{ADMINISTRATOR}\"], macie_administrator: \"{ADMINISTRATOR}\"}}\naccounts:\n",
            self.caller
        );
        for (id, start) in ACCOUNTS.iter().zip(&self.accounts) {
            let mut parts = Vec::new();
            if start.optional_region_is_on {
                parts.push("regions_on: [me-south-1]".to_owned());
            }
            let is_on = |region: &str| region != "me-south-1" || start.optional_region_is_on;
            let sessions = REGIONS.iter().zip(&start.sessions).filter(|(region, _)| is_on(region));
            let sessions: Vec<String> = sessions
                .filter_map(|(region, session)| {
                    let (status, frequency) = (*session)?;
                    Some(format!("{region}: {{status: {status}, finding_publishing_frequency: {frequency}}}"))
                })
                .collect();
            parts.push(format!("sessions: {{{}}}", sessions.join(", ")));
            if *id == OUTSIDE {
                parts.push("in_organization: false".to_owned());
            }
            if start.is_member && *id != ADMINISTRATOR && *id != MANAGEMENT {
                let kind = if *id == OUTSIDE { "invitation" } else { "organization" };
                parts.push(format!("administrator: \"{ADMINISTRATOR}\", membership: {kind}"));
            }
            writeln!(text, "  \"{id}\": {{{}}}", parts.join(", ")).expect("a text");
        }
        text
    }

    fn policy(&self) -> String {
        let wanted = |(statuses, frequencies): &Wish| {
            let list =
                |key: &str, values: &[&str]| (!values.is_empty()).then(|| format!("{key}: [{}]", values.join(", ")));
            let parts = [list("status", statuses), list("finding_publishing_frequency", frequencies)];
            parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
        };
        let mut text = "version: 1\nmacie_sessions:\n".to_owned();
        if let Some(desired) = &self.everywhere {
            writeln!(text, "  - {{regions: [\"eu-*\", \"me-*\"], {}}}", wanted(desired)).expect("a text");
        }
        for ((account, region), desired) in &self.declared {
            let (account, region) = (ACCOUNTS[*account], REGIONS[*region]);
            writeln!(text, "  - {{accounts: [\"{account}\"], regions: [{region}], {}}}", wanted(desired))
                .expect("a text");
        }
        text
    }

    fn settings(&self) -> String {
        let administrator = if self.administrator_is_named {
            format!("administrator_account = \"{ADMINISTRATOR}\"\n")
        } else {
            String::new()
        };
        let accounts = if self.of_organization { "organization" } else { "declared" };
        format!(
            "[aws]\nrole_name = \"DriftlineRead\"\napply_role_name = \"DriftlineApply\"\n{administrator}[inventory]\naccounts \
             = \"{accounts}\"\nregions = [\"eu-central-1\", \"eu-west-1\", \"me-south-1\"]\n[apply]\nmax_changes = 1000\n"
        )
    }
}

/// Runs the program, and returns its exit code and the JSON on its standard output.
fn driftline(folder: &Path, simulation: &Simulation, arguments: &[&str]) -> (i32, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_driftline"));
    command.args(arguments).args(["--report", "json", "--quiet"]).current_dir(folder).env_clear();
    let output = command.envs(simulation.environment()).env("HOME", folder).output().expect("the program runs");
    let told = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code().expect("an exit code");
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{arguments:?} {code}: {told}"));
    (code, report)
}

/// Account, Region and setting.
type Place = (String, String, String);

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().expect("a list")
}

/// The drift that a check has found.
fn drift(report: &Value) -> Vec<Place> {
    let mut found = Vec::new();
    for target in list(&report["targets"]) {
        for setting in list(&target["settings"]).iter().filter(|setting| setting["outcome"] == "drifted") {
            found.push((text(&target["account"]), text(&target["region"]), text(&setting["setting"])));
        }
    }
    found
}

/// Whether what a plan says is in the way of a change truly is.
fn is_in_the_way(simulation: &Simulation, situation: &Situation, item: &Value) -> bool {
    let account = text(&item["account"]);
    let region = text(&item["region"]).parse().expect("a Region");
    let at = ACCOUNTS.iter().position(|id| *id == account).expect("an account");
    let administers = |other: &str| {
        simulation.administrator(other.parse().expect("an id"), region).map(|id| id.to_string())
            == Some(account.clone())
    };
    match item["block_reason"].as_str().expect("an block_reason") {
        "region_off" => !situation.accounts[at].optional_region_is_on && item["region"] == "me-south-1",
        "member_cannot_disable" => simulation.administrator(account.parse().expect("an id"), region).is_some(),
        "administrator_with_members" => ACCOUNTS.iter().any(|other| administers(other)),
        _ => false,
    }
}

/// The whole way: check, plan, apply, check, apply.
fn goes_there(situation: &Situation) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().expect("a folder");
    let world = World::parse(&situation.world(), "world.yaml").expect("a world");
    let simulation = Simulation::start(world, 0).expect("a simulation");
    std::fs::write(folder.path().join("a.yaml"), situation.policy()).expect("a file");
    std::fs::write(folder.path().join("driftline.toml"), situation.settings()).expect("a file");
    let run = |arguments: &[&str]| driftline(folder.path(), &simulation, arguments);
    let (_, found) = run(&["check", "a.yaml"]);
    let (planned, plan) = run(&["plan", "a.yaml", "--out", "plan.json"]);
    prop_assert!(!simulation.was_written_to(), "reading has written");
    let blocked = list(&plan["blocked"]).clone();
    for item in &blocked {
        prop_assert!(is_in_the_way(&simulation, situation, item), "{item}");
    }
    let has_drift = !drift(&found).is_empty();
    prop_assert_eq!(planned, if has_drift { 2 } else { 0 }, "{}", plan);
    prop_assert!(list(&plan["unread"]).is_empty(), "{}", plan);
    let apply = ["apply", "--auto-approve", "--allow", "pause", "--allow", "disable", "--visible-within", "1s"];
    let (exit, applied) = run(&[&apply[..], &["plan.json", "--journal", "j.jsonl"]].concat());
    for step in list(&applied["steps"]) {
        prop_assert_eq!(&step["outcome"], "verified", "{}\n{}", step, plan);
    }
    prop_assert_eq!(exit, if blocked.is_empty() { 0 } else { 8 });
    let (_, after) = run(&["check", "a.yaml"]);
    let place = |item: &Value| (text(&item["account"]), text(&item["region"]), text(&item["change"]["setting"]));
    let left: Vec<Place> = blocked.iter().map(place).collect();
    prop_assert_eq!(drift(&after), left, "{}", plan);
    let written = simulation.written();
    let (_, again) = run(&[&apply[..], &["a.yaml", "--journal", "k.jsonl"]].concat());
    prop_assert_eq!(&again["totals"]["steps"], 0);
    prop_assert_eq!(simulation.written(), written);
    Ok(())
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn after_an_apply_nothing_drifts_but_what_no_call_can_mend(situation in situation()) {
        goes_there(&situation)?;
    }
}
