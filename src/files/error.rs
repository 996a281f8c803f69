//! Why a file cannot be read or written.

use std::io;
use std::path::{Path, PathBuf};

/// Why a path leads nowhere that can be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum PlaceError {
    /// A symbolic link that anybody may have put there.
    #[error("{}", planted(link, *owner))]
    PlantedLink {
        /// The link.
        link: PathBuf,
        /// The user id of its owner.
        owner: u32,
    },
    /// The system refuses.
    #[error(transparent)]
    System(#[from] io::Error),
}

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A device, a pipe, a folder: what has no end, or no content.
    #[error("it is not a regular file")]
    NotRegular,
    /// More than such a file ever has.
    #[error("it is larger than {} MiB, the most that is read of such a file", .0 / 1024 / 1024)]
    TooLarge(u64),
    /// Not text.
    #[error("it is not UTF-8 text (first at byte {0})")]
    NotUtf8(usize),
    /// A symbolic link that anybody may have put there.
    #[error("{}", planted(link, *owner))]
    PlantedLink {
        /// The link.
        link: PathBuf,
        /// The user id of its owner.
        owner: u32,
    },
    /// The system refuses.
    #[error(transparent)]
    System(#[from] io::Error),
}

/// Why a file cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("{path} cannot be written: {cause}")]
pub struct WriteError {
    /// The file.
    pub path: String,
    /// What is in the way.
    pub cause: WriteErrorKind,
}

/// What is in the way of writing a file.
#[derive(Debug, thiserror::Error)]
pub enum WriteErrorKind {
    /// A folder of that name is there.
    #[error("it is a folder")]
    Folder,
    /// The name can only be that of a folder.
    #[error("the name ends in a slash, as that of a folder")]
    NameOfFolder,
    /// A folder is wanted, and a file of that name is there.
    #[error("it is not a folder")]
    NotAFolder,
    /// Such as a socket.
    #[error("it is neither a file nor a device nor a pipe")]
    OfNoUse,
    /// It must be a regular file, and it is not.
    #[error("it is not a regular file")]
    NotRegular,
    /// A file is there that must not be replaced.
    #[error("there is a file of that name")]
    Exists,
    /// A descriptor that nobody has opened for writing.
    #[error("descriptor {0} is not open for writing")]
    Closed(u32),
    /// A symbolic link that anybody may have put there.
    #[error("{}", planted(link, *owner))]
    PlantedLink {
        /// The link.
        link: PathBuf,
        /// The user id of its owner.
        owner: u32,
    },
    /// Mounted by itself, so that the system lets no other file take its place.
    #[error("it is mounted by itself, and a mounted file cannot be replaced")]
    Mounted,
    /// Another user's file in a folder where files belong to their owners.
    #[error("it belongs to another user (id {0}), in a folder with the sticky bit")]
    OfAnotherUser(u32),
    /// The file or its folder is marked as not to be changed.
    #[error("{} is marked immutable or append-only (chattr)", .0.display())]
    Unchangeable(PathBuf),
    /// The system refuses.
    #[error(transparent)]
    System(#[from] io::Error),
}

impl WriteError {
    pub(super) fn new(path: &Path, cause: impl Into<WriteErrorKind>) -> Self {
        Self { path: path.display().to_string(), cause: cause.into() }
    }

    /// What may help.
    pub fn help(&self) -> &'static str {
        self.cause.help()
    }
}

impl ReadError {
    /// Whether there is no such file.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::System(cause) if matches!(cause.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory))
    }

    /// What may help.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NotRegular => "save what it gives in a file, and name that",
            Self::TooLarge(_) => "no such file needs to be that large: check the path",
            Self::NotUtf8(_) => "save the file as UTF-8",
            Self::PlantedLink { .. } => LINK_HELP,
            Self::System(_) => "check the path, and that this user may read it",
        }
    }
}

impl WriteErrorKind {
    /// What may help.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Folder | Self::NameOfFolder => "choose a folder that exists, and name a file in it",
            Self::NotRegular | Self::OfNoUse => "name a file",
            Self::NotAFolder => "name a folder",
            Self::Exists => "name a file that is not there yet",
            Self::Closed(_) => "open the descriptor where driftline is called, as in 3>>FILE; or name the file",
            Self::PlantedLink { .. } => LINK_HELP,
            Self::Mounted => "mount the folder that the file is to be in, and name a file in it",
            Self::OfAnotherUser(_) => "choose another name, or a folder that only this user may write to",
            Self::Unchangeable(_) => "choose another folder, or lift the mark with chattr",
            Self::System(cause) if cause.kind() == io::ErrorKind::InvalidFilename => "choose a shorter name",
            Self::System(_) => "choose a folder that exists and that this user may write to",
        }
    }
}

const LINK_HELP: &str =
    "name the file itself; or put the link into a folder that only this user may write to, or make it this user's own";

impl From<PlaceError> for ReadError {
    fn from(error: PlaceError) -> Self {
        match error {
            PlaceError::PlantedLink { link, owner } => Self::PlantedLink { link, owner },
            PlaceError::System(cause) => Self::System(cause),
        }
    }
}

impl From<PlaceError> for WriteErrorKind {
    fn from(error: PlaceError) -> Self {
        match error {
            PlaceError::PlantedLink { link, owner } => Self::PlantedLink { link, owner },
            PlaceError::System(cause) => Self::System(cause),
        }
    }
}

fn planted(link: &Path, owner: u32) -> String {
    format!("{} is a symbolic link of another user (id {owner}), in a folder that others may write to", link.display())
}
