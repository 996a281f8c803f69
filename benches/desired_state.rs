//! What a run of 10,000 accounts by 22 Regions costs before and after the network: parsing, resolving, comparing.
//!
//! `cargo bench`; the memory columns come from divan's counting allocator. Results are in `docs/performance.md`.

#![expect(clippy::expect_used, reason = "a benchmark without its inputs cannot go on")]

use std::fmt::Write as _;

use divan::{AllocProfiler, Bencher};
use driftline::diagnostic::{Diagnostics, Sources};
use driftline::drift::Comparison;
use driftline::model::{AccountId, Frequency, Inventory, RegionTable};
use driftline::policy::{self, PolicySet};
use driftline::session::{LiveSession, LiveStatus, Reading};

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

struct Files {
    folder: tempfile::TempDir,
    table: RegionTable,
}

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("policy.yaml"), policy_text()).expect("a policy");
        Self { folder, table: RegionTable::bundled() }
    }

    fn load(&self) -> PolicySet {
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let paths = [self.folder.path().to_owned()];
        let set = policy::load(&paths, self.folder.path(), &self.table, &mut sources, &mut diagnostics);
        assert!(diagnostics.is_empty());
        set
    }

    fn inventory(&self) -> Inventory {
        let ids = (0..ACCOUNTS).map(|number| id(number).parse::<AccountId>().expect("an account id"));
        Inventory::of_ids(ids, self.table.macie_regions().cloned().collect())
    }
}

#[divan::bench]
fn parse(bencher: Bencher) {
    let files = Files::new();
    bencher.bench(|| files.load());
}

#[divan::bench]
fn resolve(bencher: Bencher) {
    let files = Files::new();
    let (set, inventory) = (files.load(), files.inventory());
    bencher.bench(|| {
        let desired = policy::resolve(&set, &inventory, &mut Diagnostics::default());
        assert_eq!(desired.targets().len(), 220_000);
        desired
    });
}

#[divan::bench]
fn compare(bencher: Bencher) {
    let files = Files::new();
    let desired = policy::resolve(&files.load(), &files.inventory(), &mut Diagnostics::default());
    // One target in twenty drifts.
    let reading = |number: usize| {
        Reading::On(LiveSession {
            status: if number.is_multiple_of(20) { LiveStatus::Paused } else { LiveStatus::Enabled },
            frequency: Frequency::FifteenMinutes,
            service_role: None,
            created_at: None,
            updated_at: None,
        })
    };
    bencher
        .with_inputs(|| (desired.clone(), (0..desired.targets().len()).map(reading).collect::<Vec<_>>()))
        .bench_values(|(desired, readings)| {
            let comparison = Comparison::new(desired, readings);
            assert!(comparison.ledger().drifted > 10_000);
            comparison
        });
}
