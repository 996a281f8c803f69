//! Errors of reading and writing files.

use std::io;
use std::path::{Path, PathBuf};

/// A path that leads nowhere usable.
#[derive(Debug, thiserror::Error)]
pub enum PathError {
    /// A symbolic link of another user in a folder that others may write to.
    #[error("{}", planted(link, *owner))]
    PlantedLink {
        /// The link.
        link: PathBuf,
        /// The user id of its owner.
        owner: u32,
    },
    /// An error of the operating system.
    #[error(transparent)]
    System(#[from] io::Error),
}

/// A file that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A device, a pipe or a folder.
    #[error("it is not a regular file")]
    NotRegular,
    /// More bytes than the limit.
    #[error("it is larger than {} MiB, the limit for such a file", .0 / 1024 / 1024)]
    TooLarge(u64),
    /// A compressed file with more uncompressed bytes than the limit.
    #[error("it is larger than {} MiB when uncompressed, the limit for such a file", .0 / 1024 / 1024)]
    TooLargeUncompressed(u64),
    /// A compressed file of more members than the limit.
    #[error("it is a gzip file of more than {0} members, the limit for such a file")]
    TooManyMembers(usize),
    /// A compressed file that ends too early.
    #[error("it is a gzip file that is truncated")]
    TruncatedGzip,
    /// A compressed file that cannot be decompressed to its end.
    #[error("it is a gzip file that is corrupt")]
    CorruptGzip,
    /// Not UTF-8; the offset of the first invalid byte.
    #[error("it is not UTF-8 text (first invalid byte at offset {0})")]
    NotUtf8(usize),
    /// A path that leads nowhere usable.
    #[error(transparent)]
    Path(#[from] PathError),
}

/// A file that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("{path} cannot be written: {cause}")]
pub struct WriteError {
    /// The file.
    pub path: String,
    /// The cause.
    pub cause: WriteErrorKind,
}

/// The cause of a failed write.
#[derive(Debug, thiserror::Error)]
pub enum WriteErrorKind {
    /// A folder has that name.
    #[error("it is a folder")]
    Folder,
    /// The name ends in a slash.
    #[error("the name ends in a slash, like that of a folder")]
    TrailingSlash,
    /// A file has the name of the folder.
    #[error("it is not a folder")]
    NotFolder,
    /// Neither file, device nor pipe, such as a socket.
    #[error("it is not a file, a device or a pipe")]
    Unsuitable,
    /// Not a regular file.
    #[error("it is not a regular file")]
    NotRegular,
    /// A file of another origin has the name of one that is written again by each run.
    #[error("driftline did not write it")]
    NotOurs,
    /// The file exists and must not be replaced.
    #[error("it already exists")]
    Exists,
    /// The name asks for a compression that the file does not get.
    #[error("such a file is not written compressed")]
    NotCompressed,
    /// A descriptor that is not open for writing.
    #[error("descriptor {0} is not open for writing")]
    Closed(u32),
    /// A mount point, which no other file can replace.
    #[error("it is a mount point, and a mounted file cannot be replaced")]
    Mounted,
    /// A file of another user in a folder with the sticky bit.
    #[error("it belongs to another user (id {0}), in a folder with the sticky bit")]
    ForeignOwner(u32),
    /// A file or folder with the immutable or append-only attribute.
    #[error("{} has the immutable or append-only attribute (chattr)", .0.display())]
    Immutable(PathBuf),
    /// A path that leads nowhere usable.
    #[error(transparent)]
    Path(#[from] PathError),
}

impl WriteError {
    pub(super) fn new(path: &Path, cause: impl Into<WriteErrorKind>) -> Self {
        Self { path: path.display().to_string(), cause: cause.into() }
    }

    /// The fix.
    pub fn help(&self) -> &'static str {
        self.cause.help()
    }
}

impl ReadError {
    /// Whether the file does not exist.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Path(PathError::System(cause)) if matches!(cause.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory))
    }

    /// The fix.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NotRegular => "save its output to a file, and name that file",
            Self::TooLarge(_) | Self::TooLargeUncompressed(_) => "check the path; no such file needs to be that large",
            Self::TooManyMembers(_) => "check the path; or compress the file again as one: gzip -cd FILE | gzip > NEW",
            Self::TruncatedGzip | Self::CorruptGzip => "copy the file again, or write it again; gzip -t FILE tests it",
            Self::NotUtf8(_) => "save the file as UTF-8",
            Self::Path(PathError::PlantedLink { .. }) => LINK_HELP,
            Self::Path(PathError::System(_)) => "check the path, and whether this user may read it",
        }
    }
}

impl WriteErrorKind {
    /// The fix.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Folder | Self::TrailingSlash => "name a file in an existing folder",
            Self::NotRegular | Self::Unsuitable => "name a file",
            Self::NotFolder => "name a folder",
            Self::NotOurs => "choose another folder, or move the file away",
            Self::NotCompressed => "name a file without .gz",
            Self::Exists => "name a file that does not exist yet",
            Self::Closed(_) => {
                "open the descriptor in the command that runs driftline, as in 3>>FILE; or name the file"
            }
            Self::Path(PathError::PlantedLink { .. }) => LINK_HELP,
            Self::Mounted => "mount the folder of the file instead, and name a file in it",
            Self::ForeignOwner(_) => "choose another name, or a folder that only this user may write to",
            Self::Immutable(_) => "choose another folder, or clear the attribute with chattr",
            Self::Path(PathError::System(cause)) if cause.kind() == io::ErrorKind::InvalidFilename => {
                "choose a shorter name"
            }
            Self::Path(PathError::System(_)) => "choose a folder that exists and that this user may write to",
        }
    }
}

const LINK_HELP: &str =
    "name the file itself; or move the link to a folder that only this user may write to, or make this user its owner";

impl From<io::Error> for ReadError {
    fn from(cause: io::Error) -> Self {
        Self::Path(cause.into())
    }
}

impl From<io::Error> for WriteErrorKind {
    fn from(cause: io::Error) -> Self {
        Self::Path(cause.into())
    }
}

fn planted(link: &Path, owner: u32) -> String {
    format!(
        "{} is a symbolic link owned by another user (id {owner}), in a folder that others may write to",
        link.display()
    )
}
