//! Requested reports: `--report FORMAT[=FILE]`.

use std::path::{Path, PathBuf};

use super::destination::Destination;
use super::format::Format;
use crate::files::has_gzip_extension;

/// A requested report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRequest {
    /// Its format.
    pub format: Format,
    /// Where it goes.
    pub destination: Destination,
}

/// Why the value of a `--report` is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDestination {
    /// An unknown format.
    #[error("\"{word}\" is not a report format of this command; there are: {known}")]
    Format {
        /// The word.
        word: String,
        /// The known formats.
        known: String,
    },
    /// `FORMAT=` without a file.
    #[error("\"{0}=\" names no file; write {0}=FILE, or {0} alone for standard output")]
    NoFile(String),
    /// A `.gz` file of a format that is not compressed.
    #[error(
        "{0} is not written compressed, only json and jsonl are; name a file without .gz, and compress it afterwards"
    )]
    Compressed(String),
    /// A format of many files for anything but a folder.
    #[error("{0} is many files, which cannot go to standard output; write {0}=FOLDER")]
    NoFolder(String),
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
            None | Some("-") => Destination::StandardOutput,
            Some("") => return Err(InvalidDestination::NoFile(word.to_owned())),
            Some(path) if !format.may_be_gzip() && has_gzip_extension(Path::new(path)) => {
                return Err(InvalidDestination::Compressed(word.to_owned()));
            }
            Some(path) => match format.folder() {
                Some(folder) => Destination::Folder(PathBuf::from(path), folder),
                None => Destination::named(Path::new(path)),
            },
        };
        Ok(Self { format, destination })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::destination::FolderFormat;

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
        assert_eq!(asff("asff=out/"), Ok(Destination::Folder(PathBuf::from("out/"), FolderFormat::Asff)));
        for text in ["asff", "asff=-", "asff="] {
            assert_eq!(asff(text), Err(InvalidDestination::NoFolder("asff".to_owned())));
        }
        for text in ["text=a.gz", "text=a.json.GZ"] {
            assert_eq!(wanted(text), Err(InvalidDestination::Compressed("text".to_owned())));
        }
        assert!(wanted("json=a.gz").is_ok());
        assert_eq!(asff("asff=out.gz/"), Err(InvalidDestination::Compressed("asff".to_owned())));
        assert_eq!(wanted("json="), Err(InvalidDestination::NoFile("json".to_owned())));
    }
}
