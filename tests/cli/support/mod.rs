//! The real program in a folder and an environment of its own, and what came of it.

pub(crate) mod organization;
pub(crate) mod preferences;
mod redact;
pub(crate) mod sessions;
mod simulated;
mod site;
mod world;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

pub(crate) use redact::redacted;
pub(crate) use simulated::{Simulated, simulation};
pub(crate) use site::Site;
pub(crate) use world::{ACCOUNT, CALLER, World, policy};

/// Variables that must come from outside for a child process to start and to be measured at all.
const PASSED_ON: [&str; 3] = ["PATH", "SystemRoot", "LLVM_PROFILE_FILE"];

/// The program, about to be run.
pub(crate) struct Driftline {
    folder: tempfile::TempDir,
    below: PathBuf,
    arguments: Vec<OsString>,
    variables: Vec<(OsString, OsString)>,
}

/// What a run wrote, with what differs from run to run taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Driftline {
    /// In an empty folder and an environment with nothing in it but an empty home.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for part in ["home", "work"] {
            fs::create_dir(folder.path().join(part)).expect("a folder");
        }
        Self { folder, below: PathBuf::new(), arguments: Vec::new(), variables: Vec::new() }
    }

    /// Writes a file into the folder where the program runs, and the folders on the way to it.
    pub(crate) fn file(self, path: impl AsRef<Path>, text: impl AsRef<[u8]>) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, text).expect("a file");
        self
    }

    /// Writes a policy file.
    pub(crate) fn policy(self, path: &str, text: impl AsRef<[u8]>) -> Self {
        self.file(path, text)
    }

    /// Writes `driftline.toml`.
    pub(crate) fn settings(self, text: &str) -> Self {
        self.file("driftline.toml", text)
    }

    /// Writes `world.yaml`.
    pub(crate) fn world(self, world: &World) -> Self {
        self.file("world.yaml", world.to_string())
    }

    /// Runs in a folder below the one where files are written.
    pub(crate) fn below(mut self, path: &str) -> Self {
        self.below = path.into();
        fs::create_dir_all(self.path(path)).expect("folders");
        self
    }

    /// Adds arguments.
    pub(crate) fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// Sets a variable.
    pub(crate) fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.variables.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// A path in the folder where files are written.
    pub(crate) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join("work").join(path)
    }

    /// The text of a file there, with what differs from run to run taken out.
    pub(crate) fn read(&self, path: impl AsRef<Path>) -> String {
        let bytes = fs::read(self.path(path)).expect("a file");
        redacted(&String::from_utf8(bytes).expect("UTF-8"), self.folder.path())
    }

    /// The names in a folder there, sorted.
    pub(crate) fn names(&self, path: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(path)).expect("a folder");
        let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("an entry").file_name();
        let mut names: Vec<_> = entries.map(name).map(|name| name.into_string().expect("UTF-8")).collect();
        names.sort();
        names
    }

    /// The command, for tests that need more of a process than its output.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_driftline"));
        command
            .args(&self.arguments)
            .current_dir(self.path(&self.below))
            .env_clear()
            .envs(PASSED_ON.iter().filter_map(|name| Some((name, std::env::var_os(name)?))))
            .env("HOME", self.folder.path().join("home"))
            .env("TMPDIR", self.folder.path().join("home"))
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }

    /// Runs the program with more arguments, in the folder where it has run before; it must end with this exit code.
    #[track_caller]
    pub(crate) fn run_with(&self, arguments: &[&str], exit: i32) -> Ran {
        let output = self.command().args(arguments).output().expect("the program runs");
        self.assert_exit(&output, exit)
    }

    /// Runs the program, which must end with this exit code.
    #[track_caller]
    pub(crate) fn run(&self, exit: i32) -> Ran {
        let output = self.command().output().expect("the program runs");
        self.assert_exit(&output, exit)
    }

    /// What a process of [`Self::command`] wrote. It must have ended with this exit code.
    #[track_caller]
    pub(crate) fn assert_exit(&self, output: &Output, exit: i32) -> Ran {
        let text = |bytes: &[u8]| redacted(std::str::from_utf8(bytes).expect("UTF-8"), self.folder.path());
        let ran = Ran { stdout: text(&output.stdout), stderr: text(&output.stderr) };
        let ended = output.status.code();
        assert_eq!(ended, Some(exit), "exit code\n--- stdout\n{}\n--- stderr\n{}", ran.stdout, ran.stderr);
        ran
    }
}

impl Ran {
    /// Standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }

    /// That standard output does not hold a text.
    #[track_caller]
    pub(crate) fn stdout_has_no(&self, text: &str) -> &Self {
        assert!(!self.stdout.contains(text), "standard output should not say {text:?}:\n{}", self.stdout);
        self
    }

    /// That standard error holds a text.
    #[track_caller]
    pub(crate) fn says(&self, text: &str) -> &Self {
        assert!(self.stderr.contains(text), "standard error should say {text:?}:\n{}", self.stderr);
        self
    }
}

/// A path of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Every file below a folder of the repository, sorted; none if there is no such folder.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let walk = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok);
    walk.filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path).collect()
}

/// Copies a folder of the repository into the folder where a program will run.
pub(crate) fn copied(mut program: Driftline, folder: &str) -> Driftline {
    let root = repository(folder);
    for path in files_below(&root) {
        let inside = path.strip_prefix(&root).expect("a path below the folder").to_owned();
        program = program.file(inside, fs::read(&path).expect("a file"));
    }
    program
}
