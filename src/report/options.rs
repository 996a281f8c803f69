//! Options of the formats.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::links::LinkBase;
use super::model::Target;
use crate::aws::RoleTemplate;
use crate::model::{AccountId, ConsoleUrl, Origin, RegionTable, WebUrl};

/// Options of the formats. The defaults suit most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormatOptions {
    /// What the paths of policy files are to be prefixed with, so that they begin at the root of the repository; empty where the
    /// run begins there. With `/`, without a leading or trailing one.
    pub path_prefix: String,
    /// The root of the repository in the file system, without symbolic links; `None` where there is no repository, and paths are
    /// what their names tell: a mounted Kubernetes ConfigMap is made of links whose targets have other names each day.
    pub path_root: Option<PathBuf>,
    /// The paths of policy files that the file system tells better than their names do, by name.
    pub paths: BTreeMap<String, String>,
    /// Where the policy files are to be read in a browser, if that is known.
    pub link_base: Option<LinkBase>,
    /// The page of a target in a console, if the settings name one.
    pub console: Option<ConsoleUrl>,
    /// What the policies are called, where reports of several sets come together: metrics, comments, standards.
    pub policy_set: String,
    /// The key by which a plan's comment is found again; `None` for the paths of its policies.
    pub plan_key: Option<String>,
    /// SARIF: one result for each rule and line, with the targets in its message.
    pub sarif_by_line: bool,
    /// SARIF: what is waived is in it, suppressed.
    pub sarif_waived: bool,
    /// SARIF: the category, where several uploads of one commit stand beside each other.
    pub sarif_category: Option<String>,
    /// CSV: cells as they are, for programs; spreadsheets may take some for formulas.
    pub csv_raw: bool,
    /// Metrics: how many series there are.
    pub metrics: MetricsDetail,
    /// The exit code of the run, for the formats that end with it.
    pub exit_code: u8,
    /// What the texts to account owners hold beside the report.
    pub owners: OwnerFacts,
}

/// What the texts to account owners hold beside the report.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnerFacts {
    /// The email addresses of the accounts, as far as the inventory knows them.
    pub emails: BTreeMap<AccountId, Box<str>>,
    /// The names of the accounts that the report does not name.
    pub names: BTreeMap<AccountId, Box<str>>,
    /// The role that is assumed in the accounts, as the settings name it.
    pub role: Option<RoleTemplate>,
    /// Macie's administrator account, as the settings name it. The text report names it, too.
    pub administrator: Option<AccountId>,
    /// The Region table, if the settings change it.
    pub regions: Option<RegionTable>,
}

/// Level of detail of the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, clap::ValueEnum)]
pub enum MetricsDetail {
    /// Totals of the run.
    Summary,
    /// Also the totals of each account.
    Account,
    /// Also each target.
    Target,
}

impl Default for FormatOptions {
    fn default() -> Self {
        Self {
            path_prefix: String::new(),
            path_root: None,
            paths: BTreeMap::new(),
            link_base: None,
            console: None,
            policy_set: "default".to_owned(),
            plan_key: None,
            sarif_by_line: false,
            sarif_waived: false,
            sarif_category: None,
            csv_raw: false,
            metrics: MetricsDetail::Account,
            exit_code: 0,
            owners: OwnerFacts::default(),
        }
    }
}

impl FormatOptions {
    /// The path of a policy file as the formats name it: from the root of the repository, with `/`, without detours. What lies
    /// outside begins with `../`, or is absolute, so that it never passes for a file of the repository.
    pub fn path(&self, file: &str) -> String {
        if let Some(path) = self.paths.get(file) {
            return path.clone();
        }
        let joined = if self.path_prefix.is_empty() || Path::new(file).is_absolute() {
            file.to_owned()
        } else {
            format!("{}/{file}", self.path_prefix)
        };
        with_slashes(&path_clean::clean(joined))
    }

    /// The link to the line of a declaration or waiver. A file outside the repository has none.
    pub(crate) fn line_link(&self, origin: &Origin) -> Option<WebUrl> {
        self.link_base.as_ref()?.line(&self.path(&origin.file), origin.line)
    }

    /// The link to a target's page in the console, if the settings have a template.
    pub(crate) fn console_link(&self, target: &Target<'_>) -> Option<WebUrl> {
        self.console.as_ref()?.fill_in(target.account, &target.region, target.resource)
    }

    /// The options, with the paths of these files as the file system has them: where a symbolic link is on the way, that of the
    /// file it leads to. Files that are not there keep the paths that their names tell.
    pub(crate) fn with_paths_of<'a>(&self, files: impl Iterator<Item = &'a str>) -> Self {
        let located = |file: &str| {
            let root = self.path_root.as_deref()?;
            let path = pathdiff::diff_paths(Path::new(file).canonicalize().ok()?, root)?;
            Some((file.to_owned(), with_slashes(&path)))
        };
        Self { paths: files.filter_map(located).collect(), ..self.clone() }
    }
}

/// The path with `/` between its parts. Elsewhere than on Windows a backslash belongs to a name.
fn with_slashes(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_begin_at_the_root_of_the_repository() {
        let at = |prefix: &str, file: &str| {
            FormatOptions { path_prefix: prefix.to_owned(), ..FormatOptions::default() }.path(file)
        };
        assert_eq!(at("", "./policies/a.yaml"), "policies/a.yaml");
        assert_eq!(at("infra", "policies/a.yaml"), "infra/policies/a.yaml");
        assert_eq!(at("infra/x", "../policies/a.yaml"), "infra/policies/a.yaml");
        assert_eq!(at("", "sub/../policies/a.yaml"), "policies/a.yaml");
    }

    #[test]
    fn what_lies_outside_is_no_file_of_the_repository() {
        let at = |prefix: &str, file: &str| {
            FormatOptions { path_prefix: prefix.to_owned(), ..FormatOptions::default() }.path(file)
        };
        assert_eq!(at("", "../../a.yaml"), "../../a.yaml");
        assert_eq!(at("infra", "../../shared/a.yaml"), "../shared/a.yaml");
        assert_eq!(at("infra", "policies/../../../shared/a.yaml"), "../shared/a.yaml");
        #[cfg(unix)]
        assert_eq!(at("infra", "/etc/a.yaml"), "/etc/a.yaml");
        #[cfg(unix)]
        assert_eq!(at("infra", "policies\\a.yaml"), "infra/policies\\a.yaml");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_to_its_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path().canonicalize().expect("its real path");
        let root = folder.join("repository");
        std::fs::create_dir_all(root.join("policies")).expect("folders");
        std::fs::create_dir(folder.join("shared")).expect("a folder");
        for file in ["repository/policies/a.yaml", "shared/b.yaml"] {
            std::fs::write(folder.join(file), "").expect("a file");
        }
        std::os::unix::fs::symlink("policies", root.join("link")).expect("a link");
        std::os::unix::fs::symlink("../shared", root.join("shared")).expect("a link");
        let name = |file: &str| root.join(file).to_string_lossy().into_owned();
        let names = ["policies/a.yaml", "link/a.yaml", "shared/b.yaml", "missing.yaml"].map(name);
        let options = FormatOptions { path_root: Some(root), ..FormatOptions::default() };
        let options = options.with_paths_of(names.iter().map(String::as_str));
        let paths = names.each_ref().map(|name| options.path(name));
        assert_eq!(paths, ["policies/a.yaml", "policies/a.yaml", "../shared/b.yaml", &names[3]]);
    }
}
