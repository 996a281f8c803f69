//! The pages of `docs/`: all of them are in the book and on its first page, their links and anchors lead somewhere, and those that
//! are made from the program are as it says.
//!
//! `UPDATE_EXPECT=1 cargo test --test cli published` writes the pages that are made from the program.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use driftline::cli::{ExitStatus, exit_codes};
use driftline::model::UnreadReason;
use driftline::report::Rule;

use super::{driftline, printed, root, text};

/// The Markdown files below a folder, as paths from it.
fn pages(folder: &str) -> Vec<String> {
    let folder = root().join(folder);
    let files = walkdir::WalkDir::new(&folder).sort_by_file_name().into_iter();
    let files = files.map(|entry| entry.expect("an entry").into_path());
    let pages = files.filter(|path| path.extension().is_some_and(|end| end == "md"));
    let pages = pages.map(|path| path.strip_prefix(&folder).expect("a page below").to_str().expect("UTF-8").to_owned());
    pages.collect()
}

/// The lines of a page that are not code.
fn prose(page: &str) -> impl Iterator<Item = &str> {
    let mut is_code = false;
    page.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !(is_code || is_fence)
    })
}

/// The title of a page.
fn title(page: &str) -> String {
    let page = text(page);
    prose(&page).find_map(|line| line.strip_prefix("# ")).expect("a title").to_owned()
}

/// The links of a line: text and target.
fn links(line: &str) -> impl Iterator<Item = (&str, &str)> {
    line.split("](").zip(line.split("](").skip(1)).filter_map(|(before, after)| {
        Some((before.rsplit_once('[').map_or(before, |(_, text)| text), after.split_once(')')?.0))
    })
}

#[test]
fn the_summary_has_every_page_once_under_its_title() {
    let summary = text("docs/SUMMARY.md");
    let listed: Vec<(&str, &str)> = summary.lines().flat_map(links).collect();
    let paths: BTreeSet<&str> = listed.iter().map(|(_, path)| *path).collect();
    assert_eq!(paths.len(), listed.len(), "a page is listed twice");
    let expected: Vec<String> = pages("docs").into_iter().filter(|page| page != "SUMMARY.md").collect();
    assert_eq!(paths, expected.iter().map(String::as_str).collect(), "add each page to docs/SUMMARY.md");
    for (entry, path) in listed {
        assert_eq!(entry, title(&format!("docs/{path}")), "docs/SUMMARY.md has another title for {path}");
    }
}

#[test]
fn the_first_page_lists_the_pages_of_each_kind_in_the_order_of_the_summary() {
    let (summary, start) = (text("docs/SUMMARY.md"), text("docs/README.md"));
    let by_kind = |page: &str, heading: &str| -> BTreeMap<String, Vec<String>> {
        let heading = format!("\n{heading} ");
        let sections = page.split(&heading).skip(1);
        let section = |section: &str| {
            let paths = section.lines().flat_map(links).map(|(_, path)| path.to_owned());
            // Each diagnostic has its line on the page of all of them.
            let own = paths.filter(|path| !path.starts_with("reference/diagnostics/") || path.ends_with("/README.md"));
            (section.lines().next().unwrap_or_default().to_owned(), own.collect())
        };
        sections.map(section).collect()
    };
    let expected = by_kind(&summary, "#");
    assert_eq!(expected.len(), 4, "{:?}", expected.keys());
    assert_eq!(by_kind(&start, "##"), expected, "docs/README.md and docs/SUMMARY.md differ");
}

/// The anchor of a heading, as forges and mdBook make it.
fn anchor(heading: &str) -> String {
    let plain = links(heading)
        .fold(heading.to_owned(), |plain, (text, target)| plain.replace(&format!("[{text}]({target})"), text));
    let kept = plain.chars().filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
    kept.map(|letter| if letter == ' ' { '-' } else { letter.to_ascii_lowercase() }).collect()
}

