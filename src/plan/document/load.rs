//! Reading a saved plan back.

use serde::Deserialize;

use super::shape::{FORMAT, FORMAT_VERSION, PlanDocument};
use crate::diagnostic::{quote, truncate_line};
use crate::plan::Plan;

/// A saved plan, read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedPlan {
    /// The plan.
    pub plan: Plan,
    /// Whether it is as it was made.
    pub untouched: bool,
}

/// Why a file is no plan that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Not JSON, or not to its end.
    #[error("it is not JSON: {0}")]
    NotJson(String),
    /// Something else than a plan.
    #[error("it is not a plan: {0}")]
    NotAPlan(String),
    /// A plan of another version.
    #[error("it has format version {0}, and this driftline reads version {FORMAT_VERSION}")]
    OtherVersion(u64),
    /// A plan that no driftline has made: somebody altered it.
    #[error("it is not as driftline makes plans: {0}")]
    Altered(String),
}

/// What is looked at before anything else.
#[derive(Deserialize)]
struct Head {
    format: Option<String>,
    format_version: Option<u64>,
}

impl SavedPlan {
    /// Whether a text claims to be one of driftline's documents, as opposed to a policy.
    pub fn is_claimed(text: &str) -> bool {
        serde_json::from_str::<Head>(text).is_ok_and(|head| head.format.is_some())
    }

    /// Reads a plan.
    ///
    /// # Errors
    ///
    /// Why there is no plan in it. One that was altered and still makes sense is no error here: see
    /// [`SavedPlan::untouched`].
    pub fn parse(text: &str) -> Result<Self, PlanError> {
        let head: Head =
            serde_json::from_str(text).map_err(|error| PlanError::NotJson(truncate_line(&error.to_string())))?;
        match head.format.as_deref() {
            Some(FORMAT) => {}
            Some(other) => return Err(PlanError::NotAPlan(format!("its `format` is \"{}\"", quote(other)))),
            None => return Err(PlanError::NotAPlan("it has no `format`".to_owned())),
        }
        match head.format_version {
            Some(version) if version == u64::from(FORMAT_VERSION) => {}
            Some(version) => return Err(PlanError::OtherVersion(version)),
            None => return Err(PlanError::Altered("it has no `format_version`".to_owned())),
        }
        let document: PlanDocument =
            serde_json::from_str(text).map_err(|error| PlanError::Altered(truncate_line(&error.to_string())))?;
        let untouched = document.fingerprint_matches();
        let plan = document.plan().map_err(|what| PlanError::Altered(truncate_line(&what)))?;
        Ok(Self { plan, untouched })
    }
}
