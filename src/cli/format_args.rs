//! Options of single report formats.

use std::io;
use std::path::{Path, PathBuf};

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum};

use super::error::CliError;
use super::help_headings::FORMAT;
use crate::report::{FormatOptions, LinkBase, MetricsDetail};

/// Options of single report formats.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = FORMAT)]
pub(super) struct FormatArgs {
    #[command(flatten)]
    repository: RepositoryArgs,
    /// Name of the policy set, to tell several sets apart in metrics, comments and ocsf
    #[arg(long, value_name = "NAME", default_value = "default", value_parser = NonEmptyStringValueParser::new())]
    policy_set: String,
    /// sarif: one result per target or per policy line
    #[arg(long, value_name = "BY", default_value = "target")]
    sarif_group: SarifGroup,
    /// sarif: include waived drift as suppressed results; GitHub shows these as open
    #[arg(long)]
    sarif_waived: bool,
    /// sarif: category, to keep several uploads for one commit apart
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    sarif_category: Option<String>,
    /// csv: write cells unescaped, for programs; a spreadsheet may take some of them for formulas
    #[arg(long)]
    csv_raw: bool,
    /// prometheus, openmetrics: number of series
    #[arg(long, value_name = "DETAIL", default_value = "account")]
    metrics_detail: MetricsDetail,
}

/// Paths of policy files, and links to them.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = FORMAT)]
pub(super) struct RepositoryArgs {
    /// Repository root, which paths in sarif, codequality, github and others are relative to; contains the working directory;
    /// by default the nearest folder with a .git, or else the working directory
    #[arg(long, value_name = "DIR")]
    path_root: Option<PathBuf>,
    /// html, markdown: link policy lines to this URL plus the path, such as https://github.com/OWNER/NAME/blob/main; by default
    /// taken from the variables of GitHub Actions and GitLab CI
    #[arg(long, value_name = "URL", value_parser = LinkBase::parse)]
    link_base: Option<LinkBase>,
}

/// What a result of SARIF is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SarifGroup {
    /// One result per setting of a target.
    Target,
    /// One result per line of a policy, with all its targets.
    Line,
}

impl FormatArgs {
    /// Options of the formats. The exit code is not known yet.
    pub(super) fn options(self) -> Result<FormatOptions, CliError> {
        Ok(FormatOptions {
            policy_set: self.policy_set,
            sarif_by_line: self.sarif_group == SarifGroup::Line,
            sarif_waived: self.sarif_waived,
            sarif_category: self.sarif_category,
            csv_raw: self.csv_raw,
            metrics: self.metrics_detail,
            ..self.repository.options()?
        })
    }
}

impl RepositoryArgs {
    /// Options of the formats for paths and links.
    pub(super) fn options(self) -> Result<FormatOptions, CliError> {
        let unknown_folder = |cause| CliError::System { what: "the working directory cannot be determined", cause };
        let here = std::env::current_dir().and_then(|here| here.canonicalize()).map_err(unknown_folder)?;
        let root = match &self.path_root {
            Some(root) => root.canonicalize().map(Some),
            None => Ok(repository(&here).map(Path::to_owned)),
        };
        let from_root = root.and_then(|root| Ok((prefix(&here, root.as_deref().unwrap_or(&here))?, root)));
        let (path_prefix, path_root) = from_root.map_err(|cause| {
            let path = self.path_root.unwrap_or_default().display().to_string();
            CliError::PathRoot { path, cause }
        })?;
        let from_ci = || LinkBase::from_ci(path_root.as_deref().unwrap_or(&here), |name| std::env::var(name).ok());
        let link_base = self.link_base.or_else(from_ci);
        Ok(FormatOptions { path_prefix, path_root, link_base, ..FormatOptions::default() })
    }
}

/// Nearest folder upwards that has a `.git`: a folder, or in a linked work tree a file.
fn repository(here: &Path) -> Option<&Path> {
    here.ancestors().find(|folder| folder.join(".git").exists())
}

/// Path from the root down to the working directory, with `/`; empty where both are the same.
fn prefix(here: &Path, root: &Path) -> io::Result<String> {
    let below = here.strip_prefix(root).map_err(|_| io::Error::other("it does not contain the working directory"))?;
    let parts: Vec<_> = below.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    Ok(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_from_the_root_stands_before_each_path() {
        let prefix = |here: &str| prefix(Path::new(here), Path::new("/repo")).ok();
        assert_eq!(prefix("/repo").as_deref(), Some(""));
        assert_eq!(prefix("/repo/infra/macie").as_deref(), Some("infra/macie"));
        assert_eq!(prefix("/repository"), None);
    }

    #[test]
    fn a_repository_is_the_nearest_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let inner = folder.path().join("a/b");
        std::fs::create_dir_all(&inner).expect("folders");
        std::fs::write(folder.path().join(".git"), "gitdir: elsewhere\n").expect("a file");
        assert_eq!(repository(&inner), Some(folder.path()));
        std::fs::create_dir(folder.path().join("a/.git")).expect("a folder");
        assert_eq!(repository(&inner), Some(folder.path().join("a").as_path()));
    }
}
