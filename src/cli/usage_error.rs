//! Errors in arguments and variables that the parser accepts.

use clap_complete::Shell;

/// Error in an argument or a variable that the parser accepts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum UsageError {
    /// An invalid log filter.
    #[error("DRIFTLINE_LOG is not a valid log filter")]
    LogFilter,
    /// No manual page has the name.
    #[error("there is no manual page of {name}")]
    NoPage {
        /// The name, as given.
        name: String,
        /// The nearest names, or all.
        near: Vec<String>,
    },
    /// The date for manual pages is none.
    #[error("SOURCE_DATE_EPOCH is no number of seconds since 1970")]
    SourceDate,
    /// A shell whose completion script cannot ask driftline.
    #[error("there is no dynamic completion for {0}")]
    NoDynamicCompletion(Shell),
}

impl UsageError {
    /// The fix.
    pub(super) fn help(&self) -> String {
        match self {
            Self::LogFilter => {
                "set a level (error, warn, info, debug, trace) or levels of modules, such as driftline=debug; or \
                                unset the variable"
                    .to_owned()
            }
            Self::NoPage { near, .. } => format!("name one of: {}", near.join(", ")),
            Self::SourceDate => "set the variable to the time of the source, or unset it".to_owned(),
            Self::NoDynamicCompletion(_) => "leave --dynamic out; bash, zsh and fish have it".to_owned(),
        }
    }
}
