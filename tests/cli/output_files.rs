//! Writing files, whichever command does: what is there already, links, owners, modes, and what cannot be replaced.

use std::fs::{self, File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::support::{ACCOUNT, CALLER, Driftline, Ran, Site, World, policy};

/// The user of a file that is another's, where the tests may make one.
const ANOTHER: u32 = 54_321;

/// An organization of the caller, and an account beside it.
pub(crate) fn world() -> World {
    World::new()
        .organization(&format!("management: \"{CALLER}\""))
        .account(CALLER, "sessions: {\"*\": {}}")
        .account(ACCOUNT, "in_organization: false, sessions: {\"*\": {}}")
}

/// A site with drift, in an organization, so that every command has something to write.
pub(crate) fn site() -> Site {
    Site::new(&world(), [format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: PAUSED")])
        .settings("[inventory]\nregions = [\"eu-west-1\"]\n")
}

/// Every command that writes a file: its arguments but for the file, its exit code, and the mode of a new file.
const WRITERS: [Writer; 6] = [
    (&["check", "a.yaml", "--report"], "json=", 2, 0o644),
    (&["check", "a.yaml", "--since"], "", 2, 0o644),
    (&["plan", "a.yaml", "--out"], "", 2, 0o600),
    (&["plan", "a.yaml", "--report"], "json=", 2, 0o600),
    (&["snapshot", "a.yaml", "--out"], "", 0, 0o600),
    (&["inventory", "--out"], "", 0, 0o644),
];

/// A command that writes a file.
type Writer = (&'static [&'static str], &'static str, i32, u32);

fn run(site: &Site, (arguments, prefix, exit, _): Writer, file: &str) {
    run_to_exit(site, arguments, prefix, file, exit);
}

fn run_to_exit(site: &Site, arguments: &[&str], prefix: &str, file: &str, exit: i32) -> Ran {
    let file = format!("{prefix}{file}");
    site.run(&[arguments, &[file.as_str()]].concat(), exit)
}

fn mode(site: &Site, file: &str) -> u32 {
    fs::metadata(site.program.path(file)).expect("a file").mode() & 0o7777
}

/// Whether these tests may give files away. Where they may not, that is told, and what needs it is left out.
#[expect(clippy::print_stdout, reason = "what is left out is told")]
fn is_root(what: &str) -> bool {
    let is_root = rustix::process::geteuid().is_root();
    if !is_root {
        println!("left out, as it needs root: {what}");
    }
    is_root
}

/// The program with standard output in a log that something stands in already; and then the whole log.
fn into_log(site: &Site, arguments: &[&str], exit: i32) -> String {
    let path = site.program.path("log");
    fs::write(&path, "first line\n").expect("a file");
    let before = fs::metadata(&path).expect("a file").ino();
    let log = File::options().append(true).open(&path).expect("a file");
    let mut command = site.program.command();
    let output = command.args(arguments).stdout(log).stderr(Stdio::piped()).output().expect("the program runs");
    site.program.assert_exit(&output, exit);
    assert_eq!(fs::metadata(&path).expect("a file").ino(), before, "the log is the one that was open");
    fs::read_to_string(&path).expect("a file")
}

#[test]
fn a_report_to_the_device_of_standard_output_is_added_to_the_log_behind_it() {
    let site = site();
    symlink("/dev/stdout", site.program.path("out")).expect("a link");
    for path in ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "/proc/self/../thread-self/fd/1", "out"] {
        let report = format!("json={path}");
        let log = into_log(&site, &["check", "a.yaml", "--report", &report], 2);
        let json = log.strip_prefix("first line\n").expect("what was there");
        assert_eq!(serde_json::from_str::<serde_json::Value>(json).expect("JSON alone")["verdict"], "drift", "{path}");
    }
    assert!(site.program.path("out").is_symlink());
}

#[test]
fn every_command_writes_to_standard_output_by_its_device() {
    let site = site();
    for (arguments, format, exit) in [
        (&["plan", "a.yaml", "--out", "/dev/stdout"][..], "driftline.plan", 2),
        (&["snapshot", "a.yaml", "--out", "/dev/stdout"], "driftline.snapshot", 0),
        (&["inventory", "--out", "/dev/stdout"], "driftline.inventory", 0),
        (&["validate", "a.yaml", "--report", "json=/dev/stdout"], "driftline.diagnostics", 0),
    ] {
        let log = into_log(&site, arguments, exit);
        let json = log.strip_prefix("first line\n").expect("what was there");
        let json: serde_json::Value = serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {log}"));
        assert_eq!(json["format"], format);
    }
    site.run(&["check", "a.yaml", "--since", "/dev/stdout"], 1).says("which is not a regular file");
    site.run(&["check", "a.yaml", "--report", "text", "--report", "json=/dev/stdout"], 1)
        .says("two reports have the same destination");
    site.run(&["inventory", "--report", "json", "--out", "/dev/stdout"], 1)
        .says("two reports have the same destination");
}

#[test]
fn standard_error_and_other_descriptors_are_written_to_as_they_are() {
    let site = site();
    let ran = site.run(&["check", "a.yaml", "--report", "json=/dev/stderr"], 2);
    assert!(ran.stderr.contains("\"verdict\": \"drift\""), "{}", ran.stderr);
    let log = File::create_new(site.program.path("log")).expect("a file");
    let shell = "echo before >&3; \"$0\" \"$@\"; code=$?; echo after >&3; exit $code";
    let mut command = site.through(
        &["sh", "-c", &format!("exec 3>&1 >/dev/null; {shell}")],
        &["check", "a.yaml", "--report", "json=/dev/fd/3"],
    );
    let output = command.stdout(log).stderr(Stdio::piped()).output().expect("a shell");
    site.program.assert_exit(&output, 2);
    let text = fs::read_to_string(site.program.path("log")).expect("a file");
    let json = text.strip_prefix("before\n").and_then(|rest| rest.strip_suffix("after\n")).expect("all is there");
    assert_eq!(serde_json::from_str::<serde_json::Value>(json).expect("JSON")["verdict"], "drift");
    let asked = site.simulation.calls();
    site.run(&["check", "a.yaml", "--report", "json=/dev/fd/99"], 1).says("descriptor 99 is not open for writing");
    assert_eq!(site.simulation.calls(), asked, "nobody was asked");
}

#[test]
fn a_pipe_is_written_to_and_not_replaced() {
    let site = site();
    let pipe = site.program.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    for writer in WRITERS.into_iter().filter(|(arguments, ..)| !arguments.contains(&"--since")) {
        let from = pipe.clone();
        let reader = std::thread::spawn(move || fs::read_to_string(from).expect("a pipe"));
        run(&site, writer, "pipe");
        assert!(reader.join().expect("a reader").starts_with('{'), "{writer:?}");
    }
    run_to_exit(&site, &["check", "a.yaml", "--since"], "", "pipe", 1).says("which is not a regular file");
}

#[test]
fn what_cannot_be_replaced_is_refused_before_the_first_call() {
    let site = site().file("there/file", "").file("there.jsonl", "");
    let long = "x".repeat(300);
    let journal: Writer = (&["apply", "a.yaml", "--auto-approve", "--journal"], "", 0, 0);
    for (arguments, prefix, ..) in WRITERS.into_iter().chain([journal]) {
        for (file, why) in [
            ("new/", "the name ends in a slash"),
            (long.as_str(), "File name too long"),
            ("there", ""),
            ("there/", ""),
            ("missing/file", "No such file or directory"),
            ("there/file/below", "Not a directory"),
        ] {
            let ran = run_to_exit(&site, arguments, prefix, file, 1);
            ran.says(why).says("fix: ");
        }
    }
    assert!(site.simulation.calls().is_empty(), "nobody was asked: {:?}", site.simulation.calls());
    let names = ["a.yaml", "driftline.toml", "there", "there.jsonl"];
    assert_eq!(site.program.names(""), names, "nothing was made");
}

#[test]
fn the_file_of_another_user_in_a_folder_with_the_sticky_bit_is_refused_before_the_first_call() {
    if !is_root("the file of another user") {
        return;
    }
    let site = site().file("tmp/file", "theirs");
    let path = |file: &str| site.program.path(file);
    fs::set_permissions(path("tmp"), Permissions::from_mode(0o1777)).expect("a mode");
    std::os::unix::fs::chown(path("tmp/file"), Some(ANOTHER), Some(ANOTHER)).expect("an owner");
    for (arguments, prefix, ..) in WRITERS {
        run_to_exit(&site, arguments, prefix, "tmp/file", 1).says("it belongs to another user (id 54321)");
    }
    assert!(site.simulation.calls().is_empty());
    assert_eq!(fs::read_to_string(path("tmp/file")).expect("a file"), "theirs");
}

#[test]
fn a_file_mounted_by_itself_is_refused_before_the_first_call() {
    let site = site().file("mounted", "theirs").file("source", "theirs");
    let mount = "mount --bind source mounted || exit 77; exec \"$0\" \"$@\"";
    for (arguments, prefix, ..) in WRITERS {
        let file = format!("{prefix}mounted");
        let mut command = site.through(&["unshare", "-m", "sh", "-c", mount], &[arguments, &[file.as_str()]].concat());
        let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output();
        let Some(output) = output.ok().filter(|output| !String::from_utf8_lossy(&output.stderr).contains("unshare:"))
        else {
            println!("left out, as nothing can be mounted here");
            return;
        };
        if output.status.code() == Some(77) {
            println!("left out, as nothing can be mounted here");
            return;
        }
        site.program.assert_exit(&output, 1).says("it is a mount point").says("mount the folder");
    }
    assert!(site.simulation.calls().is_empty());
    assert_eq!(site.program.read("source"), "theirs");
}

#[test]
fn a_file_keeps_its_mode_its_owner_and_its_group() {
    let site = site();
    for (nth, writer) in WRITERS.into_iter().enumerate() {
        for kept in [0o600, 0o640, 0o664] {
            let file = format!("file{nth}");
            let path = site.program.path(&file);
            if !path.exists() {
                fs::write(&path, "{\"format\": \"driftline.report\", \"format_v").expect("a file");
            }
            fs::set_permissions(&path, Permissions::from_mode(kept)).expect("a mode");
            let is_root = is_root("another owner");
            if is_root {
                std::os::unix::fs::chown(&path, Some(ANOTHER), Some(ANOTHER)).expect("an owner");
            }
            run(&site, writer, &file);
            assert_eq!(mode(&site, &file), kept, "{writer:?}");
            let metadata = fs::metadata(&path).expect("a file");
            assert!(metadata.len() > 100, "it was written: {writer:?}");
            if is_root {
                assert_eq!((metadata.uid(), metadata.gid()), (ANOTHER, ANOTHER), "{writer:?}");
            }
        }
    }
}

#[test]
fn a_new_plan_journal_or_snapshot_is_its_owners_alone() {
    let site = site();
    let umask = mode(&site, "a.yaml");
    for (nth, writer) in WRITERS.into_iter().enumerate() {
        let file = format!("new{nth}");
        run(&site, writer, &file);
        let expected = if writer.3 == 0o600 { 0o600 } else { umask };
        assert_eq!(mode(&site, &file), expected, "{writer:?}");
    }
    site.apply(&["--allow", "pause"], 0);
    assert_eq!(mode(&site, "j.jsonl"), 0o600);
    site.run(&["rollback", "j.jsonl", "--out", "back.json"], 2);
    assert_eq!(mode(&site, "back.json"), 0o600);
    site.run(&["rollback", "j.jsonl", "--auto-approve"], 0);
    let named = |name: &String| name.starts_with("driftline-rollback-");
    let journal = site.program.names("").into_iter().find(named).expect("a journal");
    assert_eq!(mode(&site, &journal), 0o600);
}

#[test]
fn a_link_to_what_is_not_there_yet_stays_and_its_file_is_made() {
    let site = site().file("data/.keep", "");
    for (nth, writer) in WRITERS.into_iter().enumerate() {
        let (link, file) = (format!("link{nth}"), format!("data/file{nth}"));
        symlink(format!("../work/{file}"), site.program.path(&link)).expect("a link");
        run(&site, writer, &link);
        assert!(site.program.path(&link).is_symlink() && site.program.path(&file).is_file(), "{writer:?}");
    }
    symlink("data/j.jsonl", site.program.path("j.jsonl")).expect("a link");
    site.apply(&["--allow", "pause"], 0);
    assert!(site.program.path("j.jsonl").is_symlink() && site.program.path("data/j.jsonl").is_file());
    symlink("data/findings", site.program.path("findings")).expect("a link");
    site.run(&["rollback", "j.jsonl", "--auto-approve"], 0);
    site.run(&["check", "a.yaml", "--report", "asff=findings"], 2);
    assert!(site.program.path("findings").is_symlink());
    assert_eq!(site.program.names("data/findings").len(), 1);
    assert!(site.program.names("data").iter().all(|name| !name.starts_with(".driftline")));
}

/// A link of another user, in a folder that others may write to.
fn planted(site: &Site, link: &str, to: &str) {
    let path = site.program.path(link);
    let folder = path.parent().expect("a folder");
    fs::create_dir_all(folder).expect("a folder");
    fs::set_permissions(folder, Permissions::from_mode(0o1777)).expect("a mode");
    symlink(to, &path).expect("a link");
    std::os::unix::fs::lchown(&path, Some(ANOTHER), Some(ANOTHER)).expect("an owner");
}

#[test]
fn a_planted_link_is_not_followed() {
    if !is_root("the link of another user") {
        return;
    }
    let site = site().file("precious", "precious").file("folder/.keep", "");
    planted(&site, "tmp/link", "../precious");
    planted(&site, "tmp/new", "../made");
    planted(&site, "tmp/folder", "../folder");
    planted(&site, "tmp/last.json.lock", "../precious");
    for (arguments, prefix, ..) in WRITERS {
        for file in ["tmp/link", "tmp/new", "tmp/folder/file"] {
            run_to_exit(&site, arguments, prefix, file, 1).says("is a symbolic link owned by another user (id 54321)");
        }
    }
    site.run(&["check", "a.yaml", "--since", "tmp/last.json"], 1).says("tmp/last.json.lock is a symbolic link");
    site.run(&["check", "a.yaml", "--report", "asff=tmp/folder"], 1).says("symbolic link owned by another user");
    site.run(&["apply", "a.yaml", "--auto-approve", "--journal", "tmp/new"], 1)
        .says("symbolic link owned by another user");
    // Nor is one read from.
    site.run(&["report", "tmp/link"], 1).says("symbolic link owned by another user");
    site.run(&["check", "a.yaml", "--only-unread", "tmp/link"], 1).says("symbolic link owned by another user");
    assert!(site.simulation.calls().is_empty());
    assert_eq!(site.program.read("precious"), "precious");
    assert!(!site.program.path("made").exists() && site.program.names("folder") == [".keep"]);
    // In a folder of which its owner alone decides, it is as good as that owner.
    fs::set_permissions(site.program.path("tmp"), Permissions::from_mode(0o755)).expect("a mode");
    site.run(&["check", "a.yaml", "--report", "json=tmp/new"], 2);
    assert!(site.program.path("made").is_file());
}

#[test]
fn a_lock_file_that_holds_anything_but_a_number_stays_as_it_is() {
    let site = site().file("last.json.lock", "my notes\n");
    site.run(&["check", "a.yaml", "--since", "last.json"], 1).says("last.json.lock is not a lock file of driftline");
    assert_eq!(site.program.read("last.json.lock"), "my notes\n");
    assert!(site.simulation.calls().is_empty() && !site.program.path("last.json").exists());
    fs::remove_file(site.program.path("last.json.lock")).expect("it can be removed");
    symlink("a.yaml", site.program.path("last.json.lock")).expect("a link");
    site.run(&["check", "a.yaml", "--since", "last.json"], 1).says("a symbolic link, and a lock file must not be one");
}

#[test]
fn what_a_killed_run_has_left_is_cleaned_by_the_next() {
    let site = site().file("out/.driftline-aB12cD", "half a report").file("out/.driftline-notes", "mine");
    site.run(&["check", "a.yaml", "--report", "json=out/a.json"], 2);
    assert_eq!(site.program.names("out"), [".driftline-notes", "a.json"]);
}

/// Outputs that would be written over something that the run reads or needs.
#[test]
fn what_is_read_by_a_run_is_not_written_over() {
    let site = site().file("policies/x.yaml", policy(["regions: [eu-west-1], status: PAUSED"]));
    site.run(&["check", "a.yaml", "--report", "json=last.json"], 2);
    site.run(&["snapshot", "a.yaml", "--out", "snapshot.json"], 0);
    site.run(&["inventory", "--out", "accounts.json"], 0);
    site.run(&["plan", "a.yaml", "--out", "plan.json"], 2);
    let site = site.file("world.yaml", World::new().organization(&format!("management: \"{CALLER}\"")).to_string());
    fs::create_dir(site.program.path("aws")).expect("a folder");
    symlink("../policies/x.yaml", site.program.path("aws/link")).expect("a link");
    let before = (site.simulation.calls(), tree(&site));
    for (arguments, why) in [
        (
            &["check", "policies", "a.yaml", "--report", "json=policies/x.yaml"][..],
            "policies/x.yaml cannot be overwritten",
        ),
        (&["check", "policies", "a.yaml", "--report", "json=aws/link"], "aws/link cannot be overwritten"),
        (&["check", "a.yaml", "--since", "a.yaml"], "a.yaml cannot be overwritten: this run reads it"),
        (&["check", "a.yaml", "--report", "text=driftline.toml"], "driftline.toml cannot be overwritten"),
        (&["check", "a.yaml", "--live", "snapshot.json", "--report", "json=snapshot.json"], "snapshot.json cannot"),
        (&["check", "a.yaml", "--live", "snapshot.json", "--since", "snapshot.json"], "snapshot.json cannot"),
        (&["check", "a.yaml", "--only-unread", "last.json", "--report", "json=last.json"], "last.json cannot"),
        (&["check", "a.yaml", "--since", "last.json", "--report", "csv=last.json.lock"], "it is the lock file"),
        (
            &["check", "a.yaml", "--inventory", "accounts.json", "--report", "json=accounts.json"],
            "accounts.json cannot",
        ),
        (&["check", "a.yaml", "--simulate", "world.yaml", "--report", "json=world.yaml"], "world.yaml cannot"),
        (&["plan", "a.yaml", "--out", "a.yaml"], "a.yaml cannot be overwritten"),
        (&["plan", "a.yaml", "--out", "./driftline.toml"], "./driftline.toml cannot be overwritten"),
        (&["snapshot", "a.yaml", "--out", "a.yaml"], "a.yaml cannot be overwritten"),
        (&["inventory", "--simulate", "world.yaml", "--out", "world.yaml"], "world.yaml cannot"),
        (&["apply", "plan.json", "--auto-approve", "--report", "json=plan.json"], "plan.json cannot"),
        (&["apply", "plan.json", "--auto-approve", "--report", "json=a.yaml"], "a.yaml cannot be overwritten"),
        (&["apply", "a.yaml", "--auto-approve", "--journal", "j", "--report", "json=./j"], "it is the journal"),
        (&["apply", "a.yaml", "--auto-approve", "--report", "junit=a.yaml"], "a.yaml cannot be overwritten"),
        (&["report", "last.json", "--report", "json=last.json"], "last.json cannot"),
        (&["validate", "a.yaml", "--report", "json=a.yaml"], "a.yaml cannot be overwritten"),
        (&["validate", "--all", ".", "--report", "json=policies/x.yaml"], "policies/x.yaml cannot"),
        (&["diff", "a.yaml", "policies", "--report", "json=a.yaml"], "a.yaml cannot be overwritten"),
        (&["diff", "a.yaml", "policies", "--report", "json=policies/x.yaml"], "policies/x.yaml cannot"),
        (&["targets", "a.yaml", "--report", "json=a.yaml"], "a.yaml cannot be overwritten"),
        (&["explain", "111122223333/eu-west-1", "a.yaml", "--report", "json=a.yaml"], "a.yaml cannot"),
    ] {
        site.run(arguments, 1).says(why).says("choose another file for the output");
    }
    assert_eq!((site.simulation.calls(), tree(&site)), before, "nobody was asked, and nothing changed");
    // What --since names is both, by design; also beside --only-unread.
    site.run(&["check", "a.yaml", "--since", "last.json", "--only-unread", "last.json"], 2);
    site.apply(&["--allow", "pause", "--allow", "partial-policies"], 0);
    for arguments in [
        &["rollback", "j.jsonl", "--out", "j.jsonl"][..],
        &["rollback", "j.jsonl", "--auto-approve", "--report", "json=j.jsonl"],
        &["apply", "--resume", "j.jsonl", "--auto-approve", "--report", "json=j.jsonl"],
    ] {
        site.run(arguments, 1).says("j.jsonl cannot be overwritten");
    }
}

fn tree(site: &Site) -> Vec<(PathBuf, Vec<u8>)> {
    let files = crate::support::files_below(&site.program.path(""));
    files.into_iter().map(|path| (path.clone(), fs::read(path).expect("a file"))).collect()
}

#[test]
fn the_files_of_github_are_added_to_and_made_only_by_a_run() {
    let site = site().file("outputs", "mine=1\n");
    let with = |report: &[&str], exit: i32| {
        let mut command = site.program.command();
        command.args(["check", "a.yaml", "--report", "github"]).args(report);
        command.env("GITHUB_STEP_SUMMARY", "summary").env("GITHUB_OUTPUT", "outputs");
        let output = command.output().expect("the program runs");
        site.program.assert_exit(&output, exit)
    };
    with(&["--report", "json=missing/a.json"], 1);
    with(&["--report", "json=driftline.toml"], 1);
    assert!(!site.program.path("summary").exists(), "a run that is refused makes nothing");
    with(&[], 2);
    assert!(site.program.read("outputs").starts_with("mine=1\n"));
    assert!(site.program.read("summary").len() > 10);
    // Locally, people send the summary to the terminal.
    let mut command = site.program.command();
    let output = command.args(["check", "a.yaml", "--report", "github", "--report", "json=a.json"]);
    let output = output.env("GITHUB_STEP_SUMMARY", "/dev/stdout").output().expect("the program runs");
    assert!(site.program.assert_exit(&output, 2).stdout.contains("# "), "the summary");
}

#[test]
fn settings_of_another_user_above_the_working_directory_are_refused() {
    let declaration = format!("accounts: [\"{ACCOUNT}\"], status: ENABLED");
    let program = |below: &str| {
        let program = Driftline::new().settings("[inventory]\nregions = [\"eu-west-1\"]\n");
        program.policy("deep/a.yaml", policy([&declaration])).below(below)
    };
    let set = |program: &Driftline, mode: u32| {
        fs::set_permissions(program.path("driftline.toml"), Permissions::from_mode(mode)).expect("a mode");
    };
    let shared = program("deep");
    set(&shared, 0o666);
    let ran = shared.run_with(&["targets", "a.yaml"], 1);
    ran.says("../driftline.toml, above the working directory, is not trusted: others may write to it");
    ran.says("666)").says("--config ../driftline.toml");
    for arguments in
        [&["validate", "a.yaml"][..], &["check", "a.yaml"], &["plan", "a.yaml"], &["snapshot", "--out", "s"]]
    {
        shared.run_with(arguments, 1).says("untrusted-settings");
    }
    shared.run_with(&["validate", "a.yaml", "--config", "../driftline.toml"], 0);
    set(&shared, 0o644);
    shared.run_with(&["validate", "a.yaml"], 0);
    // Where the run is, it always counts.
    let here = program("");
    set(&here, 0o666);
    here.run_with(&["validate", "deep/a.yaml"], 0);
    if is_root("settings of another user") {
        std::os::unix::fs::chown(shared.path("driftline.toml"), Some(ANOTHER), None).expect("an owner");
        shared.run_with(&["validate", "a.yaml"], 1).says("it belongs to another user");
        std::os::unix::fs::chown(here.path("driftline.toml"), Some(ANOTHER), None).expect("an owner");
        here.run_with(&["validate", "deep/a.yaml"], 0);
        // A link of another user is theirs, wherever it leads.
        let linked = program("deep").file("mine.toml", "");
        fs::remove_file(linked.path("driftline.toml")).expect("it can be removed");
        symlink("mine.toml", linked.path("driftline.toml")).expect("a link");
        linked.run_with(&["validate", "a.yaml"], 0);
        std::os::unix::fs::lchown(linked.path("driftline.toml"), Some(ANOTHER), None).expect("an owner");
        linked.run_with(&["validate", "a.yaml"], 1).says("--config ../driftline.toml");
    }
}

#[test]
fn a_starter_project_follows_no_link_and_replaces_nothing() {
    let program = Driftline::new().args(["init", "macie"]);
    fs::create_dir(program.path("macie")).expect("a folder");
    symlink("../made", program.path("macie/driftline.toml")).expect("a link");
    program.run(1).says("these files exist: macie/driftline.toml");
    assert!(!program.path("made").exists() && program.names("macie") == ["driftline.toml"]);
    let mut file = File::create(program.path("file")).expect("a file");
    file.write_all(b"mine").expect("a file");
    program.run_with(&["--quiet"], 1);
}
