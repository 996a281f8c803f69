//! The parts of the environment, each by itself: a problem of one leaves the others known.

use std::path::{Path, PathBuf};

use http::Uri;

use super::profiles::{OtherProfiles, Profiles};
use super::read::{bundle, credentials, credentials_source};
use super::variables::{Located, SettingLocation, Variables};
use super::{EnvironmentError, check};

/// Variables that name profile files.
const PROFILE_FILES: [&str; 2] = ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"];

/// The parts of the environment, each with its problem.
#[derive(Debug)]
pub(in crate::aws) struct EnvironmentParts {
    /// The name of the profile.
    pub(in crate::aws) profile: String,
    /// The variable that selects it, if any.
    pub(in crate::aws) named_by: Option<&'static str>,
    /// The other profiles, if that one does not exist.
    pub(in crate::aws) other_profiles: Option<OtherProfiles>,
    /// The profile files that exist.
    pub(in crate::aws) files: Vec<PathBuf>,
    /// Where the credentials come from; `None` if the environment does not say.
    pub(in crate::aws) credentials: Result<Option<String>, EnvironmentError>,
    /// The Region.
    pub(in crate::aws) region: Result<Option<Located>, EnvironmentError>,
    /// The custom endpoints.
    pub(in crate::aws) endpoints: Result<Vec<Located>, EnvironmentError>,
    /// The switches for FIPS and IPv6 endpoints that are on.
    pub(in crate::aws) switches: Result<Vec<SettingLocation>, EnvironmentError>,
    /// The certificate bundle.
    pub(in crate::aws) bundle: Option<(PathBuf, SettingLocation)>,
    /// The proxies, of which a URL may hold a password.
    pub(in crate::aws) proxies: Result<Vec<(SettingLocation, Uri)>, EnvironmentError>,
    /// The hosts that need no proxy.
    pub(in crate::aws) no_proxy: Option<Located>,
}

impl EnvironmentParts {
    /// Reads variables and profile files.
    ///
    /// # Errors
    ///
    /// A variable or a profile file that cannot be read, so that nothing is known.
    pub(in crate::aws) fn read() -> Result<Self, EnvironmentError> {
        let variables = Variables::from_process()?;
        let profiles = Profiles::read(&variables)?;
        let endpoints = check::endpoints(&variables, &profiles);
        Ok(Self {
            named_by: profiles.named_by,
            other_profiles: OtherProfiles::unless_selected(&profiles),
            files: profiles.paths().map(Path::to_owned).collect(),
            credentials: credentials(&variables, &profiles)
                .map(|chain| credentials_source(&variables, &profiles, &chain.base)),
            region: check::region(&variables, &profiles),
            switches: switches(&variables, &profiles, endpoints.as_deref().unwrap_or_default()),
            endpoints,
            bundle: bundle(&variables, &profiles),
            proxies: proxies(&variables),
            no_proxy: variables.first(&["NO_PROXY", "no_proxy"]),
            profile: profiles.selected,
        })
    }
}

/// A variable that names a profile file which can be read only once, such as a pipe.
pub(in crate::aws) fn profile_pipe() -> Option<&'static str> {
    let is_pipe = |name: &&str| {
        let path = std::env::var_os(name).filter(|path| !path.is_empty()).map(PathBuf::from);
        path.and_then(|path| path.metadata().ok()).is_some_and(|found| !found.is_file() && !found.is_dir())
    };
    PROFILE_FILES.into_iter().find(is_pipe)
}

fn switches(
    variables: &Variables,
    profiles: &Profiles,
    endpoints: &[Located],
) -> Result<Vec<SettingLocation>, EnvironmentError> {
    let mut on = Vec::new();
    for (variable, key) in
        [("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"), ("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")]
    {
        let switch = check::switch(variables, profiles, variable, key)?;
        check::reject_conflict(switch.as_ref(), endpoints)?;
        on.extend(switch.map(|found| found.place));
    }
    Ok(on)
}

fn proxies(variables: &Variables) -> Result<Vec<(SettingLocation, Uri)>, EnvironmentError> {
    if variables.is_cgi() {
        return Ok(Vec::new());
    }
    let names = [["HTTPS_PROXY", "https_proxy"], ["HTTP_PROXY", "http_proxy"], ["ALL_PROXY", "all_proxy"]];
    let found = names.iter().filter_map(|names| variables.first(names));
    found.map(|found| check::proxy_url(&found).map(|uri| (found.place, uri))).collect()
}
