//! Candidates for the value of an argument. They come from the command line, files and Git; AWS is never called.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Arg, Command, ValueHint};

use super::completion_words::{CurrentWord, Position, current_word, value_of};
use super::explain_topic::Topic;
use super::manual::page_names;
use super::workspace::{PolicyContextArgs, Workspace};
use crate::git::reference_names;
use crate::inventory::AccountsSource;
use crate::report::{Format, terminal};

/// The longest time for candidates that need files: a shell waits for them.
const PATIENCE: Duration = Duration::from_millis(300);

/// Maximum of candidates from files and Git.
const MOST: usize = 1000;

/// A candidate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    /// What is inserted.
    pub(super) value: String,
    /// What it means; may be empty.
    pub(super) meaning: String,
}

impl Candidate {
    fn new(value: impl Into<String>, meaning: impl Into<String>) -> Self {
        Self { value: value.into(), meaning: meaning.into() }
    }
}

/// Candidates for the last word, in the order to show them. `config` is the settings file that the environment names.
pub(super) fn candidates(program: &Command, words: &[String], config: Option<&Path>) -> Vec<Candidate> {
    let CurrentWord { position, text, prefix } = current_word(program, words);
    let mut found = match position {
        Position::Unknown => Vec::new(),
        Position::Command => commands(program),
        Position::Option(command) => options(command),
        Position::Value(command, arg) => Values { program, words, config, command, arg, text }.candidates(),
    };
    // Names come from files that others wrote, and the shell inserts them as they are.
    found.retain(|candidate| candidate.value.starts_with(text) && is_plain_word(&candidate.value));
    found.truncate(MOST);
    for candidate in &mut found {
        candidate.value.insert_str(0, prefix);
        candidate.meaning = terminal(candidate.meaning.lines().next().unwrap_or_default()).into_owned();
    }
    found
}

/// Whether every shell takes a word for itself, whatever its settings are: no quotes, no spaces, nothing that runs or expands.
pub(super) fn is_plain_word(word: &str) -> bool {
    let is_plain =
        |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '_' | '/' | '@' | '+' | ',' | '=' | '-');
    word.chars().all(is_plain) && !word.starts_with('=')
}

fn commands(program: &Command) -> Vec<Candidate> {
    let shown = program.get_subcommands().filter(|command| !command.is_hide_set());
    shown.map(|command| Candidate::new(command.get_name(), about(command.get_about()))).collect()
}

fn options(command: &Command) -> Vec<Candidate> {
    let shown = command.get_arguments().filter(|arg| !arg.is_hide_set());
    let named = shown.filter_map(|arg| Some((arg.get_long()?, arg)));
    named.map(|(long, arg)| Candidate::new(format!("--{long}"), about(arg.get_help()))).collect()
}

fn about(text: Option<&clap::builder::StyledStr>) -> String {
    text.map(ToString::to_string).unwrap_or_default()
}

/// The argument whose value is completed.
struct Values<'a> {
    program: &'a Command,
    words: &'a [String],
    config: Option<&'a Path>,
    command: &'a Command,
    arg: &'a Arg,
    text: &'a str,
}

