//! Whatever is asked for and whatever is there: a run either refuses before its first call, or leaves exactly the files that it
//! promises, and nothing else changed.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use driftline_simulator::{Simulation, World};
use proptest::prelude::*;
use proptest::sample::select;

use super::cases;
use super::faults::ending;

const POLICY: &str =
    "version: 1\nmacie_sessions:\n  - {accounts: [\"111122223333\"], regions: [eu-west-1], status: ENABLED}\n";
const WORLD: &str = "version: 1\ncaller: \"111122223333\"\naccounts: {\"111122223333\": {sessions: {\"*\": {}}}}\n";
const OLD: &str = "{\"format\": \"driftline.report\", \"format_v";

static AWS: LazyLock<Simulation> =
    LazyLock::new(|| Simulation::start(World::parse(WORLD, "world.yaml").expect("a world"), 0).expect("a free port"));

/// How an output is asked for, and how what is written begins.
type OptionAndStart = (&'static str, &'static str, &'static str);

const OPTIONS: [OptionAndStart; 6] = [
    ("--report", "json=", "{\n"),
    ("--report", "csv=", "format_version,"),
    ("--report", "html=", "<!DOCTYPE html>"),
    ("--report", "text=", ""),
    ("--report", "jsonl=", "{"),
    ("--since", "", "{\n"),
];

/// What is there where an output is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum There {
    Nothing,
    File(u32),
    /// A link to a file.
    Link(u32),
    /// A link to what is not there.
    Dangling,
    /// A link to a link to a file.
    LinkToLink(u32),
    /// A link into a folder that is not there.
    Nowhere,
    Folder,
    Socketless,
    /// The name ends in a slash.
    Slash,
    /// The name is longer than any.
    Long,
    /// In a folder that is not there.
    NoFolder,
    /// The policy of the run.
    Policy,
    /// A link to the settings of the run.
    Settings,
    /// A device.
    Device,
    /// A descriptor that is not open.
    Closed,
    /// The place of another output.
    Another,
}

fn there() -> impl Strategy<Value = There> {
    use There::{
        Another, Closed, Dangling, Device, File, Folder, Link, LinkToLink, Long, NoFolder, Nothing, Nowhere, Policy,
        Settings, Slash, Socketless,
    };
    let mode = select(vec![0o600, 0o640, 0o644, 0o666]);
    prop_oneof![
        4 => Just(Nothing),
        8 => mode.clone().prop_map(File),
        4 => mode.clone().prop_map(Link),
        4 => Just(Dangling),
        2 => mode.prop_map(LinkToLink),
        1 => Just(Device),
        // Each of these ends the run before it begins, so that they are rare.
        2 => select(vec![Nowhere, Folder, Socketless, Slash, Long, NoFolder, Policy, Settings, Closed, Another]),
    ]
}

/// An output of a run: its option, what is there, and the name that is given.
struct Output {
    option: OptionAndStart,
    there: There,
    name: String,
}

impl Output {
    /// Prepares the place of the output with that number; `first` is the name of the first one.
    fn new(folder: &Path, nth: usize, option: OptionAndStart, there: There, first: Option<&str>) -> Self {
        let there = if there == There::Another && first.is_none() { There::Nothing } else { there };
        let at = |name: &str| folder.join(name);
        let (name, data) = (format!("out{nth}"), format!("data/file{nth}"));
        let file = |name: &str, mode: u32| {
            fs::write(at(name), OLD).expect("a file");
            fs::set_permissions(at(name), Permissions::from_mode(mode)).expect("a mode");
        };
        let link = |to: &str, name: &str| symlink(to, at(name)).expect("a link");
        match there {
            There::File(mode) => file(&name, mode),
            There::Link(mode) => {
                file(&data, mode);
                link(&data, &name);
            }
            There::Dangling => link(&data, &name),
            There::LinkToLink(mode) => {
                file(&data, mode);
                link(&format!("file{nth}"), &format!("data/link{nth}"));
                link(&format!("data/link{nth}"), &name);
            }
            There::Nowhere => link("missing/file", &name),
            There::Folder => fs::create_dir(at(&name)).expect("a folder"),
            There::Socketless => drop(std::os::unix::net::UnixListener::bind(at(&name)).expect("a socket")),
            There::Settings => link("driftline.toml", &name),
            There::Nothing
            | There::Slash
            | There::Long
            | There::NoFolder
            | There::Policy
            | There::Device
            | There::Closed
            | There::Another => {}
        }
        let name = match there {
            There::Slash => format!("{name}/"),
            There::Long => "x".repeat(300),
            There::NoFolder => format!("missing/{name}"),
            There::Policy => "a.yaml".to_owned(),
            There::Device => "/dev/null".to_owned(),
            There::Closed => "/dev/fd/250".to_owned(),
            There::Another => first.unwrap_or_default().to_owned(),
            _ => name,
        };
        Self { option, there, name }
    }

