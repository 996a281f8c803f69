//! The git program.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::RevisionError;

/// Variables by which a caller, such as a hook, points git at a repository. Here the folder says which it is.
const POINTERS: [&str; 6] =
    ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_PREFIX"];

/// A git command that is about to run in a folder. It asks nobody anything, changes nothing and reaches no other machine.
pub(super) fn command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("--no-pager").arg("-C").arg(folder);
    for pointer in POINTERS {
        command.env_remove(pointer);
    }
    // Lazy fetches of a partial clone are off: this program talks to AWS and to nobody else.
    command.envs([("GIT_NO_LAZY_FETCH", "1"), ("GIT_OPTIONAL_LOCKS", "0"), ("GIT_TERMINAL_PROMPT", "0")]);
    // A path is a path, whatever characters are in it.
    command.envs([("GIT_LITERAL_PATHSPECS", "1"), ("LC_ALL", "C")]).stdin(Stdio::null());
    command
}

/// Runs a git command to its end.
pub(super) fn run<A: AsRef<OsStr>>(
    folder: &Path,
    arguments: impl IntoIterator<Item = A>,
) -> Result<Output, RevisionError> {
    command(folder).args(arguments).output().map_err(RevisionError::NoGit)
}

/// What git says on standard error, in one line.
pub(super) fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("it gives no reason");
    line.trim().trim_start_matches("fatal: ").to_owned()
}
