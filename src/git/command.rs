//! The `git` program, run without side effects.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::RevisionError;

/// Variables that the user sets, and no hook or repository: where git and the settings of the user are installed. Every
/// other one points git at a repository, adds settings or runs programs, and is removed.
const KEPT: [&str; 5] = [
    "GIT_EXEC_PATH",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
];

/// Settings that override those of the repository: nothing in it may run a program, name another machine, or choose the
/// commit of a revision.
const SETTINGS: [&str; 11] = [
    // Files in the work tree that look like a bare repository are never used as one.
    "safe.bareRepository=explicit",
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.sshCommand=false",
    "core.askPass=",
    "core.pager=cat",
    "credential.helper=",
    "protocol.allow=never",
    // Parents come from the commits themselves, and ambiguous names are reported.
    "core.commitGraph=false",
    "core.useReplaceRefs=false",
    "core.warnAmbiguousRefs=true",
];

/// Variables for what no setting covers.
const VARIABLES: [(&str, &str); 8] = [
    // No lazy fetches of a partial clone: driftline connects to AWS only.
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_ALLOW_PROTOCOL", "none"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_GRAFT_FILE", "/dev/null"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_TERMINAL_PROMPT", "0"),
    // Pathspecs are literal.
    ("GIT_LITERAL_PATHSPECS", "1"),
    ("LC_ALL", "C"),
];

/// A git command in a folder. It prompts for nothing, changes nothing, runs nothing that a repository names, and
/// connects to no other machine.
pub(super) fn command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("--no-pager");
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    command.arg("-C").arg(folder);
    let is_removed = |name: &OsStr| name.to_str().is_some_and(|name| name.starts_with("GIT_") && !KEPT.contains(&name));
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_removed(name)) {
        command.env_remove(name);
    }
    command.env_remove("LANGUAGE").envs(VARIABLES).stdin(Stdio::null());
    command
}

/// Runs a git command to completion.
pub(super) fn run<A: AsRef<OsStr>>(
    folder: &Path,
    arguments: impl IntoIterator<Item = A>,
) -> Result<Output, RevisionError> {
    command(folder).args(arguments).output().map_err(RevisionError::NoGit)
}

/// The version of git, in its own words: `git version 2.47.1`.
///
/// # Errors
///
/// If git cannot be run.
pub fn git_version(folder: &Path) -> Result<String, RevisionError> {
    let output = run(folder, ["--version"])?;
    let line = String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().trim().to_owned();
    if output.status.success() && !line.is_empty() {
        Ok(line)
    } else {
        Err(RevisionError::Failed { what: "--version", said: first_error_line(&output) })
    }
}

/// Branches, remote branches and tags of the repository that holds a folder, as they are typed, at most `most`. None outside of a
/// repository.
pub fn reference_names(folder: &Path, most: usize) -> Result<Vec<String>, RevisionError> {
    let count = format!("--count={most}");
    let format = "--format=%(refname:short)";
    let output = run(folder, ["for-each-ref", &count, format, "refs/heads", "refs/remotes", "refs/tags"])?;
    let names = if output.status.success() { String::from_utf8_lossy(&output.stdout) } else { "".into() };
    Ok(names.lines().map(str::to_owned).collect())
}

/// The first line of standard error.
pub(super) fn first_error_line(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("it gives no reason");
    line.trim().trim_start_matches("fatal: ").to_owned()
}

/// The command that git suggests for trusting a repository of another user.
pub(super) fn exception(output: &Output) -> Option<String> {
    let text = String::from_utf8_lossy(&output.stderr);
    text.lines()
        .map(str::trim)
        .find(|line| line.starts_with("git config") && line.contains("safe.directory"))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn the_exception_is_quoted_from_git() {
        use std::os::unix::process::ExitStatusExt as _;
        let text = "fatal: detected dubious ownership in repository at '/w/x'\nTo add an exception for this directory, \
                    call:\n\n\tgit config --global --add safe.directory /w/x\n";
        let output = |text: &str| Output {
            status: std::process::ExitStatus::from_raw(128 << 8),
            stdout: Vec::new(),
            stderr: text.as_bytes().to_vec(),
        };
        assert_eq!(exception(&output(text)).as_deref(), Some("git config --global --add safe.directory /w/x"));
        assert_eq!(first_error_line(&output(text)), "detected dubious ownership in repository at '/w/x'");
        assert_eq!(exception(&output("fatal: not a git repository")), None);
    }
}
