//! URLs of endpoints and proxies: what can be used, and what is wrong with the rest.

use http::Uri;
use http::uri::Scheme;

use super::EnvironmentError;
use super::location::Located;

/// Checks that a value is a URL that requests can go to.
///
/// # Errors
///
/// What is wrong with it. The value is shown only where it cannot hold a secret.
pub(super) fn check(found: &Located) -> Result<(), EnvironmentError> {
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

/// The value in brackets, unless it may hold a secret.
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

/// What is wrong with a host and its port.
fn authority_problem(authority: &str) -> Option<&'static str> {
    let (host, port) = match authority.rsplit_once(':') {
        // The colons in the brackets are those of an address.
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

/// A proxy as its variable names it; one without a scheme is spoken to over HTTP.
///
/// # Errors
///
/// What is wrong with it, never with its value: it may hold a password.
pub(super) fn proxy(found: &Located) -> Result<Uri, EnvironmentError> {
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
            assert!(check(&located(good)).is_ok(), "{good}");
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
            assert!(check(&located(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn no_secret_is_shown() {
        for secret in ["http://user:hush@host", "user:hush@host", "http://host?token=hush", "ftp://u:hush@h"] {
            let told = check(&located(secret)).expect_err("an error");
            assert!(!format!("{told} {}", told.help()).contains("hush"), "{told}");
        }
        let told = proxy(&located("socks5://user:hush@host:1")).expect_err("an error");
        assert!(!told.to_string().contains("hush"), "{told}");
    }

    #[test]
    fn proxies_may_do_without_a_scheme_and_have_a_password() {
        for good in ["proxy:3128", "http://user:pass%40@proxy:3128/", "https://proxy", "[::1]:3128", " http://proxy:1 "]
        {
            assert!(proxy(&located(good)).is_ok(), "{good}");
        }
        for bad in ["socks5://proxy:1", "http://", "http://proxy:port", "http://:80", "pro xy", "ftp://proxy"] {
            assert!(proxy(&located(bad)).is_err(), "{bad}");
        }
    }
}
