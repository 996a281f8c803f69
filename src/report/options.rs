//! What the formats are told beside the report itself.

/// What the formats are told beside the report itself. The defaults suit most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormatOptions {
    /// What the paths of policy files are to be prefixed with, so that they begin at the root of the repository; empty where the
    /// run begins there. With `/`, without a leading or trailing one.
    pub path_prefix: String,
    /// What the policies are called, where reports of several sets come together: metrics, comments, standards.
    pub policy_set: String,
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
}

/// How many series the metrics have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, clap::ValueEnum)]
pub enum MetricsDetail {
    /// The numbers of the run.
    Summary,
    /// Those, and the numbers of each account.
    Account,
    /// Those, and each target.
    Target,
}

impl Default for FormatOptions {
    fn default() -> Self {
        Self {
            path_prefix: String::new(),
            policy_set: "default".to_owned(),
            sarif_by_line: false,
            sarif_waived: false,
            sarif_category: None,
            csv_raw: false,
            metrics: MetricsDetail::Account,
            exit_code: 0,
        }
    }
}

impl FormatOptions {
    /// The path of a policy file as the formats name it: from the root of the repository, with `/`, without detours.
    pub fn path(&self, file: &str) -> String {
        let joined = if self.path_prefix.is_empty() || file.starts_with('/') {
            file.to_owned()
        } else {
            format!("{}/{file}", self.path_prefix)
        };
        let clean = path_clean::clean(joined.replace('\\', "/"));
        let text = clean.to_string_lossy().replace('\\', "/");
        // What lies above the root, or elsewhere, has no path in the repository: its last parts are the best that can be said.
        text.trim_start_matches("../").trim_start_matches('/').to_owned()
    }
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
        assert_eq!(at("", "../../a.yaml"), "a.yaml");
        assert_eq!(at("", "/etc/a.yaml"), "etc/a.yaml");
    }
}
