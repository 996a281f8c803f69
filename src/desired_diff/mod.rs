//! What one desired state changes about another, target by target: plain functions over plain data.
//!
//! That a value is declared elsewhere than before is no difference: what is wanted stays the same.

mod between;
mod change_kind;
mod counts;
mod setting_change;

pub use between::{DesiredDiff, TargetChange};
pub use change_kind::ChangeKind;
pub use counts::Counts;
pub use setting_change::{DesiredSettingsChange, RegionNamingChange, SettingChange};
