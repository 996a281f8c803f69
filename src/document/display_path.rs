//! Display form of paths.

use std::path::{Component, Path};

use path_clean::PathClean as _;

/// The display form of a path: relative to `base`, without detours, with `/` between its parts, the same on every
/// system.
///
/// `..` is removed only where that changes nothing: behind a symbolic link it leads elsewhere than it reads, and the
/// real path is shown.
pub fn display_path(path: &Path, base: &Path) -> String {
    let given = base.join(path);
    let whole = given.clean();
    let has_detour = given.components().any(|part| part == Component::ParentDir);
    let real = if has_detour { given.canonicalize().ok() } else { None };
    let (whole, base) = match real {
        Some(real) if !is_same(&whole, &real) => (real, base.canonicalize().unwrap_or_else(|_| base.clean())),
        _ => (whole, base.clean()),
    };
    let relative = pathdiff::diff_paths(&whole, base).unwrap_or(whole);
    let parts: Vec<String> = relative
        .components()
        .filter(|part| !matches!(part, Component::CurDir))
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

fn is_same(path: &Path, real: &Path) -> bool {
    path.canonicalize().is_ok_and(|path| path == real)
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
            assert_eq!(display_path(Path::new(path), base), shown, "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_detour_through_a_link_is_shown_by_where_it_leads() {
        let folder = tempfile::tempdir().expect("a folder");
        let base = folder.path().join("repository");
        std::fs::create_dir_all(base.join("shared")).expect("folders");
        std::fs::create_dir_all(folder.path().join("elsewhere/deep")).expect("folders");
        std::fs::create_dir(folder.path().join("elsewhere/shared")).expect("a folder");
        std::os::unix::fs::symlink("../elsewhere/deep", base.join("link")).expect("a link");
        for folder in ["repository", "elsewhere"] {
            std::fs::write(base.join("..").join(folder).join("shared/a.yaml"), "").expect("a file");
        }
        let shown = |path: &str| display_path(Path::new(path), &base);
        assert_eq!(shown("link/../shared/a.yaml"), "../elsewhere/shared/a.yaml");
        assert_eq!(shown("shared/../shared/a.yaml"), "shared/a.yaml");
    }
}
