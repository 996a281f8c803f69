//! `man`: manual pages of the program, its commands and its files.

use std::path::Path;
use std::process::Command;

use driftline::cli::command;

use crate::support::{Driftline, redacted, repository};

/// The names of the pages about commands, without that of the program.
fn commands() -> Vec<String> {
    command().get_subcommands().map(|command| command.get_name().to_owned()).collect()
}

fn page(arguments: &[&str]) -> String {
    let ran = Driftline::new().args(["man"]).args(arguments).run(0);
    assert_eq!(ran.stderr, "");
    ran.stdout
}

/// A page as a reader sees it at a width of 80 columns; `None` without the program mandoc.
fn rendered(page: &Path) -> Option<String> {
    let output = Command::new("mandoc").args(["-T", "utf8", "-O", "width=78"]).arg(page).output().ok()?;
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    // Bold and underlined letters are typed over each other.
    let mut plain = String::new();
    for letter in text.chars() {
        if letter == '\u{8}' {
            plain.pop();
        } else {
            plain.push(letter);
        }
    }
    Some(plain)
}

#[test]
fn every_command_and_file_format_has_a_page() {
    let written = Driftline::new().args(["man", "--out", "pages"]);
    let ran = written.run(0);
    let mut expected: Vec<String> = commands().iter().map(|name| format!("driftline-{name}.1")).collect();
    expected.extend(["driftline.1", "driftline.toml.5", "driftline-policy.5"].map(str::to_owned));
    assert_eq!(ran.stdout, format!("wrote {} pages to pages\n", expected.len()));
    expected.sort();
    assert_eq!(written.names("pages"), expected);
    assert_eq!(written.run_with(&["--quiet"], 0).stdout, "");
    for name in expected {
        let text = redacted(&written.read(format!("pages/{name}")), Path::new("/nowhere"));
        let (stem, section) = name.rsplit_once('.').expect("a section");
        assert!(text.contains(&format!("\n.TH {} {section} 2026-11-30 ", stem.to_uppercase())), "{text}");
        let asked = stem.strip_prefix("driftline-").unwrap_or(stem);
        assert_eq!(page(&[asked]), text, "the same page alone");
        assert_eq!(page(&[stem]), text, "and under its full name");
        for heading in ["NAME", "DESCRIPTION", "\"SEE ALSO\""] {
            assert!(text.contains(&format!("\n.SH {heading}\n")), "{name} has no {heading}");
        }
        // Every page that one refers to exists.
        for (before, _) in text.match_indices("\\fR(") {
            let start = text.get(..before).and_then(|text| text.rfind("\\fB")).expect("bold");
            let named = text.get(start + 3..before).expect("a name").replace('\\', "");
            let section = text.get(before + 4..before + 5).expect("a section");
            assert!(written.path(format!("pages/{named}.{section}")).exists(), "{name} names {named}({section})");
        }
    }
}

#[test]
fn pages_of_commands_have_the_sections_of_manuals() {
    for name in commands() {
        let page = page(&[&name]);
        for heading in ["SYNOPSIS", "OPTIONS", "\"EXIT STATUS\"", "ENVIRONMENT", "EXAMPLES"] {
            assert!(page.contains(&format!("\n.SH {heading}\n")), "{name} has no {heading}");
        }
        assert!(!page.contains("EXTRA") && !page.contains("driftline\\-help"), "{page}");
    }
    let check = page(&["check"]);
    for heading in
        command().get_subcommands().find(|command| command.get_name() == "check").expect("check").get_arguments()
    {
        if let Some(heading) = heading.get_help_heading() {
            let quoted = if heading.contains(' ') { format!("\"{heading}\"") } else { heading.to_owned() };
            assert!(check.contains(&format!("\n.SS {quoted}\n")), "{heading}");
        }
    }
}

#[test]
fn pages_of_files_have_every_key_of_their_schema() {
    for (name, schema) in [("driftline.toml", "settings"), ("policy", "policy")] {
        let page = page(&[name]).replace('\\', "");
        let schema: serde_json::Value =
            serde_json::from_str(&Driftline::new().args(["schema", schema]).run(0).stdout).expect("JSON");
        let mut tables = vec![&schema];
        let mut keys = 0;
        while let Some(value) = tables.pop() {
            if let Some(fields) = value.get("properties").and_then(|fields| fields.as_object()) {
                for key in fields.keys().filter(|key| !["at_most", "at_least"].contains(&key.as_str())) {
                    assert!(page.contains(&format!("fB{key}fR")), "{name} does not describe {key}");
                    keys += 1;
                }
            }
            match value {
                serde_json::Value::Object(fields) => tables.extend(fields.values()),
                serde_json::Value::Array(items) => tables.extend(items),
                _ => {}
            }
        }
        assert!(keys > 15, "{name}: {keys}");
    }
}

#[test]
fn the_examples_of_the_pages_are_valid() {
    let example = |name| std::fs::read_to_string(repository("src/cli/man_examples").join(name)).expect("an example");
    let program =
        Driftline::new().settings(&example("driftline.toml")).policy("policies/a.yaml", example("policy.yaml"));
    program.args(["validate", "--inventory", "declared"]).run(0);
}

#[test]
fn the_date_is_never_that_of_the_run() {
    let dated = |epoch: &str| Driftline::new().env("SOURCE_DATE_EPOCH", epoch).args(["man", "diff"]);
    assert!(dated("1806451200").run(0).stdout.contains(".TH DRIFTLINE-DIFF 1 2027-03-31 "));
    assert_eq!(dated("").run(0).stdout, page(&["diff"]));
    for wrong in ["soon", "1e9", "99999999999999999999"] {
        let ran = dated(wrong).run(1);
        assert!(ran.stdout.is_empty() && ran.stderr.contains("SOURCE_DATE_EPOCH is no number"), "{}", ran.stderr);
    }
}

#[test]
fn a_page_that_does_not_exist_is_an_error() {
    let ran = Driftline::new().args(["man", "chekc"]).run(1);
    assert_eq!(ran.stderr, "error: there is no manual page of chekc\n  fix: name one of: check\n");
    let ran = Driftline::new().args(["man", "help"]).run(1);
    ran.says("there is no manual page of help");
}

#[test]
fn a_file_that_is_no_page_is_not_replaced() {
    let program = Driftline::new().file("pages/driftline.1", "mine\n").args(["man", "--out", "pages"]);
    program.run(1).says("driftline.1");
    assert_eq!(program.read("pages/driftline.1"), "mine\n");
}

#[test]
fn mandoc_finds_nothing_to_complain_of() {
    let program = Driftline::new().args(["man", "--out", "pages"]);
    program.run(0);
    for name in program.names("pages") {
        let file = program.path("pages").join(&name);
        let Ok(output) = Command::new("mandoc").args(["-T", "lint", "-W", "style"]).arg(&file).output() else {
            // The gate installs mandoc.
            return;
        };
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && said.is_empty(), "{said}");
        let text = rendered(&file).expect("mandoc");
        for line in text.lines() {
            assert!(
                line.chars().count() <= 80 || !line.trim().contains(' '),
                "{name} has a line that is too long: {line}"
            );
        }
    }
}

#[test]
fn a_page_reads_well() {
    let program = Driftline::new().args(["man", "--out", "pages"]);
    program.run(0);
    let Some(text) = rendered(&program.path("pages").join("driftline.toml.5")) else { return };
    insta::assert_snapshot!("man_settings", text);
}
