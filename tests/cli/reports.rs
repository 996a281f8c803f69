//! `--report`: where reports go.

use crate::support::{ACCOUNT, Driftline, Ran, World, policy};

const TEXT: &str = "Verdict   drift: 1 target is not as wanted; everything was read\n";

fn program() -> Driftline {
    let declaration = format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: PAUSED");
    Driftline::new().policy("a.yaml", policy([declaration])).world(&World::new().enabled(ACCOUNT))
}

/// A check that finds drift.
fn check(reports: &[&str]) -> Driftline {
    let program = program().args(["check", "a.yaml", "--simulate", "world.yaml"]);
    reports.iter().fold(program, |program, report| program.args(["--report", report]))
}

/// A check that has no credentials, so that any error but that comes before AWS is reached for.
#[track_caller]
fn refused(reports: &[&str], why: &str) -> Ran {
    let program = program().args(["check", "a.yaml"]);
    let ran = reports.iter().fold(program, |program, report| program.args(["--report", report])).run(1);
    ran.says(why);
    assert!(!ran.stderr.contains("no AWS credentials"), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
    ran
}

#[test]
fn several_reports_at_once() {
    let program = check(&["json=a.json", "text=a.txt", "text"]);
    let ran = program.run(2);
    assert_eq!(program.read("a.txt"), ran.stdout);
    assert!(program.read("a.json").contains("\"verdict\": \"drift\""));
}

#[test]
fn text_stays_on_standard_output_where_only_files_are_asked_for() {
    let program = check(&["json=a.json"]);
    assert!(program.run(2).stdout.ends_with(TEXT));
    assert!(program.read("a.json").starts_with("{\n  \"format\": \"driftline.report\""));
}

#[test]
fn a_dash_is_standard_output() {
    assert_eq!(check(&["json=-"]).run(2), check(&["json"]).run(2));
}

#[test]
fn two_reports_for_standard_output_are_refused() {
    refused(&["json", "text"], "error: two reports have the same destination: standard output");
    refused(&["json=-", "text=-", "json=a.json"], "FORMAT=FILE, in --report or DRIFTLINE_REPORT");
}

#[test]
fn two_reports_for_one_file_are_refused() {
    let ran = refused(
        &["json=a.out", "text", "text=a.out"],
        "error: two reports have the same destination: a.out\n  fix: give each report",
    );
    assert!(
        ran.stderr.ends_with("report its own destination, FORMAT=FILE, in --report or DRIFTLINE_REPORT\n"),
        "{}",
        ran.stderr
    );
    refused(&["json=a.out", "text=./a.out"], "error: two reports have the same destination: ./a.out");
}

#[test]
fn an_unknown_format_is_refused() {
    refused(&["yaml=a.yaml"], "\"yaml\" is not a report format of this command; there are: text, json");
    refused(&["json="], "\"json=\" names no file; write json=FILE, or json alone for standard output");
}

#[test]
fn a_report_that_cannot_be_written_is_refused_before_anything_is_read() {
    refused(&["json=missing/a.json"], "error: the report cannot be written to missing/a.json: ");
    refused(&["json=."], "error: the report cannot be written to .: it is a folder");
    refused(&["json=a.json", "text=missing/a.txt"], "missing/a.txt");
    // The same without the bad report gets as far as asking for credentials.
    program().args(["check", "a.yaml", "--report", "json=a.json"]).run(1).says("no AWS credentials");
}

#[cfg(unix)]
#[test]
fn a_folder_without_permission_is_refused_before_anything_is_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let program = program().file("locked/file", "").args(["check", "a.yaml", "--report", "json=locked/a.json"]);
    let mode = |mode| std::fs::set_permissions(program.path("locked"), std::fs::Permissions::from_mode(mode));
    mode(0o555).expect("a mode");
    // Whoever may do everything, may do this too.
    let obeys = std::fs::write(program.path("locked/probe"), "").is_err();
    let ran = program.run(1);
    mode(0o755).expect("a mode");
    let words = if obeys { "error: the report cannot be written to locked/a.json" } else { "no AWS credentials" };
    ran.says(words);
}

#[test]
fn a_refused_report_leaves_the_old_one_alone() {
    let program = program().file("a.json", "old").args(["check", "a.yaml", "--report", "json=a.json"]);
    program.run(1).says("no AWS credentials");
    assert_eq!(program.read("a.json"), "old");
    assert_eq!(program.names("."), ["a.json", "a.yaml", "world.yaml"]);
}

