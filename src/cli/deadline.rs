//! How long a run may read.

use std::time::Duration;

use clap::Args;

use super::error::CliError;
use crate::aws::{AccessOptions, AwsSession};
use crate::config::Settings;

/// What the commands that read AWS take.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct DeadlineArgument {
    /// What is not read by then is unread, such as 90s or 15m; overrides driftline.toml
    #[arg(long, value_name = "DURATION", value_parser = crate::config::duration)]
    deadline: Option<Duration>,
}

/// Finds the way to AWS within the time that is left.
///
/// # Errors
///
/// If there is none, or if time is up before.
pub(super) async fn connect_within(deadline: Duration, options: AccessOptions) -> Result<AwsSession, CliError> {
    match tokio::time::timeout(deadline, Box::pin(AwsSession::connect(options))).await {
        Ok(access) => Ok(access?),
        Err(_) => Err(CliError::DeadlineEarly),
    }
}

impl DeadlineArgument {
    /// That of the command line, or else of the settings; counted from the start of the run.
    pub(super) fn or_of(self, settings: &Settings) -> Duration {
        self.deadline.unwrap_or(settings.deadline)
    }
}
