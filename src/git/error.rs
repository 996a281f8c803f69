//! Errors of reading a Git revision.

use std::borrow::Cow;

/// A revision whose policy files cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RevisionError {
    /// The program cannot be started.
    #[error("cannot start git: {0}")]
    NoGit(#[source] std::io::Error),
    /// The paths are in no repository.
    #[error("{folder} is not in a usable git repository: {said}")]
    NoRepository {
        /// The folder.
        folder: String,
        /// The message of git.
        said: String,
    },
    /// The repository belongs to another user.
    #[error("{folder} is in a git repository of another user, which git refuses to read: {said}")]
    OfAnotherUser {
        /// The folder.
        folder: String,
        /// The message of git.
        said: String,
        /// The command that allows git to read it.
        exception: String,
    },
    /// The repository found is not the one of the work tree.
    #[error("{folder} is not read: the git repository found there, {repository}, is not the .git of a work tree")]
    NotOfWorkTree {
        /// The folder.
        folder: String,
        /// The repository.
        repository: String,
    },
    /// The paths are in different repositories.
    #[error("{one} and {other} are in different git repositories, and a revision belongs to one")]
    TwoRepositories {
        /// A path.
        one: String,
        /// A path in another repository.
        other: String,
    },
    /// A repository of its own today that belonged to the one around it.
    #[error("{path} was part of the git repository {outer} at that revision, and is now a repository of its own")]
    NewRepository {
        /// The path at the revision.
        path: String,
        /// The repository around it.
        outer: String,
    },
    /// Not the name of a revision.
    #[error("\"{0}\" is not a valid git revision")]
    NoName(String),
    /// The repository has no such commit.
    #[error("no commit \"{0}\" in this git repository")]
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
    #[error("{0} was a symbolic link at that revision, which is not followed")]
    Link(String),
    /// The path was a submodule.
    #[error("{0} was a submodule at that revision, whose files this repository does not contain")]
    Submodule(String),
    /// The content is not in the repository, as in a partial clone.
    #[error("the content of {0} is not in this clone of the repository")]
    Absent(String),
    /// The file exceeds the size limit.
    #[error("{0} is too large")]
    TooLarge(String),
    /// git failed, or its output was not understood.
    #[error("git {what} failed: {said}")]
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
                "remove the files that look like a bare git repository (HEAD, objects, refs) from the folder; their content \
                 would decide which revision is compared"
            }
            Self::Ambiguous { .. } => {
                "use the full name, such as refs/heads/main or refs/tags/v1, or the full commit id"
            }
            Self::NoGit(_) => "install git, or compare two folders: driftline diff OLD NEW",
            Self::NoRepository { .. } => {
                "--base reads old files from the git repository of the policies; without one, compare two folders: \
                 driftline diff OLD NEW"
            }
            Self::TwoRepositories { .. } => {
                "compare one repository at a time, and run driftline in it; the revision belongs to the repository of \
                 driftline.toml or, without it, of the working directory"
            }
            Self::NewRepository { .. } => "check out the old policies, and compare two folders: driftline diff OLD NEW",
            Self::NoName(_) => "name a branch, a tag or a commit, such as origin/main or HEAD~1",
            Self::Unknown(_) => {
                "fetch it first; a CI checkout often has only one commit (set `fetch-depth: 0` for actions/checkout)"
            }
            Self::Link(_) => "name the old target of the link as well as the current path",
            Self::Submodule(_) => "run the comparison in the submodule",
            Self::Absent(_) => {
                "fetch it first: a partial clone does not contain it, and driftline connects only to AWS"
            }
            Self::TooLarge(_) => "compare with a revision in which it is smaller",
            Self::Failed { .. } => "run `git status` there; if git works, compare two folders: driftline diff OLD NEW",
        })
    }
}
