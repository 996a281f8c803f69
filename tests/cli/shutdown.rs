//! Signals where nothing waits for AWS: while reports are written or cannot be, while a lock is waited for, before a run begins.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::organization::{APPROVED, organization, site};
use crate::support::{ACCOUNT, CALLER, Driftline, Site, World, policy, simulation};

const SIGNALS: [(Signal, i32); 3] = [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 143)];

/// Long enough for a busy machine, and shorter than anything that would have to time out.
const PATIENCE: Duration = Duration::from_mins(1);

fn send(signal: Signal, child: &Child) {
    kill_process(Pid::from_child(child), signal).expect("the process is there");
}

fn begin(mut command: Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs")
}

/// Waits until the process has something of this name and value, as proc_pid_status(5) has it.
fn until_status(child: &Child, is_so: impl Fn(&str) -> bool) {
    let end = Instant::now() + PATIENCE;
    let file = format!("/proc/{}/status", child.id());
    while !std::fs::read_to_string(&file).is_ok_and(|status| is_so(&status)) {
        assert!(Instant::now() < end, "it never was so");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Waits until the process has its own answer to a signal.
fn until_it_listens(child: &Child, signal: Signal) {
    until_status(child, |status| {
        let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).expect("a mask");
        let mask = u64::from_str_radix(mask.trim(), 16).expect("a number");
        mask >> (signal.as_raw() - 1) & 1 == 1
    });
}

/// The exit code, which comes without anything else being done.
#[track_caller]
fn end_of(child: &mut Child) -> Option<i32> {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().expect("a process") {
            assert_eq!(status.signal(), None, "it ends by itself");
            return status.code();
        }
        if Instant::now() >= end {
            child.kill().expect("the process is there");
            panic!("it never ended");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits for the first byte: from then on the process writes.
fn first_byte(stream: &mut impl std::io::Read) {
    let mut byte = [0];
    stream.read_exact(&mut byte).expect("a byte");
}

fn stdout(child: &mut Child) -> ChildStdout {
    child.stdout.take().expect("a pipe")
}

fn stderr(child: &mut Child) -> ChildStderr {
    child.stderr.take().expect("a pipe")
}

/// A world, and declarations about it, whose report is larger than any pipe.
fn large() -> (World, String) {
    let accounts: Vec<String> = (0..12).map(|nth| format!("1111222233{nth:02}")).collect();
    let world = accounts.iter().fold(World::new(), |world, account| world.enabled(account));
    (world, policy([format!("accounts: {accounts:?}, finding_publishing_frequency: SIX_HOURS")]))
}

/// A file as it is, times and folders included.
fn bytes(site: &Site, name: &str) -> Vec<u8> {
    std::fs::read(site.program.path(name)).expect("a file")
}

fn check_of_large(more: &[&str]) -> (driftline_simulator::Simulation, Driftline) {
    let (world, policy) = large();
    let simulation = simulation(&world);
    let program = Driftline::new().policy("a.yaml", policy).settings("[aws]\nrole_name = \"DriftlineRead\"\n");
    let program = program.variables(&simulation.environment());
    (simulation, program.args(["check", "a.yaml"]).args(more))
}

fn mkfifo(program: &Driftline, name: &str) {
    let made = Command::new("mkfifo").arg(program.path(name)).status().expect("mkfifo, of coreutils");
    assert!(made.success());
}

#[test]
fn a_report_that_nobody_reads_does_not_keep_the_process() {
    for (signal, exit) in SIGNALS {
        let (_simulation, program) = check_of_large(&["--report", "json"]);
        let mut child = begin(program.command());
        let mut output = stdout(&mut child);
        first_byte(&mut output);
        send(signal, &child);
        assert_eq!(end_of(&mut child), Some(exit));
    }
}

#[test]
fn a_report_that_is_read_on_is_whole_and_the_signal_counts() {
    let (_simulation, program) = check_of_large(&["--report", "json"]);
    let mut child = begin(program.command());
    let mut output = stdout(&mut child);
    first_byte(&mut output);
    send(Signal::TERM, &child);
    let mut rest = String::from("{");
    output.read_to_string(&mut rest).expect("UTF-8");
    let report: serde_json::Value = serde_json::from_str(&rest).expect("a whole report");
    assert_eq!(report["ledger"]["unread"], 0);
    assert_eq!(end_of(&mut child), Some(143));
}

#[test]
fn a_pipe_with_a_name_that_nobody_reads_does_not_keep_the_process() {
    for (signal, exit) in SIGNALS {
        let (_simulation, program) = check_of_large(&["--report", "json=pipe", "--report", "csv=a.csv"]);
        mkfifo(&program, "pipe");
        let mut child = begin(program.command());
        until_it_listens(&child, signal);
        send(signal, &child);
        assert_eq!(end_of(&mut child), Some(exit));
        let names = program.names("");
        assert!(names.iter().all(|name| !name.starts_with(".driftline")), "{names:?}");
    }
}

#[test]
fn a_second_signal_ends_what_is_blocked_at_once() {
    // On a machine that is too busy, the run gives up waiting before the second signal arrives: then it is tried again.
    assert!((0..5).any(|_| code_after_two_signals() == Some(143)), "it ended with the second signal");
}

fn code_after_two_signals() -> Option<i32> {
    let (_simulation, program) = check_of_large(&["--report", "json"]);
    let mut child = begin(program.command());
    let mut output = stdout(&mut child);
    first_byte(&mut output);
    send(Signal::INT, &child);
    until_status(&child, |status| status.contains("SigPnd:\t0000000000000000"));
    while child.try_wait().expect("a process").is_none() {
        send(Signal::TERM, &child);
        std::thread::sleep(Duration::from_millis(5));
    }
    end_of(&mut child)
}

#[test]
fn commands_without_aws_end_at_the_first_signal() {
    let (_simulation, program) = check_of_large(&["--report", "json=report.json", "--quiet"]);
    program.run(2);
    for (signal, exit) in SIGNALS {
        for arguments in [["report", "report.json", "--report", "json"], ["report", "report.json", "--report", "html"]]
        {
            let mut command = Command::new(program.command().get_program());
            command.args(arguments).current_dir(program.path(""));
            let mut child = begin(command);
            let mut output = stdout(&mut child);
            first_byte(&mut output);
            send(signal, &child);
            assert_eq!(end_of(&mut child), Some(exit), "{arguments:?}");
        }
    }
}

#[test]
fn errors_that_nobody_reads_do_not_keep_the_process() {
    // Ambiguous pairs, each told at length on standard error.
    let declarations: Vec<String> = (0..400).map(|nth| format!("acounts: [\"{nth:012}\"], status: ENABLED")).collect();
    let program = Driftline::new().policy("a.yaml", policy(declarations)).args(["validate", "a.yaml"]);
    for (signal, exit) in SIGNALS {
        let mut child = begin(program.command());
        let mut errors = stderr(&mut child);
        first_byte(&mut errors);
        send(signal, &child);
        assert_eq!(end_of(&mut child), Some(exit));
    }
}

#[test]
fn a_run_that_waits_for_the_lock_of_another_one_ends() {
    for (signal, exit) in SIGNALS {
        let program = Driftline::new()
            .policy("a.yaml", policy([format!("accounts: [\"{CALLER}\"], status: ENABLED")]))
            .world(&World::new().enabled(CALLER))
            .args(["check", "a.yaml", "--simulate", "world.yaml", "--since", "last.json", "--lock-wait", "10h"]);
        let held = File::create(program.path("last.json.lock")).expect("a file");
        held.lock().expect("nobody else has it");
        let mut child = begin(program.command());
        until_it_listens(&child, signal);
        send(signal, &child);
        assert_eq!(end_of(&mut child), Some(exit));
        assert!(!program.path("last.json").exists());
    }
}

#[test]
fn a_run_that_has_not_begun_yet_ends() {
    for (signal, exit) in SIGNALS {
        let program = Driftline::new()
            .policy("a.yaml", policy([format!("accounts: [\"{CALLER}\"], status: ENABLED")]))
            .world(&World::new().enabled(CALLER))
            .args(["check", "a.yaml", "--simulate", "world.yaml", "--since", "last.json", "--jitter", "100000h"])
            .args(["--report", "json"]);
        let mut child = begin(program.command());
        until_it_listens(&child, signal);
        let lock = program.path("last.json.lock");
        until_status(&child, |status| {
            std::fs::read_to_string(&lock).is_ok_and(|text| !text.is_empty()) && status.contains("State:\tS")
        });
        send(signal, &child);
        assert_eq!(end_of(&mut child), Some(exit));
        let mut report = String::new();
        stdout(&mut child).read_to_string(&mut report).expect("UTF-8");
        let report: serde_json::Value = serde_json::from_str(&report).expect("a report");
        assert_eq!(report["ledger"]["unread"], report["ledger"]["declared"]);
        assert_eq!(report["targets"][0]["unread"]["reason"], "interrupted");
        assert!(!program.path("last.json").exists(), "an interrupted run does not stand for the last one");
    }
}

/// The exit code of a check that hangs, started with a signal ignored, after these signals.
fn code_of_check_that_ignores(ignored: &str, signals: &[Signal]) -> Option<i32> {
    let world = World::new().enabled(CALLER).faulty("operations: [\"macie2:*\"], fault: hang");
    let simulation = simulation(&world);
    let program = Driftline::new()
        .policy("a.yaml", policy([format!("accounts: [\"{CALLER}\"], status: ENABLED")]))
        .variables(&simulation.environment())
        .args(["check", "a.yaml"]);
    let inner = program.command();
    let mut command = Command::new("sh");
    let script = format!("trap '' {ignored}; exec \"$0\" \"$@\"");
    command.args(["-c", &script]).arg(inner.get_program()).args(inner.get_args()).env_clear();
    command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.current_dir(inner.get_current_dir().expect("a folder"));
    let mut child = begin(command);
    until_it_listens(&child, Signal::TERM);
    for signal in signals {
        send(*signal, &child);
    }
    end_of(&mut child)
}

#[test]
fn what_nohup_starts_outlives_the_terminal() {
    let code = code_of_check_that_ignores("HUP", &[Signal::HUP, Signal::INT]);
    assert_eq!(code, Some(130), "143 would be the hang-up");
}

/// What a call hangs on, of an apply of a saved plan: nothing was changed, and every step says so.
#[test]
fn an_apply_that_is_still_connecting_ends_with_a_report() {
    let like = site(&organization(), "");
    for (signal, exit) in SIGNALS {
        let simulation = simulation(&organization().fault_of("sts:GetCallerIdentity", CALLER, "hang"));
        let program = Driftline::new()
            .file("plan.json", bytes(&like, "plan.json"))
            .file("a.yaml", bytes(&like, "a.yaml"))
            .variables(&simulation.environment())
            .args(["apply", "plan.json", "--report", "json"])
            .args(APPROVED);
        let mut child = begin(program.command());
        until_called(&simulation, "sts:GetCallerIdentity");
        send(signal, &child);
        assert_eq!(end_of(&mut child), Some(exit));
        let mut report = String::new();
        stdout(&mut child).read_to_string(&mut report).expect("UTF-8");
        let report: serde_json::Value = serde_json::from_str(&report).expect("a report");
        assert_eq!(report["totals"]["not_tried"], report["totals"]["steps"]);
        assert!(!program.path("j.jsonl").exists());
    }
}

fn until_called(simulation: &driftline_simulator::Simulation, operation: &str) {
    let end = Instant::now() + PATIENCE;
    while !simulation.calls().contains_key(operation) {
        assert!(Instant::now() < end, "{operation} was never called");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn planning_ends_wherever_it_is() {
    let declaration = format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: PAUSED");
    for operation in ["macie2:GetAdministratorAccount", "macie2:ListMembers", "macie2:ListClassificationJobs"] {
        for arguments in [&["plan", "a.yaml"][..], &["apply", "a.yaml", "--auto-approve", "--journal", "j.jsonl"]] {
            let world = World::new().enabled(ACCOUNT).faulty(&format!("operations: [\"{operation}\"], fault: hang"));
            let simulation = simulation(&world);
            let program = Driftline::new()
                .policy("a.yaml", policy([&declaration]))
                .settings("[aws]\nrole_name = \"DriftlineRead\"\n")
                .variables(&simulation.environment())
                .args(arguments);
            let mut child = begin(program.command());
            until_called(&simulation, operation);
            send(Signal::HUP, &child);
            assert_eq!(end_of(&mut child), Some(143), "{operation} {arguments:?}");
            assert!(!simulation.was_written_to() && !program.path("j.jsonl").exists());
        }
    }
}

#[test]
fn a_rollback_ends_while_it_connects_by_a_signal_or_by_its_deadline() {
    let before = site(&organization(), "");
    before.run(&[&["apply", "plan.json"], &APPROVED[..]].concat(), 0);
    let simulation = simulation(&organization().fault_of("sts:GetCallerIdentity", CALLER, "hang"));
    let back = ["rollback", "j.jsonl", "--auto-approve", "--journal", "k.jsonl"];
    let program = Driftline::new().file("j.jsonl", bytes(&before, "j.jsonl"));
    let program = program.variables(&simulation.environment()).args(back);
    for (signal, exit) in SIGNALS {
        let calls = |simulation: &driftline_simulator::Simulation| {
            simulation.calls().get("sts:GetCallerIdentity").copied().unwrap_or_default()
        };
        let asked = calls(&simulation);
        let mut child = begin(program.command());
        let end = Instant::now() + PATIENCE;
        while calls(&simulation) == asked {
            assert!(Instant::now() < end, "it never connects");
            std::thread::sleep(Duration::from_millis(2));
        }
        send(signal, &child);
        assert_eq!(end_of(&mut child), Some(exit));
    }
    program.run_with(&["--deadline", "1s"], 1).says("error: the deadline passed before");
    assert!(!program.path("k.jsonl").exists() && !simulation.was_written_to());
}

#[test]
fn a_standard_error_that_cannot_be_written_is_no_reason_to_panic() {
    let program = Driftline::new()
        .policy("a.yaml", policy([format!("accounts: [\"{CALLER}\"], status: ENABLED")]))
        .world(&World::new().enabled(CALLER))
        .env("DRIFTLINE_LOG", "trace")
        .args(["check", "a.yaml", "--simulate", "world.yaml"]);
    for to in ["/dev/full", "&-"] {
        let inner = program.command();
        let mut command = Command::new("sh");
        command.args(["-c", &format!("exec \"$0\" \"$@\" 2>{to}")]).arg(inner.get_program()).args(inner.get_args());
        command.env_clear().envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.current_dir(inner.get_current_dir().expect("a folder")).stdout(Stdio::piped());
        let output = command.output().expect("the program runs");
        assert_eq!(output.status.code(), Some(0), "2>{to}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("in sync"));
    }
    for arguments in [&["nonsense"][..], &["check", "nowhere.yaml"]] {
        let inner = Driftline::new();
        let mut command = inner.command();
        command.args(arguments).stderr(File::options().write(true).open("/dev/full").expect("a device"));
        assert_eq!(command.output().expect("the program runs").status.code(), Some(1), "{arguments:?}");
    }
}

#[test]
fn what_a_script_starts_in_its_background_can_be_interrupted() {
    assert_eq!(code_of_check_that_ignores("INT", &[Signal::INT]), Some(130));
}
