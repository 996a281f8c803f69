//! Credential chain of the selected profile.

use super::EnvironmentError;
use super::profiles::Profiles;
use super::variables::{Located, SettingLocation};

/// Values of `credential_source`, ignoring case.
///
/// Source: AWS SDKs and Tools Reference Guide, "Assume role credential provider", `credential_source`.
const CREDENTIAL_SOURCES: [&str; 3] = ["Environment", "Ec2InstanceMetadata", "EcsContainer"];

/// Keys that make a profile one of IAM Identity Center, even an incomplete one.
const KEYS_OF_IDENTITY_CENTER: [&str; 3] = ["sso_account_id", "sso_region", "sso_role_name"];

/// Base of a chain of roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Base {
    /// A program that prints credentials.
    Process(Located),
    /// A token in a file.
    WebIdentity(Located),
    /// IAM Identity Center, in this profile.
    IdentityCenter(String),
    /// A console session, which `aws login` started for this profile.
    ConsoleSession { profile: String, session: Located },
    /// Any other source, or none.
    Other,
}

/// A role that a profile assumes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::aws) struct ProfileRole {
    pub(in crate::aws) arn: String,
    pub(in crate::aws) external_id: Option<String>,
    pub(in crate::aws) session_name: Option<String>,
}

/// The base of the credentials of a profile, and the roles assumed from it, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chain {
    pub(super) base: Base,
    pub(super) roles: Vec<ProfileRole>,
}

/// Follows `source_profile` from the selected profile.
///
/// Source: AWS SDKs and Tools Reference Guide, "Assume role credential provider"; `profile/credentials/repr.rs` of
/// aws-config.
///
/// # Errors
///
/// A role that asks for a one-time code, or profiles that do not lead to credentials.
pub(super) fn chain(profiles: &Profiles) -> Result<Chain, EnvironmentError> {
    let (mut name, mut visited, mut roles) = (profiles.selected.clone(), Vec::new(), Vec::new());
    let mut named_by: Option<Located> = None;
    let base = loop {
        let get = |key: &str| profiles.get(&name, key);
        if let Some(from) = named_by.as_ref() {
            if visited.contains(&name) {
                return Err(circle(&from.place, &visited, &name));
            }
            if !profiles.has_profile(&name) {
                return Err(no_profile(from, profiles));
            }
            if get("aws_access_key_id").is_some() && get("aws_secret_access_key").is_some() {
                break Base::Other;
            }
        }
        let Some(role) = get("role_arn").filter(|_| get("web_identity_token_file").is_none()) else {
            break base(profiles, &name, named_by.as_ref())?;
        };
        if let Some(mfa) = get("mfa_serial") {
            return Err(one_time_code(&name, &mfa));
        }
        let value = |key: &str| get(key).map(|found| found.value);
        let source = match (get("source_profile"), get("credential_source")) {
            (Some(source), Some(other)) => return Err(both(&source, &other)),
            (None, None) => return Err(no_source(&role)),
            (source, _) => source,
        };
        roles.push(ProfileRole {
            arn: role.value,
            external_id: value("external_id"),
            session_name: value("role_session_name"),
        });
        match source {
            Some(source) if source.value != name => {
                visited.push(std::mem::replace(&mut name, source.value.clone()));
                named_by = Some(source);
            }
            own => break base(profiles, &name, own.as_ref())?,
        }
    };
    roles.reverse();
    Ok(Chain { base, roles })
}

/// The base of a profile. `named_by` is the key by which a role refers to it.
fn base(profiles: &Profiles, name: &str, named_by: Option<&Located>) -> Result<Base, EnvironmentError> {
    let get = |key: &str| profiles.get(name, key);
    if let Some(source) = get("credential_source") {
        let is_known = CREDENTIAL_SOURCES.iter().any(|known| source.value.eq_ignore_ascii_case(known));
        return if is_known { Ok(Base::Other) } else { Err(unknown_source(&source)) };
    }
    if let Some(file) = get("web_identity_token_file") {
        return Ok(Base::WebIdentity(file));
    }
    if let Some(session) = get("sso_session") {
        return if profiles.has_sso_session(&session.value) {
            Ok(Base::IdentityCenter(name.to_owned()))
        } else {
            let problem = format!("names the section [sso-session {}], which is not there", session.value);
            Err(EnvironmentError::value(&session.place, problem, "add the section; `aws configure sso-session` does"))
        };
    }
    if get("sso_start_url").is_some() {
        return Ok(Base::IdentityCenter(name.to_owned()));
    }
    if let Some(session) = get("login_session") {
        return Ok(Base::ConsoleSession { profile: name.to_owned(), session });
    }
    if let Some(process) = get("credential_process") {
        return Ok(Base::Process(process));
    }
    let is_elsewhere = KEYS_OF_IDENTITY_CENTER.iter().any(|key| get(key).is_some());
    match (get("aws_access_key_id"), get("aws_secret_access_key"), get("aws_session_token")) {
        _ if is_elsewhere => Ok(Base::Other),
        (Some(_), Some(_), _) => Ok(Base::Other),
        (Some(id), None, _) => Err(half(&id, "aws_secret_access_key")),
        (None, Some(found), _) | (None, None, Some(found)) => Err(half(&found, "aws_access_key_id")),
        (None, None, None) => match named_by {
            None => Ok(Base::Other),
            Some(from) => Err(EnvironmentError::value(
                &from.place,
                format!("names profile {name:?}, which has no credentials"),
                "let it name a profile with aws_access_key_id and aws_secret_access_key, or with another source of credentials",
            )),
        },
    }
}

fn half(found: &Located, missing: &str) -> EnvironmentError {
    EnvironmentError::value(&found.place, format!("is set, and {missing} is not"), "set both, or take both out")
}

fn circle(place: &SettingLocation, visited: &[String], name: &str) -> EnvironmentError {
    let way: Vec<String> = visited.iter().map(|name| format!("{name:?}")).collect();
    let problem = format!("leads in a circle: {} → {name:?}", way.join(" → "));
    EnvironmentError::value(place, problem, "let the last profile of the chain be one with credentials of its own")
}

fn no_profile(from: &Located, profiles: &Profiles) -> EnvironmentError {
    let name = &from.value;
    let almost = profiles.almost(name).map(|almost| format!("; {almost}")).unwrap_or_default();
    let problem = format!("names profile {name:?}, which is not there{almost}");
    EnvironmentError::value(&from.place, problem, "add the profile, or let it name another one")
}

fn both(source: &Located, other: &Located) -> EnvironmentError {
    let problem = format!("cannot be used together with {}", source.place);
    EnvironmentError::value(&other.place, problem, "take one of the two lines out")
}

fn no_source(role: &Located) -> EnvironmentError {
    EnvironmentError::value(
        &role.place,
        "is set, and nothing says which credentials the role is assumed with",
        "add source_profile with the name of a profile that has credentials, or credential_source, or web_identity_token_file",
    )
}

fn unknown_source(source: &Located) -> EnvironmentError {
    let problem = format!("is no source of credentials: {:?}", source.value);
    EnvironmentError::value(&source.place, problem, format!("set it to one of {}", CREDENTIAL_SOURCES.join(", ")))
}

fn one_time_code(profile: &str, mfa: &Located) -> EnvironmentError {
    EnvironmentError::value(
        &mfa.place,
        "asks for a one-time code, which driftline cannot ask for",
        format!(
            "get a session first, and run in it: eval \"$(aws configure export-credentials --profile {profile} --format env)\"; \
             or, with the keys of the user, aws sts get-session-token --serial-number {} --token-code CODE",
            mfa.value
        ),
    )
}
