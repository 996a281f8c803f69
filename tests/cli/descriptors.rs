//! What the caller has opened, and what it has not: descriptors, standard output, and the readers of pipes.

use std::fs::{self, File};
use std::process::Stdio;

use crate::support::{ACCOUNT, CALLER, Ran, Site, World};

/// A site with drift, in an organization, so that every command has something to write.
fn site() -> Site {
    let world = World::new()
        .organization(&format!("management: \"{CALLER}\""))
        .account(CALLER, "sessions: {\"*\": {}}")
        .account(ACCOUNT, "in_organization: false, sessions: {\"*\": {}}");
    let site = Site::new(&world, [format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: PAUSED")]);
    site.settings("[inventory]\nregions = [\"eu-west-1\"]\n").file("world.yaml", world.to_string())
}

/// The program as a shell starts it that has done something before: redirections, limits.
fn after(site: &Site, before: &str, arguments: &[&str], exit: i32) -> Ran {
    let script = format!("{before}\nexec \"$0\" \"$@\"");
    let mut command = site.through(&["sh", "-c", &script], arguments);
    let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().expect("a shell");
    site.program.assert_exit(&output, exit)
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn a_descriptor_that_the_caller_has_not_opened_is_refused_before_the_first_call() {
    let site = site();
    for number in 3..16 {
        let file = format!("/dev/fd/{number}");
        let report = format!("json={file}");
        for arguments in [
            &["check", "a.yaml", "--report", &report][..],
            &["check", "a.yaml", "--simulate", "world.yaml", "--report", &report],
            &["check", "a.yaml", "--since", "last.json", "--report", &report],
            &["plan", "a.yaml", "--out", &file],
            &["snapshot", "a.yaml", "--out", &file],
            &["inventory", "--out", &file],
        ] {
            site.run(arguments, 1).says(&format!("descriptor {number} is not open for writing")).says("fix: ");
        }
    }
    assert!(site.simulation.calls().is_empty(), "nobody was asked");
    let ran = after(&site, "exec 6>report.json", &["check", "a.yaml", "--report", "json=/proc/self/fd/6"], 2);
    ran.says("");
    assert_eq!(json(&site.program.read("report.json"))["verdict"], "drift");
}

#[test]
fn what_is_open_for_reading_only_is_refused_before_the_first_call() {
    let site = site();
    for (before, arguments) in [
        ("exec 0</dev/null", &["check", "a.yaml", "--report", "json=/dev/stdin"][..]),
        ("exec 0</dev/null", &["plan", "a.yaml", "--out", "/dev/fd/0"]),
        ("exec 2</dev/null", &["snapshot", "a.yaml", "--out", "/dev/stderr"]),
        ("exec 4</dev/null", &["inventory", "--out", "/dev/fd/4"]),
        ("exec 1</dev/null", &["check", "a.yaml"]),
        ("exec 1</dev/null", &["check", "a.yaml", "--report", "json=report.json"]),
        ("exec 1</dev/null", &["inventory"]),
        ("exec 1</dev/null", &["apply", "a.yaml", "--auto-approve"]),
        ("exec 1</dev/null", &["targets", "a.yaml"]),
    ] {
        after(&site, before, arguments, 1);
    }
    after(&site, "exec 1</dev/null", &["check", "a.yaml"], 1)
        .says("standard output cannot be written: descriptor 1 is not open for writing");
    assert!(site.simulation.calls().is_empty(), "nobody was asked");
    after(&site, "exec 0<>/dev/null", &["check", "a.yaml", "--report", "json=/dev/stdin"], 2);
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let site = site();
    // Nobody reads the pipe by the time that it is written to.
    let gone = "mkfifo pipe; exec 4<>pipe 3>pipe 4<&-";
    for (arguments, exit) in [
        (&["check", "a.yaml", "--report", "json=/dev/fd/3"][..], 2),
        (&["plan", "a.yaml", "--out", "/dev/fd/3"], 2),
        (&["snapshot", "a.yaml", "--out", "/dev/fd/3"], 0),
        (&["inventory", "--out", "/dev/fd/3"], 0),
    ] {
        after(&site, gone, arguments, exit);
        fs::remove_file(site.program.path("pipe")).expect("it can be removed");
    }
}

#[test]
fn a_dash_is_standard_output_wherever_a_file_is_named() {
    let site = site();
    for (arguments, format, exit) in [
        (&["check", "a.yaml", "--report", "json=-"][..], "driftline.report", 2),
        (&["plan", "a.yaml", "--out", "-"], "driftline.plan", 2),
        (&["snapshot", "a.yaml", "--out", "-"], "driftline.snapshot", 0),
        (&["inventory", "--out", "-"], "driftline.inventory", 0),
    ] {
        assert_eq!(json(&site.run(arguments, exit).stdout)["format"], format);
    }
    site.run(&["inventory", "--report", "json", "--out", "-"], 1)
        .says("two reports have the same destination: standard output");
    site.run(&["check", "a.yaml", "--since", "-"], 1).says("which is not a regular file");
    site.apply(&["--allow", "pause"], 0);
    assert_eq!(json(&site.run(&["rollback", "j.jsonl", "--out", "-"], 2).stdout)["format"], "driftline.plan");
    assert!(!site.program.path("-").exists() && !site.program.path("-.lock").exists());
    site.run(&["plan", "a.yaml", "--out", "./-"], 0);
    assert!(site.program.path("-").is_file(), "a path is a file");
}

#[test]
fn a_file_that_standard_output_goes_to_is_added_to() {
    let site = site();
    fs::hard_link(site.program.path("a.yaml"), site.program.path("hard.yaml")).expect("a link");
    for (arguments, exit) in [
        (&["check", "a.yaml", "--report", "json=log"][..], 2),
        (&["check", "a.yaml", "--report", "json=../work/log"], 2),
        (&["plan", "a.yaml", "--out", "log"], 2),
        (&["snapshot", "a.yaml", "--out", "log"], 0),
        (&["inventory", "--out", "log"], 0),
    ] {
        fs::write(site.program.path("log"), "first line\n").expect("a file");
        after(&site, "exec >>log; echo second line", arguments, exit);
        let log = site.program.read("log");
        let rest = log.strip_prefix("first line\nsecond line\n").expect("what was there");
        assert!(json(rest)["format"].is_string(), "{arguments:?}");
    }
    fs::write(site.program.path("errors"), "first line\n").expect("a file");
    after(&site, "exec 2>>errors", &["check", "a.yaml", "--report", "json=errors"], 2);
    assert!(site.program.read("errors").starts_with("first line\n{"));
    let asked = site.simulation.calls();
    for (before, arguments) in [
        ("exec >>log", &["check", "a.yaml", "--since", "log"][..]),
        ("exec >>log", &["check", "a.yaml", "--since", "/dev/stdout"]),
        ("exec 3>>log", &["check", "a.yaml", "--since", "/dev/fd/3"]),
        // What a run reads is not added to either, under any of its names.
        ("exec >>a.yaml", &["check", "a.yaml", "--report", "json=a.yaml"]),
        ("exec >>hard.yaml", &["check", "a.yaml"]),
        ("exec 3>>hard.yaml", &["check", "a.yaml", "--report", "json=/dev/fd/3"]),
    ] {
        after(&site, before, arguments, 1);
    }
    assert_eq!(site.simulation.calls(), asked, "nobody was asked");
    assert!(!site.program.names("").iter().any(|name| name.contains(".lock")));
    assert!(!site.program.read("a.yaml").contains("driftline.report"));
    let file = File::create(site.program.path("new")).expect("a file");
    let mut command = site.program.command();
    let output = command.args(["check", "a.yaml"]).stdout(file).stderr(Stdio::piped()).output();
    site.program.assert_exit(&output.expect("the program runs"), 2);
}

#[test]
fn a_run_that_fails_leaves_neither_an_empty_folder_nor_a_lock_file() {
    let site = site();
    let full = "trap '' XFSZ; ulimit -f 0";
    let names = site.program.names("");
    after(&site, full, &["check", "a.yaml", "--report", "asff=findings"], 1).says("findings");
    after(&site, full, &["check", "a.yaml", "--since", "last.json"], 1).says("last.json");
    assert_eq!(site.program.names(""), names, "nothing is left");
    // One that is refused once the lock is taken.
    let site = site.file("plan.json", "{\"format\": \"driftline.plan\"}");
    site.run(&["check", "a.yaml", "--since", "plan.json"], 1);
    assert!(!site.program.path("plan.json.lock").exists());
    site.run(&["check", "a.yaml", "--since", "last.json"], 2);
    assert!(site.program.path("last.json.lock").exists(), "the lock file of a run that ended well stays");
    let site = site.file("last.json", "{\"format\": \"driftline.plan\"}");
    site.run(&["check", "a.yaml", "--since", "last.json"], 1);
    assert!(site.program.path("last.json.lock").exists(), "that of another run stays");
}

#[test]
fn a_file_keeps_its_access_control_list() {
    let site = site();
    fs::write(site.program.path("report.json"), "").expect("a file");
    // A user may read it, and the group that owns it may not.
    let set = "setfacl -m u:54321:r,g::-,o::- report.json || exit 77";
    let ran = std::process::Command::new("sh").args(["-c", set]).current_dir(site.program.path("")).output();
    if !ran.expect("a shell").status.success() {
        println!("left out, as there are no access control lists here");
        return;
    }
    let list = || {
        let mut command = std::process::Command::new("getfacl");
        let output = command.args(["-cn", "report.json"]).current_dir(site.program.path("")).output();
        String::from_utf8(output.expect("getfacl").stdout).expect("UTF-8")
    };
    let before = list();
    assert!(before.contains("user:54321:r--"), "{before}");
    site.run(&["check", "a.yaml", "--report", "json=report.json"], 2);
    assert_eq!(list(), before);
    assert!(site.program.read("report.json").starts_with('{'));
    // What the folder would give a new file is not for one that is there.
    let set = "setfacl -b report.json; chmod 640 report.json; setfacl -d -m u:54321:r .";
    let ran = std::process::Command::new("sh").args(["-c", set]).current_dir(site.program.path("")).output();
    assert!(ran.expect("a shell").status.success());
    site.run(&["check", "a.yaml", "--report", "json=report.json"], 2);
    assert!(!list().contains("54321"), "{}", list());
}
