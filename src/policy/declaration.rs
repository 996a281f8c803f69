//! A declaration: selectors plus desired settings, everything in it valid.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::selector::{AccountSelector, Except, RegionSelector};
use crate::diagnostic::Span;
use crate::model::{Origin, Setting, SettingValue, Severity};

/// What is wanted of the sessions of some targets.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// Where it stands.
    pub span: Span,
    /// What its author calls it.
    pub name: Option<String>,
    /// The accounts.
    pub accounts: AccountSelector,
    /// The Regions.
    pub regions: RegionSelector,
    /// What is taken away.
    pub except: Option<Except>,
    /// The settings. Never empty.
    pub settings: BTreeMap<Setting, DeclaredSetting>,
    /// How much a drift matters.
    pub severity: Severity,
}

/// What is wanted of one setting.
#[derive(Debug, Clone)]
pub struct DeclaredSetting {
    /// The values that are fine; `apply` sets the first. Never empty.
    pub accepted: Arc<[SettingValue]>,
    /// Where the value stands.
    pub span: Span,
    /// The same place, as reports name it.
    pub origin: Arc<Origin>,
}
