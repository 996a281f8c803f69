//! URLs that a report may link to, and templates of links into a console.

use std::fmt;

use super::{AccountId, Region, Resource};

/// An absolute https URL that a report may link to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebUrl(Box<str>);

/// The text is not a URL that a report may link to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidWebUrl(pub &'static str);

impl WebUrl {
    /// Parses a URL of printable ASCII characters.
    ///
    /// Sources: RFC 3986, 2 for the characters; 3.2.1 for the user, whom a link must not name.
    pub fn parse(text: &str) -> Result<Self, InvalidWebUrl> {
        if !text.bytes().all(is_url_byte) {
            return Err(InvalidWebUrl("it holds a character that no URL has"));
        }
        // The parser does not know fragments.
        let uri: http::Uri = text
            .split('#')
            .next()
            .unwrap_or_default()
            .parse()
            .map_err(|_| InvalidWebUrl("it does not match https://HOST/PATH"))?;
        let authority = uri.authority().map(http::uri::Authority::as_str).unwrap_or_default();
        if authority.contains('@') {
            return Err(InvalidWebUrl("it names a user"));
        }
        let host = uri.host().unwrap_or_default();
        match uri.scheme_str() {
            _ if host.is_empty() => Err(InvalidWebUrl("it does not match https://HOST/PATH")),
            Some("https") => Ok(Self(text.into())),
            _ => Err(InvalidWebUrl("it does not start with https://")),
        }
    }

    /// The URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WebUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

fn is_url_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte)
}

/// The URL of a target's page in a console, with `{account}`, `{region}`, `{partition}` and `{resource}` left open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsoleUrl(Box<str>);

impl ConsoleUrl {
    /// Parses a template. Filled in, it is a URL.
    pub fn parse(text: &str) -> Result<Self, InvalidWebUrl> {
        let sample = fill_in(text, ["111122223333", "eu-central-1", "aws", "macie_session"]);
        if sample.contains(['{', '}']) {
            return Err(InvalidWebUrl(
                "it has a placeholder other than {account}, {region}, {partition} and {resource}",
            ));
        }
        WebUrl::parse(&sample)?;
        Ok(Self(text.into()))
    }

    /// The URL for a target; `None` before its account is known.
    pub fn fill_in(&self, account: AccountId, region: &Region, resource: Resource) -> Option<WebUrl> {
        let account = (account != AccountId::UnknownCaller).then(|| account.to_string())?;
        let values = [account.as_str(), region.as_str(), region.partition().as_str(), resource.as_str()];
        WebUrl::parse(&fill_in(&self.0, values)).ok()
    }
}

fn fill_in(template: &str, [account, region, partition, resource]: [&str; 4]) -> String {
    template
        .replace("{account}", account)
        .replace("{region}", region)
        .replace("{partition}", partition)
        .replace("{resource}", resource)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_https() {
        for good in ["https://github.com/o/r/blob/main", "https://git.example.com:8443/x?y=%20#z"] {
            assert_eq!(WebUrl::parse(good).map(|url| url.to_string()).as_deref(), Ok(good));
        }
        for (bad, why) in [
            ("http://localhost:3000/x", "it does not start with https://"),
            ("http://example.com/", "it does not start with https://"),
            ("javascript:alert(1)", "it does not start with https://"),
            ("//example.com/x", "it does not match https://HOST/PATH"),
            ("github.com", "it does not start with https://"),
            ("github.com/o/r", "it does not match https://HOST/PATH"),
            ("", "it does not match https://HOST/PATH"),
            ("https:///x", "it does not match https://HOST/PATH"),
            ("ftp://example.com/", "it does not start with https://"),
            ("https://user@example.com/", "it names a user"),
            ("https://example.com/\"onload=x", "it holds a character that no URL has"),
            ("https://example.com/ü", "it holds a character that no URL has"),
            ("https://example.com/a b", "it holds a character that no URL has"),
        ] {
            assert_eq!(WebUrl::parse(bad), Err(InvalidWebUrl(why)), "{bad}");
        }
    }

    #[test]
    fn a_console_url_is_filled_in_for_a_target() {
        let template =
            "https://{region}.console.aws.amazon.com/macie/home?region={region}#{account}-{partition}-{resource}";
        let filled = ConsoleUrl::parse(template).ok().and_then(|template| {
            template.fill_in("111122223333".parse().ok()?, &"cn-north-1".parse().ok()?, Resource::MacieSession)
        });
        assert_eq!(
            filled.map(|url| url.to_string()).as_deref(),
            Some(
                "https://cn-north-1.console.aws.amazon.com/macie/home?region=cn-north-1#111122223333-aws-cn-macie_session"
            )
        );
        for bad in ["https://{host}/", "https://example.com/{", "{region}", "http://{region}.example.com/"] {
            assert!(ConsoleUrl::parse(bad).is_err(), "{bad}");
        }
    }
}
