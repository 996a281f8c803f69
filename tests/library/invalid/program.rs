//! Runs the real program, in an empty environment, with little memory and little time.

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a run left behind.
pub(crate) struct Ran {
    /// The exit code; none if a signal ended it.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

/// Nothing that the program does with files may take longer, even on a slow and busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// Address space that a run may have, in KiB: 2 GiB, of which Rust's and the system's own needs are a small part.
const MEMORY: &str = "2097152";

/// Runs `driftline --color never` with the arguments, in the folder.
pub(crate) fn driftline(folder: &Path, arguments: &[&str]) -> Ran {
    let program = env!("CARGO_BIN_EXE_driftline");
    let mut command = if cfg!(unix) {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("ulimit -v {MEMORY} 2>/dev/null; exec \"$0\" \"$@\""), program]);
        shell
    } else {
        Command::new(program)
    };
    let capture = || tempfile::tempfile().expect("a temporary file");
    let (out, err) = (capture(), capture());
    command.args(["--color", "never"]).args(arguments).current_dir(folder).env_clear().stdin(Stdio::null());
    command.envs(std::env::vars_os().filter(|(name, _)| name == "PATH" || name == "SystemRoot"));
    command.stdout(out.try_clone().expect("a file twice")).stderr(err.try_clone().expect("a file twice"));
    let mut child = command.spawn().expect("the program starts");
    let began = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("the program can be waited for") {
            break status;
        }
        if began.elapsed() > PATIENCE {
            child.kill().expect("the program can be stopped");
            child.wait().expect("the program ends");
            panic!("driftline {arguments:?} in {} still runs after {PATIENCE:?}", folder.display());
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let ran = Ran { code: status.code(), out: text(out), err: text(err) };
    for (stream, text) in [("output", &ran.out), ("error", &ran.err)] {
        assert!(!text.chars().any(is_harmful), "raw control characters on standard {stream}: {text:?}");
    }
    ran
}

fn text(mut file: File) -> String {
    let mut text = String::new();
    file.rewind().expect("a file can be read from its beginning");
    file.read_to_string(&mut text).expect("the program writes UTF-8");
    text
}

/// Whether a character moves the cursor, recolours the terminal, or turns text around.
fn is_harmful(character: char) -> bool {
    (character.is_control() && character != '\n')
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}
