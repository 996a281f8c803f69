//! Proxies, and the hosts that `NO_PROXY` exempts.

use std::net::IpAddr;

use http::Uri;
use ipnet::IpNet;

/// The proxies of a run and the exempt hosts.
#[derive(Debug, Clone, Default)]
pub(super) struct Proxies {
    http: Option<Uri>,
    https: Option<Uri>,
    spared: Vec<Spared>,
}

/// An item of `NO_PROXY`.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Spared {
    /// `*`.
    Everything,
    /// `10.0.0.0/8`.
    Network(IpNet),
    /// An address, or an address and a port.
    Address(IpAddr, Option<u16>),
    /// A domain and its subdomains, on one port or all.
    Domain(String, Option<u16>),
    /// `*.example.com`: the subdomains without the domain itself.
    Below(String, Option<u16>),
}

impl Proxies {
    /// Creates proxies for HTTP and HTTPS with the exemptions of `NO_PROXY`: `*`, addresses, networks, and domains,
    /// with or without a leading dot, each with or without a port.
    ///
    /// Sources: `urllib.request.proxy_bypass_environment` of Python, `golang.org/x/net/http/httpproxy`. Where they
    /// differ, as over whether a leading dot exempts the domain itself, this exempts what one of them does.
    pub(super) fn new(http: Option<Uri>, https: Option<Uri>, spared: &str) -> Self {
        let items = spared.split(|letter: char| letter == ',' || letter.is_whitespace());
        Self { http, https, spared: items.filter(|item| !item.is_empty()).filter_map(Spared::parse).collect() }
    }

    /// The proxy of a scheme.
    pub(super) fn for_scheme(&self, is_https: bool) -> Option<&Uri> {
        if is_https { self.https.as_ref() } else { self.http.as_ref() }
    }

    /// Whether requests to a target bypass the proxies.
    pub(super) fn spares(&self, target: &Uri) -> bool {
        let Some(host) = target.host() else { return false };
        let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase();
        let default = if target.scheme_str() == Some("https") { 443 } else { 80 };
        let port = target.port_u16().unwrap_or(default);
        let address: Option<IpAddr> = host.parse().ok();
        self.spared.iter().any(|spared| spared.holds(&host, address, port))
    }
}

impl Spared {
    fn parse(item: &str) -> Option<Self> {
        if item == "*" {
            return Some(Self::Everything);
        }
        if let Ok(network) = item.parse() {
            return Some(Self::Network(network));
        }
        let bare = |text: &str| -> Option<IpAddr> { text.trim_start_matches('[').trim_end_matches(']').parse().ok() };
        if let Some(address) = bare(item) {
            return Some(Self::Address(address, None));
        }
        let (host, port) = match item.rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse().ok()?)),
            None => (item, None),
        };
        if let Some(address) = bare(host) {
            return Some(Self::Address(address, port));
        }
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        if let Some(domain) = host.strip_prefix("*.") {
            return Some(Self::Below(domain.to_owned(), port));
        }
        let domain = host.trim_start_matches('.');
        (!domain.is_empty()).then(|| Self::Domain(domain.to_owned(), port))
    }

    fn holds(&self, host: &str, address: Option<IpAddr>, port: u16) -> bool {
        let is_port = |wanted: &Option<u16>| wanted.is_none_or(|wanted| wanted == port);
        let is_below = |domain: &str| host.strip_suffix(domain).is_some_and(|above| above.ends_with('.'));
        match self {
            Self::Everything => true,
            Self::Network(network) => address.is_some_and(|address| network.contains(&address)),
            Self::Address(spared, wanted) => address == Some(*spared) && is_port(wanted),
            Self::Domain(domain, wanted) => (host == domain || is_below(domain)) && is_port(wanted),
            Self::Below(domain, wanted) => is_below(domain) && is_port(wanted),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_spares_what_it_names_and_nothing_else() {
        let rows: &[(&str, &[&str], &[&str])] = &[
            ("*", &["http://127.0.0.1:4566", "https://sts.amazonaws.com", "http://[::1]"], &[]),
            ("a.test, *", &["http://127.0.0.1:4566"], &[]),
            ("127.0.0.1", &["http://127.0.0.1:4566"], &["http://127.0.0.2", "http://localhost"]),
            ("127.0.0.1:4566", &["http://127.0.0.1:4566"], &["http://127.0.0.1:4567", "http://127.0.0.1"]),
            ("localhost:4566", &["http://localhost:4566", "http://LOCALHOST:4566"], &["http://localhost:1"]),
            ("10.0.0.0/8", &["https://10.1.2.3"], &["https://11.1.2.3", "https://10.example.com"]),
            ("fd00:ec2::/32", &["http://[fd00:ec2::23]"], &["http://[fd01:ec2::23]"]),
            ("[::1]:4566", &["http://[::1]:4566"], &["http://[::1]:1"]),
            ("::1", &["http://[::1]:4566"], &[]),
            ("[::1]", &["http://[::1]:4566"], &[]),
            ("amazonaws.com", &["https://sts.amazonaws.com", "https://amazonaws.com"], &["https://notamazonaws.com"]),
            (".amazonaws.com", &["https://sts.amazonaws.com", "https://amazonaws.com"], &["https://xamazonaws.com"]),
            ("*.amazonaws.com", &["https://sts.amazonaws.com"], &["https://amazonaws.com"]),
            ("sts.amazonaws.com:443", &["https://sts.amazonaws.com"], &["http://sts.amazonaws.com"]),
            (" a.test ,, B.test ", &["http://a.test", "http://b.test", "http://x.b.test"], &["http://c.test"]),
            ("a.test b.test", &["http://a.test", "http://b.test."], &[]),
            ("", &[], &["http://a.test"]),
            (",", &[], &["http://a.test"]),
            ("a.test:port", &[], &["http://a.test"]),
        ];
        for (spared, inside, outside) in rows {
            let proxies = Proxies::new(None, None, spared);
            for target in *inside {
                assert!(proxies.spares(&target.parse().expect("a URI")), "{spared:?} spares {target}");
            }
            for target in *outside {
                assert!(!proxies.spares(&target.parse().expect("a URI")), "{spared:?} does not spare {target}");
            }
        }
    }
}
