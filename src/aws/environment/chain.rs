//! How the profile that is used comes to its credentials.

use super::EnvironmentError;
use super::place::Located;
use super::profiles::Profiles;

/// What stands at the bottom of a profile's roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Base {
    /// A program that prints credentials.
    Process(Located),
    /// A token in a file.
    WebIdentity(Located),
    /// IAM Identity Center, in this profile.
    IdentityCenter(String),
    /// Anything else, or nothing.
    Other,
}

/// A role that a profile assumes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::aws) struct ProfileRole {
    pub(in crate::aws) arn: String,
    pub(in crate::aws) external_id: Option<String>,
    pub(in crate::aws) session_name: Option<String>,
}

/// What a profile's credentials are got from, and the roles that are assumed with them, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chain {
    pub(super) base: Base,
    pub(super) roles: Vec<ProfileRole>,
}

/// Follows `source_profile` from the profile that is used.
///
/// Source: AWS SDKs and Tools Reference Guide, "Assume role credential provider".
///
/// # Errors
///
/// If a role asks for a one-time code, which only a person has.
pub(super) fn chain(profiles: &Profiles) -> Result<Chain, EnvironmentError> {
    let (mut name, mut visited, mut roles) = (profiles.selected.clone(), Vec::new(), Vec::new());
    loop {
        let get = |key: &str| profiles.get(&name, key);
        let is_static = get("aws_access_key_id").is_some() && get("aws_secret_access_key").is_some();
        let is_role = get("role_arn").is_some() && get("web_identity_token_file").is_none();
        let is_source = !visited.is_empty();
        if visited.contains(&name) || (is_source && is_static) || !is_role {
            let base = if is_source && is_static { Base::Other } else { base(profiles, &name) };
            roles.reverse();
            return Ok(Chain { base, roles });
        }
        if let Some(mfa) = get("mfa_serial") {
            return Err(one_time_code(&name, &mfa));
        }
        let value = |key: &str| get(key).map(|found| found.value);
        roles.push(ProfileRole {
            arn: value("role_arn").unwrap_or_default(),
            external_id: value("external_id"),
            session_name: value("role_session_name"),
        });
        let source = value("source_profile").filter(|source| *source != name);
        let Some(source) = source else {
            roles.reverse();
            return Ok(Chain { base: base(profiles, &name), roles });
        };
        visited.push(std::mem::replace(&mut name, source));
    }
}

fn base(profiles: &Profiles, name: &str) -> Base {
    let get = |key: &str| profiles.get(name, key);
    if get("credential_source").is_some() {
        return Base::Other;
    }
    if let Some(file) = get("web_identity_token_file") {
        return Base::WebIdentity(file);
    }
    if get("sso_session").is_some() || get("sso_start_url").is_some() {
        return Base::IdentityCenter(name.to_owned());
    }
    match get("credential_process") {
        Some(process) if get("login_session").is_none() => Base::Process(process),
        _ => Base::Other,
    }
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
