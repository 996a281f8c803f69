//! Any text, read as the settings file.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use driftline::config::{FILE_NAME, Settings, load};
use driftline::diagnostic::{Diagnostics, Sources};

use super::folder::file;
use super::told::can_be_read;

const DAY: Duration = Duration::from_hours(24);

/// What is tried of one text.
pub fn try_text(bytes: &[u8]) {
    let (settings, has_errors) = read(bytes);
    assert!(settings.deadline > Duration::ZERO && settings.deadline <= DAY, "{:?}", settings.deadline);
    // What is in the way of a table would show only when a target is asked about.
    let table = settings.region_table();
    assert!(table.macie_regions().count() > 0 || settings.macie_regions.is_some());
    assert!(settings.policies.iter().all(|path| path.is_absolute()), "{:?}", settings.policies);
    if has_errors || bytes.starts_with("\u{feff}".as_bytes()) {
        return;
    }
    // What says nothing changes nothing.
    let (again, has_errors) = read(&[b"# A comment.\n\n", bytes].concat());
    assert!(!has_errors);
    assert_eq!(without_place(settings), without_place(again));
}

fn read(bytes: &[u8]) -> (Settings, bool) {
    let path = file(FILE_NAME, bytes);
    let here = path.parent().unwrap_or(Path::new("/"));
    let (mut sources, mut told) = (Sources::default(), Diagnostics::default());
    let settings = load(Some(&path), here, &mut sources, &mut told);
    can_be_read(&told, &sources);
    (settings, told.has_errors())
}

/// Everything that was read but for where; no secret shows in it.
fn without_place(settings: Settings) -> String {
    format!("{:?}", Settings { accounts_at: None, offline_at: None, places: BTreeMap::new(), ..settings })
}
