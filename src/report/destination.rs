//! Where reports go: `--report FORMAT[=FILE]`.

use std::fmt;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::folder::probe_folder;

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
pub struct Wanted {
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
#[error("the report cannot be written to {path}: {cause}")]
pub struct UnwritableReport {
    /// Where it should have gone.
    pub path: String,
    /// What the system says.
    pub cause: io::Error,
}

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

impl Wanted {
    /// The JSON report in a file.
    pub fn json_to(path: &Path) -> Self {
        Self { format: Format::Json, destination: Destination::File(path.to_owned()) }
    }

    /// Whether it goes to standard output, as opposed to a file or a folder.
    pub fn is_spoken(&self) -> bool {
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
            Some(path) => Destination::File(PathBuf::from(path)),
        };
        Ok(Self { format, destination })
    }
}

impl Destination {
    /// Whether a report there and one here would be one. Different spellings and links may name one file.
    pub fn is_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::StandardOutput, Self::StandardOutput) => true,
            (Self::File(one) | Self::Folder(one), Self::File(other) | Self::Folder(other)) => real(one) == real(other),
            (Self::StandardOutput, _) | (_, Self::StandardOutput) => false,
        }
    }

    /// Whether a report could be written there, tried before a long run starts: a file is made in its folder and removed.
    pub fn probe(&self) -> Result<(), UnwritableReport> {
        match self {
            Self::StandardOutput => Ok(()),
            Self::File(path) if path.is_dir() => {
                Err(unwritable(path, io::Error::new(io::ErrorKind::IsADirectory, "it is a folder")))
            }
            Self::File(path) if is_special(path) => Ok(()),
            Self::Folder(path) => probe_folder(path),
            Self::File(path) => tempfile::NamedTempFile::new_in(folder(&followed(path)))
                .map(drop)
                .map_err(|cause| unwritable(path, cause)),
        }
    }
}

/// Writes a file so that it appears whole or not at all: into a temporary file beside it, synced, then renamed.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), UnwritableReport> {
    draw_atomically(path, |out| out.write_all(bytes))
}

/// The same for what is drawn bit by bit: a report may be larger than all that it is drawn from.
pub(crate) fn draw_atomically(
    path: &Path,
    draw: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
) -> Result<(), UnwritableReport> {
    let attempt = || -> io::Result<()> {
        // A device or a named pipe is written to, never replaced by a file.
        if is_special(path) {
            let mut out = io::BufWriter::new(std::fs::OpenOptions::new().write(true).open(path)?);
            draw(&mut out)?;
            return out.flush();
        }
        let path = &followed(path);
        let mut builder = tempfile::Builder::new();
        // The mode of an ordinary file: others must be able to pick the report up. The umask still counts.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.prefix(".driftline-").tempfile_in(folder(path))?;
        let mut out = io::BufWriter::with_capacity(64 * 1024, file);
        draw(&mut out)?;
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        file.persist(path).map(drop).map_err(|error| error.error)
    };
    attempt().map_err(|cause| unwritable(path, cause))
}

fn is_special(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

/// Where a symbolic link leads, so that the link stays and what it names is replaced.
fn followed(path: &Path) -> PathBuf {
    if path.is_symlink() { path.canonicalize().unwrap_or_else(|_| path.to_owned()) } else { path.to_owned() }
}

/// The file itself, however it is spelt, also if it does not exist yet.
fn real(path: &Path) -> PathBuf {
    let path = followed(path);
    let folder = folder(&path).canonicalize().unwrap_or_else(|_| folder(&path).to_owned());
    path.file_name().map_or_else(|| folder.clone(), |name| folder.join(name))
}

/// The folder that a path lies in.
pub(super) fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

pub(super) fn unwritable(path: &Path, cause: io::Error) -> UnwritableReport {
    UnwritableReport { path: path.display().to_string(), cause }
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
        let wanted = |text: &str| Wanted::parse(text, &[Format::Text, Format::Json]);
        let file = Destination::File(PathBuf::from("a=b.json"));
        assert_eq!(wanted("json=a=b.json"), Ok(Wanted { format: Format::Json, destination: file }));
        for text in ["text", "text=-"] {
            let stdout = Wanted { format: Format::Text, destination: Destination::StandardOutput };
            assert_eq!(wanted(text), Ok(stdout));
        }
        assert_eq!(
            wanted("yaml=x"),
            Err(InvalidDestination::Format { word: "yaml".to_owned(), known: "text, json".to_owned() })
        );
        let asff = |text: &str| Wanted::parse(text, &[Format::Asff]).map(|wanted| wanted.destination);
        assert_eq!(asff("asff=out/"), Ok(Destination::Folder(PathBuf::from("out/"))));
        for text in ["asff", "asff=-", "asff="] {
            assert_eq!(asff(text), Err(InvalidDestination::NoFolder("asff".to_owned())));
        }
        assert_eq!(wanted("json="), Err(InvalidDestination::NoFile("json".to_owned())));
    }

    #[test]
    fn a_file_replaced_is_replaced_whole_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("report.json");
        for text in ["first, which is longer", "second"] {
            write_atomically(&path, text.as_bytes()).expect("it can be written");
            assert_eq!(std::fs::read_to_string(&path).expect("it can be read"), text);
        }
        assert_eq!(std::fs::read_dir(folder.path()).expect("it can be listed").count(), 1);
    }
}
