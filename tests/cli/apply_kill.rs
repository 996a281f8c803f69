//! An apply that is killed is gone on with, wherever it was: nothing is left out, and nothing is done twice.

use std::process::{Output, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use driftline_simulator::Simulation;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::support::organization::{APPROVED, CALLS, is_done, organization, site};
use crate::support::{ACCOUNT, Site, World};

const ONE_BY_ONE: &str = "[limits]\nconcurrency = 1\n";

/// The arguments of an apply of the saved plan.
fn apply() -> Vec<&'static str> {
    [&["apply", "plan.json"], &APPROVED[..]].concat()
}

/// The arguments of an apply that is gone on with.
fn resume() -> Vec<&'static str> {
    let approved = APPROVED.iter().copied().filter(|word| !["--journal", "j.jsonl"].contains(word));
    ["apply", "--resume", "j.jsonl"].into_iter().chain(approved).collect()
}

/// The lines of the journal that are whole, as JSON.
fn journal(site: &Site) -> Vec<Value> {
    let bytes = std::fs::read(site.program.path("j.jsonl")).unwrap_or_default();
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let text = std::str::from_utf8(&bytes[..whole]).expect("UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// The calls that the journal means to make, in the simulation's words.
fn intents(site: &Site) -> Vec<String> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let intent = |line: &Value| {
        (line["type"] == "intent").then(|| {
            format!("macie2:{} {} {}", text(&line["operation"]), text(&line["account"]), text(&line["region"]))
        })
    };
    journal(site).iter().filter_map(intent).collect()
}

/// Goes on with what a kill left, and asserts that in the end all is done once.
#[track_caller]
fn goes_on(site: &Site, circumstances: &str) {
    let meant = intents(site);
    for call in site.simulation.written() {
        assert!(meant.contains(&call), "{circumstances}: {call} was made before it was written down: {meant:?}");
    }
    if journal(site).is_empty() {
        let path = site.program.path("j.jsonl");
        if path.exists() {
            // Killed within its first line, before anything could be done.
            let ran = site.run(&resume(), 1);
            ran.says("j.jsonl is not a journal of an apply: it holds no whole line");
            ran.says("no call was made before its first line was whole: plan and apply again, with another journal");
            std::fs::remove_file(path).expect("a file");
        }
        assert!(!site.simulation.was_written_to(), "{circumstances}");
        site.run(&apply(), 0);
    } else {
        site.run(&resume(), 0);
    }
    is_done(site, circumstances);
}

/// A site like another one, with the same plan.
fn another(world: &World, like: &Site, settings: &str) -> Site {
    let plan = std::fs::read(like.program.path("plan.json")).expect("a plan");
    let policy = std::fs::read(like.program.path("a.yaml")).expect("a policy");
    let settings = format!("administrator_account = \"999988887777\"\n{settings}");
    Site::new(world, [""]).settings(&settings).file("plan.json", plan).file("a.yaml", policy)
}

/// A run that the system does not let write files larger than this, as `ulimit -f` has it. The signal that comes with that is no end
/// of the program.
fn limited(site: &Site, largest: usize, arguments: &[&str]) -> Output {
    let limit = format!("--fsize={largest}");
    site.through(&["prlimit", &limit, "--core=0"], arguments).output().expect("prlimit, of util-linux")
}

/// The ends of the lines of a journal of an undisturbed run.
fn line_ends() -> (Site, Vec<usize>) {
    let whole = site(&organization(), ONE_BY_ONE);
    whole.run(&apply(), 0);
    is_done(&whole, "undisturbed");
    let bytes = std::fs::read(whole.program.path("j.jsonl")).expect("a journal");
    let ends: Vec<usize> = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
    assert_eq!(ends.len(), 2 * CALLS.len() + 2, "a beginning, an intent and a result for each step, an end");
    (whole, ends)
}

#[test]
fn cut_off_at_any_line_of_its_journal_and_within_it_an_apply_is_gone_on_with() {
    let (whole, ends) = line_ends();
    let mut starts = vec![0];
    starts.extend(&ends);
    let mut cut_off = 0;
    for (start, end) in starts.iter().zip(&ends) {
        // Lines differ by some bytes from run to run, since times do: a size near an end is before it in one run, and behind it
        // in another.
        for size in [*start, start + 1, start.midpoint(*end)] {
            let site = another(&organization(), &whole, ONE_BY_ONE);
            let output = limited(&site, size, &apply());
            assert!(matches!(output.status.code(), Some(0 | 1 | 8)), "{:?}", output.status);
            cut_off += usize::from(!output.status.success());
            goes_on(&site, &format!("cut off when the journal was to grow over {size} bytes"));
        }
    }
    assert!(cut_off > 3 * CALLS.len(), "cut off {cut_off} times only");
}

#[test]
fn killed_within_its_first_line_an_apply_has_done_nothing() {
    let (whole, ends) = line_ends();
    let bytes = std::fs::read(whole.program.path("j.jsonl")).expect("a journal");
    for size in [0, 1, ends[0] / 2, ends[0] - 1] {
        let site = another(&organization(), &whole, ONE_BY_ONE).file("j.jsonl", &bytes[..size]);
        goes_on(&site, &format!("killed after {size} bytes"));
    }
}

#[test]
fn where_the_disk_is_full_nothing_more_is_begun() {
    let (whole, ends) = line_ends();
    let report = [&apply()[..], &["--report", "json"]].concat();
    for size in [0, ends[0] / 2] {
        let site = another(&organization(), &whole, ONE_BY_ONE);
        let output = limited(&site, size, &report);
        let ran = site.program.assert_exit(&output, 1);
        ran.says("error: the journal j.jsonl cannot be written: ").says("nothing is changed without a journal");
        assert!(!site.simulation.was_written_to());
        assert!(!site.program.path("j.jsonl").exists(), "half a first line would be in the way of the next try");
    }
    for (nth, end) in ends.iter().enumerate().skip(1) {
        let site = another(&organization(), &whole, ONE_BY_ONE);
        let output = limited(&site, end - 30, &report);
        let ran = site.program.assert_exit(&output, 8);
        let report = ran.json();
        assert_eq!(report["done"], false);
        assert!(report["journal_failure"].as_str().is_some_and(|text| text.contains("File too large")), "{report}");
        // Lines in turn: intent, result. Where an intent is not on disk, its call is not made.
        assert_eq!(site.simulation.written().len(), (nth / 2).min(CALLS.len()), "line {nth}");
        let told = report["steps"].as_array().expect("steps").iter();
        let not_tried = told.filter(|step| step["outcome"] == "not_tried").count();
        assert_eq!(not_tried, CALLS.len() - (nth / 2).min(CALLS.len()), "line {nth}");
        goes_on(&site, &format!("full within line {nth}"));
    }
}

#[test]
fn people_are_told_that_the_journal_could_not_be_written() {
    let (whole, ends) = line_ends();
    let site = another(&organization(), &whole, ONE_BY_ONE);
    let ran = site.program.assert_exit(&limited(&site, ends[3].midpoint(ends[4]), &apply()), 8);
    let told = ran.stdout.split_once("Plan      ").expect("the plan comes first").1;
    insta::assert_snapshot!("full_disk", told);
}

#[test]
fn what_is_about_to_be_done_is_on_disk_before_the_call() {
    for (fault, done) in [("answer_late", 1), ("hang", 0)] {
        // The target is the first of the plan: nothing else has been done when its call is under way.
        let fault = format!(
            "accounts: [\"999988887777\"], operations: [\"macie2:UpdateMemberSession\"], regions: [eu-central-1], times: 1, \
             fault: {fault}"
        );
        let site = site(&organization().faulty(&fault), ONE_BY_ONE);
        let called = |simulation: &Simulation| simulation.calls().contains_key("macie2:UpdateMemberSession");
        let mut child = site.begin(&apply());
        site.until("the call", called);
        site.until("the change", |simulation| simulation.written().len() == done);
        let lines = journal(&site);
        let kinds: Vec<&Value> = lines.iter().map(|line| &line["type"]).collect();
        assert_eq!(kinds, ["begin", "intent"]);
        assert_eq!(lines[1]["found"]["status"], "ENABLED");
        assert_eq!(lines[1]["wanted"]["status"], "PAUSED");
        assert_eq!(lines[1]["account"], ACCOUNT);
        child.kill().expect("the process is there");
        child.wait().expect("an end");
        let ran = site.run(&[&resume()[..], &["--report", "json"]].concat(), 0);
        let message = ran.json()["steps"][0]["message"].clone();
        let expected = if done == 1 {
            "it is PAUSED, FIFTEEN_MINUTES: the earlier run has done it; nothing was called"
        } else {
            "it is PAUSED, FIFTEEN_MINUTES"
        };
        assert_eq!(message, expected);
        is_done(&site, "killed within a call");
    }
}

/// Numbers that follow from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        // xorshift64, by George Marsaglia.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

#[test]
fn killed_at_any_moment_an_apply_is_gone_on_with() {
    let like = site(&organization(), "");
    let requests = |simulation: &Simulation| simulation.calls().values().sum::<u64>();
    let before = requests(&like.simulation);
    like.run(&apply(), 0);
    let all = requests(&like.simulation) - before;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_nanos();
    let seed = std::env::var("DRIFTLINE_SEED").ok().and_then(|text| text.parse().ok());
    let seed = seed.unwrap_or(u64::try_from(now % u128::from(u64::MAX)).expect("it fits") | 1);
    let mut dice = Dice(seed);
    for round in 0..12 {
        let site = another(&organization(), &like, "");
        let mut circumstances = format!("DRIFTLINE_SEED={seed} round {round}:");
        let mut arguments = apply();
        for _ in 0..=dice.below(3) {
            let moment = requests(&site.simulation) + 1 + dice.below(all);
            circumstances = format!("{circumstances} killed at request {moment},");
            let mut child = site.begin(&arguments);
            site.until_or("the moment", &mut child, |simulation| requests(simulation) >= moment);
            let _ = child.kill();
            child.wait().expect("an end");
            if journal(&site).is_empty() {
                break;
            }
            arguments = resume();
        }
        goes_on(&site, &circumstances);
    }
}

fn send(signal: Signal, child: &std::process::Child) {
    kill_process(Pid::from_child(child), signal).expect("the process is there");
}

#[test]
fn an_interrupted_apply_finishes_what_is_under_way_and_begins_no_more() {
    for (signal, exit) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 143)] {
        let slow = "operations: [\"macie2:UpdateMemberSession\"], times: 1, fault: {latency: 500ms}";
        let site = site(&organization().faulty(slow), ONE_BY_ONE);
        let mut command = site.program.command();
        command.args(apply()).args(["--report", "json"]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().expect("the program runs");
        site.until("the call", |simulation| simulation.calls().contains_key("macie2:UpdateMemberSession"));
        send(signal, &child);
        let ran = site.program.assert_exit(&child.wait_with_output().expect("an end"), exit);
        let report = ran.json();
        assert_eq!(report["totals"]["verified"], 1, "{report}");
        assert_eq!(report["totals"]["not_tried"], CALLS.len() - 1);
        assert_eq!(report["steps"][1]["message"], "the run was interrupted");
        assert_eq!(site.simulation.written(), ["macie2:UpdateMemberSession 111122223333 eu-central-1"]);
        goes_on(&site, "interrupted");
    }
}

#[test]
fn a_second_signal_ends_an_apply_at_once_and_the_journal_says_what_was_under_way() {
    for (first, second, exit) in [(Signal::INT, Signal::INT, 130), (Signal::TERM, Signal::HUP, 143)] {
        let late = "operations: [\"macie2:UpdateMemberSession\"], times: 1, fault: answer_late";
        let site = site(&organization().faulty(late), ONE_BY_ONE);
        let mut command = site.program.command();
        command.args(apply()).args(["--report", "json"]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program runs");
        site.until("the change", |simulation| !simulation.written().is_empty());
        send(first, &child);
        // Signals that come at once count as one: the second is sent until the program ends.
        while child.try_wait().expect("a process").is_none() {
            std::thread::sleep(std::time::Duration::from_millis(20));
            send(second, &child);
        }
        site.program.assert_exit(&child.wait_with_output().expect("an end"), exit);
        let lines = journal(&site);
        let kinds: Vec<&Value> = lines.iter().map(|line| &line["type"]).collect();
        assert_eq!(kinds, ["begin", "intent"]);
        goes_on(&site, "interrupted twice");
    }
}
