//! The checks of a diagnosis as plain data, their verdict, and the JSON document.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::exit::ExitStatus;
use crate::diagnostic::{DocumentKind, Envelope, write_json_document};

/// What a check is about, in the order of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum CheckId {
    /// The settings file.
    Settings,
    /// A setting, with its value and the place that sets it.
    Setting,
    /// The policy files.
    Policies,
    /// git, which `--base` needs.
    Git,
    /// The AWS profile and the profile files.
    Profile,
    /// Where the credentials come from.
    Credentials,
    /// The Region of the environment.
    DefaultRegion,
    /// Endpoints other than those of AWS.
    Endpoints,
    /// The trusted certificates.
    CaBundle,
    /// The proxies.
    Proxies,
    /// The owner of the credentials.
    Caller,
    /// The clock of this machine.
    Clock,
    /// The accounts.
    Inventory,
    /// The role for reading: once for all accounts, and once for each account in which it cannot be assumed.
    Role,
    /// Macie's administrator account.
    Administrator,
    /// An IAM action that a check needs.
    Action,
    /// A Region that does not answer, or all Regions that do.
    Region,
}

/// Result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum CheckState {
    /// As it should be.
    Ok,
    /// A run works, and something deserves a look.
    Warning,
    /// A run fails, or leaves something unread.
    Error,
    /// Not checked; the detail says why.
    Skipped,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Check")]
pub(super) struct DoctorCheck {
    /// What it is about.
    pub(super) id: CheckId,
    pub(super) state: CheckState,
    /// Of what: a setting, an account id, an IAM action, a Region.
    pub(super) subject: String,
    /// What was found. No secret is ever among it.
    pub(super) detail: String,
    /// The fix; null if there is nothing to fix.
    pub(super) fix: Option<String>,
    /// Whether it should have been checked and could not be.
    #[serde(skip)]
    is_unverified: bool,
}

/// Verdict over a diagnosis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Health {
    /// A check would read everything, as far as was tried.
    Ok,
    /// Something would be unread, or could not be verified.
    Incomplete,
    /// A check would have no result.
    NoResult,
}

/// Numbers of checks by state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct CheckCounts {
    pub(super) ok: usize,
    pub(super) warning: usize,
    pub(super) error: usize,
    pub(super) skipped: usize,
}

/// Every check of a run, in the order of the report.
#[derive(Debug)]
pub(super) struct Diagnosis {
    checks: Vec<DoctorCheck>,
    settings_file: Option<String>,
}

impl CheckId {
    /// Whether a check has no result at all after an error here.
    fn decides_result(self) -> bool {
        match self {
            Self::Settings
            | Self::Setting
            | Self::Policies
            | Self::Profile
            | Self::Credentials
            | Self::DefaultRegion
            | Self::Endpoints
            | Self::CaBundle
            | Self::Proxies
            | Self::Caller
            | Self::Inventory => true,
            Self::Git | Self::Clock | Self::Role | Self::Administrator | Self::Action | Self::Region => false,
        }
    }

    /// The heading of the section.
    pub(super) fn heading(self) -> &'static str {
        match self {
            Self::Settings | Self::Setting | Self::Policies | Self::Git => "Files",
            Self::Profile
            | Self::Credentials
            | Self::DefaultRegion
            | Self::Endpoints
            | Self::CaBundle
            | Self::Proxies => "Environment",
            Self::Caller | Self::Clock | Self::Inventory => "AWS",
            Self::Role | Self::Administrator | Self::Action | Self::Region => "Accounts",
        }
    }
}

impl DoctorCheck {
    fn new(id: CheckId, state: CheckState, subject: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { id, state, subject: subject.into(), detail: detail.into(), fix: None, is_unverified: false }
    }

    pub(super) fn ok(id: CheckId, subject: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(id, CheckState::Ok, subject, detail)
    }

    pub(super) fn warning(id: CheckId, subject: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(id, CheckState::Warning, subject, detail)
    }

    pub(super) fn error(id: CheckId, subject: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(id, CheckState::Error, subject, detail)
    }

    /// A check that the run does not need, or that depends on one which failed.
    pub(super) fn skipped(id: CheckId, subject: impl Into<String>, why: &str) -> Self {
        Self::new(id, CheckState::Skipped, subject, format!("skipped: {why}"))
    }

