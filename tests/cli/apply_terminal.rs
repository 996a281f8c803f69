//! Somebody sits at a terminal, and is asked.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::support::{ACCOUNT, Site, World};

/// Two targets that are to publish every hour.
fn site() -> Site {
    let declaration = format!(
        "accounts: [\"{ACCOUNT}\"], regions: [eu-central-1, eu-west-1], finding_publishing_frequency: ONE_HOUR"
    );
    Site::new(&World::new().account(ACCOUNT, "sessions: {\"*\": {}}"), [declaration])
}

/// A run with a terminal for its input and its messages, up to the question.
struct Asked {
    child: Child,
    terminal: File,
    told: String,
}

impl Asked {
    fn by(site: &Site, arguments: &[&str]) -> Self {
        let ours: OwnedFd = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&ours).expect("a terminal");
        unlockpt(&ours).expect("a terminal");
        let name = ptsname(&ours, Vec::new()).expect("a name").into_string().expect("UTF-8");
        let theirs = OpenOptions::new().read(true).write(true).open(name).expect("the other end");
        let mut command = site.program.command();
        command.args(arguments).args(["--color", "never"]).stdout(Stdio::piped());
        command.stdin(theirs.try_clone().expect("the other end")).stderr(theirs);
        let child = command.spawn().expect("the program runs");
        drop(command);
        let mut asked = Self { child, terminal: File::from(ours), told: String::new() };
        let mut part = [0; 4096];
        while !asked.told.contains("anything else to stop: ") {
            let count = asked.terminal.read(&mut part).expect("the program asks");
            asked.told.push_str(std::str::from_utf8(part.get(..count).expect("what was read")).expect("UTF-8"));
        }
        asked
    }

    #[track_caller]
    fn ends(self, site: &Site, exit: i32) -> String {
        let output = self.child.wait_with_output().expect("an end");
        site.program.assert_exit(&output, exit).stdout
    }

    #[track_caller]
    fn answered(mut self, site: &Site, answer: &str, exit: i32) -> String {
        self.terminal.write_all(answer.as_bytes()).expect("an answer");
        self.ends(site, exit)
    }
}

const APPLY: [&str; 4] = ["apply", "a.yaml", "--journal", "j.jsonl"];

#[test]
fn the_number_of_changes_must_be_typed() {
    let site = site();
    let asked = Asked::by(&site, &APPLY);
    assert!(asked.told.ends_with("Type 2 to make 2 changes, anything else to stop: "), "{}", asked.told);
    assert!(!site.simulation.was_written_to(), "nothing is changed before that");
    let told = asked.answered(&site, "2\n", 0);
    assert!(told.ends_with("Result    2 changes made and verified\n"), "{told}");
    site.is_in_sync();
}

#[test]
fn a_wrong_answer_is_asked_for_once_more() {
    for (answers, exit) in [("yes\n2\n", 0), ("1\n2\n", 0), ("yes\nyes\n2\n", 8)] {
        let site = site();
        let told = Asked::by(&site, &APPLY).answered(&site, answers, exit);
        assert_eq!(told.ends_with("Result    2 changes made and verified\n"), exit == 0, "{told}");
        assert_eq!(site.simulation.was_written_to(), exit == 0);
    }
}

#[test]
fn anything_else_stops() {
    // The last is the end of the input.
    for answer in ["1\n\n", "yes\n1\n", "\n", "22\n\u{4}", "\u{4}"] {
        let site = site();
        let told = Asked::by(&site, &APPLY).answered(&site, answer, 8);
        assert!(told.contains("refused (not_confirmed): the answer was not 2, the number of changes"), "{told}");
        assert!(!site.simulation.was_written_to());
        assert!(!site.program.path("j.jsonl").exists());
    }
}

#[test]
fn an_interruption_at_the_question_stops_at_once() {
    let site = site();
    site.plan();
    for arguments in [&APPLY[..], &["apply", "plan.json", "--journal", "j.jsonl"]] {
        for (signal, exit) in [(Signal::INT, 130), (Signal::TERM, 143)] {
            let asked = Asked::by(&site, arguments);
            kill_process(Pid::from_child(&asked.child), signal).expect("the process is there");
            let told = asked.ends(&site, exit);
            assert!(told.contains("the run was interrupted before the confirmation"), "{told}");
            assert!(!site.simulation.was_written_to());
        }
    }
}
