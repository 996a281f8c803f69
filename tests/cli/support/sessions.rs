//! Session Manager sessions of one account: worlds, and policies about them.

use super::{ACCOUNT, Site, World};

/// A session that keeps the usual rules, in YAML's flow style without its braces.
pub(crate) const GOOD: &str = "target: i-1, access_type: JustInTime, reason: CHG-1, document_name: Shell, max_session_duration: \"60\", \
                               owner: \"arn:aws:sts::111122223333:assumed-role/Operator/ann\", started: 30m";

/// A world in which the account has these sessions everywhere, in YAML's flow style: a list, or numbers.
pub(crate) fn world(sessions: &str) -> World {
    World::new().account(ACCOUNT, &format!("session_manager: {{sessions: {{\"*\": {sessions}}}}}"))
}

/// A policy with rules about the sessions of the account in one Region.
pub(crate) fn declared(rules: &str) -> String {
    in_regions("eu-west-1", rules)
}

/// The same in other Regions.
pub(crate) fn in_regions(regions: &str, rules: &str) -> String {
    format!("version: 1\nsession_manager_sessions:\n  - {{accounts: [\"{ACCOUNT}\"], regions: [{regions}], {rules}}}\n")
}

/// A simulated AWS with these sessions, and a policy with rules.
pub(crate) fn site(sessions: &str, rules: &str) -> Site {
    Site::new(&world(sessions), [""; 0]).file("a.yaml", declared(rules))
}
