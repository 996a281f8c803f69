//! The program as a user meets it: real processes in a clean environment, with the exit code of each asserted.

#![cfg(feature = "simulator")]
#![allow(clippy::expect_used, reason = "tests say what they expect by failing")]

#[cfg(unix)]
mod action;
#[cfg(unix)]
mod action_damaged;
#[cfg(unix)]
mod action_release;
mod all_errors;
mod apply;
mod apply_credentials;
mod apply_faults;
mod apply_guards;
mod apply_journal;
#[cfg(unix)]
mod apply_kill;
#[cfg(unix)]
mod apply_locks;
mod apply_members;
mod apply_partial;
#[cfg(unix)]
mod apply_terminal;
mod automated_discovery;
#[cfg(unix)]
mod aws_examples;
mod base;
#[cfg(unix)]
mod base_links;
mod baseline;
mod carried;
mod cases;
mod causes;
mod clocks;
#[cfg(unix)]
mod collisions;
mod colour;
mod comment;
mod completions;
mod compression;
mod console_session;
mod credentials;
mod deadlines;
mod default_policies;
#[cfg(unix)]
mod descriptors;
mod diff;
mod diff_base;
mod doctor;
mod doctor_environment;
mod environment;
mod examples;
mod exit_codes;
mod expected_unread;
mod explain;
mod fixes;
mod formats;
mod generated;
#[cfg(unix)]
mod gitlab;
mod help;
mod hints;
mod hostile;
mod iam_policy;
mod iam_policy_resources;
mod iam_templates;
mod init;
#[cfg(unix)]
mod input_files;
#[cfg(unix)]
mod interruption;
mod inventory;
mod json;
mod links;
mod machine_changes;
mod macie_members;
mod macie_settings;
mod man;
mod odd_answers;
mod offline;
mod only_unread;
mod option_variables;
mod other_commands;
#[cfg(unix)]
mod output_files;
mod page;
mod partial;
mod plan;
mod policy_examples;
mod preferences;
mod preferences_access;
mod promises;
mod published;
mod reader;
mod ready_policies;
mod report;
mod reports;
mod resource_examples;
mod resources;
mod rollback;
mod rule_words;
mod saved;
mod schemas;
#[cfg(unix)]
mod selection;
mod selectors;
mod sessions;
mod sessions_access;
mod settings;
mod shard_examples;
mod shards;
#[cfg(unix)]
mod shutdown;
mod since;
mod sizes;
mod snapshot;
mod support;
mod targets;
mod text;
#[cfg(unix)]
mod tutorials;
mod unmanaged;
mod unread;
mod validate;
mod workflows;
