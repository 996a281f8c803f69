//! Which accounts and Regions there are for a run.

mod source;

pub use source::{AccountsSource, NoAccounts, RegionsSource, assemble};
