//! Panics: a bug in driftline, reported in one line and contained.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, Location, PanicHookInfo, catch_unwind, set_hook};
use std::sync::{Mutex, PoisonError};

use super::error::CliError;
use super::output::stderr;
use crate::diagnostic::truncate_line;
use crate::report::terminal;

/// Reported places. The same place may panic for each of thousands of targets.
static REPORTED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Reports panics of every thread in one line on standard error, each place once.
pub(super) fn install_panic_hook() {
    set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "an unknown place".to_owned(), place);
        if REPORTED.lock().unwrap_or_else(PoisonError::into_inner).insert(place.clone()) {
            stderr(&line(&message(panic), &place));
            let trace = Backtrace::capture();
            if trace.status() == BacktraceStatus::Captured {
                stderr(&format!("{trace}\n"));
            }
        }
    }));
}

/// Turns a panic into an error. The hook has reported the panic.
pub(super) fn catch_panic<T>(work: impl FnOnce() -> Result<T, CliError>) -> Result<T, CliError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload: Box<dyn Any + Send>| {
        // A payload may panic when it is dropped.
        std::mem::forget(payload);
        Err(CliError::Bug)
    })
}

fn message(panic: &PanicHookInfo<'_>) -> String {
    panic.payload_as_str().unwrap_or("a panic without a message").to_owned()
}

/// File and line, without the folders of the build machine.
fn place(location: &Location<'_>) -> String {
    let file = location.file();
    let shown =
        file.split_once("/registry/src/").and_then(|(_, file)| file.split_once('/')).map_or(file, |(_, file)| file);
    format!("{shown}:{}", location.line())
}

fn line(message: &str, place: &str) -> String {
    let text = format!("{}, at {}", truncate_line(message), truncate_line(place));
    format!("error: this is a bug in driftline, please report it with this line: {}\n", terminal(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_with_exit_code_1() {
        #[expect(clippy::panic, reason = "that is what is tried")]
        let caught = catch_panic::<()>(|| panic!("in a report"));
        let error = caught.expect_err("it panics");
        assert!(matches!(error, CliError::Bug));
        assert_eq!(error.exit().code(), 1);
    }

    #[test]
    fn a_panic_is_reported_in_one_line_without_control_characters() {
        let text = line("called `unwrap()` on\n\u{1b}[31m a \u{202e}None", "src/x.rs:7");
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(
            text.starts_with("error: this is a bug in driftline, please report it with this line: called"),
            "{text}"
        );
        assert!(text.ends_with(", at src/x.rs:7\n") && !text.contains(['\u{1b}', '\u{202e}']), "{text}");
        assert!(place(Location::caller()).starts_with("src/cli/panic_hook.rs:"));
    }
}
