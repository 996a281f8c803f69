//! `driftline simulate`: a simulated AWS on loopback, also for `--simulate`.

use std::path::{Path, PathBuf};

use clap::Args;
use driftline_simulator::{Recipe, Simulation, World};

use super::error::CliError;
use super::exit::ExitStatus;
use super::output::stdout;
use super::run_context::RunContext;
use crate::aws::{AccessOptions, Source};
use crate::files;

/// Largest world file: some hundred thousand accounts.
const MAX_WORLD_BYTES: u64 = 256 * 1024 * 1024;

/// Role in simulated accounts if the settings name none.
const DEFAULT_ROLE: &str = "DriftlineRead";

/// Serve a simulated AWS on loopback until interrupted
///
/// Prints the environment variables that direct any AWS tool to it.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline simulate world.yaml\n  \
    driftline simulate --generate accounts=10000,drift=0.5\n  \
    driftline simulate world.yaml --port 4566 > aws.env &\n  \
    . ./aws.env; aws macie2 get-macie-session            any other AWS tool")]
pub(super) struct SimulateArgs {
    /// Port on 127.0.0.1; 0 picks a free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,
    #[command(flatten)]
    source: WorldSource,
}

/// Where the world comes from.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct WorldSource {
    /// World file: accounts, Regions, sessions, denials, faults
    #[arg(value_name = "WORLD")]
    world: Option<PathBuf>,
    /// Generate a world: number of accounts and Regions, seed, drift in percent, latency;
    /// accounts=N[,regions=22][,seed=1][,drift=5][,sessions=2][,latency=0s]
    #[arg(long, value_name = "RECIPE")]
    generate: Option<Recipe>,
}

impl WorldSource {
    fn world(&self) -> Result<World, CliError> {
        match &self.generate {
            Some(recipe) => Ok(World::generate(recipe)),
            // The group requires one of the two.
            None => load(self.world.as_deref().unwrap_or(Path::new(""))),
        }
    }
}

pub(super) fn run(context: &RunContext, args: &SimulateArgs) -> Result<ExitStatus, CliError> {
    let simulation = start_on(args.source.world()?, args.port)?;
    context.runtime()?.block_on(async {
        stdout(|out| {
            for (name, value) in simulation.environment() {
                writeln!(out, "export {name}={value}")?;
            }
            Ok(())
        })?;
        context.print_unless_quiet(&format!("simulating AWS at {}; Ctrl-C ends it\n", simulation.endpoint_url()));
        context.shutdown.cancelled().await;
        Ok(ExitStatus::Clean)
    })
}

/// Starts the simulated AWS of a world file on a free port.
pub(super) fn start(world: &Path) -> Result<Simulation, CliError> {
    start_on(load(world)?, 0)
}

fn load(path: &Path) -> Result<World, CliError> {
    let file = path.display().to_string();
    match files::read_text(path, MAX_WORLD_BYTES) {
        Ok(text) => Ok(World::parse(&text, &file)?),
        Err(source) => Err(CliError::UnreadableWorld { file, source }),
    }
}

fn start_on(world: World, port: u16) -> Result<Simulation, CliError> {
    Simulation::start(world, port)
        .map_err(|cause| CliError::System { what: "the simulated AWS cannot be started", cause })
}

/// Directs all calls of a run to the simulation.
pub(super) fn point_at(simulation: &Simulation, options: &mut AccessOptions) -> Result<(), CliError> {
    let region = simulation.region().parse().map_err(|_| CliError::System {
        what: "the simulated AWS has no Region",
        cause: std::io::Error::other(simulation.region()),
    })?;
    options.source = Source::Fixed {
        endpoint_url: simulation.endpoint_url().to_owned(),
        access_key_id: simulation.access_key_id().to_owned(),
        secret_access_key: simulation.secret_access_key().to_owned(),
        region,
    };
    if options.role.is_none() {
        options.role = DEFAULT_ROLE.parse().ok();
    }
    Ok(())
}
