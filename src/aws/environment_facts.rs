//! The environment in words, for a diagnosis. No password and no key is among them.

use http::Uri;

use super::certificates;
use super::environment::{EnvironmentError, EnvironmentParts, Located, SettingLocation, profile_pipe};

/// A part of the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnvironmentTopic {
    /// The selected profile and the profile files.
    Profile,
    /// Where the credentials come from.
    Credentials,
    /// The Region.
    Region,
    /// Custom endpoints.
    Endpoints,
    /// Trusted certificates.
    Certificates,
    /// Proxies.
    Proxies,
}

/// A part of the environment, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentFact {
    /// The part.
    pub topic: EnvironmentTopic,
    /// Its value with its place, or why it cannot be used.
    pub found: Result<String, EnvironmentProblem>,
}

/// Why a part of the environment cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentProblem {
    /// The problem.
    pub what: String,
    /// The fix.
    pub fix: String,
    /// Whether driftline can connect to AWS all the same.
    pub is_harmless: bool,
}

impl EnvironmentProblem {
    fn new(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { what: what.into(), fix: fix.into(), is_harmless: false }
    }
}

impl From<EnvironmentError> for EnvironmentProblem {
    fn from(error: EnvironmentError) -> Self {
        Self::new(error.to_string(), error.help())
    }
}

/// Describes the environment, without a call to AWS.
pub fn describe_environment() -> Vec<EnvironmentFact> {
    let fact = |topic, found| EnvironmentFact { topic, found };
    if let Some(variable) = profile_pipe() {
        let text = format!("{variable} names no regular file, which only the connection to AWS reads");
        return vec![fact(EnvironmentTopic::Profile, Ok(text))];
    }
    let parts = match EnvironmentParts::read() {
        Ok(parts) => parts,
        Err(error) => return vec![fact(EnvironmentTopic::Profile, Err(error.into()))],
    };
    let profile = profile(&parts);
    let EnvironmentParts { credentials, region, endpoints, switches, bundle, proxies, no_proxy, .. } = parts;
    let is_plain = |found: &Located| found.value.to_ascii_lowercase().starts_with("http://");
    let needs_no_tls = endpoints.as_ref().is_ok_and(|endpoints| endpoints.iter().any(is_plain));
    let credentials = credentials.map(|source| source.unwrap_or_else(|| "no variable and no profile".to_owned()));
    let region = region.map(|found| match found {
        Some(found) => format!("{} ({})", found.value, found.place),
        None => "us-east-1, since none is set".to_owned(),
    });
    let endpoints = endpoints.and_then(|endpoints| {
        let custom = endpoints.iter().map(|found| format!("{}: {}", found.place, found.value));
        let special = switches?.into_iter().map(|place| place.to_string());
        Ok(list(custom.chain(special), "those of AWS"))
    });
    let proxies = proxies.map(|proxies| {
        let spared = no_proxy.map(|found| format!("{}: {}", found.place, found.value));
        list(proxies.iter().map(proxy).chain(spared), "none")
    });
    let certificates = match certificates::describe(bundle.as_ref()) {
        Ok(Some(text)) => Ok(text),
        Ok(None) if needs_no_tls => Ok("no root certificates found, and the custom endpoint uses no TLS".to_owned()),
        Ok(None) => Err(EnvironmentProblem::new("no root certificates found on this machine", certificates::NO_ROOTS)),
        Err(error) => Err(EnvironmentProblem::new(error.to_string(), error.help())),
    };
    vec![
        fact(EnvironmentTopic::Profile, profile),
        fact(EnvironmentTopic::Credentials, credentials.map_err(Into::into)),
        fact(EnvironmentTopic::Region, region.map_err(Into::into)),
        fact(EnvironmentTopic::Endpoints, endpoints.map_err(Into::into)),
        fact(EnvironmentTopic::Certificates, certificates),
        fact(EnvironmentTopic::Proxies, proxies.map_err(Into::into)),
    ]
}

fn profile(parts: &EnvironmentParts) -> Result<String, EnvironmentProblem> {
    let EnvironmentParts { profile, named_by, other_profiles, files, credentials, .. } = parts;
    let named: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let by = named_by.map_or_else(String::new, |variable| format!(" ({variable})"));
    match other_profiles {
        None => Ok(format!("{profile:?}{by}, in {}", list(named.into_iter(), "no profile file"))),
        Some(others) => {
            let what = if files.is_empty() {
                format!("profile {profile:?}{by} does not exist")
            } else {
                format!("profile {profile:?}{by} is not in {}", named.join(" nor in "))
            };
            // A missing profile has no credentials: those of a known source are not its own.
            let is_harmless = matches!(credentials, Ok(Some(_)));
            Err(EnvironmentProblem { is_harmless, ..EnvironmentProblem::new(what, others.fix()) })
        }
    }
}

/// A proxy: of its URL, only what cannot be secret.
fn proxy((place, uri): &(SettingLocation, Uri)) -> String {
    let scheme = uri.scheme_str().unwrap_or("http");
    let host = uri.host().unwrap_or_default();
    let port = uri.port().map_or_else(String::new, |port| format!(":{port}"));
    let user = if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        ", with a user name"
    } else {
        ""
    };
    format!("{place}: {scheme}://{host}{port}{user}")
}

fn list(items: impl Iterator<Item = String>, none: &str) -> String {
    let items: Vec<String> = items.collect();
    if items.is_empty() { none.to_owned() } else { items.join(", ") }
}
