//! The two profile files, and the selected profile.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};

use super::EnvironmentError;
use super::variables::{Located, SettingLocation, Variables};
use crate::files::{self, ReadError};

/// Size limit of a profile file.
const LARGEST: u64 = 4 << 20;

/// The most profiles that a fix names: some machines have thousands.
const MOST_NAMED: usize = 8;

/// The profile files and the selected profile.
#[derive(Debug)]
pub(super) struct Profiles {
    /// In order of precedence, the last one first.
    files: Vec<ProfileFile>,
    /// The name of the profile.
    pub(super) selected: String,
    /// The variable that selects it, if any.
    pub(super) named_by: Option<&'static str>,
    /// Files that a variable names and that do not exist.
    pub(super) missing: Vec<(&'static str, PathBuf)>,
}

impl Profiles {
    /// Reads the files that the variables name, or those in the home folder.
    ///
    /// # Errors
    ///
    /// An existing file that cannot be read or parsed.
    pub(super) fn read(variables: &Variables) -> Result<Self, EnvironmentError> {
        let (mut files, mut missing) = (Vec::new(), Vec::new());
        for (kind, variable, name) in [
            (Kind::Config, "AWS_CONFIG_FILE", ".aws/config"),
            (Kind::Credentials, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"),
        ] {
            let named = variables.get(variable);
            let path = match named {
                Some(path) => from_home(path, variables),
                None => match home(variables) {
                    Some(home) => home.join(name),
                    None => continue,
                },
            };
            match (read_profile_file(&path, named.map(|_| variable))?, named) {
                (Some(text), _) => files.push(ProfileFile::parse(&path, kind, &text)?),
                (None, Some(_)) => missing.push((variable, path)),
                (None, None) => {}
            }
        }
        let profile = variables.get("AWS_PROFILE");
        let selected = profile.unwrap_or("default").to_owned();
        Ok(Self { files, selected, named_by: profile.map(|_| "AWS_PROFILE"), missing })
    }

    /// The value of a key of a profile.
    pub(super) fn get(&self, profile: &str, key: &str) -> Option<Located> {
        let section = Section::Profile(profile.to_owned());
        self.find(&section, None, key)
    }

    /// The value of a key of the selected profile.
    pub(super) fn selected(&self, key: &str) -> Option<Located> {
        self.get(&self.selected, key)
    }

    /// The endpoint of a service in a section `[services NAME]`.
    pub(super) fn service_value(&self, services: &str, service: &str, key: &str) -> Option<Located> {
        self.find(&Section::Services(services.to_owned()), Some(service), key)
    }

    pub(super) fn has_profile(&self, name: &str) -> bool {
        self.has(&Section::Profile(name.to_owned()))
    }

    /// The names of all profiles, sorted.
    pub(super) fn names(&self) -> Vec<String> {
        let sections = self.files.iter().flat_map(|file| &file.sections);
        let names: BTreeSet<&String> = sections
            .filter_map(|section| match section {
                Section::Profile(name) => Some(name),
                Section::Services(_) | Section::Other(_) => None,
            })
            .collect();
        names.into_iter().cloned().collect()
    }

    pub(super) fn has_services(&self, name: &str) -> bool {
        self.has(&Section::Services(name.to_owned()))
    }

    /// Whether there is a section `[sso-session NAME]`.
    pub(super) fn has_sso_session(&self, name: &str) -> bool {
        let is_it = |section: &Section| match section {
            Section::Other(header) => header
                .split_once(char::is_whitespace)
                .is_some_and(|(kind, rest)| kind == "sso-session" && rest.trim() == name),
            _ => false,
        };
        self.files.iter().any(|file| file.sections.iter().any(is_it))
    }

    fn has(&self, section: &Section) -> bool {
        self.files.iter().any(|file| file.sections.contains(section))
    }

    /// A hint at a section whose header belongs in the other file, or lacks the word `profile`.
    pub(super) fn almost(&self, profile: &str) -> Option<String> {
        let wrong = |file: &ProfileFile| match file.kind {
            Kind::Config => (profile.to_owned(), format!("[profile {profile}]")),
            Kind::Credentials => (format!("profile {profile}"), format!("[{profile}]")),
        };
        self.files.iter().find_map(|file| {
            let (header, right) = wrong(file);
            let is_there = file.sections.contains(&Section::Other(header.clone()));
            is_there.then(|| format!("in {} its header [{header}] would have to be {right}", file.path.display()))
        })
    }

    /// The paths of the existing files.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|file| file.path.as_path())
    }

