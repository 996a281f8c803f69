//! Manual pages of the program and its commands, from what the parser knows of them.

use std::collections::BTreeSet;

use clap::{Arg, ArgAction, Command};
use roff::{Inline, bold, italic, roman};

use super::environment::VARIABLES;
use super::roff_page::{RoffPage, term};
use crate::config::FILE_NAME;

/// Files that commands read or write: the option or argument that brings them, the file, and its purpose.
const FILES: [(&str, &str, &str); 5] = [
    ("as_of", FILE_NAME, "Settings: the nearest in the working directory or above it. See driftline.toml(5)."),
    ("as_of", "policies", "Folder of policy files beside the settings, if these list none. See driftline-policy(5)."),
    ("since", "FILE.lock", "Beside the file of --since: prevents overlapping runs."),
    ("apply_journal", "driftline-apply-TIME.jsonl", "Journal of an apply."),
    ("auto_approve", "driftline-apply-TIME.jsonl", "Journal of an apply: what was found, tried and verified."),
];

/// Subject of a page.
pub(super) struct PageSource<'a> {
    /// The program, built.
    pub(super) program: &'a Command,
    /// The command, or the program itself.
    pub(super) command: &'a Command,
    /// Names of the pages about files.
    pub(super) file_pages: &'a [&'static str],
}

/// Name of the page of a command.
pub(super) fn page_name(program: &Command, command: &Command) -> String {
    if command.get_name() == program.get_name() {
        program.get_name().to_owned()
    } else {
        format!("{}-{}", program.get_name(), command.get_name())
    }
}

/// Commands of the program that have a page.
pub(super) fn commands(program: &Command) -> impl Iterator<Item = &Command> {
    program.get_subcommands().filter(|command| command.get_name() != "help" && !command.is_hide_set())
}

