//! When there is colour.

use crate::support::{ACCOUNT, Driftline, World, policy};

fn check() -> Driftline {
    let declaration = format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: ENABLED");
    let program = Driftline::new().policy("a.yaml", policy([declaration])).world(&World::new().enabled(ACCOUNT));
    program.args(["check", "a.yaml", "--simulate", "world.yaml"])
}

#[track_caller]
fn has_colour(arguments: &[&str], variables: &[(&str, &str)]) -> bool {
    let program = variables.iter().fold(check().args(arguments), |program, (name, value)| program.env(name, value));
    program.run(0).stdout.contains('\u{1b}')
}

#[test]
fn away_from_a_terminal_colour_must_be_forced() {
    assert!(!has_colour(&[], &[]));
    assert!(!has_colour(&[], &[("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("CLICOLOR", "1")]));
    assert!(has_colour(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(has_colour(&[], &[("FORCE_COLOR", "1")]));
    assert!(!has_colour(&[], &[("CLICOLOR_FORCE", "0")]));
    assert!(!has_colour(&[], &[("CLICOLOR_FORCE", "")]));
}

#[test]
fn no_color_counts_more_than_force_and_the_option_more_than_both() {
    assert!(!has_colour(&[], &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]));
    assert!(has_colour(&[], &[("NO_COLOR", ""), ("CLICOLOR_FORCE", "1")]), "an empty NO_COLOR says nothing");
    assert!(has_colour(&[], &[("CLICOLOR", "0"), ("TERM", "dumb"), ("CLICOLOR_FORCE", "1")]));
    assert!(has_colour(&["--color", "always"], &[("NO_COLOR", "1"), ("TERM", "dumb")]));
    assert!(!has_colour(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
    assert!(has_colour(&["--color", "auto"], &[("CLICOLOR_FORCE", "1")]));
}

#[test]
fn a_report_in_a_file_has_no_colour() {
    let program = check().args(["--color", "always", "--report", "text=a.txt"]);
    assert!(program.run(0).stdout.contains('\u{1b}'));
    assert!(!program.read("a.txt").contains('\u{1b}'));
}

#[test]
fn diagnostics_follow_the_same_rules() {
    let program = || Driftline::new().policy("a.yaml", "version: 2\nmacie_sessions: []\n").args(["validate", "a.yaml"]);
    assert!(!program().run(1).stderr.contains('\u{1b}'));
    assert!(program().args(["--color", "always"]).run(1).stderr.contains('\u{1b}'));
    assert!(program().env("CLICOLOR_FORCE", "1").run(1).stderr.contains('\u{1b}'));
    assert!(!program().env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1").run(1).stderr.contains('\u{1b}'));
}

#[cfg(unix)]
mod on_a_terminal {
    use std::fs::{File, OpenOptions};
    use std::io::Read as _;
    use std::os::fd::OwnedFd;

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::{Winsize, tcsetwinsize};

    use super::*;

    /// What the check writes to a terminal of that many columns.
    fn seen(columns: u16, arguments: &[&str], variables: &[(&str, &str)]) -> String {
        shown(check().args(arguments), 0, columns, variables)
    }

    /// What a program writes to a terminal of that many columns.
    fn shown(program: Driftline, exit: i32, columns: u16, variables: &[(&str, &str)]) -> String {
        let ours: OwnedFd = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&ours).expect("a terminal");
        unlockpt(&ours).expect("a terminal");
        let size = Winsize { ws_row: 50, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&ours, size).expect("a size");
        let name = ptsname(&ours, Vec::new()).expect("a name").into_string().expect("UTF-8");
        let theirs = OpenOptions::new().read(true).write(true).open(name).expect("the other end");
        let program = variables.iter().fold(program, |program, (name, value)| program.env(name, value));
        let mut command = program.command();
        let mut child = command.stdout(theirs.try_clone().expect("the other end")).spawn().expect("the program runs");
        drop((command, theirs));
        let mut bytes = Vec::new();
        let mut ours = File::from(ours);
        let mut part = [0; 4096];
        // The end of a terminal is an error on some systems.
        while let Ok(count @ 1..) = ours.read(&mut part) {
            bytes.extend_from_slice(part.get(..count).expect("what was read"));
        }
        assert_eq!(child.wait().expect("an end").code(), Some(exit));
        String::from_utf8(bytes).expect("UTF-8")
    }

    fn has_colour(arguments: &[&str], variables: &[(&str, &str)]) -> bool {
        let text = seen(100, arguments, variables);
        assert!(text.contains("Verdict"), "{text}");
        text.contains('\u{1b}')
    }

    #[test]
    fn a_terminal_gets_colour_unless_somebody_objects() {
        assert!(has_colour(&[], &[("TERM", "xterm")]));
        assert!(has_colour(&[], &[]), "without TERM nothing says that it is dumb");
        assert!(!has_colour(&[], &[("TERM", "dumb")]));
        assert!(!has_colour(&[], &[("TERM", "xterm"), ("NO_COLOR", "1")]));
        assert!(!has_colour(&[], &[("TERM", "xterm"), ("CLICOLOR", "0")]));
        assert!(!has_colour(&["--color", "never"], &[("TERM", "xterm")]));
        assert!(has_colour(&[], &[("TERM", "dumb"), ("CLICOLOR_FORCE", "1")]));
    }

    #[test]
    fn policy_files_are_links_where_the_terminal_shows_them() {
        let links = |arguments: &[&str], variables: &[(&str, &str)]| {
            let world = World::new().account(ACCOUNT, "sessions: {\"*\": {status: PAUSED}}");
            let text = shown(check().world(&world).args(arguments), 2, 100, variables);
            assert!(text.contains("a.yaml:3"), "{text}");
            text.matches("/a.yaml\u{1b}\\a.yaml:3\u{1b}]8;;\u{1b}\\").count()
        };
        let forced = ("FORCE_HYPERLINK", "1");
        assert_eq!(links(&[], &[forced]), 2, "in the cause and below the account");
        assert_eq!(links(&[], &[("FORCE_HYPERLINK", "0")]), 0);
        assert_eq!(links(&["--color", "never"], &[forced]), 0);
        assert_eq!(links(&[], &[("NO_COLOR", "1"), forced]), 0);
    }

    #[test]
    fn lines_are_as_wide_as_the_terminal() {
        let widest = |columns: u16| {
            let text = seen(columns, &["--color", "never"], &[]);
            text.lines().map(|line| line.chars().count()).max().unwrap_or_default()
        };
        assert!(widest(60) <= 60);
        assert!(widest(140) > 80, "the ledger takes the room that there is");
    }
}
