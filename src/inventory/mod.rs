//! Accounts and Regions of a run: from the policies, the credentials, AWS Organizations, or a saved inventory.

mod listing;
mod organization;
mod saved;
mod source;

pub use listing::{ListFields, Listing, list};
pub use organization::{Organization, RegionStatus};
pub use saved::{MAX_SAVED_BYTES, inventory_schema, load_saved, load_saved_text, saved_json};
pub use source::{Accounts, AccountsSource, NoAccounts, OfflineInventory, RegionsSource, assemble, missing_inventory};
