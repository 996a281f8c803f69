//! driftline: desired-state files declare how Amazon Macie and Session Manager are set in each account and Region; driftline
//! reads what is live, says what differs, and never guesses about what it could not read.
//!
//! ```text
//! arguments → policy → desired ─┐
//!             inventory ────────┼→ live readings → drift → verdict → report → exit code
//! ```
//!
//! | Module | May use | Contains |
//! |---|---|---|
//! | [`model`] | nothing | account id, Region, target, settings, desired state: the vocabulary |
//! | [`files`] | nothing | finding, reading, writing and locking files: links, owners, modes, descriptors |
//! | [`diagnostic`] | nothing | one diagnostic with code, labels and help, rendered by miette; sanitizing of untrusted text |
//! | [`document`] | diagnostic, files | YAML, TOML and JSON as one spanned tree; the table schema behind checker and JSON Schema |
//! | [`policy`] | model, diagnostic, document | declarations, selectors, precedence |
//! | [`git`] | document, policy | policy files at a Git revision |
//! | [`desired_diff`] | model | what one desired state changes about another |
//! | [`aws`] | model, files | SDK clients, credentials, retries, rate limits, failure classification |
//! | [`inventory`] | model, diagnostic, document, aws | accounts and Regions; AWS Organizations; saved inventories |
//! | [`config`] | model, diagnostic, files, document, policy, aws, inventory | `driftline.toml` |
//! | [`resource`] | model, aws | one folder per resource: its settings, how each is read, planned and written |
//! | [`collect`] | model, aws, inventory, resource | the one scheduler that reads all targets |
//! | [`drift`] | model, resource | outcomes, ledger, verdict |
//! | [`plan`] | model, diagnostic, resource, drift | the calls that would remove the drift, as data; the saved plan |
//! | [`apply`] | model, diagnostic, files, aws, resource, collect, plan | guards, execution, journal, rollback; the only module that changes AWS |
//! | [`iam_policy`] | model, policy, resource | least-privilege policies |
//! | [`report`] | model, diagnostic, files, aws, resource, drift, plan, apply, iam_policy | one report model; one file per format; escaping in one place |
//! | [`cli`] | all | one file per command |
//!
//! A test enforces this table.

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
pub mod resource;
