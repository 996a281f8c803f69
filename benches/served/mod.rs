//! The simulated AWS of a benchmark: another process, on another processor, with a world from a recipe.

#![allow(dead_code, reason = "each benchmark uses its own part")]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use driftline::model::{AccountId, Region};
use driftline_simulator::Recipe;
use rustix::thread::{CpuSet, sched_setaffinity};

/// The program as it is released.
pub(crate) const DRIFTLINE: &str = env!("CARGO_BIN_EXE_driftline");

/// Declared settings of each target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Declared {
    /// Status and frequency: one call per target.
    Sessions,
    /// Preferences of Session Manager: two calls per target.
    Preferences,
    /// Status, and publication to Security Hub: two calls per target that is on.
    Publication,
}

/// The simulated AWS, until this is dropped.
pub(crate) struct Served {
    recipe: Recipe,
    process: Child,
    /// What a client needs in its environment.
    pub(crate) variables: Vec<(String, String)>,
}

impl Served {
    /// Serves a world on the last processor; this process, and those that it starts later, keep to the first.
    pub(crate) fn start(recipe: &str) -> Self {
        pin(processors() - 1);
        let (process, variables) = simulate(&["--generate", recipe]);
        pin(0);
        Self { recipe: recipe.parse().expect("a recipe"), process, variables }
    }

    /// The accounts of the world.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = AccountId> {
        self.recipe.accounts().map(|id| id.to_string().parse().expect("an account id"))
    }

    /// The Regions of the world.
    pub(crate) fn regions(&self) -> Vec<Region> {
        self.recipe.regions().iter().map(|region| region.as_str().parse().expect("a Region")).collect()
    }

    /// One of the variables.
    pub(crate) fn variable(&self, name: &str) -> &str {
        self.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).expect("a variable")
    }

    /// A policy that declares this of every target of the world, account by account.
    pub(crate) fn policy(&self, declared: Declared) -> String {
        let ids: Vec<String> = self.accounts().map(|id| format!("\"{id}\"")).collect();
        let (list, settings) = match declared {
            Declared::Sessions => ("macie_sessions", "status: ENABLED, finding_publishing_frequency: FIFTEEN_MINUTES"),
            Declared::Publication => (
                "macie_sessions",
                "status: ENABLED, security_hub: {publish_policy_findings: true, publish_classification_findings: true}",
            ),
            Declared::Preferences => (
                "session_manager_preferences",
                "cloudwatch_log_group_name: \"/session-manager/{account}\", idle_session_timeout: {at_most: 20}, \
                 max_session_duration: {at_most: 720}",
            ),
        };
        format!("version: 1\n{list}:\n  - {{accounts: [{}], {settings}}}\n", ids.join(", "))
    }

    /// The settings under which a check reads that.
    pub(crate) fn settings(&self, concurrency: usize) -> String {
        let regions: Vec<String> = self.regions().iter().map(|region| format!("\"{region}\"")).collect();
        format!(
            "policies = [\"policy.yaml\"]\n[inventory]\nregions = [{}]\n[aws]\nrole_name = \"DriftlineRead\"\n\
             [limits]\nconcurrency = {concurrency}\ndeadline = \"6h\"\n",
            regions.join(", ")
        )
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts the simulated AWS with these arguments, and gives what a client needs in its environment.
pub(crate) fn simulate(arguments: &[&str]) -> (Child, Vec<(String, String)>) {
    let mut process = Command::new(DRIFTLINE)
        .arg("simulate")
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the simulated AWS starts");
    let told = BufReader::new(process.stdout.take().expect("its output"));
    let mut variables = Vec::new();
    for line in told.lines() {
        let line = line.expect("a line");
        let Some((name, value)) = line.strip_prefix("export ").unwrap_or(&line).split_once('=') else { break };
        variables.push((name.to_owned(), value.trim_matches(['\'', '"']).to_owned()));
        if name == "AWS_DEFAULT_REGION" {
            break;
        }
    }
    (process, variables)
}

/// How many processors there were before this process kept to one.
fn processors() -> usize {
    static COUNT: OnceLock<usize> = OnceLock::new();
    *COUNT.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from))
}

fn pin(processor: usize) {
    let mut set = CpuSet::new();
    set.set(processor);
    // Where that is not allowed, the numbers are only less steady.
    let _ = sched_setaffinity(None, &set);
}