impl Values<'_> {
    fn candidates(&self) -> Vec<Candidate> {
        match (self.name(), self.text.split_once('=')) {
            ("FORMAT[=FILE]", Some((format, file))) => prefixed(&format!("{format}="), paths(file, &|_| true)),
            ("FORMAT[=FILE]", None) => formats(self.program, self.command, self.arg),
            ("ACCOUNT", _) => self.in_files(|known| known.accounts),
            ("REGION", _) => self.in_files(|known| known.regions),
            ("ACCOUNT/REGION", _) => self.places(),
            ("ACCOUNT/REGION|CODE", _) => {
                let codes = Topic::listed().map(|(code, summary)| Candidate::new(code, summary));
                codes.chain(self.places()).collect()
            }
            ("GIT_REF", _) => references(),
            ("NAME", _) if self.command.get_name() == "man" => {
                page_names(self.program).into_iter().map(|name| Candidate::new(name, "")).collect()
            }
            ("FILE|organization|caller|declared", _) => {
                let words = AccountsSource::WORDS.into_iter().map(|word| Candidate::new(word, ""));
                words.chain(self.files()).collect()
            }
            _ => self.listed_or_files(),
        }
    }

    fn name(&self) -> &str {
        self.arg.get_value_names().unwrap_or_default().first().map_or("", |name| name.as_str())
    }

    fn listed_or_files(&self) -> Vec<Candidate> {
        let listed = self.arg.get_possible_values().into_iter().filter(|value| !value.is_hide_set());
        let listed: Vec<Candidate> =
            listed.map(|value| Candidate::new(value.get_name(), about(value.get_help()))).collect();
        let is_path = matches!(
            self.arg.get_value_hint(),
            ValueHint::AnyPath | ValueHint::FilePath | ValueHint::DirPath | ValueHint::ExecutablePath
        );
        if listed.is_empty() && is_path { self.files() } else { listed }
    }

    /// Files with the extensions that the argument takes, and folders on the way to them.
    fn files(&self) -> Vec<Candidate> {
        let extensions: &[&str] = match (self.command.get_name(), self.name()) {
            (_, "POLICY" | "PATH") => &["yaml", "yml", "toml", "json"],
            ("apply", "PLAN|POLICY") => &["json", "yaml", "yml", "toml"],
            ("report", "FILES") | (_, "LAST.json" | "SNAPSHOT" | "FILE|organization|caller|declared") => {
                &["json", "gz"]
            }
            (_, "JOURNAL") => &["jsonl"],
            (_, "WORLD") => &["yaml", "yml"],
            (_, "FILE") if self.arg.get_id() == "config" => &["toml"],
            (_, "DIR" | "FOLDER") => return paths(self.text, &|_| false),
            _ => return paths(self.text, &|_| true),
        };
        let takes = |path: &Path| path.extension().and_then(OsStr::to_str).is_some_and(|end| extensions.contains(&end));
        paths(self.text, &takes)
    }

    /// Accounts with a slash, and behind the slash Regions.
    fn places(&self) -> Vec<Candidate> {
        if let Some((account, _)) = self.text.rsplit_once('/') {
            return prefixed(&format!("{account}/"), self.in_files(|known| known.regions));
        }
        let mut accounts = self.in_files(|known| known.accounts);
        for account in &mut accounts {
            account.value.push('/');
        }
        accounts
    }

    fn in_files(&self, choose: fn(Known) -> Vec<Candidate>) -> Vec<Candidate> {
        let config = value_of(self.words, "--config").map(Path::new).or(self.config);
        let inventory = value_of(self.words, "--inventory").map(AccountsSource::parse);
        known(config.map(Path::to_owned), inventory).map(choose).unwrap_or_default()
    }
}

fn prefixed(prefix: &str, mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    for candidate in &mut candidates {
        candidate.value.insert_str(0, prefix);
    }
    candidates
}

/// The formats that a command takes. Those that need a file or folder end with `=`.
pub(super) fn formats(program: &Command, command: &Command, arg: &Arg) -> Vec<Candidate> {
    let option = format!("--{}", arg.get_long().unwrap_or_default());
    let takes = |value: &str| {
        let words = [program.get_name(), command.get_name(), &option, value];
        let error = program.clone().try_get_matches_from(words).err();
        !error.is_some_and(|error| matches!(error.kind(), ErrorKind::ValueValidation | ErrorKind::InvalidValue))
    };
    let all = Format::ALL.into_iter().map(Format::as_str);
    let offered = all.filter_map(|format| {
        let with_file = format!("{format}=x");
        if takes(format) {
            Some(Candidate::new(format, ""))
        } else {
            takes(&with_file).then(|| Candidate::new(format!("{format}="), ""))
        }
    });
    offered.collect()
}

