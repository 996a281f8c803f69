//! What a run of 10,000 accounts by 22 Regions costs before and after the network: parsing, resolving, comparing.
//!
//! `cargo bench`; the memory columns come from divan's counting allocator. Results are in `docs/explanation/performance.md`.

#![expect(clippy::expect_used, reason = "a benchmark without its inputs cannot go on")]

use std::fmt::Write as _;
use std::sync::Arc;

use divan::{AllocProfiler, Bencher};
use driftline::desired_diff::DesiredDiff;
use driftline::diagnostic::{Diagnostics, Sources};
use driftline::drift::Comparison;
use driftline::model::{Account, AccountId, Inventory, InventoryFields, RegionTable, Unit};
use driftline::policy::{self, PolicySet};
use driftline::resource::catalog;
use driftline::resource::macie_session::Frequency;
use driftline::resource::{LiveSession, LiveStatus, Reading};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const ACCOUNTS: u64 = 10_000;

fn main() {
    divan::main();
}

fn id(number: u64) -> String {
    format!("{:012}", 100_000_000_000 + number)
}

/// A baseline for every account, one declaration that lists them all, and one of its own for each hundredth account.
fn policy_text() -> String {
    let mut text = String::from(
        "version: 1\nmacie_sessions:\n  - name: everywhere\n    status: ENABLED\n    \
         finding_publishing_frequency: [FIFTEEN_MINUTES, ONE_HOUR]\n",
    );
    text.push_str("  - name: Europe publishes at once\n    regions: [\"eu-*\"]\n    accounts:\n");
    for number in 0..ACCOUNTS {
        let _ = writeln!(text, "      - \"{}\"", id(number));
    }
    text.push_str("    finding_publishing_frequency: FIFTEEN_MINUTES\n");
    for number in (0..ACCOUNTS).step_by(100) {
        let _ = writeln!(
            text,
            "  - accounts: [\"{}\"]\n    regions: [eu-central-1]\n    status: [PAUSED, ENABLED]",
            id(number)
        );
    }
    text
}

/// The same with the other two lists, where the name of the log group differs by account and Region.
fn every_resource_text() -> String {
    policy_text()
        + "session_manager_preferences:\n  - name: every account\n    \
           cloudwatch_log_group_name: \"/session-manager/{account}/{region}\"\n    \
           cloudwatch_encryption_enabled: true\n    idle_session_timeout: {at_most: 20}\n    \
           max_session_duration: {at_most: 720}\n\
           session_manager_sessions:\n  - name: just in time, with a reason\n    ended_within: 24h\n    \
           access_type: JustInTime\n    reason: SET\n    duration: {at_most: 480}\n"
}

/// 500 declarations as an organization writes them: by unit, by tag, by name, by id.
fn organization_text() -> String {
    let mut text = String::from(
        "version: 1\nmacie_sessions:\n  - name: everywhere\n    status: ENABLED\n    \
         finding_publishing_frequency: [FIFTEEN_MINUTES, ONE_HOUR]\n",
    );
    for unit in 0..50 {
        let _ = writeln!(
            text,
            "  - organizational_units: [Workloads/Unit {unit}]\n    finding_publishing_frequency: ONE_HOUR"
        );
    }
    for team in 0..100 {
        let _ = writeln!(text, "  - tags: {{team: team-{team}}}\n    status: [ENABLED, PAUSED]");
    }
    for number in 0..50 {
        let _ = writeln!(
            text,
            "  - accounts: [\"account-{number:02}-*\"]\n    regions: [\"eu-*\"]\n    \
             finding_publishing_frequency: FIFTEEN_MINUTES"
        );
    }
    for number in 0..299 {
        let _ = writeln!(
            text,
            "  - accounts: [\"{}\"]\n    regions: [eu-central-1]\n    status: [PAUSED, ENABLED]",
            id(number * 31)
        );
    }
    text
}

/// 10,000 accounts with names, in 50 organizational units, with tags.
fn organization(table: &RegionTable) -> Inventory {
    let unit = |name: String| Unit { id: name.as_str().into(), name: name.into() };
    let units: Vec<Arc<[Unit]>> =
        (0..50).map(|nth| [unit("Workloads".to_owned()), unit(format!("Unit {nth}"))].into()).collect();
    let account = |number: u64| {
        let mut account = Account::from_id(id(number).parse().expect("an account id"));
        account.name = Some(format!("account-{:02}-{number}", number % 97).into());
        account.units = Arc::clone(&units[usize::try_from(number % 50).expect("a small number")]);
        account.tags.insert("team".into(), format!("team-{}", number % 400).into());
        account.tags.insert("env".into(), "prod".into());
        account
    };
    let knowledge = InventoryFields { names: true, units: true, tags: true };
    Inventory::new((0..ACCOUNTS).map(account).collect(), knowledge, table.macie_regions().cloned().collect())
}

