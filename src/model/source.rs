//! Where readings come from.

use serde::{Deserialize, Serialize};

/// Where readings come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// AWS, or what the endpoint variables name in its place.
    Aws,
    /// A simulated AWS, from a world file.
    Simulation,
}
