//! Which accounts and Regions there are for a run: those of the policies, of the credentials, of AWS Organizations, or of a
//! file that was made of the latter.

mod listing;
mod organization;
mod saved;
mod source;

pub use listing::{ListFields, Listing, list};
pub use organization::{Organization, RegionStatus};
pub use saved::{MAX_SAVED_BYTES, inventory_schema, load_saved, load_saved_text, saved_json};
pub use source::{Accounts, AccountsSource, NoAccounts, RegionsSource, assemble};
