//! World files and policies, written by a builder where a test needs little of them.

use std::fmt;

/// The account of the credentials.
pub(crate) const CALLER: &str = "999988887777";
/// Another account.
pub(crate) const ACCOUNT: &str = "111122223333";

/// A world in the making: the caller's account, where Macie is off, and what is added to it.
#[derive(Clone, Default)]
pub(crate) struct World {
    accounts: Vec<(String, String)>,
    faults: Vec<String>,
    organization: Option<String>,
    rest: Vec<String>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds an account, described in YAML's flow style without its braces.
    pub(crate) fn account(mut self, id: &str, description: &str) -> Self {
        self.accounts.push((id.to_owned(), description.to_owned()));
        self
    }

    /// Has an organization, described in YAML's flow style without its braces.
    pub(crate) fn organization(mut self, description: &str) -> Self {
        self.organization = Some(description.to_owned());
        self
    }

    /// Adds an account with Macie in every Region.
    pub(crate) fn enabled(self, id: &str) -> Self {
        self.account(id, "sessions: {\"*\": {status: ENABLED, finding_publishing_frequency: ONE_HOUR}}")
    }

    /// Adds a fault of GetMacieSession in an account, in YAML's flow style.
    pub(crate) fn fault(self, account: &str, fault: &str) -> Self {
        self.fault_of("macie2:GetMacieSession", account, fault)
    }

    /// Adds a fault of any operation.
    pub(crate) fn fault_of(self, operation: &str, account: &str, fault: &str) -> Self {
        self.faulty(&format!("operations: [\"{operation}\"], accounts: [\"{account}\"], fault: {fault}"))
    }

    /// Adds a fault, described in YAML's flow style without its braces.
    pub(crate) fn faulty(mut self, description: &str) -> Self {
        self.faults.push(description.to_owned());
        self
    }

    /// Adds a line for the world as a whole.
    pub(crate) fn with(mut self, line: &str) -> Self {
        self.rest.push(line.to_owned());
        self
    }
}

impl fmt::Display for World {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "version: 1\ncaller: \"{CALLER}\"")?;
        if let Some(description) = &self.organization {
            writeln!(out, "organization: {{{description}}}")?;
        }
        writeln!(out, "accounts:")?;
        if !self.accounts.iter().any(|(id, _)| id == CALLER) {
            writeln!(out, "  \"{CALLER}\": {{}}")?;
        }
        for (id, description) in &self.accounts {
            writeln!(out, "  \"{id}\": {{{description}}}")?;
        }
        if !self.faults.is_empty() {
            writeln!(out, "faults:")?;
        }
        for fault in &self.faults {
            writeln!(out, "  - {{{fault}}}")?;
        }
        for line in &self.rest {
            writeln!(out, "{line}")?;
        }
        Ok(())
    }
}

/// A policy in YAML, of declarations in YAML's flow style without their braces.
pub(crate) fn policy<D: AsRef<str>>(declarations: impl IntoIterator<Item = D>) -> String {
    let mut text = "version: 1\nmacie_sessions:\n".to_owned();
    for declaration in declarations {
        text.push_str("  - {");
        text.push_str(declaration.as_ref());
        text.push_str("}\n");
    }
    text
}
