//! Policy files: from text to what is wanted of each target.
//!
//! ```text
//! paths → files → tree of nodes → declarations (valid) → desired state (resolved against an inventory)
//! ```
//!
//! Each step has a type of its own and consumes the one before, so nothing unchecked reaches the next.

mod declaration;
mod decode;
mod decode_selection;
mod files;
mod labels;
mod load;
mod matching;
mod needs;
mod resolve;
mod rules;
mod schema;
mod selector;
mod selector_scope;
mod text_rules;
mod unmatched;
mod unused;
mod waivers;

pub use declaration::{Declaration, DeclaredSetting, DeclaredWaiver};
pub use files::{Content, PolicyFile, find, language_in_folder};
pub use load::{PolicySet, load, load_found};
pub use resolve::resolve;
pub(crate) use rules::is_known as check_region_is_known;
pub use schema::policy_schema;
pub use selector::{
    AccountItems, AccountSelectors, RegionItem, RegionSelector, Selection, Selectors, TagItem, UnitItem, UnitName,
};
pub use text_rules::{ACCOUNT_ID, REGION_NAME};
pub use unused::report_regions as judge_regions;
pub use waivers::check_expiry as judge_waivers;
