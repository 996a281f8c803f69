//! Whether reading again and again, through faults of every kind, takes more and more memory or files.
//!
//! `cargo bench --bench soak`, or `cargo bench --bench soak -- 5` for so many minutes in place of 30. It prints a line every
//! minute, and fails if the last of them are above the first. A result is in `docs/explanation/performance.md`.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a benchmark without its inputs cannot go on, and tells")]

#[cfg(unix)]
mod served;

/// That of the program: what is measured here is its memory, too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[cfg(not(unix))]
fn main() {}

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    soak::run()
}

#[cfg(unix)]
mod soak {
    use std::fmt::Write as _;
    use std::fs;
    use std::num::NonZeroUsize;
    use std::path::Path;
    use std::process::{Child, ExitCode};
    use std::time::{Duration, Instant};

    use driftline::aws::{AccessOptions, AwsSession, RequestCounts, Source, Timeouts};
    use driftline::collect::{AdministratorReader, CollectLimits, Collector, Fallback, ReadRequest};
    use driftline::model::{AccountId, Region, RegionTable, Target};
    use driftline::resource::Reading;

    use super::served::simulate;

    const ACCOUNTS: usize = 200;
    const REGIONS: usize = 17;
    const CALLER: usize = 0;
    const ADMINISTRATOR: usize = 1;
    const MINUTE: Duration = Duration::from_mins(1);

    /// A run may end with as much more memory as this share of what it began with, and this much beside.
    const MORE_MEMORY: (u64, u64) = (10, 8_000);
    const MORE_FILES: u64 = 16;

    /// The simulated AWS, until this is dropped.
    struct Simulated(Child);

    impl Drop for Simulated {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    /// What a process holds.
    #[derive(Clone, Copy)]
    struct Held {
        /// In kB.
        memory: u64,
        files: u64,
    }

    /// What was read since the last line.
    #[derive(Default)]
    struct Read {
        rounds: u32,
        known: usize,
        unread: usize,
    }

    fn id(nth: usize) -> AccountId {
        format!("{:012}", 100_000_000_000 + nth).parse().expect("an id")
    }

    /// An organization in which something is wrong with one account in ten.
    fn world() -> String {
        let mut text = format!(
            "version: 1\ncaller: \"{caller}\"\norganization: {{management: \"{caller}\", delegated_administrators: \
             [\"{administrator}\"], macie_administrator: \"{administrator}\"}}\ncredentials_last: 60s\naccounts:\n",
            caller = id(CALLER),
            administrator = id(ADMINISTRATOR)
        );
        for nth in 0..ACCOUNTS {
            let member = format!("administrator: \"{}\", ", id(ADMINISTRATOR));
            let member = if nth > ADMINISTRATOR && nth % 2 == 0 { member.as_str() } else { "" };
            let session = if nth % 7 == 3 { "{us-east-1: {status: PAUSED}}" } else { "{\"*\": {}}" };
            writeln!(text, "  \"{}\": {{{member}sessions: {session}}}", id(nth)).expect("a text");
        }
        text.push_str("faults:\n");
        // What is tried again strikes few Regions: an account that shows strain is asked one thing after the other, and rounds
        // are to end.
        let (macie, few) =
            ("operations: [\"macie2:*\"]", "operations: [\"macie2:*\"], regions: [eu-west-1, us-east-1]");
        let sts = "operations: [\"sts:AssumeRole\"]";
        let faults = [
            (11, few, "hang"),
            (21, few, "throttle"),
            (31, few, "bare_429"),
            (41, few, "reset"),
            (51, sts, "reset"),
            (61, few, "truncated"),
            (71, sts, "truncated"),
            (81, macie, "{drip: 150ms}"),
            (91, few, "{drip: 60s}"),
            (101, few, "server_error"),
            (111, few, "html_503"),
            (121, macie, "foreign_body"),
            (131, macie, "expired_token"),
            (141, macie, "unrecognized_client"),
            (151, sts, "throttle"),
            (161, sts, "{wrong_identity: \"100000000000\"}"),
            (171, macie, "{latency: 200ms}"),
            (181, sts, "hang"),
            (191, macie, "{answer: {status: 400, body: \"?\"}}"),
        ];
        for (nth, whom, what) in faults {
            writeln!(text, "  - {{accounts: [\"{}\"], {whom}, fault: {what}}}", id(nth)).expect("a text");
        }
        text.push_str("  - {operations: [\"macie2:ListMembers\"], regions: [eu-north-1], fault: throttle}\n");
        text
    }

    fn held(process: &str) -> Held {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let memory =
            status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse().ok());
        let files = fs::read_dir(format!("/proc/{process}/fd")).map(Iterator::count).unwrap_or_default();
        Held { memory: memory.unwrap_or_default(), files: files as u64 }
    }