#[test]
fn anchors_in_the_documentation_exist() {
    let below = |folder: &'static str| pages(folder).into_iter().map(move |page| format!("{folder}/{page}"));
    let outside = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "ARCHITECTURE.md"].map(str::to_owned);
    let mut checked = 0;
    for page in below("docs").chain(below("examples")).chain(below("policies")).chain(outside) {
        let folder = Path::new(&page).parent().expect("a folder");
        let content = text(&page);
        for (_, link) in prose(&content).flat_map(links).filter(|(_, link)| !link.contains("://")) {
            let Some((path, named)) = link.split_once('#') else { continue };
            let target: PathBuf = if path.is_empty() { page.clone().into() } else { folder.join(path) };
            let target = path_clean::clean(target);
            let headings = text(target.to_str().expect("UTF-8"));
            let mut anchors = prose(&headings).filter(|line| line.starts_with('#'));
            let found = anchors.any(|line| anchor(line.trim_start_matches('#').trim_start()) == named);
            assert!(found, "{page} links to {link}, and there is no such heading");
            checked += 1;
        }
    }
    assert!(checked >= 40, "only {checked} anchors were found");
}

/// The help of a command without what the help of the program has already about the options of all commands.
fn own_help(help: &str, program: &str) -> String {
    let options_of_all = |help: &str| -> Option<(String, String, String)> {
        let (before, rest) = help.split_once("\nGlobal:\n")?;
        let (options, after) = rest.split_once("\nExit codes:\n")?;
        Some((before.to_owned(), options.to_owned(), format!("Exit codes:\n{after}")))
    };
    let (_, known, _) = options_of_all(program).expect("the options of all commands");
    let (before, options, after) =
        options_of_all(help).unwrap_or_else(|| panic!("no options of all commands:\n{help}"));
    let known: Vec<&str> = known.trim_end().split("\n\n").collect();
    let own: Vec<&str> = options.trim_end().split("\n\n").filter(|option| !known.contains(option)).collect();
    if own.is_empty() {
        return format!("{before}\n{after}");
    }
    format!("{before}\nGlobal:\n{}\n\n{after}", own.join("\n\n"))
}

#[test]
fn the_page_of_the_command_line_is_the_help_of_every_command() {
    let program = printed(driftline(root(), &["--help"]));
    let mut page = String::from(
        "# Command line\n\n\
         This page is the `--help` of the program and of each command. The commands that change AWS are `apply` and `rollback`; the\n\
         commands marked offline call nothing. [Environment variables and exit codes](environment.md) has the rules behind both.\n",
    );
    let mut add = |name: &str, help: &str| {
        let _ = write!(page, "\n## `{name}`\n\n```text\n{}\n```\n", help.trim_end());
    };
    add("driftline", &program);
    for command in driftline::cli::command().get_subcommands().map(clap::Command::get_name) {
        add(&format!("driftline {command}"), &own_help(&printed(driftline(root(), &[command, "--help"])), &program));
    }
    assert_made("docs/reference/cli.md", &page);
}

#[test]
fn the_page_of_exit_codes_is_what_the_help_of_each_command_says() {
    let names: Vec<String> = driftline::cli::command().get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    let mut page = String::from(
        "# Exit codes\n\n\
         The verdict decides the exit code before any report is written. No format, filter or output path changes it.\n\
         [`--fail-on`](environment.md#exit-code) masks 2 and 4.\n\n\
         | Code | Meaning | Commands |\n|---|---|---|\n",
    );
    for exit in ExitStatus::ALL {
        let commands = names.iter().filter(|name| exit_codes(name).iter().any(|(known, _)| *known == exit));
        let commands: Vec<String> = commands.map(|name| format!("`{name}`")).collect();
        let commands = if commands.len() == names.len() { "all".to_owned() } else { commands.join(", ") };
        let _ = writeln!(page, "| {} | {} | {commands} |", exit.code(), exit.meaning());
    }
    page.push_str("\n## By command\n\n| Command | Code | Meaning |\n|---|---|---|\n");
    for name in &names {
        for (exit, meaning) in exit_codes(name) {
            let _ = writeln!(page, "| `{name}` | {} | {meaning} |", exit.code());
        }
    }
    assert_made("docs/reference/exit-codes.md", &page);
}

