//! driftline: desired-state files declare how Amazon Macie is set in each account and Region; driftline reads what is
//! live, says what differs, and never guesses about what it could not read.
//!
//! ```text
//! arguments → policy → desired ─┐
//!             inventory ────────┼→ live readings → drift → verdict → report → exit code
//! ```
//!
//! | Room | Knows | Holds |
//! |---|---|---|
//! | [`model`] | nothing | account id, Region, target, settings, desired state: the words everyone uses |
//! | [`files`] | nothing | finding, reading, writing and locking files: links, owners, modes, descriptors |
//! | [`diagnostic`] | nothing | what a reader is told about their files, drawn by miette |
//! | [`document`] | diagnostic, files | files as one tree with places; the table of keys behind checker and JSON Schema |
//! | [`policy`] | model, diagnostic, document | declarations, selectors, precedence |
//! | [`git`] | document, policy | policy files as they were at a git revision |
//! | [`desired_diff`] | model | what one desired state changes about another, target by target |
//! | [`aws`] | model, files | credentials, clients, retries, the failure table |
//! | [`inventory`] | model, diagnostic, document, aws | which accounts and Regions there are; AWS Organizations, saved inventories |
//! | [`config`] | model, diagnostic, files, document, policy, aws, inventory | `driftline.toml` |
//! | [`session`] | model, aws | the Macie session as a resource: reading and comparing it |
//! | [`collect`] | model, aws, session | the one fan-out that reads all targets |
//! | [`drift`] | model, session | outcomes, ledger, verdict |
//! | [`plan`] | model, diagnostic, session, drift | the calls that would remove the drift, as data; the saved plan |
//! | [`apply`] | model, diagnostic, files, aws, session, plan | guards, execution, journal, the way back; the only room that changes AWS |
//! | [`iam_policy`] | model, policy | the least IAM policy for some files and a command |
//! | [`report`] | model, diagnostic, files, aws, session, drift, plan, apply | one model, one file per format, escaping in one place |
//! | `simulator` | model, diagnostic, files | AWS's endpoints on loopback |
//! | [`cli`] | all | one file per command |
//!
//! A test holds the rooms to this table.

pub mod apply;
pub mod aws;
pub mod cli;
pub mod collect;
pub mod config;
pub mod desired_diff;
pub mod diagnostic;
pub mod document;
pub mod drift;
pub mod files;
pub mod git;
pub mod iam_policy;
pub mod inventory;
pub mod model;
pub mod plan;
pub mod policy;
pub mod report;
pub mod session;
#[cfg(feature = "simulator")]
pub mod simulator;
