//! The environment of a session, read and checked.

use std::path::{Path, PathBuf};

use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::Env;

use super::chain::{Base, Chain, ProfileRole, chain};
use super::profiles::{OtherProfiles, Profiles, from_home};
use super::variables::{Located, SettingLocation, Variables};
use super::{EnvironmentError, check};
use crate::aws::proxy::Proxies;
use crate::files::{self, ReadError};
use crate::model::sha256;

/// The checked environment.
#[derive(Debug)]
pub(in crate::aws) struct Environment {
    pub(in crate::aws) region: Option<String>,
    /// The certificate bundle that replaces the certificates of the system, with the location of the setting.
    pub(in crate::aws) bundle: Option<(PathBuf, SettingLocation)>,
    pub(in crate::aws) proxies: Proxies,
    /// The selected profile, if it has a credential process.
    pub(in crate::aws) process: Option<ProcessProfile>,
    /// The name of the profile.
    pub(in crate::aws) profile: String,
    pub(in crate::aws) files: EnvConfigFiles,
    pub(in crate::aws) variables: Env,
    /// The settings that request FIPS or IPv6 endpoints.
    pub(in crate::aws) special_endpoints: Vec<SettingLocation>,
    hints: Hints,
}

/// A profile with a credential process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::aws) struct ProcessProfile {
    /// The command line.
    pub(in crate::aws) command: Located,
    /// The roles that are assumed from its credentials.
    pub(in crate::aws) roles: Vec<ProfileRole>,
}

/// Hints for a run without credentials.
#[derive(Debug, Default)]
struct Hints {
    /// Credential files, with the location of the setting.
    files: Vec<(PathBuf, SettingLocation)>,
    /// Problems of the profile or its files.
    profile: Vec<String>,
    /// The login command, for a profile of IAM Identity Center or of a console session.
    login: Option<String>,
    /// Where the credentials come from; `None` if the environment does not say.
    source: Option<String>,
    /// The profiles that there are, if the selected one is not among them.
    other_profiles: Option<OtherProfiles>,
}

