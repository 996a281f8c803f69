//! What one desired state changes about another, target by target: plain functions over plain data.
//!
//! A value that is only declared elsewhere than before is no difference.

mod diff;
mod setting_change;

pub use diff::{Counts, DesiredDiff, TargetChange};
pub use setting_change::{ChangeKind, DesiredSettingsChange, RegionNamingChange, SettingChange};
