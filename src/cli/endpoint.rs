//! Connection to AWS, or to a simulated AWS, and the time that a run has for it.

use std::path::Path;
use std::time::{Duration, Instant};

use clap::Args;

use super::environment::{self, DEADLINE};
use super::error::CliError;
use super::help_headings::LARGE_RUNS;
use super::reserved_paths::ReservedPath;
use crate::aws::{AccessOptions, AwsSession, Source};
use crate::config::Settings;
use crate::model::Environment;

/// Which AWS is asked.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct EndpointArgs {
    /// Use a simulated AWS, described by this world file; needs no credentials
    #[cfg(feature = "simulator")]
    #[arg(long, value_name = "WORLD")]
    simulate: Option<std::path::PathBuf>,
}

/// What the commands that read AWS take.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct DeadlineArgs {
    /// Time limit for reading, such as 90s or 15m; later targets are unread; overrides driftline.toml [env: DRIFTLINE_DEADLINE]
    #[arg(long, value_name = "DURATION", value_parser = crate::config::duration, help_heading = LARGE_RUNS)]
    deadline: Option<Duration>,
}

/// Options of a connection, with the simulation that serves it.
pub(super) struct Endpoint {
    /// Options for reading.
    pub(super) options: AccessOptions,
    pub(super) environment: Environment,
    #[cfg(feature = "simulator")]
    _simulation: Option<driftline_simulator::Simulation>,
}

/// Time limit of a run, counted from its start.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    started: Instant,
    limit: Duration,
}

impl EndpointArgs {
    /// The world file, which no output may overwrite.
    pub(super) fn reserved(&self) -> Option<ReservedPath> {
        self.world().map(ReservedPath::input)
    }

    /// The endpoint that the settings describe, or the simulated one.
    pub(super) fn resolve(&self, settings: &Settings) -> Result<Endpoint, CliError> {
        let mut options = AccessOptions::new(Source::Environment);
        options.role.clone_from(&settings.aws.role);
        options.external_id.clone_from(&settings.aws.external_id);
        options.administrator = settings.aws.administrator_account;
        options.session_name = settings.aws.session_name.clone();
        Endpoint::new(options, self.world())
    }

    #[cfg(feature = "simulator")]
    fn world(&self) -> Option<&Path> {
        self.simulate.as_deref()
    }

    #[cfg(not(feature = "simulator"))]
    #[expect(clippy::unused_self, reason = "only a simulation has a world file")]
    fn world(&self) -> Option<&Path> {
        None
    }
}

impl Endpoint {
    /// Starts the simulation of a world file, if there is one.
    #[cfg(feature = "simulator")]
    pub(super) fn new(mut options: AccessOptions, world: Option<&Path>) -> Result<Self, CliError> {
        let simulation = world.map(super::simulate::start).transpose()?;
        if let Some(simulation) = &simulation {
            super::simulate::point_at(simulation, &mut options)?;
        }
        let environment = if simulation.is_some() { Environment::Simulation } else { Environment::Aws };
        Ok(Self { options, environment, _simulation: simulation })
    }

    /// Without the simulator, there is no world file.
    #[cfg(not(feature = "simulator"))]
    #[expect(clippy::unnecessary_wraps, reason = "only a simulation can fail")]
    pub(super) fn new(options: AccessOptions, _world: Option<&Path>) -> Result<Self, CliError> {
        Ok(Self { options, environment: Environment::Aws })
    }

    /// Options for changes, with the role for changes if the settings name one.
    pub(super) fn write_options(&self, settings: &Settings) -> AccessOptions {
        let mut options = self.options.clone();
        options.role = settings.aws.apply_role.clone().or(options.role);
        options
    }
}

impl DeadlineArgs {
    /// Time limit of the command line, or else of the environment, with its origin.
    pub(super) fn given(self) -> Result<Option<(Duration, &'static str)>, CliError> {
        if let Some(deadline) = self.deadline {
            return Ok(Some((deadline, "--deadline")));
        }
        Ok(environment::parse(&DEADLINE, crate::config::duration)?.map(|deadline| (deadline, DEADLINE.name)))
    }

    /// The same, or else that of the settings.
    pub(super) fn limit(self, settings: &Settings) -> Result<Duration, CliError> {
        Ok(self.given()?.map_or(settings.deadline, |(deadline, _)| deadline))
    }
}

impl Deadline {
    /// Deadline that expires after a time from now.
    pub(super) fn after(limit: Duration) -> Self {
        Self { started: Instant::now(), limit }
    }

    /// Remaining time.
    pub(super) fn remaining(self) -> Duration {
        self.limit.saturating_sub(self.started.elapsed())
    }
}

/// Connects to AWS within a time limit.
///
/// # Errors
///
/// If the connection fails or takes longer.
pub(super) async fn connect_within(limit: Duration, options: AccessOptions) -> Result<AwsSession, CliError> {
    match tokio::time::timeout(limit, Box::pin(AwsSession::connect(options))).await {
        Ok(access) => Ok(access?),
        Err(_) => Err(CliError::DeadlineEarly),
    }
}
