//! What the word under the cursor is: the words before it, read as the parser reads them.

use clap::{Arg, ArgAction, Command};

/// Kind of the word under the cursor.
#[derive(Debug)]
pub(super) enum Position<'a> {
    /// The name of a command.
    Command,
    /// The name of an option of a command.
    Option(&'a Command),
    /// A value of an argument of a command.
    Value(&'a Command, &'a Arg),
    /// Nothing that is known.
    Unknown,
}

/// The word under the cursor.
#[derive(Debug)]
pub(super) struct CurrentWord<'a> {
    /// What it is.
    pub(super) position: Position<'a>,
    /// The part that candidates begin with: of `--report=js`, it is `js`.
    pub(super) text: &'a str,
    /// The part before it, which candidates keep.
    pub(super) prefix: &'a str,
}

/// State of reading.
struct Reading<'a> {
    command: &'a Command,
    /// Option that takes the next word as its value.
    pending: Option<&'a Arg>,
    /// Whether only positional arguments follow.
    is_escaped: bool,
    positional: usize,
}

/// Reads the words after the name of the program, the last of which is the current one.
pub(super) fn current_word<'a>(program: &'a Command, words: &'a [String]) -> CurrentWord<'a> {
    let (current, before) = words.split_last().map_or(("", words), |(current, before)| (current.as_str(), before));
    let mut reading = Reading { command: program, pending: None, is_escaped: false, positional: 0 };
    for word in before {
        reading.read(word);
    }
    let whole = |position| CurrentWord { position, text: current, prefix: "" };
    if let Some(option) = reading.pending {
        return whole(Position::Value(reading.command, option));
    }
    if current.starts_with('-') && !reading.is_escaped {
        let Some((name, text)) = current.split_once('=') else { return whole(Position::Option(reading.command)) };
        let option = name.strip_prefix("--").and_then(|name| long_option(reading.command, name));
        let position = option.map_or(Position::Unknown, |option| Position::Value(reading.command, option));
        let prefix = current.strip_suffix(text).unwrap_or_default();
        return CurrentWord { position, text, prefix };
    }
    if reading.command.has_subcommands() {
        return whole(Position::Command);
    }
    let positional = positional(reading.command, reading.positional);
    whole(positional.map_or(Position::Unknown, |arg| Position::Value(reading.command, arg)))
}

/// Value of an option among the words, such as the settings file.
pub(super) fn value_of<'a>(words: &'a [String], option: &str) -> Option<&'a str> {
    words.iter().enumerate().find_map(|(index, word)| match word.strip_prefix(option)? {
        "" => words.get(index + 1).map(String::as_str),
        rest => rest.strip_prefix('='),
    })
}

/// Words as they were typed, where bash takes each `=` for a word of its own. The second part is how much of the last word bash
/// takes for words before it, and does not replace.
pub(super) fn joined_at_equals_signs(words: &[String]) -> (Vec<String>, usize) {
    let mut joined: Vec<String> = Vec::new();
    let mut continues = false;
    for word in words {
        let is_sign = word == "=";
        match joined.last_mut().filter(|_| is_sign || continues) {
            Some(last) => last.push_str(word),
            None => joined.push(word.clone()),
        }
        continues = is_sign;
    }
    let kept = joined.last().and_then(|last| last.rfind('=')).map_or(0, |at| at + 1);
    (joined, kept)
}

impl Reading<'_> {
    fn read(&mut self, word: &str) {
        if self.pending.take().is_some() {
            return;
        }
        if !self.is_escaped && word == "--" {
            self.is_escaped = true;
        } else if let Some(long) = word.strip_prefix("--").filter(|_| !self.is_escaped) {
            self.pending = long_option(self.command, long).filter(|option| option.get_action().takes_values());
        } else if let Some(letters) = word.strip_prefix('-').filter(|letters| !self.is_escaped && !letters.is_empty()) {
            self.pending = letters.chars().last().and_then(|letter| short_option(self.command, letter));
        } else if let Some(command) = self.command.find_subcommand(word) {
            (self.command, self.positional) = (command, 0);
        } else {
            self.positional += 1;
        }
    }
}

fn long_option<'a>(command: &'a Command, name: &str) -> Option<&'a Arg> {
    command.get_arguments().find(|arg| {
        let aliases = arg.get_all_aliases().unwrap_or_default();
        arg.get_long() == Some(name) || aliases.contains(&name)
    })
}

/// Option of one letter that takes a value.
fn short_option(command: &Command, letter: char) -> Option<&Arg> {
    command.get_arguments().find(|arg| arg.get_short() == Some(letter) && arg.get_action().takes_values())
}

/// Positional argument at an index. The last one may repeat.
fn positional(command: &Command, index: usize) -> Option<&Arg> {
    let all: Vec<&Arg> = command.get_positionals().filter(|arg| !arg.is_hide_set()).collect();
    let repeats = |arg: &&&Arg| matches!(arg.get_action(), ArgAction::Append);
    all.get(index).or_else(|| all.last().filter(repeats)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::command;

    /// The argument that a value is completed of, with the text and the prefix.
    fn value(line: &str) -> Option<(String, String, String)> {
        let mut program = command();
        program.build();
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let CurrentWord { position, text, prefix } = current_word(&program, &words);
        let Position::Value(command, arg) = position else { return None };
        Some((format!("{} {}", command.get_name(), arg.get_id()), text.to_owned(), prefix.to_owned()))
    }

    #[test]
    fn the_word_under_the_cursor_is_found() {
        let found = |line: &str, expected: (&str, &str, &str)| {
            let (arg, text, prefix) = value(line).unwrap_or_else(|| panic!("{line} has no value"));
            assert_eq!((arg.as_str(), text.as_str(), prefix.as_str()), expected, "{line}");
        };
        found("check --report js", ("check reports", "js", ""));
        found("check --report=js", ("check reports", "js", "--report="));
        found("check -q --base ", ("check base", "", ""));
        found("--config x check -q one --deadline 5m p", ("check policies", "p", ""));
        found("check -- --x", ("check policies", "--x", ""));
        found("check --account check p", ("check policies", "p", ""));
        found("explain d", ("explain subject", "d", ""));
        found("schema p", ("schema files", "p", ""));
        for nothing in ["", "ch", "check --", "check -", "schema policy p", "check --none=x"] {
            assert!(value(nothing).is_none(), "{nothing}");
        }
    }

    #[test]
    fn words_are_joined_where_bash_splits_them() {
        let joined = |line: &str| {
            let (words, kept) = joined_at_equals_signs(&line.split(' ').map(str::to_owned).collect::<Vec<_>>());
            (words.join(" "), kept)
        };
        assert_eq!(joined("check --report json = out"), ("check --report json=out".to_owned(), 5));
        assert_eq!(joined("check --report = js"), ("check --report=js".to_owned(), 9));
        assert_eq!(joined("check --report ="), ("check --report=".to_owned(), 9));
        assert_eq!(joined("check po"), ("check po".to_owned(), 0));
    }

    #[test]
    fn the_value_of_an_option_is_found() {
        let value = |line: &str| {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            value_of(&words, "--config").map(str::to_owned)
        };
        assert_eq!(value("check --config a.toml").as_deref(), Some("a.toml"));
        assert_eq!(value("--config=a.toml check").as_deref(), Some("a.toml"));
        assert_eq!(value("check --configs x"), None);
    }
}
