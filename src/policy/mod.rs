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
mod ground;
mod idle;
mod load;
mod matching;
mod needs;
mod places;
mod reach;
mod resolve;
mod rules;
mod selector;
mod shape;
mod texts;
mod waivers;

pub use declaration::{Declaration, DeclaredSetting, DeclaredWaiver};
pub use files::{Content, Found, find, language_in_folder};
pub use load::{PolicySet, load, load_found};
pub use reach::report_regions as judge_regions;
pub use resolve::resolve;
pub(crate) use rules::is_known as check_region_is_known;
pub use selector::{
    AccountItems, AccountSelectors, RegionItem, RegionSelector, Selection, Selectors, TagItem, UnitItem, UnitName,
};
pub use shape::POLICY;
pub use texts::{ACCOUNT_ID, REGION_NAME};
pub use waivers::judge as judge_waivers;
