//! The accounts of an organization, for people.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr as _;

use crate::inventory::{Organization, RegionStatus};
use crate::model::{Account, AccountState};
use crate::report::{Paint, terminal};

/// Longer paths than this do not make the column wider for all.
const PATH_AT_MOST: usize = 48;

/// Writes how many accounts there are in which state, then a line for each, and below it what else is known.
pub(super) fn write_accounts(organization: &Organization, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let accounts = &organization.accounts;
    let (id, management) = (terminal(&organization.id), organization.management_account);
    let noun = if accounts.len() == 1 { "account" } else { "accounts" };
    writeln!(out, "{}", paint.strong(&format!("Organization {id}, management account {management}")))?;
    writeln!(out, "{} {noun} = {}\n", accounts.len(), states(accounts))?;
    let rows: Vec<[String; 3]> = accounts.iter().map(|account| row(account, organization)).collect();
    let width = |column: fn(&[String; 3]) -> &str, most: usize| {
        rows.iter().map(|row| column(row).width()).filter(|width| *width <= most).max().unwrap_or_default()
    };
    let (state, path) = (width(|row| &row[0], usize::MAX), width(|row| &row[1], PATH_AT_MOST));
    for (account, row) in accounts.iter().zip(&rows) {
        let in_use = account.state == Some(AccountState::Active);
        let word = padded(&row[0], state);
        let word = if in_use { word } else { paint.warn(&word) };
        let line = format!("{}  {word}  {}  {}", account.id, padded(&row[1], path), row[2]);
        writeln!(out, "{}", line.trim_end())?;
        if !account.tags.is_empty() {
            let tags: Vec<String> =
                account.tags.iter().map(|(key, value)| format!("{}={}", terminal(key), terminal(value))).collect();
            writeln!(out, "{:14}{}", "", paint.faint(&format!("tags: {}", tags.join(", "))))?;
        }
        if let Some(regions) = organization.regions.get(&account.id) {
            let count = |wanted: RegionStatus| regions.values().filter(|presence| **presence == wanted).count();
            let text = format!("Regions: {} on, {} off", count(RegionStatus::On), count(RegionStatus::Off));
            let changing = count(RegionStatus::Changing);
            let more = if changing > 0 { format!(", {changing} changing") } else { String::new() };
            writeln!(out, "{:14}{}", "", paint.faint(&format!("{text}{more}")))?;
        }
    }
    Ok(())
}

fn row(account: &Account, organization: &Organization) -> [String; 3] {
    let path = if account.units.is_empty() { "(root)".to_owned() } else { account.unit_path() };
    let name = account.name.as_deref().unwrap_or_default();
    let mark = if account.id == organization.management_account { " (management account)" } else { "" };
    [state(account.state).to_owned(), terminal(&path).into_owned(), format!("{}{mark}", terminal(name))]
}

/// How many accounts are in which state; states without an account are left out.
fn states(accounts: &[Account]) -> String {
    let each = AccountState::ALL.into_iter().map(Some).chain([None]);
    let counts = each.filter_map(|wanted| {
        let count = accounts.iter().filter(|account| account.state == wanted).count();
        (count > 0).then(|| format!("{count} {}", state(wanted)))
    });
    counts.collect::<Vec<_>>().join(" + ")
}

fn state(state: Option<AccountState>) -> &'static str {
    match state {
        Some(AccountState::PendingActivation) => "pending activation",
        Some(AccountState::Active) => "active",
        Some(AccountState::Suspended) => "suspended",
        Some(AccountState::PendingClosure) => "closing",
        Some(AccountState::Closed) => "closed",
        None => "state unknown",
    }
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}