    async fn connect(variables: &[(String, String)]) -> AwsSession {
        let variable = |wanted: &str| {
            let found = variables.iter().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.clone()).expect("a variable")
        };
        let mut options = AccessOptions::new(Source::Fixed {
            endpoint_url: variable("AWS_ENDPOINT_URL"),
            access_key_id: variable("AWS_ACCESS_KEY_ID"),
            secret_access_key: variable("AWS_SECRET_ACCESS_KEY"),
            region: "us-east-1".parse().expect("a Region"),
        });
        options.role = Some("DriftlineRead".parse().expect("a role"));
        options.attempts = options.attempts.min(std::num::NonZeroU32::MIN.saturating_add(1));
        let second = Duration::from_secs(1);
        options.timeouts = Timeouts { connect: second, attempt: second, operation: 2 * second };
        AwsSession::connect(options).await.expect("a way to the simulated AWS")
    }

    fn questions() -> Vec<ReadRequest> {
        let table = RegionTable::bundled();
        let regions: Vec<Region> =
            table.macie_regions().filter(|region| !table.is_opt_in(region)).take(REGIONS).cloned().collect();
        let of_account = |nth: usize| {
            regions.iter().map(move |region| ReadRequest {
                target: Target::macie_session(id(nth), region.clone()),
                region_named: false,
                member_list_suffices: nth.is_multiple_of(4),
                declared: None,
            })
        };
        (0..ACCOUNTS).flat_map(of_account).collect()
    }

    /// Reads everything once. Every second round goes through the administrator; every fourth is cut short.
    async fn round(access: &AwsSession, questions: &[ReadRequest], nth: u32) -> Vec<Reading> {
        let deadline = if nth % 4 == 3 { Duration::from_millis(1500) } else { MINUTE };
        let limits = CollectLimits {
            concurrency: NonZeroUsize::new(64).expect("some"),
            deadline: Some(deadline),
            keeps_open: false,
        };
        let (table, stop) = (RegionTable::bundled(), std::future::pending());
        let gathering = if nth % 2 == 1 {
            let through = AdministratorReader { administrator: id(ADMINISTRATOR), fallback: Fallback::Accounts };
            Collector::new(access, questions, &table, limits, &|_| ())
                .collect_through_administrator(through, stop)
                .await
        } else {
            Collector::new(access, questions, &table, limits, &|_| ()).collect(stop).await
        };
        assert_eq!(gathering.readings.len(), questions.len(), "one reading per question");
        gathering.readings
    }

    pub(super) fn run() -> ExitCode {
        let minutes = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(30);
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("world.yaml");
        fs::write(&file, world()).expect("a world");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (reader, simulated) = runtime.block_on(soak(&file, minutes));
        let is_steady =
            [("the reader", reader), ("the simulated AWS", simulated)].map(|(who, lines)| steady(who, &lines));
        if is_steady == [true; 2] { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    /// Reads for so long, and gives what both processes held at the end of each minute.
    async fn soak(world: &Path, minutes: usize) -> (Vec<Held>, Vec<Held>) {
        let (process, variables) = simulate(&[world.to_str().expect("a path")]);
        let process = Simulated(process);
        let (access, questions) = (connect(&variables).await, questions());
        println!("{ACCOUNTS} accounts × {REGIONS} Regions, {minutes} minutes");
        println!(
            "| Minute | Rounds | Known | Unread | Requests | Retried | MB | Files | MB of the simulated AWS | its files |"
        );
        println!("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
        let (mut of_reader, mut of_simulated) = (Vec::new(), Vec::new());
        let (began, mut rounds, mut read) = (Instant::now(), 0, Read::default());
        while of_reader.len() < minutes {
            for reading in round(&access, &questions, rounds).await {
                match reading {
                    Reading::Unread(_) => read.unread += 1,
                    _ => read.known += 1,
                }
            }
            rounds += 1;
            read.rounds += 1;
            let minute = of_reader.len() + 1;
            if began.elapsed() >= MINUTE * u32::try_from(minute).expect("a small number") {
                let (own, other) = (held("self"), held(&process.0.id().to_string()));
                tell(minute, &std::mem::take(&mut read), access.requests(), own, other);
                of_reader.push(own);
                of_simulated.push(other);
            }
        }
        (of_reader, of_simulated)
    }

    fn tell(minute: usize, read: &Read, requests: RequestCounts, own: Held, other: Held) {
        let sent = requests.macie2 + requests.sts + requests.account;
        let megabytes = |held: Held| format!("{}.{}", held.memory / 1000, held.memory % 1000 / 100);
        println!(
            "| {minute} | {} | {} | {} | {sent} | {} | {} | {} | {} | {} |",
            read.rounds,
            read.known,
            read.unread,
            requests.retried,
            megabytes(own),
            own.files,
            megabytes(other),
            other.files
        );
    }

    /// Compares the medians of the first and of the last fifth, after a tenth in which everything finds its size.
    fn steady(who: &str, lines: &[Held]) -> bool {
        let lines = lines.get((lines.len() / 10).max(1)..).unwrap_or_default();
        let fifth = (lines.len() / 5).max(1);
        let (Some(first), Some(last)) =
            (lines.get(..fifth), lines.len().checked_sub(fifth).and_then(|from| lines.get(from..)))
        else {
            println!("{who}: too few minutes to tell");
            return true;
        };
        let median = |of: &[Held], value: fn(&Held) -> u64| {
            let mut values: Vec<u64> = of.iter().map(value).collect();
            values.sort_unstable();
            values.get(values.len() / 2).copied().unwrap_or_default()
        };
        let [memory, files] = [(|held| held.memory) as fn(&Held) -> u64, |held| held.files]
            .map(|of| (median(first, of), median(last, of)));
        println!("{who}: from {} kB to {} kB, from {} files to {}", memory.0, memory.1, files.0, files.1);
        let (percent, beside) = MORE_MEMORY;
        memory.1 <= memory.0 + memory.0 * percent / 100 + beside && files.1 <= files.0 + MORE_FILES
    }
}
