//! `driftline doctor`: everything that a check needs, tried one by one.
//!
//! ```text
//! settings → policies → caller → inventory → roles → read calls → actions and Regions
//! ```

mod accounts;
mod actions;
mod diagnosis;
mod inventory;
mod local;
mod reads;
mod run;
mod settings;
mod text;

pub(super) use diagnosis::doctor_schema;
pub(super) use run::{DoctorArgs, run};
