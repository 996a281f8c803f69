//! Checks of Region, endpoints, proxies and credential variables before the first call.

use http::Uri;
use http::uri::Scheme;

use super::EnvironmentError;
use super::profiles::Profiles;
use super::variables::{Located, Variables};
use crate::model::Region;

/// The services in use, as variables and sections name them.
const SERVICES: [(&str, &str); 8] = [
    ("MACIE2", "macie2"),
    ("SSM", "ssm"),
    ("STS", "sts"),
    ("ORGANIZATIONS", "organizations"),
    ("ACCOUNT", "account"),
    ("SSO", "sso"),
    ("SSO_OIDC", "sso_oidc"),
    ("SIGNIN", "signin"),
];

/// The Region of the global STS endpoint.
const GLOBAL: &str = "aws-global";

/// The configured Region.
///
/// # Errors
///
/// A value that is no Region.
pub(super) fn region(variables: &Variables, profiles: &Profiles) -> Result<Option<Located>, EnvironmentError> {
    let Some(found) = variables.first(&["AWS_REGION", "AWS_DEFAULT_REGION"]).or_else(|| profiles.selected("region"))
    else {
        return Ok(None);
    };
    let value = &found.value;
    if value.parse::<Region>().is_ok() || value == GLOBAL {
        return Ok(Some(found));
    }
    let help = match value.trim().to_ascii_lowercase().parse::<Region>() {
        Ok(meant) => format!("did you mean {meant}? A Region code has no blanks and no capitals"),
        Err(_) => "set it to a Region code such as eu-central-1, or unset it".to_owned(),
    };
    Err(EnvironmentError::value(&found.place, format!("is no Region: {value:?}"), help))
}

/// The location of a switch that is on.
///
/// # Errors
///
/// A value other than true or false.
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

/// The configured endpoints of the services in use.
///
/// # Errors
///
/// A value that is no URL, or a missing `services` section.
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
        .filter_map(|(_, service)| profiles.service_value(&services.as_ref()?.value, service, "endpoint_url"));
    let everywhere = variables.located("AWS_ENDPOINT_URL").into_iter().chain(profiles.selected("endpoint_url"));
    let found: Vec<Located> = in_variables.chain(in_section).chain(everywhere).collect();
    found.iter().try_for_each(check_endpoint)?;
    Ok(found)
}

/// Rejects a custom endpoint together with a switch that selects endpoints of AWS.
///
/// # Errors
///
/// The conflict.
pub(super) fn reject_conflict(switch: Option<&Located>, endpoints: &[Located]) -> Result<(), EnvironmentError> {
    match (switch, endpoints.first()) {
        (Some(switch), Some(endpoint)) => Err(EnvironmentError::value(
            &switch.place,
            format!("cannot be used together with an endpoint of your own, which {} names", endpoint.place),
            "unset one of them",
        )),
        _ => Ok(()),
    }
}

/// Checks the credential variables.
///
/// # Errors
///
/// An incomplete or invalid set.
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
    variables.located("AWS_EC2_METADATA_SERVICE_ENDPOINT").as_ref().map_or(Ok(()), check_endpoint)
}

fn container(variables: &Variables) -> Result<(), EnvironmentError> {
    if let Some(uri) = variables.located("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
        if !uri.value.starts_with('/') || uri.value.parse::<http::Uri>().is_err() {
            let help = "it is set by Amazon ECS, to a path such as /v2/credentials/1a2b";
            return Err(EnvironmentError::value(&uri.place, "is no path that begins with a slash", help));
        }
    } else if let Some(uri) = variables.located("AWS_CONTAINER_CREDENTIALS_FULL_URI") {
        // The URL may have a query here.
        let (before, _) = uri.value.split_once('?').unwrap_or((&uri.value, ""));
        check_endpoint(&Located { value: before.to_owned(), place: uri.place })?;
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

/// Checks the URL of an endpoint.
///
/// # Errors
///
/// The problem. The value is shown only if it cannot hold a secret.
pub(super) fn check_endpoint(found: &Located) -> Result<(), EnvironmentError> {
    let help =
        "write the whole URL, such as http://127.0.0.1:4566 or https://vpce-1a2b.sts.eu-central-1.vpce.amazonaws.com";
    match problem(&found.value) {
        None => Ok(()),
        Some(problem) => {
            let problem = format!("is no URL of an endpoint{}: {problem}", shown(&found.value));
            Err(EnvironmentError::value(&found.place, problem, help))
        }
    }
}

/// The value in parentheses, unless it may hold a secret.
pub(super) fn shown(value: &str) -> String {
    if value.contains(['@', '?', '#']) { String::new() } else { format!(" ({value:?})") }
}

fn problem(value: &str) -> Option<&'static str> {
    if value.contains(char::is_whitespace) {
        return Some("there is a blank in it");
    }
    let Some((scheme, rest)) = value.split_once("://") else {
        return Some("it does not begin with http:// or https://");
    };
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return Some("it does not begin with http:// or https://");
    }
    if rest.contains('@') {
        return Some("there is a user name or a password in it");
    }
    if rest.contains(['?', '#']) {
        return Some("there is a query or a fragment in it");
    }
    authority_problem(rest.split('/').next().unwrap_or_default()).or_else(|| match value.parse::<Uri>() {
        Ok(_) => None,
        Err(_) => Some("there is a character in it that no URL has"),
    })
}

