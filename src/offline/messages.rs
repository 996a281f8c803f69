//! Turns of phrase that several commands share.

use std::io::{self, Write};

use crate::model::{AccountId, Candidate, Origin, Waiver};
use crate::report::{Paint, terminal, wrapped};

/// The accepted values: any of them is fine.
pub(super) fn accepted(contender: &Candidate) -> String {
    contender.accepted.iter().map(|value| value.as_str()).collect::<Vec<_>>().join(" or ")
}

/// A place as an editor opens it, with the name of the declaration.
pub(super) fn origin(origin: &Origin) -> String {
    let name = origin.declaration.as_ref().map_or_else(String::new, |name| format!(" \"{}\"", terminal(name)));
    format!("{}:{}{name}", terminal(&origin.to_string()), origin.column)
}

/// What a waiver says, and where.
pub(super) fn waiver(waiver: &Waiver) -> String {
    let owner = waiver.owner.as_ref().map_or_else(String::new, |owner| format!(", by {}", terminal(owner)));
    let live: Vec<&str> = waiver.while_live.iter().map(|value| value.as_str()).collect();
    let live = if live.is_empty() { String::new() } else { format!(", while it is {}", live.join(" or ")) };
    let at = format!("{}:{}", terminal(&waiver.origin.to_string()), waiver.origin.column);
    format!("until {}{owner}{live}: {} ({at})", waiver.expires, terminal(&waiver.reason))
}

/// The account, or what to call the one that nobody knows without credentials.
pub(super) fn account(id: AccountId) -> String {
    if id == AccountId::NOBODY { "the caller's account".to_owned() } else { id.to_string() }
}

/// Some items in full; of more than `at_most`, only the first ones and how many more there are.
pub(super) fn listed(items: &[String], at_most: usize) -> String {
    match items.get(..at_most) {
        // One more takes no more room than to say that there is one.
        Some(first) if items.len() > at_most + 1 => {
            format!("{}, … and {} more", first.join(", "), items.len() - first.len())
        }
        _ => items.join(", "),
    }
}

/// A paragraph with a label before it, in lines of at most `width` columns.
pub(super) fn labelled(
    label: &str,
    text: &str,
    indent: usize,
    width: usize,
    paint: impl Fn(&str) -> String,
    out: &mut dyn Write,
) -> io::Result<()> {
    let before = indent + label.chars().count();
    for (nth, line) in wrapped(text, width.saturating_sub(before)).iter().enumerate() {
        let start = if nth == 0 { format!("{:indent$}{label}", "") } else { " ".repeat(before) };
        writeln!(out, "{start}{}", paint(line))?;
    }
    Ok(())
}

/// Leaves text as it is.
pub(super) fn plain(text: &str) -> String {
    text.to_owned()
}

/// Paints what is beside the point.
pub(super) fn faint(paint: Paint) -> impl Fn(&str) -> String {
    move |text| paint.faint(text)
}