impl PageSource<'_> {
    /// The page, in roff.
    pub(super) fn render(&self, date: &str) -> String {
        let name = page_name(self.program, self.command);
        let mut page = RoffPage::new(&name, "1", date);
        let about = self.command.get_about().map(ToString::to_string).unwrap_or_default();
        page.name(&name, about.trim_end_matches('.'));
        self.synopsis(&mut page);
        page.section("DESCRIPTION");
        let description = self.command.get_long_about().or(self.command.get_about());
        page.paragraphs(&ended(&description.map(ToString::to_string).unwrap_or_default()));
        self.command_list(&mut page);
        self.arguments(&mut page);
        let own = help_sections(self.command);
        for section in own.iter().filter(|section| is_other(&section.heading)) {
            page.section(&section.heading);
            page.paragraphs(&section.lines.join("\n"));
            section.notes.iter().for_each(|note| page.paragraphs(note));
        }
        let find = |name: &str| own.iter().find(|section| section.heading.starts_with(name));
        exit_status(&mut page, find("Exit code"));
        self.environment(&mut page);
        self.files(&mut page);
        examples(&mut page, find("Example"));
        self.see_also(&mut page);
        page.render()
    }

    fn is_program(&self) -> bool {
        self.command.get_name() == self.program.get_name()
    }

    fn synopsis(&self, page: &mut RoffPage) {
        page.section("SYNOPSIS");
        let name = self.command.get_bin_name().unwrap_or(self.command.get_name());
        let usage = self.command.clone().render_usage().to_string();
        for line in usage.trim_start_matches("Usage:").lines().map(str::trim).filter(|line| !line.is_empty()) {
            let rest = line.strip_prefix(name).unwrap_or_default();
            page.line(vec![bold(name), roman(rest)]);
        }
    }

    fn command_list(&self, page: &mut RoffPage) {
        if self.is_program() {
            page.section("COMMANDS");
            for command in commands(self.program) {
                let about = command.get_about().map(ToString::to_string).unwrap_or_default();
                page.entry(reference(&page_name(self.program, command), 1), &about);
            }
        }
    }

    /// Arguments, then options below the headings of the help.
    fn arguments(&self, page: &mut RoffPage) {
        let (positional, options): (Vec<&Arg>, Vec<&Arg>) =
            self.command.get_arguments().filter(|arg| !arg.is_hide_set()).partition(|arg| arg.is_positional());
        if !positional.is_empty() {
            page.section("ARGUMENTS");
            for arg in positional {
                argument(page, arg);
            }
        }
        page.section("OPTIONS");
        let mut headings: Vec<Option<&str>> = Vec::new();
        for heading in options.iter().map(|arg| arg.get_help_heading()) {
            if !headings.contains(&heading) {
                headings.push(heading);
            }
        }
        // Options without a heading come first, as they would belong to the one above.
        headings.sort_by_key(Option::is_some);
        for heading in headings {
            if let Some(heading) = heading {
                page.subsection(heading);
            }
            options.iter().filter(|arg| arg.get_help_heading() == heading).for_each(|arg| argument(page, arg));
        }
    }

    /// Every variable on the page of the program; on that of a command those that are about its options.
    fn environment(&self, page: &mut RoffPage) {
        page.section("ENVIRONMENT");
        let help = self.help_of_arguments();
        let options: Vec<String> = self.options().map(|long| format!("--{long}")).collect();
        for variable in VARIABLES {
            let (names, meaning) = (variable.name, variable.help());
            let is_named = names.split(", ").any(|name| has_word(&help, name));
            if self.is_program() || is_named || options.iter().any(|option| has_word(&meaning, option)) {
                page.entry(vec![bold(names)], &sentence(&meaning));
            }
        }
        if !self.is_program() {
            page.paragraphs("driftline(1) lists every variable.");
        }
    }

    fn files(&self, page: &mut RoffPage) {
        let has = |id: &str| self.is_program() || self.command.get_arguments().any(|arg| arg.get_id() == id);
        let mut files: Vec<(&str, &str)> = Vec::new();
        for (id, file, purpose) in FILES {
            if has(id) && files.iter().all(|(known, _)| *known != file) {
                files.push((file, purpose));
            }
        }
        if !files.is_empty() {
            page.section("FILES");
            for (file, purpose) in files {
                page.entry(vec![italic(file)], purpose);
            }
        }
    }

    /// All pages from the page of the program, and from that of a command those of the commands that it mentions.
    fn see_also(&self, page: &mut RoffPage) {
        let help = self.command.clone().render_long_help().to_string();
        let mut pages = BTreeSet::new();
        if !self.is_program() {
            pages.insert((self.program.get_name().to_owned(), 1));
        }
        for command in commands(self.program).filter(|command| command.get_name() != self.command.get_name()) {
            let is_mentioned = has_word(&help, &format!("driftline {}", command.get_name()));
            if self.is_program() || is_mentioned {
                pages.insert((page_name(self.program, command), 1));
            }
        }
        let reads_policies = self.is_program() || self.command.get_arguments().any(|arg| arg.get_id() == "as_of");
        pages.extend(self.file_pages.iter().filter(|_| reads_policies).map(|name| ((*name).to_owned(), 5)));
        references(page, pages.iter().map(|(name, section)| (name.as_str(), *section)));
    }

    fn options(&self) -> impl Iterator<Item = &str> {
        self.command.get_arguments().filter(|arg| !arg.is_hide_set()).filter_map(|arg| arg.get_long())
    }

    fn help_of_arguments(&self) -> String {
        let texts = self.command.get_arguments().filter_map(|arg| arg.get_long_help().or(arg.get_help()));
        texts.map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }
}

/// Adds the section that names other pages.
pub(super) fn references<'a>(page: &mut RoffPage, pages: impl Iterator<Item = (&'a str, u8)>) {
    page.section("SEE ALSO");
    let mut line = Vec::new();
    for (name, section) in pages {
        if !line.is_empty() {
            line.push(roman(",\n"));
        }
        line.extend(reference(name, section));
    }
    page.line(line);
}

