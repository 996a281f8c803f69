//! Reading of files in bounded time and memory.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::error::ReadError;
use super::gzip::{Content, decompress, starts_with_magic};
use super::path::{ResolvedPath, resolve};

/// Size limit of a saved report or snapshot, uncompressed: a report of 10,000 accounts in 22 Regions has 310 MB.
pub(crate) const SAVED_MOST: u64 = 2 * 1024 * 1024 * 1024;

/// Opens a regular file for reading. Pipes and devices, which may never end, are rejected.
pub(crate) fn open(path: &Path) -> Result<File, ReadError> {
    regular(path, false)
}

/// Opens a regular file for reading and appending.
pub(crate) fn reopen(path: &Path) -> Result<File, ReadError> {
    regular(path, true)
}

fn regular(path: &Path, writes: bool) -> Result<File, ReadError> {
    let (path, is_name) = match resolve(path)? {
        ResolvedPath::Name(name) => (name, true),
        // An open file may well be a regular one: `driftline report /dev/stdin < report.json`.
        ResolvedPath::Descriptor(_) | ResolvedPath::Foreign(_) => (path.to_owned(), false),
    };
    if !path.metadata()?.is_file() {
        return Err(ReadError::NotRegular);
    }
    let file = opened(&path, is_name, writes)?;
    // The file may have been replaced since.
    if !file.metadata()?.is_file() {
        return Err(ReadError::NotRegular);
    }
    Ok(file)
}

/// The content of a file, up to a limit.
pub(crate) fn read(path: &Path, most: u64) -> Result<Vec<u8>, ReadError> {
    limited(open(path)?, most)
}

/// Whether a file starts like a gzip file. A file that cannot be read does not.
pub(crate) fn is_gzip(path: &Path) -> bool {
    open(path).is_ok_and(|mut file| starts_with_magic(&mut file).unwrap_or_default())
}

/// The content of a saved JSON document, up to a limit. A compressed one is recognized by its first bytes, and the limit applies to its
/// uncompressed bytes.
pub(crate) fn read_saved(path: &Path, most: u64) -> Result<Vec<u8>, ReadError> {
    match read_saved_beginning(path, most)? {
        (bytes, None) => Ok(bytes),
        (_, Some(damage)) => Err(damage),
    }
}

/// The same, but for a damaged compressed document its beginning and the damage.
pub(crate) fn read_saved_beginning(path: &Path, most: u64) -> Result<(Vec<u8>, Option<ReadError>), ReadError> {
    let mut file = open(path)?;
    match decompress(&mut file, most)? {
        Some(Content { bytes, damage }) => Ok((bytes, damage)),
        None => Ok((limited(file, most)?, None)),
    }
}

/// The text of a saved JSON document, compressed or not, up to a limit and without a byte order mark.
pub(crate) fn read_saved_text(path: &Path, most: u64) -> Result<String, ReadError> {
    text(read_saved(path, most)?)
}

/// The content of a regular file that other AWS tools read too, wherever its links lead.
pub(crate) fn read_shared(path: &Path, most: u64) -> Result<Vec<u8>, ReadError> {
    if !path.metadata()?.is_file() {
        return Err(ReadError::NotRegular);
    }
    let file = opened(path, false, false)?;
    // The file may have been replaced since.
    if !file.metadata()?.is_file() {
        return Err(ReadError::NotRegular);
    }
    limited(file, most)
}

fn limited(file: File, most: u64) -> Result<Vec<u8>, ReadError> {
    let size = file.metadata()?.len();
    if size > most {
        return Err(ReadError::TooLarge(most));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    // The limit applies to what is read, not to the size that the file system reports: a file can grow, and some have
    // no size.
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(ReadError::TooLarge(most));
    }
    Ok(bytes)
}

/// The text of a file that other AWS tools read too, of any kind: `AWS_CONFIG_FILE=/dev/null` is common. A device
/// without end ends at the limit.
pub(crate) fn read_shared_text(path: &Path, most: u64) -> Result<String, ReadError> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(ReadError::TooLarge(most));
    }
    text(bytes)
}

/// The text of a file, up to a limit, without a byte order mark.
pub(crate) fn read_text(path: &Path, most: u64) -> Result<String, ReadError> {
    text(read(path, most)?)
}

fn text(bytes: Vec<u8>) -> Result<String, ReadError> {
    let text = String::from_utf8(bytes);
    text.map(strip_byte_order_mark).map_err(|error| ReadError::NotUtf8(error.utf8_error().valid_up_to()))
}

#[cfg(unix)]
fn opened(path: &Path, is_name: bool, writes: bool) -> std::io::Result<File> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt as _;
    // A pipe that has replaced the file meanwhile must not block, and a link must not lead elsewhere.
    let nofollow = if is_name { OFlags::NOFOLLOW } else { OFlags::empty() };
    let flags = i32::try_from((OFlags::NONBLOCK | nofollow).bits()).unwrap_or_default();
    std::fs::OpenOptions::new().read(true).write(writes).custom_flags(flags).open(path)
}

#[cfg(not(unix))]
fn opened(path: &Path, _: bool, writes: bool) -> std::io::Result<File> {
    std::fs::OpenOptions::new().read(true).write(writes).open(path)
}

/// The text without a byte order mark, which some editors and shells write.
pub(crate) fn strip_byte_order_mark(text: String) -> String {
    if let Some(rest) = text.strip_prefix('\u{feff}') { rest.to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_limit_and_without_its_mark() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.json");
        std::fs::write(&path, "\u{feff}{}").expect("a file");
        assert_eq!(read_text(&path, 5).expect("it can be read"), "{}");
        assert!(matches!(read_text(&path, 4), Err(ReadError::TooLarge(4))));
        std::fs::write(&path, b"{\xff}").expect("a file");
        assert!(matches!(read_text(&path, 9), Err(ReadError::NotUtf8(1))));
        assert!(matches!(read(folder.path(), 9), Err(ReadError::NotRegular)));
        assert!(read(&folder.path().join("none"), 9).is_err_and(|error| error.is_missing()));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_has_no_end_is_not_read() {
        assert!(matches!(read(Path::new("/dev/zero"), 9), Err(ReadError::NotRegular)));
        // A regular file that reports no size.
        assert!(matches!(read(Path::new("/proc/self/mountinfo"), 9), Err(ReadError::TooLarge(9))));
    }

    #[test]
    fn one_mark_is_taken_away_and_only_at_the_beginning() {
        assert_eq!(strip_byte_order_mark("\u{feff}{}".to_owned()), "{}");
        assert_eq!(strip_byte_order_mark("{\u{feff}}".to_owned()), "{\u{feff}}");
    }
}
