//! Policy files: from text to what is wanted of each target.
//!
//! ```text
//! paths → files → tree of nodes → declarations (valid) → desired state (resolved against an inventory)
//! ```
//!
//! Each step has a type of its own and consumes the one before, so nothing unchecked reaches the next.

mod declaration;
mod decode;
mod files;
mod load;
mod reach;
mod resolve;
mod rules;
mod selector;
mod shape;

pub use declaration::{Declaration, DeclaredSetting};
pub use files::{Found, find};
pub use load::{PolicySet, load};
pub use resolve::resolve;
pub(crate) use rules::is_known as check_region_is_known;
pub use selector::{AccountSelector, Except, RegionItem, RegionSelector};
pub use shape::{ACCOUNT_ID, POLICY, REGION_NAME};
