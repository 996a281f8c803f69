//! What it costs to draw a report of 10,000 accounts by 22 Regions, one target in twenty drifting, in each format.
//!
//! `cargo bench --bench reports`; the memory columns come from divan's counting allocator: what a format holds beside the report
//! itself. Results are in `docs/explanation/performance.md`.

#![expect(clippy::expect_used, reason = "a benchmark without its inputs cannot go on")]

use std::io;

use divan::{AllocProfiler, Bencher};
use driftline::aws::RequestCounts;
use driftline::diagnostic::{Diagnostics, Sources};
use driftline::drift::Comparison;
use driftline::model::{AccountId, Environment, Inventory, RegionTable, Unread, UnreadReason};
use driftline::policy;
use driftline::report::{
    Detail, Format, FormatOptions, Paint, Report, RunFacts, TextOptions, View, asff_files, render,
};
use driftline::resource::catalog;
use driftline::resource::macie_session::Frequency;
use driftline::resource::{LiveSession, LiveStatus, Reading};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const ACCOUNTS: u64 = 10_000;

fn main() {
    divan::main();
}

fn report() -> Report {
    let text = "version: 1\nmacie_sessions:\n  - name: everywhere\n    status: ENABLED\n    \
                finding_publishing_frequency: [FIFTEEN_MINUTES, ONE_HOUR]\n";
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("policy.yaml"), text).expect("a policy");
    let table = RegionTable::bundled();
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let set = policy::load(&[folder.path().to_owned()], folder.path(), catalog(&table), &mut sources, &mut diagnostics);
    let ids = (0..ACCOUNTS)
        .map(|number| -> AccountId { format!("{:012}", 100_000_000_000 + number).parse().expect("an account id") });
    let accounts = Inventory::from_ids(ids, table.macie_regions().cloned().collect());
    let desired = policy::resolve(&set, &accounts, &mut diagnostics);
    let reading = |number: usize| match number {
        _ if number.is_multiple_of(1000) => Reading::Unread(Unread::local(UnreadReason::Throttled, "slow down")),
        _ => Reading::On(LiveSession {
            status: if number.is_multiple_of(20) { LiveStatus::Paused } else { LiveStatus::Enabled },
            frequency: Frequency::FifteenMinutes,
            service_role: None,
            created_at: None,
            updated_at: None,
            note: None,
            further: None,
        }),
    };
    let readings = (0..desired.targets().len()).map(reading).collect();
    Report {
        run: RunFacts {
            command: "check".into(),
            started_at: "2027-01-01T00:00:00Z".parse().expect("a moment"),
            finished_at: "2027-01-01T00:10:00Z".parse().expect("a moment"),
            source: Environment::Simulation,
            policy_digest: set.digest,
            policy_files: set.files,
            settings_file: None,
            as_of: None,
            selection: None,
            shard: None,
            carried: None,
            snapshot: None,
            management_account: None,
            caller: None,
        },
        comparison: Comparison::new(desired, readings, jiff::civil::date(2027, 1, 1)),
        accounts,
        requests: RequestCounts::default(),
        base: None,
    }
}

#[divan::bench(args = Format::ALL.map(Format::as_str), sample_count = 5, sample_size = 1)]
fn drawn(bencher: Bencher, word: &str) {
    let report = report();
    let view = View::from(&report);
    let format = Format::ALL.into_iter().find(|format| format.as_str() == word).expect("a format");
    let text =
        TextOptions { width: 120, paint: Paint::Plain, detail: Detail::Normal, administrator: None, links: None };
    let options = FormatOptions::default();
    bencher.bench_local(|| {
        if format == Format::Asff {
            // As the program writes it: file by file.
            return asff_files(&view, &options).map(|file| file.expect("a file").1.len()).sum();
        }
        let mut out = Counted(0);
        render(&view, format, text, &options, &mut out).expect("nothing can fail");
        out.0
    });
}

/// Counts what is written and keeps none of it.
struct Counted(usize);

impl io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
