//! Every format of the report, drawn from one fixture.

mod any;
mod asff;
mod codequality;
mod comparisons;
mod counts;
mod csv;
mod fixture;
mod github;
mod harmless;
mod html;
mod jsonl;
mod junit;
mod laws;
mod listings;
mod metrics;
mod ocsf;
mod problem_laws;
mod rules;
mod sarif;
mod slack;
mod sns;
mod written;
