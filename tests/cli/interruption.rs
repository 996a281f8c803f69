//! Ctrl-C, SIGTERM and SIGHUP while AWS is asked.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use driftline_simulator::Simulation;
use rustix::process::{Pid, Signal, kill_process};

use crate::support::{CALLER, Driftline, Ran, Simulated, World, policy, simulation};

const SIGNALS: [(Signal, i32); 3] = [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 143)];

/// Waits until the simulated AWS was asked for something that often.
fn until_asked(simulation: &Simulation, operation: &str, times: u64) {
    let patience = Instant::now() + Duration::from_mins(1);
    while simulation.calls().get(operation).copied().unwrap_or_default() < times {
        assert!(Instant::now() < patience, "{operation} was never called: {:?}", simulation.calls());
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn send(signal: Signal, child: &Child) {
    kill_process(Pid::from_child(child), signal).expect("the process is there");
}

/// A check of two Regions of the caller's account, one after the other.
fn check(simulation: &Simulation, more: &[&str]) -> Driftline {
    let declaration = format!(
        "accounts: [\"{CALLER}\"], regions: [eu-central-1, us-west-2], finding_publishing_frequency: SIX_HOURS"
    );
    Driftline::new()
        .policy("a.yaml", policy([declaration]))
        .settings("[limits]\nconcurrency = 1\n")
        .variables(&simulation.environment())
        .args(["check", "a.yaml"])
        .args(more)
}

/// Sends the signal to a check once the simulation was asked for something that often.
fn interrupted(world: &World, asked: (&str, u64), signal: Signal, exit: i32, more: &[&str]) -> (Driftline, Ran) {
    let simulation = simulation(world);
    let program = check(&simulation, more);
    let mut command = program.command();
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
    until_asked(&simulation, asked.0, asked.1);
    send(signal, &child);
    let ran = program.assert_exit(&child.wait_with_output().expect("an end"), exit);
    (program, ran)
}

/// The second Region never answers. The first one drifts, which an interruption outranks.
fn half_mute() -> World {
    World::new().enabled(CALLER).faulty("operations: [\"macie2:*\"], regions: [us-west-2], fault: hang")
}

#[test]
fn an_interrupted_check_reports_what_it_has_read() {
    for (signal, exit) in SIGNALS {
        let asked = ("macie2:GetMacieSession", 2);
        let (program, ran) =
            interrupted(&half_mute(), asked, signal, exit, &["--report", "json", "--report", "text=a.txt"]);
        let report = ran.json();
        assert_eq!(report["verdict"], "drift_and_incomplete");
        assert_eq!(report["ledger"]["declared"], 2);
        assert_eq!(report["targets"][0]["outcome"], "drifted");
        assert_eq!(report["targets"][1]["unread"]["reason"], "interrupted");
        assert_eq!(report["targets"][1]["unread"]["message"], "the run was interrupted before this target was read");
        assert_eq!(report["run"]["caller"]["account"], CALLER);
        assert!(program.read("a.txt").contains("unread: interrupted"), "files are written as well");
        assert_eq!(ran.stderr, "");
    }
}

#[test]
fn a_session_whose_further_settings_are_being_read_stays_known() {
    let world = World::new().enabled(CALLER).fault_of("macie2:GetRevealConfiguration", CALLER, "hang");
    let declaration = format!(
        "accounts: [\"{CALLER}\"], regions: [us-west-2], status: ENABLED, reveal: {{status: DISABLED}}, administrator: NONE"
    );
    for (signal, exit) in SIGNALS {
        let simulation = simulation(&world);
        let program = Driftline::new()
            .policy("a.yaml", policy([&declaration]))
            .variables(&simulation.environment())
            .args(["check", "a.yaml", "--report", "json"]);
        let mut command = program.command();
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
        until_asked(&simulation, "macie2:GetRevealConfiguration", 1);
        send(signal, &child);
        let report = program.assert_exit(&child.wait_with_output().expect("an end"), exit).json();
        let rows = report["targets"][0]["settings"].as_array().expect("settings");
        let outcomes: Vec<&str> = rows.iter().filter_map(|row| row["outcome"].as_str()).collect();
        assert_eq!(outcomes, ["in_sync", "unread", "unread"]);
        assert_eq!(rows[1]["unread"]["message"], "the run was interrupted before this setting was read");
    }
}

#[test]
fn a_check_interrupted_before_it_knows_who_calls_reports_every_target() {
    for (signal, exit) in SIGNALS {
        let world = World::new().fault_of("sts:GetCallerIdentity", CALLER, "hang");
        let (_, ran) = interrupted(&world, ("sts:GetCallerIdentity", 1), signal, exit, &["--report", "json"]);
        let report = ran.json();
        assert_eq!(report["verdict"], "incomplete");
        assert!(report["run"]["caller"].is_null());
        assert_eq!(report["ledger"]["unread"], 2);
        for target in report["targets"].as_array().expect("targets") {
            assert_eq!(target["unread"]["reason"], "interrupted");
        }
    }
}

#[test]
fn a_check_interrupted_before_it_knows_its_only_account_is_interrupted_all_the_same() {
    let simulation = simulation(&World::new().fault_of("sts:GetCallerIdentity", CALLER, "hang"));
    let program = Driftline::new()
        .policy("a.yaml", policy([format!("accounts: [\"{CALLER}\"], status: ENABLED")]))
        .settings("[inventory]\naccounts = \"caller\"\n")
        .variables(&simulation.environment())
        .args(["check", "a.yaml"]);
    let child = program.command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
    until_asked(&simulation, "sts:GetCallerIdentity", 1);
    send(Signal::INT, &child);
    let ran = program.assert_exit(&child.wait_with_output().expect("an end"), 130);
    ran.says("error: interrupted before the account was known, so there is nothing to report\n");
    assert_eq!(ran.stdout, "", "least of all that everything is in sync");
}

/// An organization whose list of accounts never comes.
fn mute_organization() -> World {
    let world = World::new().organization(&format!("management: \"{CALLER}\""));
    world.fault_of("organizations:ListAccounts", CALLER, "hang")
}

#[test]
fn an_interrupted_listing_reports_and_saves_nothing() {
    for (signal, exit) in SIGNALS {
        for arguments in
            [&["check", "a.yaml", "--inventory", "organization"][..], &["inventory", "--out", "accounts.json"]]
        {
            let simulation = simulation(&mute_organization());
            let program = Driftline::new().policy("a.yaml", policy(["status: ENABLED"]));
            let program = program.variables(&simulation.environment()).args(arguments);
            let child =
                program.command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
            until_asked(&simulation, "organizations:ListAccounts", 1);
            send(signal, &child);
            let ran = program.assert_exit(&child.wait_with_output().expect("an end"), exit);
            ran.says("error: interrupted before the accounts of the organization were known, so nothing is reported or saved");
            assert_eq!(ran.stdout, "");
            assert_eq!(program.names(""), ["a.yaml"]);
        }
    }
}

#[test]
fn a_listing_that_outlasts_the_deadline_is_no_inventory() {
    let program = Driftline::new().policy("a.yaml", policy(["status: ENABLED"])).world(&mute_organization());
    let check = ["check", "a.yaml", "--inventory", "organization", "--simulate", "world.yaml", "--deadline", "1s"];
    let ran = program.args(check).run(1);
    ran.says("error: the deadline passed before the accounts of the organization were known");
    assert_eq!(ran.stdout, "");
}

#[test]
fn the_report_of_an_interrupted_check_is_as_brief_as_it_shall_be() {
    let (_, ran) = interrupted(&half_mute(), ("macie2:GetMacieSession", 2), Signal::INT, 130, &["--quiet"]);
    assert!(ran.stdout.starts_with("Ledger    2 targets = "), "{}", ran.stdout);
}

#[test]
fn a_simulation_is_meant_to_end_that_way() {
    for (signal, _) in SIGNALS {
        // The variables are printed when signals are listened to.
        let child = Simulated::start(&World::new()).into_child();
        send(signal, &child);
        let output = child.wait_with_output().expect("an end");
        assert_eq!(output.status.code(), Some(0));
        let told = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(told.starts_with("simulating AWS at http://127.0.0.1:"), "{told}");
        assert!(told.ends_with("; Ctrl-C ends it\n"), "{told}");
    }
}