/// Accounts and Regions of the settings, the saved inventory and the policies.
struct Known {
    accounts: Vec<Candidate>,
    regions: Vec<Candidate>,
}

/// What files tell within the time that a shell waits.
fn known(config: Option<PathBuf>, inventory: Option<AccountsSource>) -> Option<Known> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let _ = sender.send(read_known(config.as_deref(), inventory));
    });
    receiver.recv_timeout(PATIENCE).ok().flatten()
}

fn read_known(config: Option<&Path>, inventory: Option<AccountsSource>) -> Option<Known> {
    let args = PolicyContextArgs { inventory, ..PolicyContextArgs::default() };
    let workspace = Workspace::find(config, &args).ok()?.offline();
    let settings = workspace.settings.clone();
    let mut loaded = workspace.load_named(&[]).ok();
    let mut accounts = Vec::new();
    if let AccountsSource::Listed(ids) = &settings.accounts {
        accounts.extend(ids.iter().map(|id| Candidate::new(id.to_string(), "")));
    }
    if let Some(loaded) = &mut loaded {
        for account in loaded.saved_accounts().unwrap_or_default() {
            let name = account.name.unwrap_or_default();
            if is_plain_word(&name) && !name.is_empty() {
                accounts.push(Candidate::new(name.clone(), account.id.to_string()));
            }
            accounts.push(Candidate::new(account.id.to_string(), name));
        }
        let declared = loaded.policies.declared_accounts().into_iter();
        accounts.extend(declared.map(|id| Candidate::new(id.to_string(), "")));
    }
    // The entry with a name comes first, and stays.
    accounts.sort_by(|a, b| a.value.cmp(&b.value).then(b.meaning.cmp(&a.meaning)));
    accounts.dedup_by(|later, first| later.value == first.value);
    let regions = settings.region_table().known_regions().map(|region| Candidate::new(region.as_str(), "")).collect();
    Some(Known { accounts, regions })
}

/// Branches and tags of the repository of the working directory.
fn references() -> Vec<Candidate> {
    let names = reference_names(Path::new("."), MOST).unwrap_or_default();
    let names = std::iter::once("HEAD".to_owned()).chain(names);
    names.map(|name| Candidate::new(name, "")).collect()
}

/// Files and folders that begin as the text does; hidden ones if it asks for them.
fn paths(text: &str, takes: &dyn Fn(&Path) -> bool) -> Vec<Candidate> {
    let (folder, start) =
        text.rsplit_once('/').map_or(("", text), |(_, start)| (text.strip_suffix(start).unwrap_or(text), start));
    let read = std::fs::read_dir(if folder.is_empty() { Path::new(".") } else { Path::new(folder) });
    let mut found: Vec<Candidate> = Vec::new();
    for entry in read.into_iter().flatten().flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        let is_asked_for = name.starts_with(start) && (start.starts_with('.') || !name.starts_with('.'));
        let is_option = folder.is_empty() && name.starts_with('-');
        if !is_asked_for || is_option {
            continue;
        }
        let path = entry.path();
        if path.is_dir() {
            found.push(Candidate::new(format!("{folder}{name}/"), ""));
        } else if takes(&path) {
            found.push(Candidate::new(format!("{folder}{name}"), ""));
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_a_shell_would_read_otherwise_is_no_candidate() {
        for plain in ["main", "origin/feature-1", "a.yaml", "payments-prod", "café", "json=", "v1.0+x"] {
            assert!(is_plain_word(plain), "{plain}");
        }
        for other in [
            "$(touch x)",
            "a b",
            "`x`",
            "a;b",
            "a&b",
            "a|b",
            "a'b",
            "a\"b",
            "~root",
            "=ls",
            "*",
            "a\nb",
            "a\u{202e}b",
            "{a}",
            "a:b",
        ] {
            assert!(!is_plain_word(other), "{other:?}");
        }
    }
}
