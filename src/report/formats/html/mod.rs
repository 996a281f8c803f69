//! The report as one page: no script, nothing fetched, the same from a mail, an artifact store or paper.

mod badge;
mod block;
mod causes;
mod drift;
mod escaped;
mod findings;
mod heat_map;
mod ledger;
mod page;
mod run;
mod times;
mod unread;
mod waivers;

pub use page::write_html;
