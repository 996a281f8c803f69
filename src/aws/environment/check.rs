//! What is checked before the first call.

use super::EnvironmentError;
use super::endpoint;
use super::location::Located;
use super::profiles::Profiles;
use super::variables::Variables;
use crate::model::Region;

/// The services that are asked, as variables and sections name them.
const SERVICES: [(&str, &str); 6] = [
    ("MACIE2", "macie2"),
    ("STS", "sts"),
    ("ORGANIZATIONS", "organizations"),
    ("ACCOUNT", "account"),
    ("SSO", "sso"),
    ("SSO_OIDC", "sso_oidc"),
];

/// The Region of the endpoint that STS has for the whole world.
const GLOBAL: &str = "aws-global";

/// The Region that is asked, where one is named.
///
/// # Errors
///
/// If what is named is no Region.
pub(super) fn region(variables: &Variables, profiles: &Profiles) -> Result<Option<String>, EnvironmentError> {
    let Some(found) = variables.first(&["AWS_REGION", "AWS_DEFAULT_REGION"]).or_else(|| profiles.selected("region"))
    else {
        return Ok(None);
    };
    let value = &found.value;
    if value.parse::<Region>().is_ok() || value == GLOBAL {
        return Ok(Some(value.clone()));
    }
    let help = match value.trim().to_ascii_lowercase().parse::<Region>() {
        Ok(meant) => format!("did you mean {meant}? A Region code has no blanks and no capitals"),
        Err(_) => "set it to a Region code such as eu-central-1, or unset it".to_owned(),
    };
    Err(EnvironmentError::value(&found.place, format!("is no Region: {value:?}"), help))
}

/// Whether a switch is on, and where that is said.
///
/// # Errors
///
/// If it is set to something else than true or false.
pub(super) fn switch(
    variables: &Variables,
    profiles: &Profiles,
    variable: &str,
    key: &str,
) -> Result<Option<Located>, EnvironmentError> {
    let Some(found) = variables.located(variable).or_else(|| profiles.selected(key)) else { return Ok(None) };
    if found.value.eq_ignore_ascii_case("true") {
        Ok(Some(found))
    } else if found.value.eq_ignore_ascii_case("false") {
        Ok(None)
    } else {
        let problem = format!("is neither true nor false: {:?}", found.value);
        Err(EnvironmentError::value(&found.place, problem, "set it to true or false, or unset it"))
    }
}

/// The endpoints that are named for the services that are asked.
///
/// # Errors
///
/// If one is no URL, or if the section of services that the profile names is not there.
pub(super) fn endpoints(variables: &Variables, profiles: &Profiles) -> Result<Vec<Located>, EnvironmentError> {
    let ignored = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls");
    if switch(variables, profiles, ignored.0, ignored.1)?.is_some() {
        return Ok(Vec::new());
    }
    let services = profiles.selected("services");
    if let Some(services) = services.as_ref().filter(|services| !profiles.has_services(&services.value)) {
        let problem = format!("names the section [services {}], which is not there", services.value);
        return Err(EnvironmentError::value(&services.place, problem, "add the section, or take the line out"));
    }
    let in_variables = SERVICES.iter().filter_map(|(name, _)| variables.located(&format!("AWS_ENDPOINT_URL_{name}")));
    let in_section = SERVICES
        .iter()
        .filter_map(|(_, service)| profiles.of_service(&services.as_ref()?.value, service, "endpoint_url"));
    let everywhere = variables.located("AWS_ENDPOINT_URL").into_iter().chain(profiles.selected("endpoint_url"));
    let found: Vec<Located> = in_variables.chain(in_section).chain(everywhere).collect();
    found.iter().try_for_each(endpoint::check)?;
    Ok(found)
}

/// That no endpoint of one's own is named where AWS is to choose among its own.
///
/// # Errors
///
/// If there is one.
pub(super) fn one_or_the_other(switch: Option<&Located>, endpoints: &[Located]) -> Result<(), EnvironmentError> {
    match (switch, endpoints.first()) {
        (Some(switch), Some(endpoint)) => Err(EnvironmentError::value(
            &switch.place,
            format!("cannot be used together with an endpoint of your own, which {} names", endpoint.place),
            "unset one of them",
        )),
        _ => Ok(()),
    }
}

/// What is said of where credentials come from.
///
/// # Errors
///
/// If half of it is missing, or cannot be used.
pub(super) fn credentials(variables: &Variables) -> Result<(), EnvironmentError> {
    let has = |name: &str| variables.get(name).is_some();
    if has("AWS_ACCESS_KEY_ID") && !has("AWS_SECRET_ACCESS_KEY") && !has("SECRET_ACCESS_KEY") {
        let problem = "is set, and AWS_SECRET_ACCESS_KEY is not";
        return Err(EnvironmentError::value(&"AWS_ACCESS_KEY_ID", problem, "set both, or unset both"));
    }
    if has("AWS_ACCESS_KEY_ID") {
        return Ok(());
    }
    if let Some(arn) = variables.get("AWS_ROLE_ARN").filter(|_| has("AWS_WEB_IDENTITY_TOKEN_FILE"))
        && !arn.starts_with("arn:")
    {
        let help = "set it to an ARN such as arn:aws:iam::111122223333:role/driftline";
        return Err(EnvironmentError::value(&"AWS_ROLE_ARN", format!("is no ARN of a role: {arn:?}"), help));
    }
    container(variables)?;
    variables.located("AWS_EC2_METADATA_SERVICE_ENDPOINT").as_ref().map_or(Ok(()), endpoint::check)
}

fn container(variables: &Variables) -> Result<(), EnvironmentError> {
    if let Some(uri) = variables.located("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
        if !uri.value.starts_with('/') || uri.value.parse::<http::Uri>().is_err() {
            let help = "it is set by Amazon ECS, to a path such as /v2/credentials/1a2b";
            return Err(EnvironmentError::value(&uri.place, "is no path that begins with a slash", help));
        }
    } else if let Some(uri) = variables.located("AWS_CONTAINER_CREDENTIALS_FULL_URI") {
        // What follows the host may have a query here.
        let (before, _) = uri.value.split_once('?').unwrap_or((&uri.value, ""));
        endpoint::check(&Located { value: before.to_owned(), place: uri.place })?;
    } else {
        return Ok(());
    }
    match variables.located("AWS_CONTAINER_AUTHORIZATION_TOKEN") {
        Some(token) if token.value.bytes().any(|byte| !(b' '..=b'~').contains(&byte)) => Err(EnvironmentError::value(
            &token.place,
            "holds a character that no request can carry, such as a line break",
            "set it anew, without a line break at its end",
        )),
        _ => Ok(()),
    }
}
