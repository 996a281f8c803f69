//! One file per format, each a plain function from the view to a writer.

mod asff;
mod codequality;
mod csv;
mod github;
mod html;
mod jsonl;
mod junit;
mod metrics;
mod notification;
mod ocsf;
mod render;
mod sarif;
mod setting_row;
mod slack;
mod sns;
mod timestamps;
mod truncate;

pub use asff::{asff_files, is_asff_file, write_asff};
pub use codequality::write_codequality;
pub use csv::write_csv;
pub use github::{github_summary, write_github, write_github_outputs};
pub use html::write_html;
pub use jsonl::{report_line_schema, write_jsonl};
pub use junit::write_junit;
pub use metrics::{write_openmetrics, write_prometheus};
pub use ocsf::write_ocsf;
pub use render::render;
pub use sarif::write_sarif;
pub use slack::write_slack;
pub use sns::write_sns;
