//! Declarations and waivers: selectors plus what is said of the targets, everything in it valid.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::selector::Selection;
use crate::diagnostic::Span;
use crate::model::{Accepted, Origin, Resource, SettingId, Severity, Waiver};

/// Desired settings of a resource in some targets.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// The resource.
    pub resource: Resource,
    /// Where it stands.
    pub span: Span,
    /// What its author calls it.
    pub name: Option<String>,
    /// The targets.
    pub selection: Selection,
    /// The settings. Never empty.
    pub settings: BTreeMap<SettingId, DeclaredSetting>,
    /// How much a drift matters.
    pub severity: Severity,
}

/// Desired values of one setting.
#[derive(Debug, Clone)]
pub struct DeclaredSetting {
    /// The values that are fine; `apply` sets the first. Never empty.
    pub accepted: Accepted,
    /// Where the value stands.
    pub span: Span,
    /// The same place, as reports name it.
    pub origin: Arc<Origin>,
}

/// Approved exception for drift of some targets, until a day.
#[derive(Debug, Clone)]
pub struct DeclaredWaiver {
    /// Where it stands.
    pub span: Span,
    /// The targets.
    pub selection: Selection,
    /// The settings. Never empty.
    pub settings: Vec<SettingId>,
    /// Where its last day stands.
    pub expires: Span,
    /// Reason, owner, last day and live values.
    pub waiver: Arc<Waiver>,
}
