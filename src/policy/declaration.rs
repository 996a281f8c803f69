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
    /// The settings. Never empty, unless there was an error.
    pub settings: BTreeMap<SettingId, DeclaredSetting>,
    /// What it says of the resource beside settings.
    pub parameters: BTreeMap<SettingId, DeclaredSetting>,
    /// How much a drift matters.
    pub severity: Severity,
    /// What is not known of it.
    pub unknown: UnknownParts,
}

/// Parts of a declaration that are not known because of errors in them, which have been reported. Nothing follows from them.
#[derive(Debug, Clone, Default)]
pub struct UnknownParts {
    /// Whether the targets are not known.
    pub selection: bool,
    /// The settings and parameters whose values are not known, each with the place of its key. A nested table with an error of its own
    /// has no place for each.
    pub settings: BTreeMap<SettingId, Option<Span>>,
}

impl Declaration {
    /// What it says of a setting or a parameter.
    pub fn declared(&self, setting: SettingId) -> Option<&DeclaredSetting> {
        self.settings.get(&setting).or_else(|| self.parameters.get(&setting))
    }

    /// Whether its value of a setting or a parameter is not known.
    pub fn is_unknown(&self, setting: SettingId) -> bool {
        self.unknown.settings.contains_key(&setting)
    }

    /// The settings, and the parameters.
    pub fn all_declared(&self) -> impl Iterator<Item = (&SettingId, &DeclaredSetting)> {
        self.settings.iter().chain(&self.parameters)
    }
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
