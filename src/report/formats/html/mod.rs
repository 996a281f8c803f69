//! The report as one page: no script, nothing fetched, the same from a mail, an artifact store or paper.

mod anchor;
mod as_fit;
mod drift;
mod facts;
mod filter;
mod findings;
mod heat_map;
mod ledger;
mod page;
mod rest;
mod said;
mod style;
mod unread;
mod waivers;

pub use page::write_html;
