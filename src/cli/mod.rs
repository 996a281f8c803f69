//! The command line: one file per command, each owning its arguments and its run function.

mod apply;
mod arguments;
mod carrying;
mod check;
mod circumstances;
mod completions;
mod deadline;
mod diff;
mod exit;
mod explain;
mod failure;
mod format_arguments;
mod github_files;
mod iam_policy;
mod init;
mod inputs;
mod interruption;
mod inventory;
mod inventory_text;
mod log;
mod man;
mod outlet;
mod past;
mod plan;
mod planning;
mod progress;
mod reading;
mod report;
mod reports;
mod rollback;
mod run;
mod runtime;
mod schema;
#[cfg(feature = "simulator")]
mod simulate;
mod since;
mod starter;
mod targets;
mod terminal;
mod validate;
mod validate_all;
mod way;

pub use arguments::command;
pub use exit::Exit;
pub use run::run;
