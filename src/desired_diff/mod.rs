//! What one desired state changes about another, target by target: plain functions over plain data.
//!
//! That a value is declared elsewhere than before is no difference: what is wanted stays the same.

mod diff;
mod setting_change;

pub use diff::{Counts, DesiredDiff, TargetChange};
pub use setting_change::{ChangeKind, DesiredSettingsChange, RegionNamingChange, SettingChange};
