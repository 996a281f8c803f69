//! Text and JSON parts shared by the commands that do not call AWS.

use std::borrow::Cow;
use std::io::{self, Write};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{AccountId, AccountSpecificity, Candidate, Origin, RegionSpecificity, UnreadReason, Waiver};
use crate::report::{Paint, terminal, wrapped};

/// Accepted values, joined.
pub(super) fn accepted(candidate: &Candidate) -> String {
    terminal(&candidate.accepted.to_string()).into_owned()
}

/// Accepted values, joined, as they are written: placeholders would make every account another one.
pub(super) fn written(candidate: &Candidate) -> String {
    terminal(&candidate.written.as_ref().unwrap_or(&candidate.accepted).to_string()).into_owned()
}

/// Place as an editor opens it, with the name of the declaration.
pub(super) fn origin(origin: &Origin) -> String {
    let name = origin.declaration.as_ref().map_or_else(String::new, |name| format!(" \"{}\"", terminal(name)));
    format!("{}:{}{name}", terminal(&origin.to_string()), origin.column)
}

/// Terms and place of a waiver.
pub(super) fn waiver_line(waiver: &Waiver) -> String {
    let owner = waiver.owner.as_ref().map_or_else(String::new, |owner| format!(", by {}", terminal(owner)));
    let unread: Vec<&str> = waiver.unread.iter().map(|reason| reason.as_str()).collect();
    let live = match (waiver.while_live_clause(), unread.as_slice()) {
        (None, []) => String::new(),
        (Some(live), []) => format!(", while {}", terminal(&live)),
        (_, unread) => format!(", while it is unread: {}", unread.join(" or ")),
    };
    let at = format!("{}:{}", terminal(&waiver.origin.to_string()), waiver.origin.column);
    format!("until {}{owner}{live}: {} ({at})", waiver.expires, terminal(&waiver.reason))
}

/// Account id, or the name of the caller's account, which is unknown without credentials.
pub(super) fn account(id: AccountId) -> String {
    if id == AccountId::UnknownCaller { "the caller's account".to_owned() } else { id.to_string() }
}

/// Writes a paragraph in lines of at most `width` columns. A prefix comes before the first line, and blanks before the others.
pub(super) fn write_paragraph(
    prefix: &str,
    text: &str,
    width: usize,
    paint: impl Fn(&str) -> String,
    out: &mut dyn Write,
) -> io::Result<()> {
    let indent = prefix.chars().count();
    for (index, line) in wrapped(text, width.saturating_sub(indent)).iter().enumerate() {
        let start = if index == 0 { prefix } else { "" };
        writeln!(out, "{start:indent$}{}", paint(line))?;
    }
    Ok(())
}

/// Text without colour.
pub(super) fn plain(text: &str) -> String {
    text.to_owned()
}

/// Paints secondary text.
pub(super) fn faint(paint: Paint) -> impl Fn(&str) -> String {
    move |text| paint.faint(text)
}

/// Account id; `None` for the caller's account, which is unknown without credentials.
pub(super) fn known(id: AccountId) -> Option<AccountId> {
    (id != AccountId::UnknownCaller).then_some(id)
}

pub(super) fn values(candidate: &Candidate) -> Vec<Cow<'_, str>> {
    candidate.accepted.texts().collect()
}

/// A declared exception.
#[derive(Serialize, JsonSchema)]
pub(super) struct WaiverTerms<'a> {
    /// Where it is declared.
    origin: &'a Origin,
    reason: &'a str,
    /// Who is responsible for it.
    owner: Option<&'a str>,
    /// The last day that it covers, in UTC.
    #[schemars(extend("format" = "date"))]
    expires: String,
    /// The live values that it covers; empty covers any.
    while_live: Vec<Cow<'a, str>>,
    /// The reasons for which it expects targets to be unread; null for a waiver of drift.
    unread_reasons: Option<&'a [UnreadReason]>,
    /// Whether that day is past.
    expired: bool,
}

pub(super) fn waiver(waiver: &Waiver, today: Date) -> WaiverTerms<'_> {
    WaiverTerms {
        origin: &waiver.origin,
        reason: &waiver.reason,
        owner: waiver.owner.as_deref(),
        expires: waiver.expires.to_string(),
        while_live: waiver.while_live.iter().map(|(_, value)| value.text()).collect(),
        unread_reasons: waiver.expects_unread().then_some(&*waiver.unread),
        expired: waiver.is_expired(today),
    }
}

/// Specificity of a declaration's selectors.
#[derive(Serialize, JsonSchema)]
pub(super) struct Specificity {
    accounts: Accounts,
    /// Depth of the organizational unit below the root, for a unit selector.
    unit_depth: Option<u8>,
    regions: Regions,
}

/// Specificity of account selectors, the least specific first.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Accounts {
    Everyone,
    OrganizationalUnit,
    TagOrNamePattern,
    AccountId,
}

/// Specificity of a Region selector, the least specific first.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Regions {
    All,
    Pattern,
    Name,
}

pub(super) fn specificity(candidate: &Candidate) -> Specificity {
    let (accounts, unit_depth) = match candidate.specificity.accounts {
        AccountSpecificity::Everyone => (Accounts::Everyone, None),
        AccountSpecificity::Unit(depth) => (Accounts::OrganizationalUnit, Some(depth)),
        AccountSpecificity::Attribute => (Accounts::TagOrNamePattern, None),
        AccountSpecificity::Id => (Accounts::AccountId, None),
    };
    let regions = match candidate.specificity.regions {
        RegionSpecificity::All => Regions::All,
        RegionSpecificity::Pattern => Regions::Pattern,
        RegionSpecificity::Name => Regions::Name,
    };
    Specificity { accounts, unit_depth, regions }
}
