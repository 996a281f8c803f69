//! The report for people: accounts that ask for attention first, in each of them drift first, the ledger last.

mod account;
mod changes;
mod layout;
mod summary;
mod waivers;

use std::io::{self, Write};

use super::{Paint, View};
pub(super) use changes::unmanaged;
use layout::Layout;
pub(crate) use layout::{labelled, wrapped};

/// How much a text report says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Ledger and verdict.
    Quiet,
    /// What asks for attention in full, the rest in brief.
    Normal,
    /// Every target with its values, evidence, and what was overridden.
    Verbose,
}

/// How a text report looks.
#[derive(Debug, Clone, Copy)]
pub struct TextOptions {
    /// The width of a line, in columns.
    pub width: usize,
    /// Whether there is colour.
    pub paint: Paint,
    /// How much is said.
    pub detail: Detail,
}

/// Writes the report for people.
pub fn write_text(report: &View<'_>, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    if options.detail > Detail::Quiet {
        summary::heading(report, options, out)?;
        let layout = Layout::new(report, options);
        account::all(report, &layout, out)?;
        waivers::all(report, &layout, out)?;
        summary::unreached(report, options, out)?;
    }
    changes::all(report, options, out)?;
    summary::carried(report, options, out)?;
    summary::ledger(report, options, out)
}
