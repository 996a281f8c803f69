//! Finds and loads the settings file.

use std::path::{Path, PathBuf};

use super::decode::decode;
use super::values::Settings;
use crate::diagnostic::{Diagnostics, Sources};
use crate::document::{Language, parse, read, shown_path};

/// The name of the settings file.
pub const FILE_NAME: &str = "driftline.toml";

/// Loads the settings file that is named, which then must exist, or else the nearest one from `here` upwards, or else the
/// defaults.
pub fn load(named: Option<&Path>, here: &Path, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Settings {
    let Some(path) = named.map_or_else(|| nearest(here), |path| Some(here.join(path))) else {
        return Settings::default();
    };
    let shown = shown_path(&path, here);
    let folder = path.parent().unwrap_or(here).to_owned();
    let node = read(&path, &shown, sources, diagnostics)
        .and_then(|source| parse(Language::Toml, source, sources, diagnostics));
    node.map_or_else(Settings::default, |node| decode(&node, &folder, diagnostics))
}

/// The settings file of the nearest folder from `here` upwards that has one.
fn nearest(here: &Path) -> Option<PathBuf> {
    // One that cannot be looked at counts as found, so that reading it fails loudly.
    here.ancestors().map(|folder| folder.join(FILE_NAME)).find(|path| !matches!(path.try_exists(), Ok(false)))
}
