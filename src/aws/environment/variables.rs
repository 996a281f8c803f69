//! Environment variables, the location of a setting, and the errors of both.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use crate::files::ReadError;

/// Variable of CGI requests, in which `HTTP_PROXY` is a request header.
const CGI: &str = "REQUEST_METHOD";

/// The variables of the process. One that is empty or blank counts as unset: CI systems set undefined ones so.
#[derive(Debug, Default)]
pub(super) struct Variables(HashMap<String, String>);

impl Variables {
    /// Reads the variables of this process.
    ///
    /// # Errors
    ///
    /// A relevant one that is not UTF-8.
    pub(super) fn from_process() -> Result<Self, EnvironmentError> {
        Self::from_pairs(std::env::vars_os())
    }

    pub(super) fn from_pairs(pairs: impl IntoIterator<Item = (OsString, OsString)>) -> Result<Self, EnvironmentError> {
        let mut variables = HashMap::new();
        for (name, value) in pairs {
            let Ok(name) = name.into_string() else { continue };
            match value.into_string() {
                Ok(value) if value.trim().is_empty() && counts(&name) => {}
                Ok(value) => drop(variables.insert(name, value)),
                Err(_) if counts(&name) => {
                    return Err(EnvironmentError::value(&name, "is not UTF-8", "set it anew, or unset it"));
                }
                Err(_) => {}
            }
        }
        Ok(Self(variables))
    }

    /// The value of a variable.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The value with its location.
    pub(super) fn located(&self, name: &str) -> Option<Located> {
        let value = self.get(name)?.to_owned();
        Some(Located { value, place: SettingLocation::Variable(name.to_owned()) })
    }

    /// The first of some variables that is set.
    pub(super) fn first(&self, names: &[&str]) -> Option<Located> {
        names.iter().find_map(|name| self.located(name))
    }

    pub(super) fn is_cgi(&self) -> bool {
        self.0.contains_key(CGI)
    }

    /// Converts them for the SDK.
    pub(super) fn into_sdk(self) -> aws_types::os_shim_internal::Env {
        self.0.into()
    }
}

/// Whether a variable affects access to AWS.
fn counts(name: &str) -> bool {
    name.starts_with("AWS_") || name.to_ascii_uppercase().ends_with("_PROXY")
}

/// Location of a setting: a variable, or a line of a profile file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::aws) enum SettingLocation {
    /// An environment variable.
    Variable(String),
    /// A key of a section of a profile file.
    Key {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The section as messages name it, such as `profile "audit"`.
        section: String,
        /// The key.
        key: String,
    },
}

impl fmt::Display for SettingLocation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => out.write_str(name),
            Self::Key { file, line, section, key } => {
                write!(out, "{key} of {section} ({}, line {line})", file.display())
            }
        }
    }
}

/// A value with its location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::aws) struct Located {
    pub(in crate::aws) value: String,
    pub(in crate::aws) place: SettingLocation,
}

/// An invalid environment or profile file, found before the first call.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// An invalid value.
    #[error("{place} {problem}")]
    Value {
        /// The variable, or the key with its profile, file and line.
        place: String,
        /// The problem, with the value where it may be shown.
        problem: String,
        /// The fix.
        help: String,
    },
    /// An unreadable profile file.
    #[error("{} cannot be read: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The variable that names it, if one does.
        variable: Option<&'static str>,
        /// The cause.
        cause: ReadError,
    },
    /// A profile file that is too large, or not text.
    #[error("{} is no profile file: {problem}", path.display())]
    NoText {
        /// The file.
        path: PathBuf,
        /// The problem.
        problem: &'static str,
    },
    /// An invalid line of a profile file.
    #[error("{}, line {line}: {problem}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The problem.
        problem: &'static str,
    },
}

impl EnvironmentError {
    pub(super) fn value(place: &impl ToString, problem: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Value { place: place.to_string(), problem: problem.into(), help: help.into() }
    }

    /// The fix, in one sentence.
    pub fn help(&self) -> String {
        match self {
            Self::Value { help, .. } => help.clone(),
            Self::Unreadable { variable: Some(variable), .. } => {
                format!("let {variable} name a file that this user may read, or unset it")
            }
            Self::Unreadable { variable: None, .. } => "let this user read it, or move it away".to_owned(),
            Self::NoText { .. } => "write it anew as text in UTF-8; `aws configure` does".to_owned(),
            Self::Line { .. } => {
                "a profile file has sections such as [default], and below each of them lines such as region = eu-central-1"
                    .to_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_to_nothing_is_unset() {
        let pairs = [("AWS_REGION", ""), ("AWS_PROFILE", " \t"), ("no_proxy", " "), ("HOME", ""), ("AWS_X", " x")];
        let pairs = pairs.map(|(name, value)| (name.into(), value.into()));
        let variables = Variables::from_pairs(pairs).expect("UTF-8");
        for name in ["AWS_REGION", "AWS_PROFILE", "no_proxy"] {
            assert_eq!(variables.get(name), None, "{name}");
        }
        assert_eq!((variables.get("HOME"), variables.get("AWS_X")), (Some(""), Some(" x")));
    }
}
