//! Generated worlds, through the program.

use driftline_simulator::{AccountId, Frequency, Recipe, Region, SessionStatus, Simulation, World};

use crate::support::{Driftline, Simulated, Site, policy};

const RECIPE: &str = "accounts=20,regions=3,drift=50";
const REGIONS: [&str; 3] = ["ap-northeast-1", "ap-northeast-2", "ap-northeast-3"];
const INVENTORY: &str = "[inventory]\naccounts = \"organization\"\n";

fn recipe() -> Recipe {
    RECIPE.parse().expect("a recipe")
}

fn generated() -> Simulation {
    Simulation::start(World::generate(&recipe()), 0).expect("a simulation")
}

/// What is wanted everywhere, of accounts selected in YAML's flow style.
fn wanted(selectors: &str) -> String {
    let regions = REGIONS.join(", ");
    format!("{selectors}regions: [{regions}], status: ENABLED, finding_publishing_frequency: FIFTEEN_MINUTES")
}

/// How many targets of some accounts are not as they should be.
fn drifted(simulation: &Simulation, accounts: impl Iterator<Item = AccountId>) -> usize {
    let regions = REGIONS.map(|region| region.parse::<Region>().expect("a Region"));
    let fine = Some((SessionStatus::Enabled, Frequency::FifteenMinutes));
    let drifts = |account| regions.iter().filter(|region| simulation.session(account, **region) != fine).count();
    accounts.map(drifts).sum()
}

#[test]
fn a_check_finds_what_was_generated_in_another_process() {
    let expected = drifted(&generated(), recipe().accounts());
    assert!((20..40).contains(&expected), "{expected} of 60");
    let simulated = Simulated::generated(RECIPE);
    let program = Driftline::new().policy("a.yaml", policy([wanted("")]));
    let program = program.settings(&format!("{INVENTORY}[aws]\nrole_name = \"Reader\"\n"));
    let program = program.variables(&simulated.variables);
    let report = program.args(["check", "a.yaml", "--report", "json"]).run(2).json();
    let ledger = &report["ledger"];
    assert_eq!(ledger["declared"], 60);
    assert_eq!(ledger["drifted"], expected);
    assert_eq!(ledger["in_sync"], 60 - expected);
    assert_eq!(report["run"]["caller"]["account"], "100000000000");
}

#[test]
fn units_and_tags_select_generated_accounts() {
    for (selectors, is_in) in [
        ("organizational_units: [Sandbox], ", (|digit| digit == 0) as fn(usize) -> bool),
        ("tags: {env: test}, ", |digit| (1..=3).contains(&digit)),
        ("organizational_units: [Workloads/Prod], ", |digit| digit > 3),
    ] {
        let site = Site::of(generated(), [wanted(selectors)]).settings(INVENTORY);
        // The first two are the management account and the administrator, which have places of their own.
        let is_selected = |(number, _): &(usize, AccountId)| *number > 1 && is_in(number % 10);
        let selected: Vec<_> = recipe().accounts().enumerate().filter(is_selected).map(|(_, id)| id).collect();
        let drifted = drifted(&site.simulation, selected.iter().copied());
        let report = site.run(&["check", "a.yaml", "--report", "json"], if drifted == 0 { 0 } else { 2 }).json();
        assert_eq!(report["ledger"]["declared"], selected.len() * 3, "{selectors}");
        assert_eq!(report["ledger"]["drifted"], drifted, "{selectors}");
    }
}

#[test]
fn what_drifts_in_a_generated_world_can_be_mended() {
    let site = Site::of(generated(), [wanted("")]);
    let site =
        site.settings(&format!("administrator_account = \"100000000001\"\n{INVENTORY}[apply]\nmax_changes = 60\n"));
    let expected = drifted(&site.simulation, recipe().accounts());
    let ran = site.apply(&["--report", "json"], 0).json();
    assert_eq!(ran["totals"]["verified"], ran["totals"]["steps"]);
    assert!(site.simulation.written().len() >= expected);
    assert_eq!(drifted(&site.simulation, recipe().accounts()), 0);
    site.is_in_sync();
}

#[test]
fn a_world_comes_from_a_file_or_from_a_recipe() {
    let simulate = |arguments: &[&str]| Driftline::new().args(["simulate"]).args(arguments).run(1);
    simulate(&[]).says("<WORLD|--generate <RECIPE>>");
    simulate(&["world.yaml", "--generate", "accounts=1"]).says("cannot be used with");
    simulate(&["--generate", "regions=0,drfit=5"])
        .says("regions cannot be \"0\": give a whole number from 1 to 22")
        .says("there is no key \"drfit\": the keys are accounts, regions, seed, drift, sessions, latency")
        .says("accounts is missing: say how many, such as accounts=100");
}

#[test]
fn a_world_file_that_is_missing_is_named() {
    let ran = Driftline::new().args(["simulate", "no/such/world.yaml"]).run(1);
    let expected = "error: cannot read the world file no/such/world.yaml: No such file or directory (os error 2)\n  \
                    fix: the world file describes the simulated AWS; see docs/reference/simulator.md\n";
    assert_eq!(ran.stderr, expected);
}
