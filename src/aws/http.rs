//! The HTTP client of a run: proxies, certificates, and one connection pool for all accounts.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use http::Uri;
use ipnet::IpNet;

use super::certificates::{CertificateError, UNTRUSTED, trust};
use super::environment::Environment;
use super::network::{AtHost, causes};
use super::response_body;

/// The client that every service of the run shares. Without an environment there is no proxy, and the system's own certificates
/// are trusted.
///
/// One connector, and with it one connection pool, is kept per pair of timeouts: the clients of this program all use
/// the same pair, the SDK's instance metadata client uses a shorter one of its own.
pub(super) fn shared_client(environment: Option<&Environment>) -> Result<SharedHttpClient, CertificateError> {
    let tls = TlsContext::builder()
        .with_trust_store(trust(environment)?)
        .build()
        .map_err(|refusal| CertificateError::Refused(refusal.to_string()))?;
    let proxies = environment.map(|environment| environment.proxies.clone()).unwrap_or_default();
    let connectors: Mutex<Vec<(HttpConnectorSettings, SharedHttpConnector)>> = Mutex::default();
    Ok(http_client_fn(move |settings, components| {
        let mut connectors = connectors.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, connector)) = connectors.iter().find(|(known, _)| same(known, settings)) {
            return connector.clone();
        }
        let way = |proxy: ProxyConfig| connector(settings, components, tls.clone(), proxy);
        let connector = SharedHttpConnector::new(Routes::new(&proxies, way));
        connectors.push((settings.clone(), connector.clone()));
        connector
    }))
}

fn same(one: &HttpConnectorSettings, other: &HttpConnectorSettings) -> bool {
    one.connect_timeout() == other.connect_timeout() && one.read_timeout() == other.read_timeout()
}

fn connector(
    settings: &HttpConnectorSettings,
    components: &RuntimeComponents,
    tls: TlsContext,
    proxy: ProxyConfig,
) -> SharedHttpConnector {
    let mut builder = Connector::builder().connector_settings(settings.clone()).proxy_config(proxy);
    builder.set_sleep_impl(components.sleep_impl());
    SharedHttpConnector::new(builder.tls_provider(Provider::rustls(CryptoMode::Ring)).tls_context(tls).build())
}

/// The ways that requests may take: none, or one of the proxies. Each has connections of its own.
///
/// The SDK's own reading of `NO_PROXY` knows neither ports nor, for addresses, the star.
struct Routes {
    direct: SharedHttpConnector,
    http: Option<SharedHttpConnector>,
    https: Option<SharedHttpConnector>,
    proxies: Arc<Proxies>,
}

impl Routes {
    fn new(proxies: &Proxies, way: impl Fn(ProxyConfig) -> SharedHttpConnector) -> Self {
        // What is no URL of a proxy was told before.
        let http = proxies.of_scheme(false).and_then(|proxy| ProxyConfig::http(proxy.to_string()).ok());
        let https = proxies.of_scheme(true).and_then(|proxy| ProxyConfig::https(proxy.to_string()).ok());
        Self {
            direct: way(ProxyConfig::disabled()),
            http: http.map(&way),
            https: https.map(&way),
            proxies: Arc::new(proxies.clone()),
        }
    }

    fn to(&self, target: Option<&Uri>) -> &SharedHttpConnector {
        let Some(target) = target.filter(|target| !self.proxies.spares(target)) else { return &self.direct };
        let proxied = if target.scheme_str() == Some("https") { &self.https } else { &self.http };
        proxied.as_ref().unwrap_or(&self.direct)
    }
}

impl fmt::Debug for Routes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A proxy's URL may hold a password.
        out.debug_struct("Routes").finish_non_exhaustive()
    }
}

impl HttpConnector for Routes {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target: Option<Uri> = request.uri().parse().ok();
        let limit = response_body::limit_of(&request);
        let answering = self.to(target.as_ref()).call(request);
        HttpConnectorFuture::new(async move {
            match answering.await {
                Ok(given) => Ok(response_body::careful(given, limit)),
                Err(error) => Err(at_host(error, target.as_ref())),
            }
        })
    }
}

fn at_host(error: ConnectorError, target: Option<&Uri>) -> ConnectorError {
    // Without a user name, which an authority may have.
    let Some(host) = target.and_then(|target| {
        let host = target.host()?;
        Some(target.port_u16().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
    }) else {
        return error;
    };
    let host = host.into_boxed_str();
    let (is_timeout, is_io, is_user) = (error.is_timeout(), error.is_io(), error.is_user());
    let other = error.as_other();
    let is_untrusted = causes(&error).any(|cause| cause.to_string().contains(UNTRUSTED));
    let told = Box::new(AtHost::new(host, error));
    if is_untrusted {
        // A certificate is not trusted any more for being asked for again, which the SDK would do.
        ConnectorError::other(told, None)
    } else if is_timeout {
        ConnectorError::timeout(told)
    } else if is_io {
        ConnectorError::io(told)
    } else if is_user {
        ConnectorError::user(told)
    } else {
        ConnectorError::other(told, other)
    }
}

/// The proxies of a run, and who is spared them.
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
    /// A domain with everything below it, or a port of these.
    Domain(String, Option<u16>),
    /// `*.example.com`: what is below a domain, without itself.
    Below(String, Option<u16>),
}

impl Proxies {
    /// The proxies for HTTP and for HTTPS, and what `NO_PROXY` spares them: `*`, addresses, networks, and domains, with or without
    /// a leading dot, each of them with a port or without one.
    ///
    /// Sources: `urllib.request.proxy_bypass_environment` of Python, `golang.org/x/net/http/httpproxy`. Where they differ, as over
    /// whether a leading dot spares the domain itself, this spares what one of them does.
    pub(super) fn new(http: Option<Uri>, https: Option<Uri>, spared: &str) -> Self {
        let items = spared.split(|letter: char| letter == ',' || letter.is_whitespace());
        Self { http, https, spared: items.filter(|item| !item.is_empty()).filter_map(Spared::parse).collect() }
    }

    /// The proxy for requests of a scheme.
    pub(super) fn of_scheme(&self, is_https: bool) -> Option<&Uri> {
        if is_https { self.https.as_ref() } else { self.http.as_ref() }
    }

    /// Whether a request to there goes without a proxy.
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
