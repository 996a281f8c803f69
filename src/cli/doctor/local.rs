//! What needs no call to AWS: variables, profile files, certificates, git.

use std::path::Path;

use super::diagnosis::{CheckId, DoctorCheck};
use crate::aws::{EnvironmentTopic, describe_environment};
use crate::cli::endpoint::Deadline;
use crate::cli::run_context::RunContext;
use crate::document::display_path;
use crate::git::{RevisionError, git_version, work_tree};
use crate::model::Environment;

const TOPICS: [(EnvironmentTopic, CheckId, &str); 6] = [
    (EnvironmentTopic::Profile, CheckId::Profile, "profile"),
    (EnvironmentTopic::Credentials, CheckId::Credentials, "credentials"),
    (EnvironmentTopic::Region, CheckId::DefaultRegion, "Region"),
    (EnvironmentTopic::Endpoints, CheckId::Endpoints, "endpoints"),
    (EnvironmentTopic::Certificates, CheckId::CaBundle, "certificates"),
    (EnvironmentTopic::Proxies, CheckId::Proxies, "proxies"),
];

/// The environment of the connection to AWS.
pub(super) async fn environment_checks(
    context: &RunContext,
    environment: Environment,
    deadline: Deadline,
) -> Vec<DoctorCheck> {
    if environment == Environment::Simulation {
        let skip = |(_, id, subject): (_, CheckId, &str)| {
            DoctorCheck::skipped(id, subject, "a simulated AWS uses nothing of the environment")
        };
        return TOPICS.map(skip).into();
    }
    // Reading a file may block without an end.
    let described = tokio::select! {
        biased;
        () = context.shutdown.cancelled() => Err("the run was interrupted"),
        facts = tokio::task::spawn_blocking(describe_environment) => Ok(facts.unwrap_or_default()),
        () = tokio::time::sleep(deadline.remaining()) => Err("the deadline passed"),
    };
    let facts = match described {
        Ok(facts) => facts,
        Err(why) => return TOPICS.map(|(_, id, subject)| DoctorCheck::not_checked(id, subject, why)).into(),
    };
    let check = |(topic, id, subject): (EnvironmentTopic, CheckId, &'static str)| match facts
        .iter()
        .find(|fact| fact.topic == topic)
        .map(|fact| &fact.found)
    {
        Some(Ok(text)) => DoctorCheck::ok(id, subject, text.as_str()),
        Some(Err(problem)) => {
            let check = DoctorCheck::error(id, subject, problem.what.as_str()).fix(problem.fix.as_str());
            if problem.is_harmless { check.tolerated() } else { check }
        }
        None => DoctorCheck::skipped(id, subject, "the profile files are not known"),
    };
    TOPICS.map(check).into()
}

/// git, and the repository of the working directory.
pub(super) fn git_check(here: &Path) -> DoctorCheck {
    const SUBJECT: &str = "git";
    let version = match git_version(here) {
        Ok(version) => version,
        Err(error) => return warning(SUBJECT, &error, "install git, or do without `--base`, which alone needs it"),
    };
    match work_tree(here) {
        Ok(root) => {
            let root = display_path(&root, here);
            let root = if root.is_empty() { ".".to_owned() } else { root };
            DoctorCheck::ok(CheckId::Git, SUBJECT, format!("{version}; repository {root}"))
        }
        Err(RevisionError::NoRepository { .. }) => {
            let detail = format!("{version}; this folder is in no repository, which `--base` alone needs");
            DoctorCheck::ok(CheckId::Git, SUBJECT, detail)
        }
        Err(error) => warning(SUBJECT, &error, &error.help()),
    }
}

fn warning(subject: &str, error: &RevisionError, fix: &str) -> DoctorCheck {
    DoctorCheck::warning(CheckId::Git, subject, error.to_string()).fix(fix)
}
