//! Errors of reading a Git revision.

use std::borrow::Cow;

/// A revision whose policy files cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RevisionError {
    /// The program cannot be started.
    #[error("the program git cannot be started: {0}")]
    NoGit(#[source] std::io::Error),
    /// The paths are in no repository.
    #[error("{folder} is not in a git repository that can be used: {said}")]
    NoRepository {
        /// The folder.
        folder: String,
        /// The message of git.
        said: String,
    },
    /// The repository belongs to another user.
    #[error("{folder} is in a git repository of another user, which git does not read: {said}")]
    OfAnotherUser {
        /// The folder.
        folder: String,
        /// The message of git.
        said: String,
        /// The command that allows git to read it.
        exception: String,
    },
    /// The repository found is not the one of the work tree.
    #[error(
        "{folder} is not read: the git repository that answers there, {repository}, is not the .git of a work tree"
    )]
    NotOfWorkTree {
        /// The folder.
        folder: String,
        /// The repository.
        repository: String,
    },
    /// The paths are in different repositories.
    #[error("{one} and {other} lie in different git repositories, and a revision belongs to one")]
    TwoRepositories {
        /// A path.
        one: String,
        /// A path in another repository.
        other: String,
    },
    /// A repository of its own today that belonged to the one around it.
    #[error("{path} belonged to the git repository {outer} then, and is a repository of its own today")]
    NewRepository {
        /// The path at the revision.
        path: String,
        /// The repository around it.
        outer: String,
    },
    /// Not the name of a revision.
    #[error("\"{0}\" cannot be a git revision")]
    NoName(String),
    /// The repository has no such commit.
    #[error("git knows no commit \"{0}\" in this repository")]
    Unknown(String),
    /// The name matches more than one commit.
    #[error("\"{name}\" is ambiguous in this repository: {}", .candidates.join(", "))]
    Ambiguous {
        /// The name.
        name: String,
        /// The candidates, each with its commit.
        candidates: Vec<String>,
    },
    /// The path was a symbolic link.
    #[error("{0} was a symbolic link then, and where it led is not followed")]
    Link(String),
    /// The path was a submodule.
    #[error("{0} was a submodule then, whose files this repository does not hold")]
    Submodule(String),
    /// The content is not in the repository, as in a partial clone.
    #[error("the content of {0} is not in this clone of the repository")]
    Absent(String),
    /// The file exceeds the size limit.
    #[error("{0} is too large")]
    TooLarge(String),
    /// git failed, or its output was not understood.
    #[error("git {what} went wrong: {said}")]
    Failed {
        /// The git command.
        what: &'static str,
        /// The message of git.
        said: String,
    },
}

impl RevisionError {
    /// The fix.
    pub fn help(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::OfAnotherUser { exception, .. } => {
                return format!("if you trust that repository, allow git to read it: {exception}").into();
            }
            Self::NotOfWorkTree { .. } => {
                "take the files that look like a bare git repository (HEAD, objects, refs) out of the folder; what they \
                 contain would decide which revision is compared with"
            }
            Self::Ambiguous { .. } => {
                "name it in full, such as refs/heads/main or refs/tags/v1, or by its whole commit id"
            }
            Self::NoGit(_) => "install git, or compare two folders: driftline diff OLD NEW",
            Self::NoRepository { .. } => {
                "--base reads old files from the git repository that holds the policies; without one, compare two folders: \
                 driftline diff OLD NEW"
            }
            Self::TwoRepositories { .. } => {
                "the revision is one of the repository of driftline.toml or, without it, of the working directory: run the \
                 comparison in the other repository, and compare the paths of one at a time"
            }
            Self::NewRepository { .. } => {
                "the old policies are not those of the new repository: check the old ones out, and compare two folders: \
                 driftline diff OLD NEW"
            }
            Self::NoName(_) => "name a branch, a tag or a commit, such as origin/main or HEAD~1",
            Self::Unknown(_) => {
                "fetch it first; a CI checkout often holds one commit only (actions/checkout takes `fetch-depth: 0`)"
            }
            Self::Link(_) => "name the file or folder that the link led to, beside the one of today",
            Self::Submodule(_) => "run the comparison in the submodule",
            Self::Absent(_) => {
                "fetch it first, as a partial clone does not hold it; driftline itself talks to AWS only"
            }
            Self::TooLarge(_) => "compare with a revision in which it is smaller",
            Self::Failed { .. } => {
                "try `git status` there; if git is well, compare two folders: driftline diff OLD NEW"
            }
        })
    }
}
