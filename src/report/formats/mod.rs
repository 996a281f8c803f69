//! One file per format, each a plain function from the view to a writer.

mod asff;
mod brief;
mod checked;
mod codequality;
mod csv;
mod draw;
mod github;
mod html;
mod jsonl;
mod junit;
mod metrics;
mod moment;
mod ocsf;
mod sarif;
mod shortened;
mod slack;
mod sns;

pub use asff::{asff_files, is_asff_file, write_asff};
pub use codequality::write_codequality;
pub use csv::write_csv;
pub use draw::draw;
pub use github::{github_summary, write_github, write_github_outputs};
pub use html::write_html;
pub use jsonl::{report_line_schema, write_jsonl};
pub use junit::write_junit;
pub use metrics::{write_openmetrics, write_prometheus};
pub use ocsf::write_ocsf;
pub use sarif::write_sarif;
pub use slack::write_slack;
pub use sns::write_sns;