    fn find(&self, section: &Section, parent: Option<&str>, key: &str) -> Option<Located> {
        let is_it = |entry: &&Entry| entry.section == *section && entry.parent.as_deref() == parent && entry.key == key;
        self.files.iter().rev().find_map(|file| {
            let entry = file.entries.iter().rev().find(is_it)?;
            let named = match section {
                Section::Profile(name) => format!("profile {name:?}"),
                Section::Services(name) => format!("services {name:?}"),
                Section::Other(name) => format!("[{name}]"),
            };
            let key = parent.map_or_else(|| key.to_owned(), |parent| format!("{parent}.{key}"));
            let place = SettingLocation::Key { file: file.path.clone(), line: entry.line, section: named, key };
            Some(Located { value: entry.value.clone(), place })
        })
    }

    /// The cleaned files for the SDK.
    pub(super) fn to_sdk(&self) -> EnvConfigFiles {
        let text =
            |kind: Kind| self.files.iter().filter(|file| file.kind == kind).map(|file| file.text.as_str()).collect();
        let (config, credentials): (String, String) = (text(Kind::Config), text(Kind::Credentials));
        EnvConfigFiles::builder()
            .with_contents(EnvConfigFileKind::Config, config)
            .with_contents(EnvConfigFileKind::Credentials, credentials)
            .build()
    }
}

/// The profiles that exist, where the selected one does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::aws) struct OtherProfiles {
    names: Vec<String>,
    has_files: bool,
}

impl OtherProfiles {
    /// The others; `None` if the selected profile exists, or if no variable selects one.
    pub(super) fn unless_selected(profiles: &Profiles) -> Option<Self> {
        let is_missing = profiles.named_by.is_some() && !profiles.has_profile(&profiles.selected);
        is_missing.then(|| Self { names: profiles.names(), has_files: profiles.paths().next().is_some() })
    }

    /// The fix of the selection.
    pub(in crate::aws) fn fix(&self) -> String {
        let Self { names, has_files } = self;
        if !has_files {
            return "there is no profile file; unset AWS_PROFILE".to_owned();
        }
        if names.is_empty() {
            return "there is no profile in the profile files; unset AWS_PROFILE".to_owned();
        }
        let shown: Vec<&str> = names.iter().take(MOST_NAMED).map(String::as_str).collect();
        let more = if names.len() > shown.len() { ", …" } else { "" };
        format!("set AWS_PROFILE to a profile that is there ({}{more}), or unset it", shown.join(", "))
    }
}

fn home(variables: &Variables) -> Option<PathBuf> {
    variables.get("HOME").or_else(|| variables.get("USERPROFILE")).filter(|home| !home.is_empty()).map(PathBuf::from)
}

/// Expands `~`.
pub(super) fn from_home(path: &str, variables: &Variables) -> PathBuf {
    match (path.strip_prefix("~/"), home(variables)) {
        (Some(below), Some(home)) => home.join(below),
        _ => PathBuf::from(path),
    }
}

/// The text of a profile file without its byte order mark; `None` if there is no such file.
fn read_profile_file(path: &Path, variable: Option<&'static str>) -> Result<Option<String>, EnvironmentError> {
    let unreadable = |cause| EnvironmentError::Unreadable { path: path.into(), variable, cause };
    let no_text = |problem| EnvironmentError::NoText { path: path.into(), problem };
    match files::read_shared_text(path, LARGEST) {
        Ok(text) => Ok(Some(text)),
        Err(ReadError::TooLarge(_)) => Err(no_text("it has more than 4 MiB")),
        Err(ReadError::NotUtf8(_)) => Err(no_text("it is not UTF-8")),
        Err(cause) if cause.is_missing() => Ok(None),
        Err(cause) => Err(unreadable(cause)),
    }
}

/// Blanks, as the parser of the SDK defines them.
const BLANK: [char; 2] = [' ', '\t'];

/// The two kinds of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `~/.aws/config`.
    Config,
    /// `~/.aws/credentials`.
    Credentials,
}