fn reference(name: &str, section: u8) -> Vec<Inline> {
    vec![bold(name), roman(format!("({section})"))]
}

fn help_sections(command: &Command) -> Vec<HelpSection> {
    let text = command.get_after_long_help().or(command.get_after_help());
    HelpSection::all(&text.map(ToString::to_string).unwrap_or_default())
}

/// Whether a section of the help has no place of its own in a page.
fn is_other(heading: &str) -> bool {
    !["Exit code", "Environment", "Example"].iter().any(|known| heading.starts_with(known))
}

fn exit_status(page: &mut RoffPage, section: Option<&HelpSection>) {
    let Some(section) = section else { return };
    page.section("EXIT STATUS");
    section.by_word().for_each(|(code, meaning)| page.entry(vec![bold(code)], &sentence(meaning)));
    section.notes.iter().for_each(|note| page.paragraphs(note));
}

fn examples(page: &mut RoffPage, section: Option<&HelpSection>) {
    let Some(section) = section else { return };
    page.section("EXAMPLES");
    for (command, purpose) in section.examples() {
        if purpose.is_empty() {
            page.line(vec![bold(command)]);
        } else {
            page.entry(vec![bold(command)], &sentence(purpose));
        }
    }
}

fn argument(page: &mut RoffPage, arg: &Arg) {
    let help = arg.get_long_help().or(arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let values: Vec<_> = arg.get_possible_values().into_iter().filter(|value| !value.is_hide_set()).collect();
    let takes_value = arg.get_action().takes_values();
    let mut body = vec![ended(&help)];
    let has_texts = values.iter().any(|value| value.get_help().is_some());
    if takes_value && !values.is_empty() && !has_texts {
        let names: Vec<&str> = values.iter().map(|value| value.get_name()).collect();
        body.push(format!("One of {}.", names.join(", ")));
    }
    let defaults: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if takes_value && !defaults.is_empty() && !arg.is_hide_default_value_set() {
        body.push(format!("Default: {}.", defaults.join(", ")));
    }
    if let Some(variable) = arg.get_env().filter(|_| !arg.is_hide_env_set()) {
        body.push(format!("Variable: {}.", variable.to_string_lossy()));
    }
    page.entry(head(arg), &body.join("\n\n"));
    if takes_value && has_texts {
        page.below(|page| {
            for value in &values {
                let meaning = value.get_help().map(ToString::to_string).unwrap_or_default();
                page.entry(vec![bold(value.get_name())], &ended(&meaning));
            }
        });
    }
}

/// Names and value of an argument.
fn head(arg: &Arg) -> Vec<Inline> {
    let values: Vec<&str> = arg.get_value_names().unwrap_or_default().iter().map(|name| name.as_str()).collect();
    let value = if arg.get_action().takes_values() { values.join(" ") } else { String::new() };
    if arg.is_positional() {
        let more = if matches!(arg.get_action(), ArgAction::Append) { " ..." } else { "" };
        return vec![italic(value), roman(more)];
    }
    let long = arg.get_long().map(|long| format!("--{long}"));
    match (arg.get_short(), long) {
        (Some(short), Some(long)) => {
            let mut parts = vec![bold(format!("-{short}")), roman(", ")];
            parts.extend(term(&long, &value));
            parts
        }
        (Some(short), None) => term(&format!("-{short}"), &value),
        (None, long) => term(&long.unwrap_or_default(), &value),
    }
}

/// Text that begins and ends as a sentence does. A name at its beginning stays as it is.
fn sentence(text: &str) -> String {
    let is_name = text.split_whitespace().next().is_some_and(|word| word.contains(['-', '.', '_', '`', '/']));
    let mut letters = text.chars();
    match letters.next() {
        Some(letter) if !is_name => ended(&letter.to_uppercase().chain(letters).collect::<String>()),
        _ => ended(text),
    }
}

/// Text whose first paragraph ends as a sentence does.
fn ended(text: &str) -> String {
    let (first, rest) = text.split_once("\n\n").unwrap_or((text, ""));
    let end = if first.is_empty() || first.ends_with(['.', '!', '?', ':']) { "" } else { "." };
    if rest.is_empty() { format!("{first}{end}") } else { format!("{first}{end}\n\n{rest}") }
}

/// Whether a text has a word that no letter, digit or hyphen continues.
fn has_word(text: &str, word: &str) -> bool {
    let goes_on = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at + word.len()..).unwrap_or_default());
        !before.ends_with(goes_on) && !after.starts_with(goes_on)
    })
}

