//! Gzip of saved JSON documents: written where the name of the file asks for it, recognized by the first bytes.

use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom, Write};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use flate2::{Compression, GzBuilder};

use super::error::ReadError;

/// First bytes of a gzip file.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

const BUFFER: usize = 64 * 1024;

/// Whether the extension of a path asks for gzip, ignoring case.
pub(crate) fn has_gzip_extension(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"))
}

/// Writes a document compressed. The header has neither a name nor a time, so that equal documents make equal files.
pub(super) fn compress(out: &mut dyn Write, draw: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let encoder = GzBuilder::new().write(out, Compression::default());
    // A serializer writes a few bytes at a time, and each call of the encoder has a cost.
    let mut buffer = io::BufWriter::with_capacity(BUFFER, encoder);
    draw(&mut buffer)?;
    let encoder = buffer.into_inner().map_err(io::IntoInnerError::into_error)?;
    encoder.finish().map(drop)
}

/// Content of a file that may be compressed.
#[derive(Debug)]
pub(super) struct Content {
    /// The content, or the part before the error.
    pub(super) bytes: Vec<u8>,
    /// The error that ends the content.
    pub(super) damage: Option<ReadError>,
}

/// Content without the compression that it may have, up to a limit for its uncompressed bytes.
pub(crate) fn uncompressed(bytes: Vec<u8>, most: u64) -> Result<Vec<u8>, ReadError> {
    let mut compressed = Cursor::new(bytes);
    match decompress(&mut compressed, most)? {
        Some(Content { bytes, damage: None }) => Ok(bytes),
        Some(Content { damage: Some(damage), .. }) => Err(damage),
        None => Ok(compressed.into_inner()),
    }
}

/// Decompresses a gzip file of one or several members, up to a limit; `None` for another file. The position of the file is then at its
/// start.
pub(super) fn decompress(file: &mut (impl Read + Seek), most: u64) -> Result<Option<Content>, ReadError> {
    if !starts_with_magic(file)? {
        return Ok(None);
    }
    // The first pass keeps nothing: what is too large takes no memory, and the rest takes no more than its size.
    let mut counted = Count::default();
    let damage = match io::copy(&mut decoder(file).take(most.saturating_add(1)), &mut counted) {
        Ok(_) if counted.0 > most => return Err(ReadError::TooLargeUncompressed(most)),
        Ok(_) => None,
        Err(cause) => Some(cause),
    };
    file.seek(SeekFrom::Start(0))?;
    let mut bytes = Vec::with_capacity(usize::try_from(counted.0).unwrap_or_default());
    let read = decoder(file).take(counted.0).read_to_end(&mut bytes);
    // The file may have changed between the passes.
    let damage = damage.or(read.err()).map(damaged);
    Ok(Some(Content { bytes, damage }))
}

fn decoder(file: &mut impl Read) -> impl Read {
    MultiGzDecoder::new(BufReader::with_capacity(BUFFER, file))
}

fn damaged(cause: io::Error) -> ReadError {
    match cause.kind() {
        io::ErrorKind::UnexpectedEof => ReadError::TruncatedGzip,
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => ReadError::CorruptGzip,
        _ => cause.into(),
    }
}

/// Whether a file starts like a gzip file. Its position stays at the start.
pub(super) fn starts_with_magic(file: &mut (impl Read + Seek)) -> io::Result<bool> {
    let mut start = Vec::new();
    Read::take(&mut *file, MAGIC.len() as u64).read_to_end(&mut start)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(start == MAGIC)
}

/// Number of bytes written to it.
#[derive(Debug, Default)]
struct Count(u64);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compressed(text: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        compress(&mut bytes, |out| out.write_all(text)).expect("it can be compressed");
        bytes
    }

    fn decompressed(bytes: &[u8], most: u64) -> Result<Option<Content>, ReadError> {
        decompress(&mut Cursor::new(bytes), most)
    }

    #[test]
    fn the_header_has_neither_a_name_nor_a_time() {
        let bytes = compressed(b"{}\n");
        assert_eq!(bytes.get(..4), Some(&[0x1f, 0x8b, 8, 0][..]), "no flags: no name, no comment");
        assert_eq!(bytes.get(4..8), Some(&[0; 4][..]), "no time");
    }

    #[test]
    fn each_member_is_read_up_to_the_limit() {
        let members = [compressed(b"{\"a\":"), compressed(b"1}")].concat();
        let whole = decompressed(&members, 7).expect("it can be read").expect("gzip");
        assert_eq!((whole.bytes.as_slice(), whole.damage.is_none()), (&b"{\"a\":1}"[..], true));
        assert!(matches!(decompressed(&members, 6), Err(ReadError::TooLargeUncompressed(6))));
        assert!(matches!(decompressed(b"{}", 9), Ok(None)));
        assert!(matches!(decompressed(b"\x1f", 9), Ok(None)));
    }

    #[test]
    fn what_precedes_the_damage_is_kept() {
        let numbers = (0..2000).map(|number: u32| number.wrapping_mul(2_654_435_761).to_string());
        let text = numbers.collect::<Vec<_>>().join("\n");
        let whole = compressed(text.as_bytes());
        for length in (2..whole.len()).step_by(211).chain([whole.len() - 8, whole.len() - 1]) {
            let content = decompressed(&whole[..length], 1 << 20).expect("it can be read").expect("gzip");
            assert!(matches!(content.damage, Some(ReadError::TruncatedGzip)), "{length}: {:?}", content.damage);
            assert!(text.as_bytes().starts_with(&content.bytes), "{length}");
        }
        let half = decompressed(&whole[..whole.len() / 2], 1 << 20).expect("it can be read").expect("gzip");
        assert!(half.bytes.len() > text.len() / 3, "{}", half.bytes.len());
        let mut corrupt = whole.clone();
        let checksum = corrupt.len() - 8;
        corrupt[checksum] ^= 1;
        let content = decompressed(&corrupt, 1 << 20).expect("it can be read").expect("gzip");
        assert!(matches!(content.damage, Some(ReadError::CorruptGzip)), "{:?}", content.damage);
        let rubbish = [whole.as_slice(), b"rubbish after the end"].concat();
        let content = decompressed(&rubbish, 1 << 20).expect("it can be read").expect("gzip");
        assert!(matches!(content.damage, Some(ReadError::CorruptGzip)), "{:?}", content.damage);
    }

    #[test]
    fn only_the_extension_decides_what_is_written() {
        for name in ["report.json.gz", "a.GZ", "folder.gz/"] {
            assert!(has_gzip_extension(Path::new(name)), "{name}");
        }
        for name in ["report.json", "gz", ".gz", "a.gz.json", "a.tgz"] {
            assert!(!has_gzip_extension(Path::new(name)), "{name}");
        }
    }
}
