//! What a change of the policies takes out of management.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The git revision that policies are compared with, and what of it they do not manage any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BaseFacts {
    /// The git revision, as it was named.
    pub revision: String,
    /// Settings of targets of this run that drifted by the old policies, and of which the new ones want nothing.
    pub unmanaged: usize,
    /// Targets that the old policies want something of, and the new ones do not. They were not read.
    pub no_longer_declared: usize,
    /// Settings of which the old policies want something and the new ones nothing, drifted or not, of targets that are still
    /// declared.
    #[serde(default)]
    pub settings_no_longer_declared: usize,
}
