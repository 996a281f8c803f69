//! The report for people: accounts that ask for attention first, in each of them drift first, the ledger last.

mod account;
mod changes;
mod layout;
mod options;
mod quiet;
mod regions;
mod summary;
mod waivers;

use std::io::{self, Write};

use layout::Layout;
pub(super) use layout::labelled;
pub(crate) use layout::wrapped;
pub use options::{Detail, LinkRoot, Paint, TextOptions};

use super::approved::{approved_findings, write_approved_text};
use super::model::View;

/// Writes the report for people.
pub fn write_text(report: &View<'_>, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let options = match options.detail {
        // Of each, one line.
        Detail::Unchanged => TextOptions { width: usize::MAX, ..options },
        _ => options,
    };
    changes::news(report, options, out)?;
    if options.detail < Detail::Quiet {
        summary::scope(report, options, out)?;
        return summary::verdict(report, options, out);
    }
    if options.detail > Detail::Quiet {
        let layout = Layout::new(report, options);
        summary::causes(report, &layout, out)?;
        summary::heading(report, options, out)?;
        write_approved_text(&approved_findings(report), options, out)?;
        account::all(report, &layout, out)?;
        waivers::all(report, &layout, out)?;
        summary::unreached(report, options, out)?;
    }
    changes::all(report, options, out)?;
    summary::carried(report, options, out)?;
    summary::ledger(report, options, out)
}
