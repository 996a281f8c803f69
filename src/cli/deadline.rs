//! How long a run may read.

use std::time::Duration;

use clap::Args;

use crate::settings::Settings;

/// What the commands that read AWS take.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct DeadlineArgument {
    /// What is not read by then is unread, such as 90s or 15m; overrides driftline.toml
    #[arg(long, value_name = "DURATION", value_parser = crate::settings::duration)]
    deadline: Option<Duration>,
}

impl DeadlineArgument {
    /// That of the command line, or else of the settings; counted from the start of the run.
    pub(super) fn or_of(self, settings: &Settings) -> Duration {
        self.deadline.unwrap_or(settings.deadline)
    }
}
