//! What a run takes as given beside its files.

use clap::Args;
use jiff::civil::Date;

use crate::inventory::AccountsSource;
use crate::model::{AccountId, Clock};

/// What the commands that resolve policies take as given.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct PolicyContextArgs {
    /// Judge waivers as on this day (UTC), such as 2027-03-31, in the place of today
    #[arg(long, value_name = "DATE")]
    pub(super) as_of: Option<Date>,
    /// Which accounts there are: a file saved by `driftline inventory`, or a word; overrides driftline.toml
    #[arg(long, value_name = "FILE|organization|caller|declared", value_parser = source)]
    pub(super) inventory: Option<AccountsSource>,
}

impl PolicyContextArgs {
    /// The day of the run, in UTC.
    pub(super) fn today(&self) -> Date {
        self.as_of.unwrap_or_else(|| Clock::System.today())
    }
}

fn source(text: &str) -> Result<AccountsSource, &'static str> {
    if text.is_empty() {
        Err("it is empty")
    } else if text.parse::<AccountId>().is_ok() {
        Err("it is an account id; a list of ids goes under `[inventory] accounts` in driftline.toml")
    } else {
        Ok(AccountsSource::parse(text))
    }
}
