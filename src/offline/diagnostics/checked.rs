//! What the JSON diagnostics are drawn from.

use crate::diagnostic::{Diagnostics, Sources};

/// A policy set that was checked.
#[derive(Debug)]
pub struct Checked {
    /// The folder or files that it is, as shown.
    pub name: String,
    /// The settings file, as shown, where there is one.
    pub settings_file: Option<String>,
    /// What it holds; `None` if that cannot be told for mistakes.
    pub holds: Option<Holds>,
    /// Why it could not be checked at all, where that is no matter of a file's content.
    pub failure: Option<String>,
    /// What was found.
    pub findings: Findings,
}

/// What a valid policy set holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Holds {
    /// Policy files.
    pub policy_files: usize,
    /// Declarations in them.
    pub declarations: usize,
    /// Targets that they reach: in the caller's account, where the inventory is that; null where it is the organization, whose
    /// accounts only AWS knows.
    pub targets: Option<usize>,
    /// Accounts of the inventory; null where it is the caller's account or the organization.
    pub accounts: Option<usize>,
}

/// Diagnostics with the files that they speak of.
#[derive(Debug, Default)]
pub struct Findings {
    /// The mistakes and doubts.
    pub diagnostics: Diagnostics,
    /// The files.
    pub sources: Sources,
}
