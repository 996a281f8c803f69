//! The report as one page: no script, nothing fetched, the same from a mail, an artifact store or paper.

mod anchor;
mod drift;
mod escaped;
mod filter;
mod findings;
mod heat_map;
mod ledger;
mod limited_list;
mod not_applicable;
mod page;
mod run_metadata;
mod style;
mod unread;
mod waivers;

pub use page::write_html;
