//! Reading and parsing of a file that the user named, in bounded time and memory.

use std::io::ErrorKind;
use std::path::Path;

use super::{Node, Value, json, toml, yaml};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, SourceId, Sources, Span};
use crate::files::{self, PathError, ReadError};

/// Size limit of a policy file, in bytes: room for some 200,000 account ids.
pub const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// Size limit of a kind of file.
#[derive(Debug)]
pub struct Limit {
    /// The limit in bytes.
    pub bytes: u64,
    /// Name of the kind in messages, with its article: "a policy file".
    pub whose: &'static str,
    /// The fix for a larger file.
    pub help: &'static str,
    /// Whether it may be compressed with gzip. The limit applies to the uncompressed bytes.
    pub may_be_gzip: bool,
}

const POLICY: Limit = Limit {
    bytes: MAX_BYTES,
    whose: "a policy file",
    help: "split it into several files in one folder",
    may_be_gzip: false,
};

/// Reads a policy or settings file into the sources, or reports why it cannot be used.
pub fn read(path: &Path, shown: &str, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Option<SourceId> {
    read_within(&POLICY, path, shown, sources, diagnostics)
}

/// Reads a file of another kind in the same way.
pub fn read_within(
    limit: &Limit,
    path: &Path,
    shown: &str,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Option<SourceId> {
    match read_bytes(limit, path, shown) {
        Ok(bytes) if files::leads_outside(path) => {
            add(bytes, shown, diagnostics, |text| sources.add_hidden(shown.to_owned(), text))
        }
        Ok(bytes) => accept(bytes, shown, sources, diagnostics),
        Err(diagnostic) => {
            diagnostics.push(*diagnostic);
            None
        }
    }
}

/// Adds content of another kind from anywhere to the sources, uncompressed, or reports why it cannot be used.
pub fn accept_within(
    limit: &Limit,
    bytes: Vec<u8>,
    shown: &str,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Option<SourceId> {
    match if limit.may_be_gzip { files::uncompressed(bytes, limit.bytes) } else { Ok(bytes) } {
        Ok(bytes) => accept(bytes, shown, sources, diagnostics),
        Err(error) => {
            diagnostics.push(unreadable(&error, limit, shown));
            None
        }
    }
}

/// Adds content from anywhere to the sources, or reports that it is not text.
pub fn accept(bytes: Vec<u8>, shown: &str, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Option<SourceId> {
    add(bytes, shown, diagnostics, |text| sources.add(shown.to_owned(), text))
}

fn add(
    bytes: Vec<u8>,
    shown: &str,
    diagnostics: &mut Diagnostics,
    add: impl FnOnce(String) -> SourceId,
) -> Option<SourceId> {
    match String::from_utf8(bytes) {
        Ok(text) => Some(add(files::strip_byte_order_mark(text))),
        Err(error) => {
            let valid_up_to = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let source = add(text);
            diagnostics.push(
                Diagnostic::error(Code::NotUtf8, format!("{shown} is not UTF-8 text"))
                    .label(
                        Span::new(source, valid_up_to, valid_up_to + char::REPLACEMENT_CHARACTER.len_utf8()),
                        "the first byte that is not UTF-8",
                    )
                    .help("save the file as UTF-8"),
            );
            None
        }
    }
}

/// Error for a policy file beyond the size limit.
pub fn too_large(shown: &str) -> Diagnostic {
    larger_than(&POLICY, shown)
}

fn larger_than(limit: &Limit, shown: &str) -> Diagnostic {
    Diagnostic::error(
        Code::FileTooLarge,
        format!("{shown} is larger than {} MiB, the limit for {}", limit.bytes / 1024 / 1024, limit.whose),
    )
    .help(limit.help)
}

fn read_bytes(limit: &Limit, path: &Path, shown: &str) -> Result<Vec<u8>, Box<Diagnostic>> {
    let read = if limit.may_be_gzip { files::read_saved } else { files::read };
    read(path, limit.bytes).map_err(|error| {
        Box::new(match &error {
            ReadError::Path(PathError::System(cause)) if cause.kind() == ErrorKind::NotFound && path.is_symlink() => {
                leads_nowhere(path, shown)
            }
            error => unreadable(error, limit, shown),
        })
    })
}

/// Error for a dangling symbolic link.
pub fn leads_nowhere(path: &Path, shown: &str) -> Diagnostic {
    let target = path.read_link().map_or_else(|_| String::new(), |target| format!(" to {}", target.display()));
    Diagnostic::error(Code::FileNotFound, format!("{shown} is a broken symbolic link{target}"))
        .help("create its target, or remove the link")
}

fn unreadable(error: &ReadError, limit: &Limit, shown: &str) -> Diagnostic {
    let unreadable = |what: String| Diagnostic::error(Code::UnreadableFile, what);
    match error {
        ReadError::TooLarge(_) | ReadError::TooLargeUncompressed(_) => larger_than(limit, shown),
        ReadError::NotRegular => {
            unreadable(format!("{shown} is not a regular file")).help("name a file, or a folder of files")
        }
        ReadError::Path(PathError::System(cause)) if cause.kind() == ErrorKind::NotFound => {
            Diagnostic::error(Code::FileNotFound, format!("no such file: {shown}"))
                .help("check the path; relative paths start at the working directory")
        }
        ReadError::Path(PathError::System(cause)) if cause.kind() == ErrorKind::PermissionDenied => unreadable(
            format!("{shown} cannot be read: permission denied"),
        )
        .help("grant read access to the user that runs driftline; without the file, its targets would not be checked"),
        ReadError::Path(PathError::System(_)) => unreadable(format!("{shown} cannot be read: {error}"))
            .help("make it readable; without it, its targets would not be checked"),
        ReadError::Path(PathError::PlantedLink { .. })
        | ReadError::NotUtf8(_)
        | ReadError::TruncatedGzip
        | ReadError::TooManyMembers(_)
        | ReadError::CorruptGzip => unreadable(format!("{shown} cannot be read: {error}")).help(error.help()),
    }
}

/// Syntax of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// YAML 1.2.
    Yaml,
    /// TOML 1.1.
    Toml,
    /// JSON, RFC 8259.
    Json,
}

impl Syntax {
    /// The syntax by file extension, ignoring case.
    pub fn from_path(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "yaml" | "yml" => Some(Self::Yaml),
            "toml" => Some(Self::Toml),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// Parses a file into a tree, or reports why it is not one.
pub fn parse(language: Syntax, source: SourceId, sources: &Sources, diagnostics: &mut Diagnostics) -> Option<Node> {
    let text = sources.get(source).text();
    let mut root = match language {
        Syntax::Yaml => yaml::parse(source, text, diagnostics),
        Syntax::Toml => toml::parse(source, text, diagnostics),
        Syntax::Json => json::parse(source, text, diagnostics),
    }?;
    if root.value == Value::Null {
        // An empty file lacks every key, in each syntax alike.
        root.value = Value::Table(Vec::new());
    }
    Some(root)
}
