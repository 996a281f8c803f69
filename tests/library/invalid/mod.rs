//! What invalid and hostile files earn: the exact text, the exit code, and neither much time nor much memory.

#![allow(clippy::panic, reason = "tests say what they expect by failing")]

mod file_system;
mod fixtures;
mod hostile;
mod one_file;
mod pages;
mod program;
mod writing;