/// The problem of a host and its port.
fn authority_problem(authority: &str) -> Option<&'static str> {
    let (host, port) = match authority.rsplit_once(':') {
        // Colons in brackets belong to an address.
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    };
    if host.is_empty() {
        return Some("there is no host in it");
    }
    if host.contains(':') && !(host.starts_with('[') && host.ends_with(']')) {
        return Some("an IPv6 address stands in brackets");
    }
    match port.map(str::parse::<u16>) {
        None | Some(Ok(1..)) => None,
        Some(_) => Some("its port is no number from 1 to 65535"),
    }
}

/// Parses a proxy URL; the default scheme is HTTP.
///
/// # Errors
///
/// The problem, never with the value: it may hold a password.
pub(super) fn proxy_url(found: &Located) -> Result<Uri, EnvironmentError> {
    let wrong = |problem: &str| {
        let problem = format!("is no URL of a proxy{}: {problem}", shown(&found.value));
        EnvironmentError::value(&found.place, problem, "write the whole URL, such as http://proxy.example.com:3128")
    };
    let value = found.value.trim();
    let whole = if value.contains("://") { value.to_owned() } else { format!("http://{value}") };
    let uri: Uri = whole.parse().map_err(|_| wrong("it cannot be taken apart"))?;
    if uri.scheme() != Some(&Scheme::HTTP) && uri.scheme() != Some(&Scheme::HTTPS) {
        return Err(wrong("driftline speaks to proxies over http:// and https:// alone"));
    }
    let (_, rest) = whole.split_once("://").unwrap_or_default();
    if rest.split_once(['/', '?', '#']).is_some_and(|(_, path)| path.contains('@')) {
        return Err(wrong("an at sign stands behind its host; in a password, write / as %2F, ? as %3F and # as %23"));
    }
    if rest.contains(['?', '#']) {
        return Err(wrong("there is a query or a fragment in it"));
    }
    let authority = uri.authority().map(|authority| authority.as_str()).unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match authority_problem(host) {
        Some(problem) => Err(wrong(problem)),
        None => Ok(uri),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::environment::SettingLocation;

    fn located(value: &str) -> Located {
        Located { value: value.to_owned(), place: SettingLocation::Variable("X".to_owned()) }
    }

    #[test]
    fn urls_are_told_from_what_is_none() {
        for good in [
            "http://127.0.0.1:4566",
            "https://sts.eu-central-1.amazonaws.com",
            "HTTP://localhost/",
            "http://[::1]:4566/prefix",
            "http://host_with_underscore:1",
        ] {
            assert!(check_endpoint(&located(good)).is_ok(), "{good}");
        }
        for bad in [
            "127.0.0.1:9",
            "localhost:4566",
            "ftp://host",
            "http://",
            "http:///path",
            "http:/host",
            "http//host",
            "://host",
            "http://:80",
            "http://host:0",
            "http://host:99999",
            "http://host:",
            "http://host:port",
            "http://::1:80",
            "http://ho st",
            "http://host ",
            "http://host/?token=hush",
            "http://host#x",
            "http://ho<st",
            "nonsense",
        ] {
            assert!(check_endpoint(&located(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn no_secret_is_shown() {
        for secret in ["http://user:hush@host", "user:hush@host", "http://host?token=hush", "ftp://u:hush@h"] {
            let told = check_endpoint(&located(secret)).expect_err("an error");
            assert!(!format!("{told} {}", told.help()).contains("hush"), "{told}");
        }
        let told = proxy_url(&located("socks5://user:hush@host:1")).expect_err("an error");
        assert!(!told.to_string().contains("hush"), "{told}");
    }

    #[test]
    fn proxies_may_do_without_a_scheme_and_have_a_password() {
        for good in ["proxy:3128", "http://user:pass%40@proxy:3128/", "https://proxy", "[::1]:3128", " http://proxy:1 "]
        {
            assert!(proxy_url(&located(good)).is_ok(), "{good}");
        }
        for bad in ["socks5://proxy:1", "http://", "http://proxy:port", "http://:80", "pro xy", "ftp://proxy"] {
            assert!(proxy_url(&located(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_secret_behind_the_host_of_a_proxy_is_refused_and_not_shown() {
        for bad in [
            "http://alice:2024/hush@proxy:3128",
            "alice:2024/hush@proxy:3128",
            "http://alice:2024?hush@proxy:3128",
            "http://alice:2024#hush@proxy:3128",
            "http://proxy:3128/?token=hush",
            "http://proxy:3128?hush",
            "http://proxy:3128#hush",
        ] {
            let told = proxy_url(&located(bad)).expect_err(bad);
            for secret in ["alice", "2024", "hush"] {
                assert!(!format!("{told} {}", told.help()).contains(secret), "{told}");
            }
        }
    }
}
