//! Links to the lines of policy files, where a forge shows the repository.

use std::path::Path;

use super::escape::link_path;
use crate::model::{InvalidWebUrl, WebUrl};

/// The URL under which a forge shows the files of the repository at one revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkBase(WebUrl);

impl LinkBase {
    /// Parses a URL that paths and `#L12` can be added to.
    pub fn parse(text: &str) -> Result<Self, InvalidWebUrl> {
        // A path cannot follow the first two, and Markdown ends a link at the last.
        if text.contains(['?', '#', '(', ')']) {
            return Err(InvalidWebUrl("it has a query, a fragment or a parenthesis"));
        }
        WebUrl::parse(text.trim_end_matches('/')).map(Self)
    }

    /// The base that the variables of GitHub Actions or of GitLab CI tell, if the folder is the repository of the job: another one
    /// has other files.
    ///
    /// Sources: GitHub Docs, "Default environment variables"; GitLab Docs, "Predefined CI/CD variables".
    pub fn from_ci(root: &Path, variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let variable = |name| variable(name).filter(|value| !value.is_empty());
        let is_here = |name| {
            let folder = variable(name).map(|folder| Path::new(&folder).canonicalize());
            folder.is_none_or(|folder| folder.is_ok_and(|folder| folder == root))
        };
        // Gitea and Forgejo set the variables of GitHub, and their URLs differ.
        let is_other = ["GITEA_ACTIONS", "FORGEJO_ACTIONS"].into_iter().any(|name| variable(name).is_some());
        let github = || {
            let (server, repository) = (variable("GITHUB_SERVER_URL")?, variable("GITHUB_REPOSITORY")?);
            let commit = variable("GITHUB_SHA").filter(|commit| is_commit(commit))?;
            let is_repository = repository.split('/').count() == 2 && link_path(&repository) == repository;
            let usable = is_repository && !is_other && is_here("GITHUB_WORKSPACE");
            usable.then(|| format!("{}/{repository}/blob/{commit}", server.trim_end_matches('/')))
        };
        let gitlab = || {
            let project = variable("CI_PROJECT_URL")?;
            let commit = variable("CI_COMMIT_SHA").filter(|commit| is_commit(commit))?;
            is_here("CI_PROJECT_DIR").then(|| format!("{}/-/blob/{commit}", project.trim_end_matches('/')))
        };
        github().or_else(gitlab).and_then(|base| Self::parse(&base).ok())
    }

    /// The URL of a line of a file, by its path from the root of the repository. A file outside has none.
    pub(crate) fn line(&self, path: &str, line: u32) -> Option<WebUrl> {
        let is_outside = path == ".." || path.starts_with("../") || Path::new(path).has_root();
        let is_inside = !is_outside && !path.is_empty() && !Path::new(path).is_absolute();
        let fragment = if line > 0 { format!("#L{line}") } else { String::new() };
        is_inside.then(|| WebUrl::parse(&format!("{}/{}{fragment}", self.0, link_path(path))).ok())?
    }
}

/// Whether a text is the name of a commit, with SHA-1 or SHA-256.
fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "0123456789012345678901234567890123456789";

    fn line(base: &str, path: &str, line: u32) -> Option<String> {
        LinkBase::parse(base).ok()?.line(path, line).map(|url| url.to_string())
    }

    #[test]
    fn a_line_is_linked_by_its_path() {
        let base = "https://github.com/o/r/blob/main/";
        let at = |path: &str| line(base, path, 12);
        assert_eq!(at("policies/a.yaml").as_deref(), Some("https://github.com/o/r/blob/main/policies/a.yaml#L12"));
        assert_eq!(line(base, "a.yaml", 0).as_deref(), Some("https://github.com/o/r/blob/main/a.yaml"));
        for outside in ["../a.yaml", "..", "/etc/a.yaml", ""] {
            assert_eq!(at(outside), None, "{outside}");
        }
        // A name that begins with dots is that of a file inside.
        assert_eq!(at("..a.yaml").as_deref(), Some("https://github.com/o/r/blob/main/..a.yaml#L12"));
    }

    #[test]
    fn a_hostile_name_stays_a_path() {
        let at = |path: &str| line("https://example.com/r", path, 1).expect("a link");
        assert_eq!(at("a b/ü.yaml"), "https://example.com/r/a%20b/%C3%BC.yaml#L1");
        assert_eq!(at("x)](https://evil.example)"), "https://example.com/r/x%29%5D%28https%3A//evil.example%29#L1");
        assert_eq!(at("\"><script>|`#?%\n"), "https://example.com/r/%22%3E%3Cscript%3E%7C%60%23%3F%25%0A#L1");
        assert_eq!(at("a\\..\\b"), "https://example.com/r/a%5C..%5Cb#L1");
    }

    #[test]
    fn a_base_is_one_that_a_path_can_be_added_to() {
        for bad in ["https://example.com/?file=", "https://example.com/#", "http://example.com", "main", ""] {
            assert!(LinkBase::parse(bad).is_err(), "{bad}");
        }
    }

    fn from_ci(root: &Path, variables: &[(&str, &str)]) -> Option<String> {
        let value =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        LinkBase::from_ci(root, value).map(|base| base.0.to_string())
    }

    #[test]
    fn the_variables_of_a_job_tell_its_repository() {
        let root = Path::new("/repo");
        let github =
            [("GITHUB_SERVER_URL", "https://github.com"), ("GITHUB_REPOSITORY", "o/r"), ("GITHUB_SHA", COMMIT)];
        assert_eq!(from_ci(root, &github), Some(format!("https://github.com/o/r/blob/{COMMIT}")));
        let gitlab = [("CI_PROJECT_URL", "https://gitlab.example.com/g/s/p"), ("CI_COMMIT_SHA", COMMIT)];
        assert_eq!(from_ci(root, &gitlab), Some(format!("https://gitlab.example.com/g/s/p/-/blob/{COMMIT}")));
        for missing in 0..github.len() {
            let mut rest = github.to_vec();
            rest.remove(missing);
            assert_eq!(from_ci(root, &rest), None);
        }
        assert_eq!(from_ci(root, &[&github[..], &[("GITEA_ACTIONS", "true")]].concat()), None);
    }

    #[test]
    fn variables_that_tell_something_else_tell_nothing() {
        let root = Path::new("/repo");
        for (server, repository, commit) in [
            ("http://github.example.com", "o/r", COMMIT),
            ("https://github.com", "o/r/../../evil", COMMIT),
            ("https://github.com", "o", COMMIT),
            ("https://github.com", "o/r", "main"),
            ("javascript:x", "o/r", COMMIT),
        ] {
            let variables = [("GITHUB_SERVER_URL", server), ("GITHUB_REPOSITORY", repository), ("GITHUB_SHA", commit)];
            assert_eq!(from_ci(root, &variables), None, "{server} {repository} {commit}");
        }
    }

    #[test]
    fn another_repository_than_that_of_the_job_has_no_links() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().canonicalize().expect("its real path");
        let text = |path: &Path| path.to_str().expect("UTF-8").to_owned();
        for (workspace, linked) in [(text(&root), true), ("/".to_owned(), false), (text(&root.join("missing")), false)]
        {
            let variables = [
                ("GITHUB_SERVER_URL", "https://github.com"),
                ("GITHUB_REPOSITORY", "o/r"),
                ("GITHUB_SHA", COMMIT),
                ("GITHUB_WORKSPACE", workspace.as_str()),
            ];
            assert_eq!(from_ci(&root, &variables).is_some(), linked, "{workspace}");
        }
    }
}
