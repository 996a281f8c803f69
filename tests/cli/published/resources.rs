//! What the documentation says of resources and their settings is all that there is.

use driftline::model::{Resource, SettingKind};
use driftline::resource::{SETTINGS, Setting, read_action};

use super::text;

/// The page of a resource.
fn page(resource: Resource) -> &'static str {
    match resource {
        Resource::MacieSession => "docs/reference/macie-session.md",
        Resource::SessionManagerPreferences => "docs/reference/session-manager-preferences.md",
        Resource::SessionManagerSessions => "docs/reference/session-manager-sessions.md",
    }
}

/// Whether a page names a setting, by its key or by the end of a key that follows others of the same table.
fn names(page: &str, setting: &Setting) -> bool {
    let key = setting.spec.key;
    let end = key.split_once('.').map(|(_, end)| format!("`.{end}`"));
    page.contains(&format!("`{key}`")) || end.is_some_and(|end| page.contains(&end))
}

#[test]
fn every_setting_is_on_the_page_of_its_resource_and_on_that_of_policies() {
    let policies = text("docs/reference/policies.md");
    for setting in SETTINGS {
        for page in [page(setting.spec.resource), "docs/reference/policies.md"] {
            assert!(names(&text(page), setting), "{} is not on {page}", setting.spec.key);
        }
        if let SettingKind::Word(words) = setting.spec.kind {
            let missing: Vec<_> = words.iter().filter(|word| !policies.contains(&format!("`{word}`"))).collect();
            assert!(missing.is_empty(), "{}: {missing:?}", setting.spec.key);
        }
    }
}

#[test]
fn every_list_of_a_policy_file_is_on_the_page_of_policies() {
    let (policies, readme) = (text("docs/reference/policies.md"), text("README.md"));
    for resource in Resource::ALL {
        assert!(policies.contains(&format!("\n| `{}` | ", resource.policy_key())), "{resource}");
        assert!(readme.contains(&format!("]({})", page(*resource))), "{resource} is not in the README");
    }
}

#[test]
fn the_actions_for_reading_are_on_the_page_of_the_resource_and_on_that_of_permissions() {
    let permissions = text("docs/reference/permissions.md");
    for resource in Resource::ALL {
        let action = read_action(*resource);
        assert!(text(page(*resource)).contains(action) && permissions.contains(&format!("`{action}`")), "{action}");
    }
    for setting in SETTINGS {
        let page = text(page(setting.spec.resource));
        for action in setting.spec.read_actions {
            assert!(page.contains(&format!("`{action}`")), "{}: {action}", setting.spec.key);
        }
    }
}