/// A profile file.
#[derive(Debug)]
pub(super) struct ProfileFile {
    pub(super) path: PathBuf,
    pub(super) kind: Kind,
    pub(super) entries: Vec<Entry>,
    /// The section headers, with repetitions.
    pub(super) sections: Vec<Section>,
    /// The text without byte order mark and without empty keys.
    pub(super) text: String,
}

/// A section header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Section {
    /// `[default]`, `[profile audit]`, or `[audit]` in a file of credentials.
    Profile(String),
    /// `[services local]`.
    Services(String),
    /// Any other header, with the text in its brackets.
    Other(String),
}

/// A key with a value.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) section: Section,
    /// The key that it is nested below, in the section of a service.
    pub(super) parent: Option<String>,
    pub(super) key: String,
    pub(super) value: String,
    pub(super) line: usize,
}

impl ProfileFile {
    /// Parses a file as the SDK and the AWS CLI do.
    ///
    /// Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files"; `env_config/parse.rs` of
    /// aws-runtime.
    ///
    /// # Errors
    ///
    /// The first line that is neither header, key, continuation, comment nor blank.
    pub(super) fn parse(path: &Path, kind: Kind, text: &str) -> Result<Self, EnvironmentError> {
        let mut parser =
            Parser { path, kind, sections: Vec::new(), entries: Vec::new(), kept: Vec::new(), above: None };
        for (number, line) in text.lines().enumerate() {
            parser.line(number + 1, line)?;
        }
        let Parser { sections, entries, kept, .. } = parser;
        let text = kept.into_iter().flatten().fold(String::with_capacity(text.len()), |text, line| text + line + "\n");
        Ok(Self { path: path.into(), kind, entries, sections, text })
    }
}

/// A key that others may be nested below.
struct Above<'a> {
    key: String,
    line: usize,
    text: &'a str,
    is_parent: bool,
}

struct Parser<'a> {
    path: &'a Path,
    kind: Kind,
    sections: Vec<Section>,
    entries: Vec<Entry>,
    /// The kept lines, by number.
    kept: Vec<Option<&'a str>>,
    above: Option<Above<'a>>,
}

impl<'a> Parser<'a> {
    fn line(&mut self, number: usize, line: &'a str) -> Result<(), EnvironmentError> {
        let wrong = |problem| EnvironmentError::Line { path: self.path.into(), line: number, problem };
        self.kept.push(Some(line));
        if line.trim_matches(BLANK).is_empty() || line.starts_with(['#', ';']) {
            return Ok(());
        }
        if line.starts_with('[') {
            let header = without_comment(line, false).strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
            let header = header.ok_or_else(|| wrong("a section's header ends with a closing bracket"))?;
            self.sections.push(section(self.kind, header));
            self.above = None;
            return Ok(());
        }
        let Some(section) = self.sections.last() else {
            return Err(wrong("it stands before the first section, such as [default]"));
        };
        let is_below = line.starts_with(BLANK);
        match (is_below, &mut self.above) {
            (true, None) => Err(wrong("it is indented, and there is no key above it")),
            // A continuation of the value above.
            (true, Some(above)) if !above.is_parent => Ok(()),
            (true, Some(above)) => {
                let (key, value) = pair(line).map_err(wrong)?;
                if let Some(parent) = self.kept.get_mut(above.line - 1) {
                    *parent = Some(above.text);
                }
                if value.is_empty() {
                    self.kept.pop();
                    self.kept.push(None);
                } else {
                    let (section, parent) = (section.clone(), Some(above.key.clone()));
                    self.entries.push(Entry { section, parent, key, value, line: number });
                }
                Ok(())
            }
            (false, _) => {
                let (key, value) = pair(line).map_err(wrong)?;
                let is_parent = value.is_empty();
                if is_parent {
                    // Restored if something is nested below it.
                    self.kept.pop();
                    self.kept.push(None);
                } else {
                    let section = section.clone();
                    self.entries.push(Entry { section, parent: None, key: key.clone(), value, line: number });
                }
                self.above = Some(Above { key, line: number, text: line, is_parent });
                Ok(())
            }
        }
    }
}

fn section(kind: Kind, header: &str) -> Section {
    let header = header.trim_matches(BLANK);
    let (prefix, name) = match header.split_once(BLANK) {
        Some((prefix, name)) => (prefix, name.trim()),
        None => ("", header),
    };
    match (kind, prefix) {
        (Kind::Credentials, "") | (Kind::Config, "profile") => Section::Profile(name.to_owned()),
        (Kind::Config, "") if name == "default" => Section::Profile(name.to_owned()),
        (Kind::Config, "services") => Section::Services(name.to_owned()),
        _ => Section::Other(header.to_owned()),
    }
}

