//! How much memory a check of 10,000 accounts by 22 Regions takes, 5 % drifting, with a report in text and one in JSON.
//!
//! `cargo bench --bench memory`, or `cargo bench --bench memory -- 1000 22`. With `equal` or `different` behind it, every second
//! target is denied with a message of 4 KB, one for all or each another one. The results are in `docs/explanation/scale.md`.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a benchmark without its inputs cannot go on, and tells")]

#[cfg(unix)]
mod denying;
#[cfg(unix)]
mod served;

#[cfg(not(unix))]
fn main() {}

#[cfg(unix)]
fn main() {
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    use served::{DRIFTLINE, Declared, Served};

    let arguments: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let (accounts, regions) = (arguments.first().copied().unwrap_or(10_000), arguments.get(1).copied().unwrap_or(22));
    let messages = std::env::args().find_map(|argument| denying::Messages::of(&argument));
    let mut served = Served::start(&format!("accounts={accounts},regions={regions},drift=5"));
    if let Some(messages) = messages {
        served.variables.push(("AWS_ENDPOINT_URL_MACIE2".to_owned(), denying::start(messages)));
    }
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("policy.yaml"), served.policy(Declared::Sessions)).expect("a policy");
    std::fs::write(folder.path().join("driftline.toml"), served.settings(64)).expect("settings");
    let began = Instant::now();
    let mut check = Command::new(DRIFTLINE)
        .args(["check", "--report", "json=report.json", "--report", "text=report.txt"])
        .envs(served.variables.iter().map(|(name, value)| (name, value)))
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    // The high-water mark only rises, and is gone with the process: the last look counts.
    let status = format!("/proc/{}/status", check.id());
    let mut most = 0_u64;
    let ended = loop {
        let seen = std::fs::read_to_string(&status).unwrap_or_default();
        let mark = seen.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok());
        most = most.max(mark.unwrap_or_default());
        if let Some(ended) = check.try_wait().expect("a child") {
            break ended;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let expected = if messages.is_some() { 4 } else { 2 };
    assert_eq!(ended.code(), Some(expected), "what was read, and what was not");
    let size = |file: &str| std::fs::metadata(folder.path().join(file)).expect("a report").len() / 1_000_000;
    println!(
        "{accounts} accounts × {regions} Regions: {} MB at most, {:.1} s",
        most / 1000,
        began.elapsed().as_secs_f64()
    );
    println!("report.json {} MB, report.txt {} MB", size("report.json"), size("report.txt"));
}
