//! What is wrong with the environment or with a profile file.

use std::path::PathBuf;

use crate::files::ReadError;

/// What is wrong with the environment or with a profile file, found before the first call.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// A value that cannot be used.
    #[error("{place} {problem}")]
    Value {
        /// The variable, or the key with its profile, file and line.
        place: String,
        /// What is wrong with the value, and the value where it may be shown.
        problem: String,
        /// What to do.
        help: String,
    },
    /// A profile file that cannot be read.
    #[error("{} cannot be read: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The variable that names it, if one does.
        variable: Option<&'static str>,
        /// Why.
        cause: ReadError,
    },
    /// A profile file that is too large, or not text.
    #[error("{} is no profile file: {problem}", path.display())]
    NoText {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A line that a profile file cannot have.
    #[error("{}, line {line}: {problem}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
}

impl EnvironmentError {
    pub(super) fn value(place: &impl ToString, problem: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Value { place: place.to_string(), problem: problem.into(), help: help.into() }
    }

    /// What to do, in one sentence.
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
