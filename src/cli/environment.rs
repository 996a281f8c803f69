//! Environment variables of driftline: one table for the help, the documentation and the program.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt::Display;

use super::error::CliError;

/// Environment variable, or several with one purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// The name; several are separated by commas.
    pub name: &'static str,
    /// The option whose value it is, if there is one. The option takes precedence.
    pub option: Option<&'static str>,
    /// What it does, in a line of help.
    pub meaning: &'static str,
}

impl Variable {
    /// What it does, and the option that takes precedence.
    pub(super) fn help(&self) -> String {
        let option = self.option.map_or_else(String::new, |option| format!("; {option} takes precedence"));
        format!("{}{option}", self.meaning)
    }
}

/// The settings file.
pub(super) const CONFIG: Variable = Variable {
    name: "DRIFTLINE_CONFIG",
    option: Some("--config"),
    meaning: "the settings file; must exist; `validate --all` ignores it",
};

/// The use of colour.
pub(super) const COLOR: Variable =
    Variable { name: "DRIFTLINE_COLOR", option: Some("--color"), meaning: "auto, always or never" };

/// The reports of `check`.
pub(super) const REPORT: Variable = Variable {
    name: "DRIFTLINE_REPORT",
    option: Some("--report"),
    meaning: "the reports of `check`, separated by commas, such as \"text,json=report.json\"; other commands ignore it",
};

/// The time limit for reading.
pub(super) const DEADLINE: Variable = Variable {
    name: "DRIFTLINE_DEADLINE",
    option: Some("--deadline"),
    meaning: "the time limit for reading, such as 15m; takes precedence over `[limits] deadline` in driftline.toml",
};

/// The external id for assuming roles.
pub(super) const EXTERNAL_ID: Variable = Variable {
    name: "DRIFTLINE_EXTERNAL_ID",
    option: None,
    meaning: "the external id that the roles require; takes precedence over `[aws] external_id` in driftline.toml",
};

/// The date of manual pages, which packagers set.
pub(super) const SOURCE_DATE: Variable = Variable {
    name: "SOURCE_DATE_EPOCH",
    option: None,
    meaning: "the date of manual pages, in seconds since 1970; by default that of the release",
};

/// The variables that driftline reads, apart from those of schedulers that split a run.
pub const VARIABLES: [Variable; 12] = [
    CONFIG,
    REPORT,
    DEADLINE,
    COLOR,
    Variable {
        name: "DRIFTLINE_SHARD",
        option: Some("--shard"),
        meaning: "the part of the accounts that `check` reads, such as 3/16",
    },
    EXTERNAL_ID,
    Variable {
        name: "DRIFTLINE_LOG",
        option: None,
        meaning: "what to log to standard error, such as \"driftline=debug\"; nothing by default",
    },
    Variable {
        name: "NO_COLOR, CLICOLOR_FORCE",
        option: None,
        meaning: "no colour, or colour in files and pipes as well; --color and DRIFTLINE_COLOR take precedence",
    },
    Variable {
        name: "GITHUB_STEP_SUMMARY, GITHUB_OUTPUT",
        option: None,
        meaning: "files that --report github appends its summary and outputs to",
    },
    Variable {
        name: "GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_SHA, CI_PROJECT_URL, CI_COMMIT_SHA",
        option: None,
        meaning: "the forge and commit that html and markdown link policy lines to; --link-base takes precedence",
    },
    SOURCE_DATE,
    Variable {
        name: "AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL, AWS_CA_BUNDLE, HTTPS_PROXY, …",
        option: None,
        meaning: "as for other AWS tools",
    },
];

/// Value of a variable; `None` if it is unset. CI systems set empty variables for missing values: empty or blank is unset.
pub(super) fn value(variable: &Variable) -> Option<OsString> {
    env::var_os(variable.name).filter(|value| !value.to_string_lossy().trim().is_empty())
}

/// Parses a variable; `None` if it is unset.
///
/// # Errors
///
/// If the value is invalid. The error names the variable.
pub(super) fn parse<T, E: Display>(
    variable: &Variable,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, CliError> {
    let Some(value) = value(variable) else { return Ok(None) };
    let parsed = value.to_str().map(|text| parse(text).map_err(|error| error.to_string()));
    let parsed = parsed.unwrap_or_else(|| Err("it is not valid UTF-8".to_owned()));
    parsed.map(Some).map_err(|why| invalid(variable, &value, why))
}

/// Error about the value of a variable.
pub(super) fn invalid(variable: &Variable, value: &OsStr, why: String) -> CliError {
    CliError::Variable {
        name: variable.name,
        value: value.to_string_lossy().into_owned(),
        why,
        option: variable.option.unwrap_or_default(),
    }
}
