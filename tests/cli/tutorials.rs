//! The tutorials, and the pages that say so, work to the letter: their `sh` blocks run in order in one shell, in an empty
//! folder, and print what the `text` blocks after them show. A block without one prints nothing. The exit code is 0, or the one of a
//! line below the block that begins with "Exit code". A `console` block is shown only, and so is what it prints.
//!
//! A page with a line `<!-- run in FOLDER -->` runs in a copy of that folder of the repository, with its simulated AWS. Or it
//! says `an empty folder`.
//!
//! `UPDATE_EXPECT=1 cargo test --test cli tutorials` writes what the blocks print into the pages.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use crate::support::{Driftline, copied, files_below, repository};

/// Start of a simulated AWS whose end the shell takes care of.
const SIMULATE: &str = "driftline simulate world.yaml --quiet > \"$HOME/aws.env\" &\n\
                        until grep -qs '^export AWS_REGION=' \"$HOME/aws.env\"; do sleep 0.1; done\n\
                        . \"$HOME/aws.env\"\n";

/// A fenced block of a page.
struct Block {
    language: String,
    /// The lines between the fences.
    lines: std::ops::Range<usize>,
}

/// A command of a page and what the page says of it.
struct Step {
    script: String,
    /// Where its output is shown.
    shown: Option<std::ops::Range<usize>>,
    exit: i32,
}

fn blocks(lines: &[&str]) -> Vec<Block> {
    let (mut blocks, mut open) = (Vec::new(), None);
    for (number, line) in lines.iter().enumerate() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(language), None) => open = Some((language.to_owned(), number + 1)),
            (Some(""), Some((language, start))) => blocks.push(Block { language, lines: start..number }),
            (_, still) => open = still,
        }
    }
    assert!(open.is_none(), "an open fence");
    blocks
}

fn steps(lines: &[&str]) -> Vec<Step> {
    let blocks = blocks(lines);
    let mut steps = Vec::new();
    for (index, block) in blocks.iter().enumerate().filter(|(_, block)| block.language == "sh") {
        let next = blocks.get(index + 1);
        let shown = next.filter(|next| next.language == "text").map(|next| next.lines.clone());
        let below = shown.as_ref().unwrap_or(&block.lines).end + 1;
        let until = blocks.iter().map(|block| block.lines.start).find(|start| *start > below).unwrap_or(lines.len());
        let exit = lines[below..until].iter().find_map(|line| line.strip_prefix("Exit code "));
        let exit = exit.map_or(0, |rest| {
            let digits = rest.split(|letter: char| !letter.is_ascii_digit()).next().unwrap_or_default();
            digits.parse().expect("an exit code")
        });
        let script = lines[block.lines.clone()].join("\n");
        steps.push(Step { script, shown, exit });
    }
    steps
}

/// The text without what differs from day to day: dates and times, and the line numbers of journals, which are written as steps end.
fn timeless(text: &str) -> String {
    let shape = |text: &str| -> String {
        let digit = |letter: char| if letter.is_ascii_digit() { '0' } else { letter };
        text.chars().take(20).map(digit).collect()
    };
    let (mut timeless, mut rest) = (String::new(), text);
    while let Some(letter) = rest.chars().next() {
        let ahead = shape(rest);
        let length = if ahead == "0000-00-00T00:00:00Z" {
            timeless.push_str("<time>");
            20
        } else if ahead.starts_with("0000-00-00") {
            timeless.push_str("<day>");
            10
        } else if ahead.starts_with("00000000T000000Z") {
            timeless.push_str("<time>");
            16
        } else if ahead.starts_with(".jsonl:0") {
            timeless.push_str(".jsonl:<line>");
            let digits = rest[7..].bytes().take_while(u8::is_ascii_digit).count();
            7 + digits
        } else {
            timeless.push(letter);
            letter.len_utf8()
        };
        rest = &rest[length..];
    }
    timeless
}

