//! Writing of files: in place, as a replacement, or as a new file.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use super::error::{WriteError, WriteErrorKind};
use super::gzip::{compress, has_gzip_extension};
use super::ownership::NewFile;
use super::path::{ResolvedPath, real, resolve};
use super::replace::Existing;
use super::replace::{Durability, Replacement};
use super::stream::OpenStream;
use super::stream::stream_into;

/// Kinds of output that a path may name.
#[derive(Debug)]
enum Output {
    Stream(OpenStream),
    File(Replacement),
}

impl Output {
    /// Resolves a path and rejects what cannot be written.
    fn find(path: &Path) -> Result<Self, WriteErrorKind> {
        let name = match resolve(path)? {
            ResolvedPath::Descriptor(number) => return Ok(Self::Stream(OpenStream::Descriptor(number))),
            ResolvedPath::Foreign(open) => return Ok(Self::Stream(OpenStream::Foreign(open))),
            ResolvedPath::Name(name) => name,
        };
        let there = match name.symlink_metadata() {
            Ok(metadata) => Some(metadata),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => None,
            Err(cause) => return Err(cause.into()),
        };
        match &there {
            Some(metadata) if metadata.is_dir() => Err(WriteErrorKind::Folder),
            _ if ends_in_a_slash(path) => Err(WriteErrorKind::TrailingSlash),
            Some(metadata) if is_stream(metadata) => Ok(Self::Stream(OpenStream::Device(name))),
            Some(metadata) if !metadata.is_file() => Err(WriteErrorKind::Unsuitable),
            _ => match there.as_ref().and_then(stream_into) {
                Some(number) => Ok(Self::Stream(OpenStream::Descriptor(number))),
                None => Ok(Self::File(Replacement::at(name, there)?)),
            },
        }
    }

    fn new_file(path: &Path) -> Result<Replacement, WriteErrorKind> {
        match Self::find(path)? {
            Self::File(file) => file.none_yet(),
            Self::Stream(_) => Err(WriteErrorKind::Exists),
        }
    }
}

/// Checks before a long run that a file can be written. Nothing changes.
pub(crate) fn probe(path: &Path) -> Result<(), WriteError> {
    let attempt = || match Output::find(path)? {
        Output::Stream(stream) => stream.probe(),
        Output::File(file) => file.probe(),
    };
    attempt().map_err(|error| WriteError::new(path, error))
}

/// Checks that a file can be created that must not exist yet.
pub(crate) fn probe_new(path: &Path) -> Result<(), WriteError> {
    Output::new_file(path).and_then(|file| file.probe()).map_err(|error| WriteError::new(path, error))
}

/// Writes a file atomically, compressed if its name ends in `.gz`; anything but a regular file is written to in place. The content is
/// rendered piece by piece, since a report may be larger than its data.
pub(crate) fn write_saved(
    path: &Path,
    new: NewFile,
    draw: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), WriteError> {
    write_with(
        path,
        new,
        Durability::Synced,
        |out| {
            if has_gzip_extension(path) { compress(out, draw) } else { draw(out) }
        },
    )
}

/// Writes one of very many files, without waiting for the disk. A file that a power failure cuts off is not JSON, and
/// the report can be written again.
pub(super) fn write_one_of_many(path: &Path, new: NewFile, bytes: &[u8]) -> Result<(), WriteError> {
    write_with(path, new, Durability::Unsynced, |out| out.write_all(bytes))
}

fn write_with(
    path: &Path,
    new: NewFile,
    durability: Durability,
    draw: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), WriteError> {
    let attempt = || match Output::find(path)? {
        Output::Stream(stream) => stream.write(draw),
        Output::File(file) => Ok(file.write(new, Existing::Replace, durability, draw)?),
    };
    attempt().map_err(|error| WriteError::new(path, error))
}

/// Creates a file that must not exist yet, atomically.
pub(crate) fn create(path: &Path, new: NewFile, bytes: &[u8]) -> Result<(), WriteError> {
    let attempt = || -> Result<(), WriteErrorKind> {
        let file = Output::new_file(path)?;
        Ok(file.write(new, Existing::Keep, Durability::Synced, |out| out.write_all(bytes))?)
    };
    attempt().map_err(|error| WriteError::new(path, error))
}

/// Creates a file that must not exist yet, for appending.
pub(crate) fn new_file(path: &Path, new: NewFile) -> Result<File, WriteError> {
    let attempt = || -> Result<File, WriteErrorKind> {
        let file = Output::new_file(path)?;
        let mut options = OpenOptions::new();
        options.append(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, new.mode());
        #[cfg(not(unix))]
        let _ = new;
        options.open(file.path()).map_err(|cause| match cause.kind() {
            io::ErrorKind::AlreadyExists => WriteErrorKind::Exists,
            _ => cause.into(),
        })
    };
    attempt().map_err(|error| WriteError::new(path, error))
}

/// Appends to a file, or creates it. The content is rendered with the size of the file, 0 where that is unknown, and
/// written at once.
pub(crate) fn append(path: &Path, draw: impl FnOnce(u64, &mut dyn Write) -> io::Result<()>) -> Result<(), WriteError> {
    let attempt = || -> Result<(), WriteErrorKind> {
        let mut file = match Output::find(path)? {
            Output::Stream(stream) => stream.file()?,
            Output::File(file) => OpenOptions::new().append(true).create(true).open(file.path())?,
        };
        let metadata = file.metadata()?;
        let mut bytes = Vec::new();
        draw(if metadata.is_file() { metadata.len() } else { 0 }, &mut bytes)?;
        match file.write_all(&bytes) {
            // A reader that closes its pipe has had enough.
            Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => Err(cause.into()),
            _ => Ok(()),
        }
    };
    attempt().map_err(|error| WriteError::new(path, error))
}

/// Checks before a long run that a file can be appended to. Nothing changes.
pub(crate) fn probe_append(path: &Path) -> Result<(), WriteError> {
    let attempt = || -> Result<(), WriteErrorKind> {
        match Output::find(path)? {
            Output::Stream(stream) => stream.probe(),
            Output::File(file) if file.path().exists() => {
                Ok(OpenOptions::new().append(true).open(file.path()).map(drop)?)
            }
            Output::File(file) => file.probe(),
        }
    };
    attempt().map_err(|error| WriteError::new(path, error))
}

/// Syncs the folder of a new file: the name is durable only then.
#[cfg(unix)]
pub(crate) fn sync_name(path: &Path) -> io::Result<()> {
    let path = real(path);
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(not(unix))]
pub(crate) fn sync_name(_: &Path) -> io::Result<()> {
    Ok(())
}

fn ends_in_a_slash(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().last().is_some_and(|last| std::path::is_separator(char::from(*last)))
}

#[cfg(unix)]
fn is_stream(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    let kind = metadata.file_type();
    kind.is_fifo() || kind.is_char_device() || kind.is_block_device()
}

#[cfg(not(unix))]
fn is_stream(_: &std::fs::Metadata) -> bool {
    false
}