#[test]
fn a_file_is_replaced_and_nothing_is_left_beside_it() {
    let program = check(&["json=out/a.json"]).file("out/a.json", "x".repeat(100_000));
    program.run(2);
    assert_eq!(program.names("out"), ["a.json"]);
    assert!(program.read("out/a.json").ends_with("}\n"));
    let first = program.read("out/a.json");
    program.run(2);
    assert_eq!(program.read("out/a.json"), first);
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_stays_and_what_it_names_is_replaced() {
    let program = check(&["json=link.json"]).file("out/a.json", "old");
    std::os::unix::fs::symlink("out/a.json", program.path("link.json")).expect("a link");
    program.run(2);
    assert!(program.path("link.json").is_symlink());
    assert!(program.read("out/a.json").contains("\"verdict\": \"drift\""));
    assert_eq!(program.names("out"), ["a.json"]);
}

#[cfg(unix)]
#[test]
fn others_may_read_a_report() {
    use std::os::unix::fs::PermissionsExt as _;
    let program = check(&["json=a.json"]);
    program.run(2);
    let mode = |path| std::fs::metadata(program.path(path)).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode("a.json"), mode("a.yaml"), "as any file that this user makes");
}

#[cfg(unix)]
#[test]
fn a_device_is_written_to_and_not_replaced() {
    use std::os::unix::fs::FileTypeExt as _;
    let ran = check(&["json=/dev/null"]).run(2);
    assert!(ran.stdout.ends_with(TEXT));
    let kind = std::fs::metadata("/dev/null").expect("a device").file_type();
    assert!(kind.is_char_device());
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_failure() {
    for arguments in [&["--report", "json"][..], &["--verbose"]] {
        let program = check(&["json=a.json"]).args(arguments);
        let mut command = program.command();
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let mut child = command.spawn().expect("the program runs");
        drop(child.stdout.take());
        let ran = program.assert_exit(&child.wait_with_output().expect("an end"), 2);
        assert_eq!(ran.stderr, "");
        assert!(program.read("a.json").contains("\"verdict\": \"drift\""), "files are written all the same");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_is_a_failure_whatever_the_verdict() {
    use std::fs::File;
    for reports in [&["json"][..], &["text"], &[]] {
        let program = check(reports);
        let full = File::options().write(true).open("/dev/full").expect("a device");
        let output = program.command().stdout(full).output().expect("the program runs");
        let ran = program.assert_exit(&output, 1);
        ran.says("error: standard output cannot be written: ").says("the exit code would be misleading");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_fails_does_not_take_the_others_with_it() {
    let program = check(&["json=/dev/full", "json=a.json"]);
    let ran = program.run(1);
    ran.says("error: the report cannot be written to /dev/full: ");
    assert!(ran.stdout.ends_with(TEXT));
    assert!(program.read("a.json").contains("\"verdict\": \"drift\""));
}

#[test]
fn a_folder_of_findings_is_made_and_holds_the_last_run_alone() {
    let program = check(&["asff=out/"]);
    assert!(program.run(2).stdout.ends_with(TEXT));
    let name = format!("{ACCOUNT}.eu-west-1.001.asff.json");
    assert_eq!(program.names("out"), [name.as_str()]);
    assert!(program.read(format!("out/{name}").as_str()).starts_with("[\n  {\n    \"SchemaVersion\": \"2018-10-08\""));
    let program = program.file("out/999988887777.eu-west-1.001.asff.json", "[]").file("out/notes.txt", "mine");
    program.run(2);
    let mut names = [name.as_str(), "notes.txt"];
    names.sort_unstable();
    assert_eq!(program.names("out"), names);
}

#[test]
fn a_report_that_is_a_folder_goes_to_a_folder() {
    let why = "asff is many files, which cannot go to standard output; write asff=FOLDER";
    for asked in ["asff", "asff=-", "asff="] {
        refused(&[asked], why);
    }
    refused(&["asff=a.yaml"], "error: the report cannot be written to a.yaml: it is not a folder");
    refused(&["asff=missing/out"], "error: the report cannot be written to missing/out: ");
    refused(&["json=out", "asff=out/"], "error: two reports have the same destination: out/");
}