/// Section of a help text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct HelpSection {
    /// The heading, without its colon.
    heading: String,
    /// The indented lines below it.
    lines: Vec<String>,
    /// Paragraphs after it that are not indented.
    notes: Vec<String>,
}

impl HelpSection {
    /// Splits the end of a help text: each section begins with a line that ends with a colon, and its lines are indented.
    fn all(text: &str) -> Vec<Self> {
        let mut sections: Vec<Self> = Vec::new();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let is_indented = line.starts_with(' ');
            match (sections.last_mut(), line.strip_suffix(':')) {
                (_, Some(heading)) if !is_indented => {
                    sections.push(Self { heading: heading.to_owned(), lines: Vec::new(), notes: Vec::new() });
                }
                (Some(section), _) if is_indented => section.lines.push(line.to_owned()),
                (Some(section), _) => section.notes.push(line.to_owned()),
                (None, _) => {
                    let note = line.trim().to_owned();
                    sections.push(Self { heading: String::new(), lines: Vec::new(), notes: vec![note] });
                }
            }
        }
        sections
    }

    /// The entries of a list of codes: the first word of a line, and the rest.
    fn by_word(&self) -> impl Iterator<Item = (&str, &str)> {
        self.lines.iter().map(|line| {
            let line = line.trim();
            line.split_once(' ').map_or((line, ""), |(code, meaning)| (code, meaning.trim_start()))
        })
    }

    /// The examples: each a command, and what it is for, if that is said.
    fn examples(&self) -> impl Iterator<Item = (&str, &str)> {
        self.lines.iter().map(|line| {
            let line = line.trim();
            line.split_once("   ").map_or((line, ""), |(command, purpose)| (command, purpose.trim_start()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_help_becomes_a_sentence() {
        assert_eq!(sentence("all of it"), "All of it.");
        assert_eq!(sentence("driftline.toml in a folder"), "driftline.toml in a folder.");
        assert_eq!(ended("sarif: one result\n\nTwo."), "sarif: one result.\n\nTwo.");
        assert_eq!(sentence(""), "");
    }

    #[test]
    fn a_word_is_not_the_beginning_of_another() {
        assert!(has_word("see `driftline plan`", "driftline plan") && has_word("--base takes", "--base"));
        assert!(!has_word("driftline planning", "driftline plan") && !has_word("--baseline", "--base"));
    }

    #[test]
    fn a_help_text_ends_in_sections() {
        let text = "Exit codes:\n    0  clean\n  130  interrupted (Ctrl-C)\n\nA note.\n\nEnvironment:\n  A, B\n          first\n  C\n          \
                    second\n\nExamples:\n  x check\n  x check --y   with y";
        let sections = HelpSection::all(text);
        let headings: Vec<&str> = sections.iter().map(|section| section.heading.as_str()).collect();
        assert_eq!(headings, ["Exit codes", "Environment", "Examples"]);
        assert_eq!(sections[0].by_word().collect::<Vec<_>>(), [("0", "clean"), ("130", "interrupted (Ctrl-C)")]);
        assert_eq!(sections[0].notes, ["A note."]);
        assert_eq!(sections[2].examples().collect::<Vec<_>>(), [("x check", ""), ("x check --y", "with y")]);
    }
}
