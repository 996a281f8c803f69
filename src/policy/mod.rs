//! Policy files: from text to the desired state of each target.
//!
//! ```text
//! paths → files → tree of nodes → declarations (valid) → desired state (resolved against an inventory)
//! ```
//!
//! Each step has a type of its own and consumes the one before, so nothing unchecked reaches the next.

mod declaration;
mod decode;
mod load;
mod organization_rules;
mod resolve;
mod rules;
mod schema;
mod selector;
mod selector_scope;
mod text_rules;
mod unchecked_names;
mod unmatched;
mod unused;

pub use declaration::{Declaration, DeclaredSetting, DeclaredWaiver, UnknownParts};
pub use load::{Content, PolicyFile, PolicySet, find, language_in_folder, left_out, load, load_found};
pub use organization_rules::check_administrator;
pub use resolve::{resolve, resolve_for_some_accounts};
pub(crate) use rules::is_known as check_region_is_known;
pub use schema::{POLICY_VERSION, policy_schema};
pub use selector::{
    AccountItems, AccountSelectors, NameKind, RegionItem, RegionSelector, Selection, Selectors, TagItem, UnitItem,
    UnitName,
};
pub use text_rules::{ACCOUNT_ID, REGION_NAME};
pub use unchecked_names::{UncheckedNames, report_unchecked_names};
pub use unused::check_expiry;
