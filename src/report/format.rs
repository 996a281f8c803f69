//! The report formats.

use std::fmt;

use super::destination::FolderFormat;

/// A format that a report can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// For people.
    Text,
    /// For programs; the JSON Schemas are printed by `driftline schema`.
    Json,
    /// For programs that read line by line: JSON Lines.
    Jsonl,
    /// For comments on pull requests.
    Markdown,
    /// For GitHub Actions: annotations on the lines of the policies.
    Github,
    /// For GitHub code scanning: SARIF 2.1.0.
    Sarif,
    /// For what CI systems show of tests.
    Junit,
    /// For GitLab's code quality.
    Codequality,
    /// For spreadsheets.
    Csv,
    /// For the textfile collector of Prometheus's node exporter.
    Prometheus,
    /// The same as OpenMetrics.
    Openmetrics,
    /// One page that needs nothing else.
    Html,
    /// For security lakes: OCSF Compliance Findings, as JSON Lines.
    Ocsf,
    /// For Security Hub: a folder of files in the AWS Security Finding Format.
    Asff,
    /// For a Slack webhook.
    Slack,
    /// For a notification by Amazon SNS: plain text.
    Sns,
    /// For the owners of unread accounts: a folder with a text for each.
    Owners,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 17] = [
        Self::Text,
        Self::Json,
        Self::Jsonl,
        Self::Markdown,
        Self::Github,
        Self::Sarif,
        Self::Junit,
        Self::Codequality,
        Self::Csv,
        Self::Prometheus,
        Self::Openmetrics,
        Self::Html,
        Self::Ocsf,
        Self::Asff,
        Self::Slack,
        Self::Sns,
        Self::Owners,
    ];

    /// The formats that name the sessions that violate a rule, with their owners and reasons. The others count them.
    pub const NAMING_SESSIONS: [Self; 6] = [Self::Text, Self::Json, Self::Jsonl, Self::Csv, Self::Html, Self::Ocsf];

    /// Whether a file may be compressed: `.gz`.
    pub(super) fn may_be_gzip(self) -> bool {
        matches!(self, Self::Json | Self::Jsonl)
    }

    /// Whether a report is a folder of files.
    pub fn is_folder(self) -> bool {
        self.folder().is_some()
    }

    /// The kind of folder that a report is, if it is one.
    pub(super) fn folder(self) -> Option<FolderFormat> {
        match self {
            Self::Asff => Some(FolderFormat::Asff),
            Self::Owners => Some(FolderFormat::Owners),
            _ => None,
        }
    }

    /// The word on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Markdown => "markdown",
            Self::Github => "github",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
            Self::Codequality => "codequality",
            Self::Csv => "csv",
            Self::Prometheus => "prometheus",
            Self::Openmetrics => "openmetrics",
            Self::Html => "html",
            Self::Ocsf => "ocsf",
            Self::Asff => "asff",
            Self::Slack => "slack",
            Self::Sns => "sns",
            Self::Owners => "owners",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}