impl Environment {
    /// Reads and checks variables and profile files.
    ///
    /// # Errors
    ///
    /// The first problem.
    pub(in crate::aws) fn read() -> Result<Self, EnvironmentError> {
        let variables = Variables::from_process()?;
        let profiles = Profiles::read(&variables)?;
        let region = check::region(&variables, &profiles)?;
        let endpoints = check::endpoints(&variables, &profiles)?;
        let fips = check::switch(&variables, &profiles, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")?;
        let dual_stack = check::switch(&variables, &profiles, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")?;
        check::reject_conflict(fips.as_ref(), &endpoints)?;
        check::reject_conflict(dual_stack.as_ref(), &endpoints)?;
        let Chain { base, roles } = credentials(&variables, &profiles)?;
        let hints = hints(&variables, &profiles, &base);
        let process = match base {
            Base::Process(command) => Some(ProcessProfile { command, roles }),
            _ => None,
        };
        Ok(Self {
            region: region.map(|found| found.value),
            bundle: bundle(&variables, &profiles),
            proxies: proxies(&variables)?,
            process,
            files: profiles.to_sdk(),
            special_endpoints: [fips, dual_stack].into_iter().flatten().map(|found| found.place).collect(),
            profile: profiles.selected,
            variables: variables.into_sdk(),
            hints,
        })
    }

    /// Hints at missing credentials, to be appended to the message of the SDK.
    pub(in crate::aws) fn explain(&self) -> String {
        let unreadable = self.hints.files.iter().filter_map(|(path, place)| {
            let cause = unreadable(path)?;
            Some(format!("{place} names {}, which cannot be read: {cause}", path.display()))
        });
        let said: Vec<String> = unreadable.chain(self.hints.profile.iter().cloned()).collect();
        if said.is_empty() { String::new() } else { format!(" ({})", said.join("; ")) }
    }

    /// The login command, for a profile of IAM Identity Center or of a console session.
    pub(in crate::aws) fn login(&self) -> Option<&str> {
        self.hints.login.as_deref()
    }

    /// Where the credentials come from: variables, or the line of a profile file. `None` if the environment does not say.
    pub(in crate::aws) fn source(&self) -> Option<&str> {
        self.hints.source.as_deref()
    }

    /// The profiles that there are, if AWS_PROFILE names none of them.
    pub(in crate::aws) fn other_profiles(&self) -> Option<&OtherProfiles> {
        self.hints.other_profiles.as_ref()
    }
}

/// The chain of the profile, whose token files can be read. Keys in variables come before it.
pub(super) fn credentials(variables: &Variables, profiles: &Profiles) -> Result<Chain, EnvironmentError> {
    check::credentials(variables)?;
    if variables.get("AWS_ACCESS_KEY_ID").is_some() {
        return Ok(Chain { base: Base::Other, roles: Vec::new() });
    }
    let chain = chain(profiles)?;
    check_token_files(variables, profiles, &chain.base)?;
    Ok(chain)
}

/// The certificate bundle, with the location of the setting.
pub(super) fn bundle(variables: &Variables, profiles: &Profiles) -> Option<(PathBuf, SettingLocation)> {
    let found = variables.located("AWS_CA_BUNDLE").or_else(|| profiles.selected("ca_bundle"))?;
    Some((from_home(&found.value, variables), found.place))
}

/// The certificate and token files that the environment names. Connecting reports problems with them.
pub fn named_files() -> Vec<PathBuf> {
    let Ok(Environment { bundle, hints, .. }) = Environment::read() else { return Vec::new() };
    bundle.into_iter().chain(hints.files).map(|(path, _)| path).collect()
}

/// The reason why a file cannot be read, if any.
fn unreadable(path: &Path) -> Option<ReadError> {
    match std::fs::metadata(path) {
        // Devices and pipes are not opened as a test.
        Ok(found) if !found.is_file() => None,
        Ok(_) => files::open(path).err(),
        Err(cause) => Some(cause.into()),
    }
}

fn hints(variables: &Variables, profiles: &Profiles, base: &Base) -> Hints {
    let mut hints = Hints { source: credentials_source(variables, profiles, base), ..Hints::default() };
    for name in ["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] {
        hints.files.extend(variables.located(name).map(|found| (PathBuf::from(found.value), found.place)));
    }
    if let Base::WebIdentity(found) = base {
        hints.files.push((PathBuf::from(&found.value), found.place.clone()));
    }
    if variables.get("AWS_WEB_IDENTITY_TOKEN_FILE").is_some() && variables.get("AWS_ROLE_ARN").is_none() {
        hints.profile.push("AWS_WEB_IDENTITY_TOKEN_FILE is set, and AWS_ROLE_ARN is not".to_owned());
    }
    if let Some(variable) = profiles.named_by {
        let name = &profiles.selected;
        hints.other_profiles = OtherProfiles::unless_selected(profiles);
        let paths: Vec<String> = profiles.paths().map(|path| path.display().to_string()).collect();
        let more = match profiles.almost(name) {
            _ if profiles.has_profile(name) => String::new(),
            Some(almost) => format!(", and {almost}"),
            None if paths.is_empty() => String::new(),
            None => format!(", which is not in {}", paths.join(" nor in ")),
        };
        hints.profile.push(format!("{variable} is {name:?}{more}"));
    }
    for (variable, path) in &profiles.missing {
        hints.profile.push(format!("{variable} names {}, which is not there", path.display()));
    }
    let kept = match base {
        Base::IdentityCenter(profile) => Some(("aws sso login", profile, from_home("~/.aws/sso/cache", variables))),
        Base::ConsoleSession { profile, session } => {
            Some(("aws login", profile, console_session_file(session, variables)))
        }
        Base::Process(_) | Base::WebIdentity(_) | Base::Other => None,
    };
    if let Some((command, profile, token)) = kept {
        hints.login = Some(login_command(command, profile));
        hints.profile.push(format!("its token is kept in {}", token.display()));
    }
    hints
}

/// A login command for a profile, whose name is quoted where a shell needs it.
fn login_command(command: &str, profile: &str) -> String {
    let is_plain = profile.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-.+@/".contains(letter));
    if is_plain { format!("{command} --profile {profile}") } else { format!("{command} --profile {profile:?}") }
}

/// The file in which `aws login` keeps the token of a console session.
///
/// Source: `login/cache.rs` of aws-config.
fn console_session_file(session: &Located, variables: &Variables) -> PathBuf {
    let folder = variables
        .get("AWS_LOGIN_CACHE_DIRECTORY")
        .map_or_else(|| from_home("~/.aws/login/cache", variables), PathBuf::from);
    let digest = sha256(session.value.trim());
    folder.join(digest.trim_start_matches("sha256:")).with_extension("json")
}

/// Where the credentials come from, in the order of the SDK's chain.
///
/// Source: AWS SDKs and Tools Reference Guide, "AWS SDKs and Tools standardized credential providers".
pub(super) fn credentials_source(variables: &Variables, profiles: &Profiles, base: &Base) -> Option<String> {
    const IN_VARIABLES: [&str; 4] = [
        "AWS_ACCESS_KEY_ID",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    ];
    let [keys, elsewhere @ ..] = IN_VARIABLES;
    if variables.get(keys).is_some() {
        return Some(keys.to_owned());
    }
    let in_profile = match base {
        Base::Process(found) | Base::WebIdentity(found) => Some(found.place.to_string()),
        Base::IdentityCenter(profile) => Some(format!("IAM Identity Center, profile {profile:?}")),
        Base::ConsoleSession { session, .. } => Some(session.place.to_string()),
        Base::Other => {
            let keys = ["role_arn", "aws_access_key_id"];
            keys.iter().find_map(|key| profiles.selected(key)).map(|found| found.place.to_string())
        }
    };
    in_profile.or_else(|| elsewhere.into_iter().find(|name| variables.get(name).is_some()).map(str::to_owned))
}

/// The configured proxies.
///
/// Behind a CGI gateway, any request may set `HTTP_PROXY`: then there is no proxy.
fn proxies(variables: &Variables) -> Result<Proxies, EnvironmentError> {
    if variables.is_cgi() {
        return Ok(Proxies::default());
    }
    let proxy = |names: [&str; 2]| variables.first(&names).as_ref().map(check::proxy_url).transpose();
    let all = proxy(["ALL_PROXY", "all_proxy"])?;
    let (http, https) = (proxy(["HTTP_PROXY", "http_proxy"])?, proxy(["HTTPS_PROXY", "https_proxy"])?);
    let spared = variables.first(&["NO_PROXY", "no_proxy"]).map(|found| found.value).unwrap_or_default();
    Ok(Proxies::new(http.or_else(|| all.clone()), https.or(all), &spared))
}

/// Size limit of a token file.
const LARGEST: u64 = 1 << 20;

/// Checks the token files that the SDK may read: it reads each to its end while everything else waits. The SDK reports
/// missing and unreadable files itself.
///
/// Source: `web_identity_token.rs`, `ecs.rs`, `sso/cache.rs` and `login/cache.rs` of aws-config.
///
/// # Errors
///
/// A file that is not regular, or larger than any token.
pub(super) fn check_token_files(
    variables: &Variables,
    profiles: &Profiles,
    base: &Base,
) -> Result<(), EnvironmentError> {
    let mut files: Vec<(Located, PathBuf, &str)> = Vec::new();
    let mut add = |found: Option<Located>| {
        files.extend(found.map(|found| {
            let path = PathBuf::from(&found.value);
            (found, path, "names")
        }));
    };
    add(variables.located("AWS_WEB_IDENTITY_TOKEN_FILE"));
    if variables.first(&["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"]).is_some() {
        add(variables.located("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"));
    }
    match base {
        Base::WebIdentity(file) => add(Some(file.clone())),
        Base::IdentityCenter(profile) => {
            let named = ["sso_session", "sso_start_url"].iter().find_map(|key| profiles.get(profile, key));
            if let Some(named) = named {
                let cached = cached_tokens(&from_home("~/.aws/sso/cache", variables));
                files.extend(cached.map(|path| (named.clone(), path, "has its token from")));
            }
        }
        Base::ConsoleSession { session, .. } => {
            files.push((session.clone(), console_session_file(session, variables), "has its token from"));
        }
        Base::Process(_) | Base::Other => {}
    }
    files.iter().try_for_each(|(found, path, how)| match files::read_shared(path, LARGEST) {
        Err(problem @ (ReadError::NotRegular | ReadError::TooLarge(_))) => Err(EnvironmentError::value(
            &found.place,
            format!("{how} {}, which cannot be used: {problem}", path.display()),
            "let it be a regular file that holds a token and nothing else",
        )),
        _ => Ok(()),
    })
}

/// The cached tokens of the AWS CLI. A hash tells which one is used.
fn cached_tokens(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = folder.read_dir().into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|path| path.extension().is_some_and(|ending| ending == "json"))
}
