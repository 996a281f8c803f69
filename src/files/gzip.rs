//! Gzip of saved JSON documents: written where the name of the file asks for it, recognized by the first bytes.

use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom, Write};
use std::path::Path;

use flate2::bufread::GzDecoder;
use flate2::{Compression, GzBuilder};

use super::error::ReadError;

/// First bytes of a gzip file.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

const BUFFER: usize = 64 * 1024;

/// Limit of members. An empty member adds nothing to the uncompressed size, but takes time. bgzip writes one for 64 KiB.
const MOST_MEMBERS: usize = 8192;

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

/// Decompresses a gzip file of one or several members, up to a limit, which applies to the compressed bytes too; `None` for another
/// file. The position of the file is then at its start.
pub(super) fn decompress(file: &mut (impl Read + Seek), most: u64) -> Result<Option<Content>, ReadError> {
    if !starts_with_magic(file)? {
        return Ok(None);
    }
    if file.seek(SeekFrom::End(0))? > most {
        return Err(ReadError::TooLarge(most));
    }
    file.seek(SeekFrom::Start(0))?;
    // The first pass keeps nothing: what is too large takes no memory, and the rest takes no more than its size.
    let mut counted = Count::default();
    let mut members = Members::new(file, most);
    let copied = io::copy(&mut Read::take(&mut members, most.saturating_add(1)), &mut counted);
    if members.count > MOST_MEMBERS {
        return Err(ReadError::TooManyMembers(MOST_MEMBERS));
    }
    if counted.0 > most {
        return Err(ReadError::TooLargeUncompressed(most));
    }
    file.seek(SeekFrom::Start(0))?;
    let mut bytes = Vec::with_capacity(usize::try_from(counted.0).unwrap_or_default());
    let read = Members::new(file, most).take(counted.0).read_to_end(&mut bytes);
    // The file may have changed between the passes.
    let damage = copied.err().or(read.err()).map(damaged);
    Ok(Some(Content { bytes, damage }))
}

/// Uncompressed content of the members of a gzip file. As for `gzip`, NULs may follow the last one: tapes and block devices pad files.
struct Members<R> {
    /// The current member; none at the end.
    member: Option<GzDecoder<R>>,
    /// Number of members so far, the current one included. One above the limit is not read.
    count: usize,
}

impl<'a, R: Read> Members<BufReader<io::Take<&'a mut R>>> {
    /// The members of a file, which may have grown since its size was checked.
    fn new(file: &'a mut R, most: u64) -> Self {
        let file = BufReader::with_capacity(BUFFER, Read::take(file, most));
        Self { member: Some(GzDecoder::new(file)), count: 1 }
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let read = member.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let Some(mut rest) = self.member.take().map(GzDecoder::into_inner) else { break };
            if is_at_end(&mut rest)? {
                break;
            }
            self.count += 1;
            if self.count <= MOST_MEMBERS {
                self.member = Some(GzDecoder::new(rest));
            }
        }
        Ok(0)
    }
}

/// Whether nothing follows a member but NULs.
///
/// # Errors
///
/// If something else follows the NULs.
fn is_at_end(file: &mut impl BufRead) -> io::Result<bool> {
    let mut has_padding = false;
    loop {
        let ahead = file.fill_buf()?;
        match ahead.iter().find(|byte| **byte != 0) {
            None if ahead.is_empty() => return Ok(true),
            Some(_) if has_padding || ahead.first() == Some(&0) => return Err(io::ErrorKind::InvalidData.into()),
            Some(_) => return Ok(false),
            None => {}
        }
        has_padding = true;
        let length = ahead.len();
        file.consume(length);
    }
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
        let (one, other) = ([b' '; 100], [b'1'; 100]);
        let members = [compressed(&one), compressed(&other)].concat();
        let whole = decompressed(&members, 200).expect("it can be read").expect("gzip");
        assert_eq!((whole.bytes, whole.damage.is_none()), ([one, other].concat(), true));
        assert!(matches!(decompressed(&members, 199), Err(ReadError::TooLargeUncompressed(199))));
        assert!(matches!(decompressed(b"{}", 9), Ok(None)));
        assert!(matches!(decompressed(b"\x1f", 9), Ok(None)));
    }

    #[test]
    fn members_without_content_end_at_a_limit() {
        let members = compressed(b"").repeat(MOST_MEMBERS - 1);
        let full = [members.as_slice(), &compressed(b"{}")].concat();
        let whole = decompressed(&full, 1 << 20).expect("it can be read").expect("gzip");
        assert_eq!((whole.bytes.as_slice(), whole.damage.is_none()), (&b"{}"[..], true));
        let more = [full.as_slice(), &compressed(b"")].concat();
        assert!(matches!(decompressed(&more, 1 << 20), Err(ReadError::TooManyMembers(MOST_MEMBERS))));
        assert!(matches!(decompressed(&members, 1000), Err(ReadError::TooLarge(1000))), "compressed bytes");
    }

    #[test]
    fn only_nuls_may_follow_the_last_member() {
        let whole = compressed(b"{}");
        let padded = |length: usize, end: &[u8]| {
            let bytes = [whole.as_slice(), &vec![0; length], end].concat();
            decompressed(&bytes, 1 << 20).expect("it can be read").expect("gzip")
        };
        for length in [1, 2, 512, BUFFER - whole.len(), 3 * BUFFER] {
            let content = padded(length, b"");
            assert_eq!((content.bytes.as_slice(), content.damage.is_none()), (&b"{}"[..], true), "{length}");
            for end in [b"x".as_slice(), &whole] {
                let content = padded(length, end);
                assert!(matches!(content.damage, Some(ReadError::CorruptGzip)), "{length}: {:?}", content.damage);
            }
        }
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