#[test]
fn the_page_of_unread_reasons_is_what_explain_says_of_each() {
    let mut page = String::from(
        "# Unread reasons\n\n\
         A target or a setting that could not be read is *unread*, for one of these reasons. Reports, JSON and waivers use the word;\n\
         `driftline explain WORD` shows its section in the terminal. [How driftline reads](../explanation/reading.md) has the evidence\n\
         behind each.\n",
    );
    for rule in Rule::all() {
        let Rule::Unread(reason) = rule else { continue };
        let own = rule.page();
        let (heading, body) = own.split_once("\n\n").expect("a heading");
        assert_eq!(heading, format!("# `{}`: `{}`", rule.id(), reason.as_str()));
        let body = body.replace("## Fix\n\n", "**Fix:** ").replace("## Waivers\n\n", "**Waivers:** ");
        // The page of a rule has its links from the folder of the diagnostics.
        let body = body.split(" [How driftline reads](").next().unwrap_or_default();
        let _ = write!(page, "\n## `{}`\n\nRule `{}`. {}\n", reason.as_str(), rule.id(), body.trim_end());
    }
    assert_made("docs/reference/unread-reasons.md", &page);
    let evidence = text("docs/explanation/reading.md");
    for reason in UnreadReason::ALL {
        let word = reason.as_str();
        assert!(evidence.contains(&format!("\n| [`{word}`](../reference/unread-reasons.md#{word}) | ")), "{word}");
    }
}

#[test]
fn pages_that_explain_names_are_there() {
    let codes = driftline::diagnostic::Code::ALL.iter().map(|code| code.as_str()).chain(Rule::all().map(Rule::id));
    let mut named = 0;
    for code in codes {
        let explanation = printed(driftline(root(), &["explain", code]));
        let unwrapped = explanation.split_whitespace().collect::<Vec<_>>().join(" ");
        for path in unwrapped.split("(docs/").skip(1).filter_map(|rest| rest.split_once(')')).map(|(path, _)| path) {
            let path = path.split('#').next().unwrap_or_default();
            assert!(root().join("docs").join(path).exists(), "explain {code} names docs/{path}");
            named += 1;
        }
    }
    assert!(named >= 12, "only {named} pages are named");
}

/// The items and the table rows of a page, each in one line.
fn statements(page: &str) -> Vec<String> {
    let mut statements: Vec<String> = Vec::new();
    for line in prose(page) {
        match statements.last_mut() {
            _ if line.starts_with("- ") || line.starts_with("| ") => statements.push(line.to_owned()),
            Some(last) if line.starts_with("  ") => last.extend([" ", line.trim()]),
            _ => {}
        }
    }
    statements
}

#[test]
fn the_comparison_has_a_source_for_each_statement() {
    let page = text("docs/explanation/comparison.md");
    let (_, sections) = page.split_once("\n## Where driftline is worse\n").expect("a section");
    let statements = statements(sections);
    assert!(statements.len() >= 25, "{}", statements.len());
    for statement in statements {
        assert!(statement.contains("]("), "no source: {statement}");
    }
    for (_, link) in page.lines().flat_map(links).filter(|(_, link)| link.starts_with("https://github.com/")) {
        let is_version = |part: &str| part.len() == 40 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_fixed = link.contains("/issues/") || link.split('/').any(is_version);
        assert!(is_fixed, "{link} names no version");
    }
}

#[test]
fn each_mechanism_of_the_threat_model_has_a_test_that_is_there() {
    let page = text("docs/explanation/threat-model.md");
    let mut named = 0;
    for (name, target) in page.lines().flat_map(links).filter(|(_, target)| target.contains("/tests/")) {
        let test = text(target.trim_start_matches("../../"));
        assert!(test.contains(&format!("fn {}()", name.trim_matches('`'))), "{name} is not in {target}");
        named += 1;
    }
    assert!(named >= 30, "only {named}");
    let tables = page.split("\n\n").filter(|part| part.lines().next().is_some_and(|head| head.ends_with("| Proof |")));
    for row in tables.flat_map(|table| table.lines().skip(2)) {
        assert!(row.contains("/tests/"), "no proof: {row}");
    }
}

/// That a page is what was made from the program.
fn assert_made(path: &str, expected: &str) {
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(root().join(path), expected).expect("the page can be written");
    }
    assert!(text(path) == expected, "{path} is out of date: run UPDATE_EXPECT=1 cargo test --test cli published");
}
