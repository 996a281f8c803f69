//! Where a setting stands.

use std::fmt;
use std::path::PathBuf;

/// Where a setting stands: in a variable, or in a line of a profile file.
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
        /// The section as it is named in messages, such as `profile "audit"`.
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

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::aws) struct Located {
    pub(in crate::aws) value: String,
    pub(in crate::aws) place: SettingLocation,
}
