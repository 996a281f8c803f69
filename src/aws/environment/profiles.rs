//! The two profile files together, and the profile that is used.

use std::path::{Path, PathBuf};

use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};

use super::EnvironmentError;
use super::location::{Located, SettingLocation};
use super::profile_file::{Entry, Kind, ProfileFile, Section};
use super::variables::Variables;
use crate::files::{self, ReadError};

/// A profile file of more bytes is none.
const LARGEST: u64 = 4 << 20;

/// The profile files, and which profile counts.
#[derive(Debug)]
pub(super) struct Profiles {
    /// In the order in which they count: what a later one says holds.
    files: Vec<ProfileFile>,
    /// The name of the profile.
    pub(super) selected: String,
    /// The variable that names it, where one does.
    pub(super) named_by: Option<&'static str>,
    /// Files that a variable names and that are not there.
    pub(super) missing: Vec<(&'static str, PathBuf)>,
}

impl Profiles {
    /// Reads the files that the variables name, or else those in the home folder.
    ///
    /// # Errors
    ///
    /// If one is there and cannot be read or understood.
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
            match (text_of(&path, named.map(|_| variable))?, named) {
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

    /// The value of a key of the profile that is used.
    pub(super) fn selected(&self, key: &str) -> Option<Located> {
        self.get(&self.selected, key)
    }

    /// The endpoint of a service in a section `[services NAME]`.
    pub(super) fn of_service(&self, services: &str, service: &str, key: &str) -> Option<Located> {
        self.find(&Section::Services(services.to_owned()), Some(service), key)
    }

    pub(super) fn has_profile(&self, name: &str) -> bool {
        self.has(&Section::Profile(name.to_owned()))
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

    /// A section whose header would be right in the other one of the files, or is short of the word `profile`.
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

    /// The paths of the files that are there.
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

    /// The same files for the SDK, cleaned.
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

fn home(variables: &Variables) -> Option<PathBuf> {
    variables.get("HOME").or_else(|| variables.get("USERPROFILE")).filter(|home| !home.is_empty()).map(PathBuf::from)
}

/// A path with the home folder in the place of `~`.
pub(super) fn from_home(path: &str, variables: &Variables) -> PathBuf {
    match (path.strip_prefix("~/"), home(variables)) {
        (Some(below), Some(home)) => home.join(below),
        _ => PathBuf::from(path),
    }
}

/// The text of a profile file without its byte order mark, or `None` if there is no such file.
fn text_of(path: &Path, variable: Option<&'static str>) -> Result<Option<String>, EnvironmentError> {
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
