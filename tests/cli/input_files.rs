//! Reading files, whichever command does: what has no end, what begins with a byte order mark, and disks without locks.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{ACCOUNT, CALLER, Site, World, policy};

const MARK: &str = "\u{feff}";

fn world() -> World {
    World::new()
        .organization(&format!("management: \"{CALLER}\""))
        .account(CALLER, "sessions: {\"*\": {}}")
        .account(ACCOUNT, "in_organization: false, sessions: {\"*\": {}}")
}

fn site() -> Site {
    Site::new(&world(), [format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: PAUSED")])
        .settings("[inventory]\nregions = [\"eu-west-1\"]\n")
        .file("world.yaml", world().to_string())
}

/// Every kind of file that is read: arguments around its name, the ending that it needs, and its beginning in an error.
const READERS: [(&[&str], &str, &[&str]); 14] = [
    (&["validate"], ".yaml", &[]),
    (&["check"], ".toml", &[]),
    (&["validate", "a.yaml", "--config"], ".toml", &[]),
    (&["targets", "a.yaml", "--inventory"], ".json", &[]),
    (&["check", "a.yaml", "--simulate"], ".yaml", &[]),
    (&["check", "a.yaml", "--live"], ".json", &[]),
    (&["check", "a.yaml", "--only-unread"], ".json", &[]),
    (&["check", "a.yaml", "--since"], ".json", &[]),
    (&["report"], ".json", &[]),
    (&["apply"], ".json", &["--auto-approve"]),
    (&["apply", "--resume"], ".jsonl", &["--auto-approve"]),
    (&["rollback"], ".jsonl", &["--auto-approve"]),
    (&["diff", "a.yaml"], ".json", &[]),
    (&["simulate"], ".yaml", &[]),
];

/// Runs what must end by itself: for half a minute at most, and with half a gigabyte of addresses at most.
fn bounded(site: &Site, arguments: &[&str]) -> String {
    let limits = "ulimit -v 2000000; exec timeout 30 \"$0\" \"$@\"";
    let mut command = site.through(&["sh", "-c", limits], arguments);
    let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().expect("a shell");
    site.program.assert_exit(&output, 1).stderr
}

#[test]
fn what_has_no_end_is_refused_as_every_kind_of_input() {
    let site = site();
    for (before, ending, behind) in READERS {
        let (pipe, link) = (format!("pipe{ending}"), format!("zero{ending}"));
        if !site.program.path(&pipe).exists() {
            assert!(Command::new("mkfifo").arg(site.program.path(&pipe)).status().expect("mkfifo").success());
            std::os::unix::fs::symlink("/dev/zero", site.program.path(&link)).expect("a link");
        }
        for file in [pipe.as_str(), link.as_str()] {
            let told = bounded(&site, &[before, &[file], behind].concat());
            assert!(told.contains("regular file"), "{before:?} {file}: {told}");
            assert!(told.contains(file), "the file is named: {told}");
        }
    }
    for (variable, file) in [("AWS_CA_BUNDLE", "pipe.yaml"), ("AWS_CA_BUNDLE", "zero.yaml")] {
        let mut command = site.program.command();
        let output = command.args(["check", "a.yaml"]).env(variable, file).output().expect("the program runs");
        site.program.assert_exit(&output, 1).says("AWS_CA_BUNDLE names");
    }
    assert!(site.simulation.calls().is_empty());
}

#[test]
fn a_file_that_is_far_too_large_is_refused_without_being_read() {
    let site = site();
    for (before, ending, behind) in READERS {
        let file = format!("large{ending}");
        let large = fs::File::create(site.program.path(&file)).expect("a file");
        // A hole: it takes no room on the disk.
        large.set_len(5 << 30).expect("a length");
        if before.contains(&"--since") {
            // What cannot be read is replaced, with a note.
            continue;
        }
        let told = bounded(&site, &[before, &[file.as_str()], behind].concat());
        assert!(told.contains("larger than") && told.contains(&file), "{before:?}: {told}");
    }
    assert!(site.simulation.calls().is_empty());
}

/// Puts a byte order mark before what is in a file.
fn mark(site: &Site, file: &str) {
    let path = site.program.path(file);
    let text = fs::read_to_string(&path).expect("a file");
    fs::write(&path, format!("{MARK}{text}")).expect("a file");
}

#[test]
fn a_byte_order_mark_is_passed_over_everywhere() {
    let site = site();
    for file in ["a.yaml", "driftline.toml", "world.yaml"] {
        mark(&site, file);
    }
    site.run(&["check", "a.yaml", "--since", "last.json"], 2);
    mark(&site, "last.json");
    let again = site.run(&["check", "a.yaml", "--since", "last.json"], 2);
    assert!(again.stdout.contains("0 new, 0 changed, 1 persisting"), "{}", again.stdout);
    mark(&site, "last.json");
    site.run(&["check", "a.yaml", "--only-unread", "last.json"], 2);
    site.run(&["report", "last.json"], 2);
    site.run(&["check", "a.yaml", "--simulate", "world.yaml"], 2);
    site.run(&["snapshot", "a.yaml", "--out", "snapshot.json"], 0);
    mark(&site, "snapshot.json");
    site.run(&["check", "a.yaml", "--live", "snapshot.json"], 2);
    site.run(&["inventory", "--out", "accounts.json"], 0);
    mark(&site, "accounts.json");
    site.run(&["validate", "a.yaml", "--inventory", "accounts.json"], 0);
    site.run(&["plan", "a.yaml", "--out", "plan.json"], 2);
    mark(&site, "plan.json");
    site.run(&["apply", "plan.json", "--auto-approve", "--allow", "pause", "--journal", "j.jsonl"], 0);
    mark(&site, "j.jsonl");
    site.run(&["apply", "--resume", "j.jsonl", "--auto-approve", "--allow", "pause"], 0);
    site.run(&["rollback", "j.jsonl", "--auto-approve"], 0);
    assert_eq!(site.session(ACCOUNT, "eu-west-1"), "ENABLED, FIFTEEN_MINUTES");
}

#[test]
fn standard_input_may_be_a_file() {
    let site = site();
    site.run(&["check", "a.yaml", "--report", "json=last.json"], 2);
    let mut command = site.program.command();
    command.args(["report", "/dev/stdin"]).stdin(fs::File::open(site.program.path("last.json")).expect("a file"));
    site.program.assert_exit(&command.output().expect("the program runs"), 2);
}

/// A run under strace, which makes the system answer to every lock that there are none here; nothing where there is no strace.
fn without_locks(site: &Site, errno: &str, arguments: &[&str], exit: i32) -> Option<String> {
    let inject = format!("inject=flock:error={errno}");
    let mut command = site.through(&["strace", "-f", "-o", "/dev/null", "-e", &inject], arguments);
    let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().ok()?;
    if String::from_utf8_lossy(&output.stderr).starts_with("strace:") {
        return None;
    }
    Some(site.program.assert_exit(&output, exit).stderr)
}

#[test]
fn a_disk_without_locks_is_told_and_the_run_goes_on() {
    if !["/usr/bin/strace", "/bin/strace"].iter().any(|path| Path::new(path).exists()) {
        println!("left out, as there is no strace");
        return;
    }
    for errno in ["ENOLCK", "EOPNOTSUPP", "ENOSYS"] {
        let site = site();
        let told = |arguments: &[&str], exit: i32| without_locks(&site, errno, arguments, exit);
        let Some(since) = told(&["check", "a.yaml", "--since", "last.json"], 2) else {
            println!("left out, as strace may not trace here");
            return;
        };
        let note = "has no locks, so nothing prevents another run at the same time";
        assert!(since.contains(&format!("note: the file system of last.json.lock {note}")), "{errno}: {since}");
        assert!(site.program.path("last.json").is_file());
        let apply = ["apply", "a.yaml", "--auto-approve", "--allow", "pause", "--journal", "j.jsonl"];
        let applied = told(&apply, 0).expect("strace");
        assert!(applied.contains(&format!("note: the file system of j.jsonl {note}")), "{errno}: {applied}");
        let back = told(&["rollback", "j.jsonl", "--out", "back.json"], 2).expect("strace");
        assert!(back.contains(&format!("note: the file system of j.jsonl {note}")), "{errno}: {back}");
        assert!(site.program.names("").iter().all(|name| !name.starts_with(".driftline")));
    }
}

#[test]
fn a_policy_in_a_folder_may_begin_with_a_mark_too() {
    let site = site().file("policies/x.yaml", format!("{MARK}{}", policy(["regions: [eu-west-1], status: ENABLED"])));
    site.run(&["validate", "policies", "a.yaml"], 0);
}
