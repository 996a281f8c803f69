//! Where reports go: `--report FORMAT[=FILE]`.

use std::fmt;
use std::path::{Path, PathBuf};

use super::is_asff_file;
use crate::files::{self, WriteError};

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
}

/// Where a report goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// Standard output.
    StandardOutput,
    /// A file, written whole or not at all.
    File(PathBuf),
    /// A folder, whose files of earlier reports are replaced by those of this one.
    Folder(PathBuf),
}

/// A report that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRequest {
    /// Its format.
    pub format: Format,
    /// Where it goes.
    pub destination: Destination,
}

/// Why a `--report` makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDestination {
    /// The format is not known.
    #[error("\"{word}\" is not a report format of this command; there are: {known}")]
    Format {
        /// What was asked for.
        word: String,
        /// What there is.
        known: String,
    },
    /// `FORMAT=` without a file.
    #[error("\"{0}=\" names no file; write {0}=FILE, or {0} alone for standard output")]
    NoFile(String),
    /// A format of many files for anything but a folder.
    #[error("{0} is many files, which cannot go to standard output; write {0}=FOLDER")]
    NoFolder(String),
}

/// Why a report cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the report cannot be written to {}: {}", .0.path, .0.cause)]
pub struct UnwritableReport(#[from] pub WriteError);

impl Format {
    /// Every format.
    pub const ALL: [Self; 16] = [
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
    ];

    /// Whether it is a folder of files.
    pub fn is_folder(self) -> bool {
        self == Self::Asff
    }

    /// The word for it.
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
        }
    }
}

impl ReportRequest {
    /// The JSON report in a file.
    pub fn json_to(path: &Path) -> Self {
        Self { format: Format::Json, destination: Destination::named(path) }
    }

    /// Whether it goes to standard output, as opposed to a file or a folder.
    pub fn is_stdout(&self) -> bool {
        self.destination == Destination::StandardOutput
    }

    /// The report that `FORMAT[=FILE]` asks of a command that writes these formats.
    ///
    /// # Errors
    ///
    /// Why it makes no sense.
    pub fn parse(text: &str, formats: &[Format]) -> Result<Self, InvalidDestination> {
        let (word, file) = text.split_once('=').map_or((text, None), |(word, file)| (word, Some(file)));
        let format = formats.iter().copied().find(|format| format.as_str() == word).ok_or_else(|| {
            let known = formats.iter().map(|format| format.as_str()).collect::<Vec<_>>().join(", ");
            InvalidDestination::Format { word: word.to_owned(), known }
        })?;
        let destination = match file {
            None | Some("-" | "") if format.is_folder() => return Err(InvalidDestination::NoFolder(word.to_owned())),
            Some(path) if format.is_folder() => Destination::Folder(PathBuf::from(path)),
            None | Some("-") => Destination::StandardOutput,
            Some("") => return Err(InvalidDestination::NoFile(word.to_owned())),
            Some(path) => Destination::named(Path::new(path)),
        };
        Ok(Self { format, destination })
    }
}

impl Destination {
    /// The destination of a name, which may be one for standard output: `-`, `/dev/stdout`, or the file that it goes to.
    pub fn named(path: &Path) -> Self {
        let is_spoken = path.as_os_str() == "-" || files::is_standard_output(path);
        if is_spoken { Self::StandardOutput } else { Self::File(path.to_owned()) }
    }

    /// Whether a report there and one here would be one, or one would take the place of the other. Different spellings and links
    /// may name one file.
    pub fn is_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::StandardOutput, Self::StandardOutput) => true,
            (Self::File(file), folder @ Self::Folder(_)) => folder.writes_over(file),
            (one, Self::File(other) | Self::Folder(other)) => one.writes_over(other),
            (other, Self::StandardOutput) => Self::StandardOutput.is_same_as(other),
        }
    }

    /// Whether a report there changes or removes a file.
    pub fn writes_over(&self, file: &Path) -> bool {
        match self {
            Self::StandardOutput => files::is_standard_output(file),
            Self::File(path) => files::is_same_place(path, file),
            // Files of earlier reports are replaced or removed in it.
            Self::Folder(path) => files::is_same_place(path, file) || files::folder_takes(path, file, is_asff_file),
        }
    }

    /// Whether a report there changes anything in a folder.
    pub fn is_below(&self, folder: &Path) -> bool {
        match self {
            Self::StandardOutput => false,
            Self::File(path) | Self::Folder(path) => files::is_below(path, folder),
        }
    }

    /// Whether a report could be written there, tried before a long run starts.
    pub fn probe(&self) -> Result<(), UnwritableReport> {
        match self {
            Self::StandardOutput => Ok(()),
            Self::File(path) => Ok(files::probe(path)?),
            Self::Folder(path) => Ok(files::probe_folder(path, is_asff_file)?),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StandardOutput => out.pad("standard output"),
            Self::File(path) | Self::Folder(path) => path.display().fmt(out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_goes_to_standard_output_or_to_a_file() {
        let wanted = |text: &str| ReportRequest::parse(text, &[Format::Text, Format::Json]);
        let file = Destination::File(PathBuf::from("a=b.json"));
        assert_eq!(wanted("json=a=b.json"), Ok(ReportRequest { format: Format::Json, destination: file }));
        for text in ["text", "text=-"] {
            let stdout = ReportRequest { format: Format::Text, destination: Destination::StandardOutput };
            assert_eq!(wanted(text), Ok(stdout));
        }
        assert_eq!(
            wanted("yaml=x"),
            Err(InvalidDestination::Format { word: "yaml".to_owned(), known: "text, json".to_owned() })
        );
        let asff = |text: &str| ReportRequest::parse(text, &[Format::Asff]).map(|wanted| wanted.destination);
        assert_eq!(asff("asff=out/"), Ok(Destination::Folder(PathBuf::from("out/"))));
        for text in ["asff", "asff=-", "asff="] {
            assert_eq!(asff(text), Err(InvalidDestination::NoFolder("asff".to_owned())));
        }
        assert_eq!(wanted("json="), Err(InvalidDestination::NoFile("json".to_owned())));
    }
}