struct Files {
    folder: tempfile::TempDir,
    table: RegionTable,
}

impl Files {
    fn new(policy: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("policy.yaml"), policy).expect("a policy");
        Self { folder, table: RegionTable::bundled() }
    }

    fn load(&self) -> PolicySet {
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let paths = [self.folder.path().to_owned()];
        let set = policy::load(&paths, self.folder.path(), catalog(&self.table), &mut sources, &mut diagnostics);
        assert!(diagnostics.is_empty());
        set
    }

    fn inventory(&self) -> Inventory {
        let ids = (0..ACCOUNTS).map(|number| id(number).parse::<AccountId>().expect("an account id"));
        Inventory::from_ids(ids, self.table.macie_regions().cloned().collect())
    }
}

#[divan::bench]
fn parse(bencher: Bencher) {
    let files = Files::new(&policy_text());
    bencher.bench(|| files.load());
}

#[divan::bench]
fn resolve(bencher: Bencher) {
    let files = Files::new(&policy_text());
    let (set, inventory) = (files.load(), files.inventory());
    bencher.bench(|| {
        let desired = policy::resolve(&set, &inventory, &mut Diagnostics::default());
        assert_eq!(desired.targets().len(), 220_000);
        desired
    });
}

/// All three resources.
#[divan::bench]
fn resolve_every_resource(bencher: Bencher) {
    let files = Files::new(&every_resource_text());
    let (set, inventory) = (files.load(), files.inventory());
    bencher.bench(|| {
        let desired = policy::resolve(&set, &inventory, &mut Diagnostics::default());
        assert_eq!(desired.targets().len(), 660_000);
        desired
    });
}

/// 500 declarations by unit, tag, name and id.
#[divan::bench]
fn resolve_organization(bencher: Bencher) {
    let files = Files::new(&organization_text());
    let (set, inventory) = (files.load(), organization(&files.table));
    assert_eq!(set.declarations.len(), 500);
    bencher.bench(|| {
        let mut diagnostics = Diagnostics::default();
        let desired = policy::resolve(&set, &inventory, &mut diagnostics);
        assert!(!diagnostics.has_errors());
        assert_eq!(desired.targets().len(), 220_000);
        desired
    });
}

#[divan::bench]
fn compare(bencher: Bencher) {
    let files = Files::new(&policy_text());
    let desired = policy::resolve(&files.load(), &files.inventory(), &mut Diagnostics::default());
    // One target in twenty drifts.
    let reading = |number: usize| {
        Reading::On(LiveSession {
            status: if number.is_multiple_of(20) { LiveStatus::Paused } else { LiveStatus::Enabled },
            frequency: Frequency::FifteenMinutes,
            service_role: None,
            created_at: None,
            updated_at: None,
            note: None,
            further: None,
        })
    };
    bencher
        .with_inputs(|| (desired.clone(), (0..desired.targets().len()).map(reading).collect::<Vec<_>>()))
        .bench_values(|(desired, readings)| {
            let comparison = Comparison::new(desired, readings, jiff::civil::date(2027, 1, 1));
            assert!(comparison.ledger().drifted > 10_000);
            comparison
        });
}

/// A change of everything: each target of 10,000 accounts accepts other values.
#[divan::bench]
fn change_everything(bencher: Bencher) {
    let files = Files::new(&policy_text());
    let inventory = files.inventory();
    let old = policy::resolve(&files.load(), &inventory, &mut Diagnostics::default());
    let other = policy_text().replace("[PAUSED, ENABLED]", "NOT_ENABLED").replace("status: ENABLED", "status: PAUSED");
    std::fs::write(files.folder.path().join("policy.yaml"), other).expect("a policy");
    let new = policy::resolve(&files.load(), &inventory, &mut Diagnostics::default());
    bencher.bench(|| {
        let changes = DesiredDiff::between(&old, &new, &files.table);
        assert_eq!(changes.counts().changed_targets, 220_000);
        changes
    });
}
