//! The HTTP client of a run: routes through proxies, certificates, and one connection pool for all accounts.

use std::fmt;
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

use super::certificates::{CertificateError, UNTRUSTED, trust};
use super::environment::Environment;
use super::network::{AtHost, causes};
use super::proxy::Proxies;
use super::response_body;

/// The HTTP client of all services. Without an environment there is no proxy, and the certificates of the system are
/// trusted.
///
/// There is one connector, and with it one connection pool, per pair of timeouts: the clients of this program use the
/// same pair, the instance metadata client of the SDK a shorter one.
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

/// Routes of requests: direct, or through one of the proxies, with separate connections.
///
/// The SDK supports neither ports nor, for addresses, `*` in `NO_PROXY`.
struct Routes {
    direct: SharedHttpConnector,
    http: Option<SharedHttpConnector>,
    https: Option<SharedHttpConnector>,
    proxies: Arc<Proxies>,
}

impl Routes {
    fn new(proxies: &Proxies, way: impl Fn(ProxyConfig) -> SharedHttpConnector) -> Self {
        // Invalid proxy URLs have been reported before.
        let http = proxies.for_scheme(false).and_then(|proxy| ProxyConfig::http(proxy.to_string()).ok());
        let https = proxies.for_scheme(true).and_then(|proxy| ProxyConfig::https(proxy.to_string()).ok());
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
        // The URL of a proxy may hold a password.
        out.debug_struct("Routes").finish_non_exhaustive()
    }
}

impl HttpConnector for Routes {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target: Option<Uri> = request.uri().parse().ok();
        let limit = response_body::limit_for(&request);
        let answering = self.to(target.as_ref()).call(request);
        HttpConnectorFuture::new(async move {
            match answering.await {
                Ok(given) => Ok(response_body::guard(given, limit)),
                Err(error) => Err(at_host(error, target.as_ref())),
            }
        })
    }
}

fn at_host(error: ConnectorError, target: Option<&Uri>) -> ConnectorError {
    // Without the user name that an authority may have.
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
        // Another attempt would not make the certificate trusted, and the SDK would make one.
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
