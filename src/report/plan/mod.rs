//! The plan for people and for pull requests. For programs it is the saved plan itself.

mod markdown;
mod summary;
mod text;

pub use markdown::write_plan_markdown;
pub(super) use summary::covered;
pub(crate) use summary::outside_administrator;
pub use text::write_plan_text;
