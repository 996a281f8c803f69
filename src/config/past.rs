//! Loads a settings file from elsewhere than the disk of today.

use std::path::Path;

use super::decode::decode;
use super::settings::Settings;
use crate::diagnostic::{Diagnostics, Sources};
use crate::document::{Syntax, accept, parse};

/// Loads the content of a settings file that has its place at `path`.
pub fn load_text(
    content: Vec<u8>,
    path: &Path,
    shown: &str,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Settings {
    let folder = path.parent().unwrap_or(Path::new(""));
    let node = accept(content, shown, sources, diagnostics)
        .and_then(|source| parse(Syntax::Toml, source, sources, diagnostics));
    let settings = node.map_or_else(Settings::default, |node| decode(&node, folder, diagnostics));
    Settings { file: Some(path.to_owned()), ..settings }
}
