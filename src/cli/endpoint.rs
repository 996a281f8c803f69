//! The way to AWS, or to a simulated one.

use clap::Args;

use super::collision::ReservedPath;
use super::error::CliError;
use super::workspace::LoadedConfig;
use crate::aws::{AccessOptions, RoleTemplate, Source as Origin};
use crate::model::Environment;

/// Which AWS is asked.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct EndpointArgs {
    /// Ask a simulated AWS, described by this world file, in the place of the real one; needs no credentials
    #[cfg(feature = "simulator")]
    #[arg(long, value_name = "WORLD")]
    simulate: Option<std::path::PathBuf>,
}

/// A way to AWS: how it is reached, and the simulation that is there for as long as this is.
pub(super) struct Endpoint {
    /// How it is reached for reading.
    pub(super) options: AccessOptions,
    /// Which AWS it is.
    pub(super) source: Environment,
    #[cfg(feature = "simulator")]
    _simulation: Option<driftline_simulator::Simulation>,
}

impl EndpointArgs {
    /// The world file, which nothing may write over.
    #[cfg_attr(not(feature = "simulator"), expect(clippy::unused_self, reason = "only a simulation has a world file"))]
    pub(super) fn kept(&self) -> Option<ReservedPath> {
        #[cfg(feature = "simulator")]
        return self.simulate.as_deref().map(ReservedPath::input);
        #[cfg(not(feature = "simulator"))]
        None
    }

    /// The way that the settings describe.
    #[cfg_attr(
        not(feature = "simulator"),
        expect(
            clippy::unused_self,
            clippy::unnecessary_wraps,
            reason = "only a simulation can be asked for, and fail"
        )
    )]
    pub(super) fn resolve(&self, inputs: &LoadedConfig) -> Result<Endpoint, CliError> {
        let mut options = AccessOptions::new(Origin::Environment);
        options.role.clone_from(&inputs.settings.aws.role);
        options.external_id.clone_from(&inputs.settings.aws.external_id);
        options.session_name = inputs.settings.aws.session_name.clone();
        #[cfg(feature = "simulator")]
        {
            let simulation = self.simulate.as_deref().map(super::simulate::start).transpose()?;
            if let Some(simulation) = &simulation {
                super::simulate::point_at(simulation, &mut options)?;
            }
            let source = if simulation.is_some() { Environment::Simulation } else { Environment::Aws };
            Ok(Endpoint { options, source, _simulation: simulation })
        }
        #[cfg(not(feature = "simulator"))]
        Ok(Endpoint { options, source: Environment::Aws })
    }
}

impl Endpoint {
    /// The same way for changing: with the role that is for that, where the settings name one.
    pub(super) fn write_options(&self, apply_role: Option<&RoleTemplate>) -> AccessOptions {
        let mut options = self.options.clone();
        if let Some(role) = apply_role {
            options.role = Some(role.clone());
        }
        options
    }
}
