//! Finds and loads the settings file.

use std::path::{Path, PathBuf};

use super::decode::decode;
use super::settings::Settings;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources};
use crate::document::{Syntax, display_path, parse, read};
use crate::files::distrust;

/// The name of the settings file.
pub const FILE_NAME: &str = "driftline.toml";

/// Loads the settings file that is named, which then must exist, or else the nearest one from `here` upwards, or else the
/// defaults.
pub fn load(named: Option<&Path>, here: &Path, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Settings {
    let Some(path) = named.map_or_else(|| nearest(here), |path| Some(here.join(path))) else {
        return Settings::default();
    };
    let shown = display_path(&path, here);
    let folder = path.parent().unwrap_or(here).to_owned();
    if named.is_none()
        && folder != here
        && let Some(diagnostic) = untrusted(&path, &shown)
    {
        diagnostics.push(diagnostic);
        return Settings::default();
    }
    let node =
        read(&path, &shown, sources, diagnostics).and_then(|source| parse(Syntax::Toml, source, sources, diagnostics));
    let settings = node.map_or_else(Settings::default, |node| decode(&node, &folder, diagnostics));
    Settings { file: Some(path), ..settings }
}

/// A file that was found above where the run is decides what is checked: another user must not.
fn untrusted(path: &Path, shown: &str) -> Option<Diagnostic> {
    // What cannot be looked at cannot be read either, and is told then.
    let why = distrust(path).ok()??;
    let what = format!("{shown}, above the working directory, is not used: {why}");
    let help = format!(
        "if it is to count, name it: --config {shown}; or let this user or root own it, and nobody else write to it"
    );
    Some(Diagnostic::error(Code::UntrustedSettings, what).help(help))
}

/// The settings file of the nearest folder from `here` upwards that has one.
fn nearest(here: &Path) -> Option<PathBuf> {
    // One that cannot be looked at counts as found, and so does a link to nothing, so that reading it fails loudly.
    let is_there = |path: &PathBuf| path.is_symlink() || !matches!(path.try_exists(), Ok(false));
    here.ancestors().map(|folder| folder.join(FILE_NAME)).find(is_there)
}
