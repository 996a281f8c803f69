//! Paths as people read them.

use std::path::{Component, Path};

use path_clean::PathClean as _;

/// The path as it is shown: relative to `base` and without detours, with `/` between its parts, the same on every system.
pub fn shown_path(path: &Path, base: &Path) -> String {
    let whole = base.join(path).clean();
    let relative = pathdiff::diff_paths(&whole, base.clean()).unwrap_or(whole);
    let parts: Vec<String> = relative
        .components()
        .filter(|part| !matches!(part, Component::CurDir))
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_relative_to_where_the_run_is() {
        let base = Path::new("/home/me/infra");
        for (path, shown) in [
            ("policies/a.yaml", "policies/a.yaml"),
            ("./policies//a.yaml", "policies/a.yaml"),
            ("/home/me/infra/policies/a.yaml", "policies/a.yaml"),
            ("/home/me/infra/sub/../policies/a.yaml", "policies/a.yaml"),
            ("/home/me/other/a.yaml", "../other/a.yaml"),
            ("../other/a.yaml", "../other/a.yaml"),
            (".", "."),
        ] {
            assert_eq!(shown_path(Path::new(path), base), shown, "{path}");
        }
    }
}