    /// A check that was needed and could not be tried.
    pub(super) fn not_checked(id: CheckId, subject: impl Into<String>, why: &str) -> Self {
        let check = Self::new(id, CheckState::Skipped, subject, format!("not checked: {why}"));
        Self { is_unverified: true, ..check }
    }

    /// The same about something else.
    pub(super) fn about(self, id: CheckId) -> Self {
        Self { id, ..self }
    }

    /// The same, with an error as a warning.
    pub(super) fn tolerated(self) -> Self {
        let state = if self.state == CheckState::Error { CheckState::Warning } else { self.state };
        Self { state, ..self }
    }

    /// The same with a fix.
    pub(super) fn fix(self, fix: impl Into<String>) -> Self {
        Self { fix: Some(fix.into()), ..self }
    }
}

impl Diagnosis {
    /// A diagnosis of these checks, which are put into the order of the report.
    pub(super) fn new(mut checks: Vec<DoctorCheck>, settings_file: Option<String>) -> Self {
        checks.sort_by_key(|check| check.id);
        Self { checks, settings_file }
    }

    pub(super) fn checks(&self) -> &[DoctorCheck] {
        &self.checks
    }

    pub(super) fn counts(&self) -> CheckCounts {
        let count = |state| self.checks.iter().filter(|check| check.state == state).count();
        CheckCounts {
            ok: count(CheckState::Ok),
            warning: count(CheckState::Warning),
            error: count(CheckState::Error),
            skipped: count(CheckState::Skipped),
        }
    }

    /// The verdict.
    pub(super) fn health(&self) -> Health {
        let is_error = |check: &&DoctorCheck| check.state == CheckState::Error;
        if self.checks.iter().filter(is_error).any(|check| check.id.decides_result()) {
            Health::NoResult
        } else if self.checks.iter().any(|check| is_error(&check) || check.is_unverified) {
            Health::Incomplete
        } else {
            Health::Ok
        }
    }

    /// Writes the diagnosis as one JSON object and a line feed.
    pub(super) fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let document = Document {
            settings_file: self.settings_file.as_deref(),
            verdict: self.health(),
            counts: self.counts(),
            checks: &self.checks,
        };
        write_json_document(&Envelope::new(DOCTOR, document), out)
    }
}

impl From<Health> for ExitStatus {
    fn from(health: Health) -> Self {
        match health {
            Health::Ok => Self::Clean,
            Health::Incomplete => Self::Incomplete,
            Health::NoResult => Self::Error,
        }
    }
}

const DOCTOR: DocumentKind = DocumentKind { format: "driftline.doctor", version: 1, title: "driftline doctor" };

/// The JSON Schema of a diagnosis.
pub(in crate::cli) fn doctor_schema() -> serde_json::Value {
    DOCTOR.schema::<Document<'_>>()
}

/// What a check needs, tried one by one. Readers must ignore fields that they do not know.
#[derive(Serialize, JsonSchema)]
struct Document<'a> {
    /// The settings file; null if there is none.
    settings_file: Option<&'a str>,
    verdict: Health,
    counts: CheckCounts,
    /// The checks, by kind.
    checks: &'a [DoctorCheck],
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health(checks: Vec<DoctorCheck>) -> Health {
        Diagnosis::new(checks, None).health()
    }

    #[test]
    fn the_worst_check_decides() {
        let ok = || DoctorCheck::ok(CheckId::Caller, "", "");
        let warning = || DoctorCheck::warning(CheckId::Clock, "", "");
        assert_eq!(health(vec![ok(), warning(), DoctorCheck::skipped(CheckId::Role, "", "")]), Health::Ok);
        let denied = || DoctorCheck::error(CheckId::Action, "", "");
        assert_eq!(health(vec![ok(), denied()]), Health::Incomplete);
        assert_eq!(health(vec![ok(), DoctorCheck::not_checked(CheckId::Role, "", "")]), Health::Incomplete);
        assert_eq!(health(vec![denied(), DoctorCheck::error(CheckId::Policies, "", "")]), Health::NoResult);
    }

    #[test]
    fn checks_are_in_the_order_of_their_kinds() {
        let role = |account: &str| DoctorCheck::error(CheckId::Role, account, "");
        let checks = vec![role("2"), DoctorCheck::ok(CheckId::Settings, "", ""), role("1")];
        let subjects: Vec<String> =
            Diagnosis::new(checks, None).checks().iter().map(|check| check.subject.clone()).collect();
        assert_eq!(subjects, ["", "2", "1"]);
    }
}