/// Key and value of a line; the key in lower case.
fn pair(line: &str) -> Result<(String, String), &'static str> {
    let (key, value) = without_comment(line, true)
        .split_once('=')
        .ok_or("it is neither a section such as [default] nor a key with an equals sign")?;
    let key = key.trim_matches(BLANK);
    if key.is_empty() {
        return Err("there is no key before the equals sign");
    }
    Ok((key.to_ascii_lowercase(), value.trim_matches(BLANK).to_owned()))
}

/// Strips a trailing comment, which needs a preceding blank after a value.
fn without_comment(line: &str, after_blank: bool) -> &str {
    let line = line.trim_matches(BLANK);
    let mut before = 'x';
    for (at, letter) in line.char_indices() {
        if matches!(letter, '#' | ';') && (!after_blank || before.is_whitespace()) {
            return line.get(..at).unwrap_or_default().trim_matches(BLANK);
        }
        before = letter;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(kind: Kind, text: &str) -> Result<ProfileFile, EnvironmentError> {
        ProfileFile::parse(Path::new("file"), kind, text)
    }

    #[test]
    fn keys_without_a_value_are_left_out_unless_something_stands_below() {
        let text = "[default]\nregion =\naws_session_token = # none\nkey = a\n  more\nservices = local\n[services local]\n\
                    sts =\n  endpoint_url = http://x\n  other =\nmacie2 =\n  endpoint_url =\n";
        let file = parse(Kind::Config, text).expect("a file");
        assert_eq!(
            file.text,
            "[default]\nkey = a\n  more\nservices = local\n[services local]\nsts =\n  endpoint_url = http://x\nmacie2 =\n"
        );
        let entries: Vec<_> =
            file.entries.iter().map(|entry| (entry.line, &*entry.key, entry.parent.as_deref())).collect();
        assert_eq!(entries, [(4, "key", None), (6, "services", None), (9, "endpoint_url", Some("sts"))]);
    }

    #[test]
    fn lines_that_no_profile_file_has_are_told_with_their_number() {
        for (text, number) in [
            ("stray", 1),
            ("[default]\nregion = a\n\nstray", 4),
            ("[default\n", 1),
            ("[default]\n  indented = x", 2),
            ("[default]\n = x", 2),
            ("[default]\ns3 =\n  stray", 3),
            ("key = x", 1),
        ] {
            match parse(Kind::Credentials, text) {
                Err(EnvironmentError::Line { line, .. }) => assert_eq!(line, number, "{text:?}"),
                other => panic!("{text:?}: {other:?}"),
            }
        }
    }

    #[test]
    fn headers_mean_what_they_mean_in_their_file() {
        let profile = |name: &str| Section::Profile(name.to_owned());
        let other = |header: &str| Section::Other(header.to_owned());
        assert_eq!(section(Kind::Config, " profile  audit "), profile("audit"));
        assert_eq!(section(Kind::Config, "default"), profile("default"));
        assert_eq!(section(Kind::Config, "audit"), other("audit"));
        assert_eq!(section(Kind::Config, "services local"), Section::Services("local".to_owned()));
        assert_eq!(section(Kind::Credentials, "audit"), profile("audit"));
        assert_eq!(section(Kind::Credentials, "profile audit"), other("profile audit"));
    }

    #[test]
    fn a_fix_names_some_profiles_or_that_there_are_none() {
        let fix = |count: usize, has_files| {
            OtherProfiles { names: (0..count).map(|number| format!("p{number}")).collect(), has_files }.fix()
        };
        assert_eq!(fix(2, true), "set AWS_PROFILE to a profile that is there (p0, p1), or unset it");
        assert!(fix(8, true).contains("(p0, p1, p2, p3, p4, p5, p6, p7), "), "{}", fix(8, true));
        assert!(fix(3000, true).contains("(p0, p1, p2, p3, p4, p5, p6, p7, …), "), "{}", fix(3000, true));
        assert_eq!(fix(0, true), "there is no profile in the profile files; unset AWS_PROFILE");
        assert_eq!(fix(0, false), "there is no profile file; unset AWS_PROFILE");
    }
}
