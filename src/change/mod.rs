//! What one desired state changes about another, target by target: plain functions over plain data.
//!
//! That a value is declared elsewhere than before is no difference: what is wanted stays the same.

mod between;
mod counts;
mod kind;
mod wish;

pub use between::{Changes, TargetChange};
pub use counts::Counts;
pub use kind::Kind;
pub use wish::{Naming, SettingChange, WishChange};