    fn arguments(&self) -> [String; 2] {
        [self.option.0.to_owned(), format!("{}{}", self.option.1, self.name)]
    }

    /// The file that is written, and its mode if that was decided before.
    fn promised(&self, nth: usize) -> Option<(PathBuf, Option<u32>)> {
        let data = PathBuf::from(format!("data/file{nth}"));
        match self.there {
            There::Nothing => Some((PathBuf::from(&self.name), None)),
            There::Dangling => Some((data, None)),
            There::File(mode) => Some((PathBuf::from(&self.name), Some(mode))),
            There::Link(mode) | There::LinkToLink(mode) => Some((data, Some(mode))),
            _ => None,
        }
    }
}

/// The mode of a file that anybody makes here.
fn ordinary_mode(folder: &Path) -> u32 {
    folder.join("a.yaml").metadata().expect("a file").permissions().mode() & 0o7777
}

/// Everything in a folder: a file with its mode and content, a link with what it names, a folder.
fn tree(folder: &Path) -> BTreeMap<PathBuf, (String, u32, Vec<u8>)> {
    let entries = walkdir::WalkDir::new(folder).min_depth(1).into_iter().map(|entry| entry.expect("an entry"));
    let told = entries.map(|entry| {
        let metadata = entry.path().symlink_metadata().expect("a file");
        let content = if metadata.is_file() {
            fs::read(entry.path()).expect("a file")
        } else if metadata.is_symlink() {
            entry.path().read_link().expect("a link").into_os_string().into_encoded_bytes()
        } else {
            Vec::new()
        };
        let path = entry.path().strip_prefix(folder).expect("below it").to_owned();
        (path, (format!("{:?}", metadata.file_type()), metadata.permissions().mode() & 0o7777, content))
    });
    told.collect()
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn a_run_refuses_before_its_first_call_or_leaves_exactly_what_it_promises(
        asked in prop::collection::vec((select(OPTIONS.to_vec()), there()), 1..4),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        fs::create_dir(root.join("data")).expect("a folder");
        fs::write(root.join("a.yaml"), POLICY).expect("a file");
        fs::write(root.join("driftline.toml"), "").expect("a file");
        // --since is given once at most.
        let mut has_since = false;
        let asked = asked.into_iter().filter(|(option, _)| option.0 != "--since" || !std::mem::replace(&mut has_since, true));
        let mut outputs: Vec<Output> = Vec::new();
        for (nth, (option, there)) in asked.enumerate() {
            let first = outputs.first().map(|first| first.name.clone());
            outputs.push(Output::new(root, nth, option, there, first.as_deref()));
        }
        let ordinary = ordinary_mode(root);
        let (before, calls) = (tree(root), AWS.calls());
        let mut command = Command::new(env!("CARGO_BIN_EXE_driftline"));
        command.args(["check", "a.yaml", "--quiet"]).args(outputs.iter().flat_map(Output::arguments));
        command.current_dir(root).env_clear().envs(AWS.environment()).env("HOME", root);
        let output = ending(move || command.output().expect("the program runs"));
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let after = tree(root);
        let mut expected = before.clone();
        match output.status.code() {
            Some(1) => {
                prop_assert!(told.contains("error: ") && told.contains("fix: "), "{told}");
                prop_assert_eq!(AWS.calls(), calls, "nobody was asked: {}", told);
            }
            Some(0) => {
                for (nth, output) in outputs.iter().enumerate() {
                    let bad = output.there != There::Device && output.promised(nth).is_none();
                    prop_assert!(!bad, "{:?} was not refused", output.there);
                    let Some((path, mode)) = output.promised(nth) else { continue };
                    let Some((kind, has, content)) = after.get(&path) else {
                        return Err(TestCaseError::fail(format!("{} is not there", path.display())));
                    };
                    prop_assert_eq!(*has, mode.unwrap_or(ordinary), "the mode of {}", path.display());
                    prop_assert!(String::from_utf8_lossy(content).starts_with(output.option.2), "{}", path.display());
                    prop_assert!(content != OLD.as_bytes() && !content.is_empty(), "{} is new", path.display());
                    // Beside the file itself, whatever link names it.
                    let lock = PathBuf::from(format!("{}.lock", path.display()));
                    expected.insert(path, (kind.clone(), *has, content.clone()));
                    if output.option.0 == "--since" {
                        expected.insert(lock.clone(), after.get(&lock).cloned().expect("a lock"));
                    }
                }
            }
            other => prop_assert!(false, "exit code {other:?}: {told}"),
        }
        prop_assert_eq!(after, expected, "{}", told);
    }
}
