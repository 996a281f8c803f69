//! Any text, read as a saved inventory.

use driftline::diagnostic::{Diagnostics, Sources};
use driftline::inventory::{Organization, load_saved, saved_json};

use super::folder::file;
use super::told::can_be_read;

/// What is tried of one text.
pub fn try_text(bytes: &[u8]) {
    let Some(organization) = read(bytes) else { return };
    assert!(!organization.accounts.is_empty(), "nobody has an organization without accounts");
    assert!(organization.accounts.windows(2).all(|pair| pair[0].id < pair[1].id), "{organization:?}");
    let known = organization.knowledge;
    for account in &organization.accounts {
        assert!(known.names || account.name.is_none(), "{account:?}");
        assert!(known.units || account.units.is_empty(), "{account:?}");
        assert!(known.tags || account.tags.is_empty(), "{account:?}");
    }
    assert!(organization.regions.keys().all(|id| organization.accounts.iter().any(|account| account.id == *id)));
    // Saved again it is the same, but that times are cut to whole seconds.
    let saved = saved_json(&organization);
    let again = read(&saved).expect("what was saved can be read");
    assert_eq!(Organization { taken_at: again.taken_at, ..organization }, again);
    assert_eq!(saved_json(&again), saved);
}

/// An inventory, or a mistake.
fn read(bytes: &[u8]) -> Option<Organization> {
    let path = file("accounts.json", bytes);
    let (mut sources, mut told) = (Sources::default(), Diagnostics::default());
    let read = load_saved(&path, "accounts.json", &mut sources, &mut told);
    assert_eq!(read.is_none(), told.has_errors(), "an inventory, or a mistake");
    can_be_read(&told, &sources);
    read
}
