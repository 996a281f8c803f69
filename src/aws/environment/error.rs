//! Errors of the environment and of profile files.

use std::path::PathBuf;

use crate::files::ReadError;

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
