//! Session Manager preferences of one account: worlds, policies, and what a report says of them.

use serde_json::Value;

use super::{ACCOUNT, Site, World};

/// A world in which the account has these versions of the document everywhere, in YAML's flow style; without any, no document.
pub(crate) fn world(versions: &str) -> World {
    World::new().account(ACCOUNT, &format!("session_manager: {{preferences: {{\"*\": [{versions}]}}}}"))
}

/// A policy that declares settings of the account in one Region.
pub(crate) fn declared(settings: &str) -> String {
    in_regions("eu-west-1", settings)
}

/// The same in other Regions.
pub(crate) fn in_regions(regions: &str, settings: &str) -> String {
    format!(
        "version: 1\nsession_manager_preferences:\n  - {{accounts: [\"{ACCOUNT}\"], regions: [{regions}], {settings}}}\n"
    )
}

/// A simulated AWS with these versions, and a policy that declares settings.
pub(crate) fn site(versions: &str, settings: &str) -> Site {
    Site::new(&world(versions), [""; 0]).file("a.yaml", declared(settings))
}

/// The only target of a check, which must end with this exit code.
#[track_caller]
pub(crate) fn target(site: &Site, exit: i32) -> Value {
    let report = site.run(&["check", "a.yaml", "--report", "json"], exit).json();
    assert_eq!(report["targets"].as_array().map(Vec::len), Some(1));
    report["targets"][0].clone()
}

/// The only target of a resource.
pub(crate) fn target_of<'a>(report: &'a Value, resource: &str) -> &'a Value {
    let mut found =
        report["targets"].as_array().expect("targets").iter().filter(|target| target["resource"] == resource);
    let only = found.next().expect("a target");
    assert_eq!(found.next(), None);
    only
}