/// Runs the steps in one shell. What each wrote, and its exit code.
fn run(page: &str, steps: &[Step]) -> Vec<(String, i32)> {
    let mut place = Driftline::new();
    let mut script = String::from("trap 'kill $(jobs -p) 2> /dev/null' EXIT\n");
    let setting = page.lines().find_map(|line| line.strip_prefix("<!-- run in ")?.strip_suffix(" -->"));
    if let Some(folder) = setting.filter(|folder| *folder != "an empty folder") {
        place = copied(place, folder);
        script.push_str(SIMULATE);
    }
    for (number, step) in steps.iter().enumerate() {
        let out = format!("\"$HOME/{number}.out\" 2>&1\necho $? > \"$HOME/{number}.exit\"");
        let _ = writeln!(script, "{{\n{}\n}} > {out}", step.script);
    }
    let program = Path::new(env!("CARGO_BIN_EXE_driftline")).parent().expect("a folder");
    let path = format!("{}:{}", program.display(), std::env::var("PATH").expect("PATH"));
    let mut command = Command::new("timeout");
    let home = place.path("../home");
    command
        .args(["--kill-after=5", "120", "bash", "-c", &script])
        .current_dir(place.path(""))
        .env_clear()
        .envs([("PATH", path.as_str()), ("LC_ALL", "C.UTF-8"), ("AWS_EC2_METADATA_DISABLED", "true")])
        .envs([("NO_PROXY", "127.0.0.1"), ("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")])
        .envs([("GIT_AUTHOR_NAME", "You"), ("GIT_AUTHOR_EMAIL", "you@example.com")])
        .envs([("GIT_COMMITTER_NAME", "You"), ("GIT_COMMITTER_EMAIL", "you@example.com")])
        .env("HOME", &home);
    let output = command.output().expect("bash runs");
    let read = |name: String| std::fs::read_to_string(home.join(name));
    let result = |number: usize| {
        let exit = read(format!("{number}.exit")).unwrap_or_else(|_| panic!("step {number} did not end: {output:?}"));
        (read(format!("{number}.out")).expect("what it wrote"), exit.trim().parse().expect("an exit code"))
    };
    (0..steps.len()).map(result).collect()
}

/// Runs a page and compares, or writes, what it shows.
fn follow(path: &str) -> usize {
    let file = repository(path);
    let page = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut lines: Vec<&str> = page.lines().collect();
    let steps = steps(&lines);
    let results = run(&page, &steps);
    let is_update = std::env::var_os("UPDATE_EXPECT").is_some();
    for (step, (wrote, exit)) in steps.iter().zip(&results).rev() {
        assert_eq!(*exit, step.exit, "the exit code of\n{}\nin {path}, which wrote\n{wrote}", step.script);
        let shown = step.shown.clone().map(|shown| (shown.clone(), lines[shown].join("\n")));
        let Some((shown, text)) = shown else {
            assert_eq!(wrote, "", "{path} does not show what this prints:\n{}", step.script);
            continue;
        };
        let differs = timeless(wrote.trim_end()) != timeless(&text);
        if differs && is_update {
            drop(lines.splice(shown, wrote.trim_end().lines()));
        } else {
            assert!(!differs, "{path}: this printed something else than what is shown\n{}\n\n{wrote}", step.script);
        }
    }
    if is_update {
        std::fs::write(&file, lines.join("\n") + "\n").expect("the page can be written");
    }
    steps.len()
}

#[test]
fn the_nightly_audit_works_to_the_letter() {
    assert!(follow("docs/tutorials/nightly-audit.md") >= 10);
}

#[test]
fn the_reviewed_apply_works_to_the_letter() {
    assert!(follow("docs/tutorials/reviewed-apply.md") >= 10);
}

#[test]
fn pages_that_say_where_they_run_work_to_the_letter() {
    let pages =
        files_below(&repository("docs")).into_iter().filter(|path| path.extension().is_some_and(|end| end == "md"));
    let mut followed = 0;
    for path in pages {
        let page = std::fs::read_to_string(&path).expect("UTF-8");
        if page.contains("\n<!-- run in ") {
            let path = path.strip_prefix(repository("")).expect("a page").to_str().expect("UTF-8");
            assert!(follow(path) > 0, "{path} runs nothing");
            followed += 1;
        }
    }
    assert!(followed >= 8, "only {followed} pages say where they run");
}

#[test]
fn tutorials_show_few_commands_that_are_not_run() {
    for name in ["nightly-audit", "reviewed-apply"] {
        let page = std::fs::read_to_string(repository(&format!("docs/tutorials/{name}.md"))).expect("UTF-8");
        let lines: Vec<&str> = page.lines().collect();
        let languages: Vec<String> = blocks(&lines).into_iter().map(|block| block.language).collect();
        assert!(
            languages.iter().all(|language| ["sh", "text", "console"].contains(&language.as_str())),
            "{languages:?}"
        );
        assert!(languages.iter().filter(|language| *language == "console").count() <= 1, "{name}");
    }
}

#[test]
fn dates_times_and_lines_of_journals_do_not_matter() {
    let text = "on 2026-11-30, at 2026-11-30T07:39:16Z in a.jsonl:12, – 2026-1, b-20261130T074909Z";
    assert_eq!(timeless(text), "on <day>, at <time> in a.jsonl:<line>, – 2026-1, b-<time>");
}
