//! The program: everything it does is in the library.

use std::process::ExitCode;

/// Calls come and go by the hundred thousand between readings that stay: the system's own allocator does not stay small over
/// that, nor as fast.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    driftline::cli::run(std::env::args_os()).into()
}
