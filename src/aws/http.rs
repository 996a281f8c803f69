//! The one HTTP client of a run: proxies, certificates, and a single connection pool for all accounts.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{
    HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::files::{self, ReadError};

/// The variable that names a file of certificates in PEM to trust in place of the system's own.
///
/// Source: AWS SDKs and Tools Reference Guide, "General configuration settings", `ca_bundle`.
const CA_BUNDLE: &str = "AWS_CA_BUNDLE";

/// Fifty times as much as every root that systems trust.
const BUNDLE_AT_MOST: u64 = 16 * 1024 * 1024;

/// Why the certificates that AWS_CA_BUNDLE names cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// The file cannot be read.
    #[error("AWS_CA_BUNDLE names {}, which cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ReadError,
    },
    /// The file is not in PEM, or one of its certificates is not one that can be trusted.
    #[error("AWS_CA_BUNDLE names {}, whose certificate number {number} cannot be used: {reason}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Which certificate of the file, from 1.
        number: usize,
        /// Why.
        reason: String,
    },
    /// The file holds no certificate.
    #[error("AWS_CA_BUNDLE names {}, which holds no certificate in PEM", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The TLS library refuses the certificates.
    #[error("the certificates for TLS cannot be set up: {0}")]
    Refused(String),
}

/// What of the environment the client takes into account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Surroundings {
    /// Proxies and the certificate bundle.
    Environment,
    /// Nothing.
    None,
}

/// The client that every service of the run shares.
///
/// One connector, and with it one connection pool, is kept per pair of timeouts: the clients of this program all use
/// the same pair, the SDK's instance metadata client uses a shorter one of its own.
pub(super) fn shared_client(surroundings: Surroundings) -> Result<SharedHttpClient, CertificateError> {
    let (tls, proxy) = match surroundings {
        Surroundings::Environment => {
            let bundle = std::env::var_os(CA_BUNDLE).filter(|path| !path.is_empty());
            let trust = match bundle {
                Some(path) => bundle_of(Path::new(&path))?,
                None => TrustStore::default(),
            };
            (context(trust)?, ProxyConfig::from_env())
        }
        Surroundings::None => (context(TrustStore::default())?, ProxyConfig::disabled()),
    };
    let connectors: Mutex<Vec<(HttpConnectorSettings, SharedHttpConnector)>> = Mutex::default();
    Ok(http_client_fn(move |settings, components| {
        let mut connectors = connectors.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, connector)) = connectors.iter().find(|(known, _)| same(known, settings)) {
            return connector.clone();
        }
        let connector = connector(settings, components, tls.clone(), proxy.clone());
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

fn context(trust: TrustStore) -> Result<TlsContext, CertificateError> {
    TlsContext::builder()
        .with_trust_store(trust)
        .build()
        .map_err(|refusal| CertificateError::Refused(refusal.to_string()))
}

/// Reads a bundle and tries each of its certificates, so that a bad one is an error here and not a panic in the SDK.
fn bundle_of(path: &Path) -> Result<TrustStore, CertificateError> {
    let pem = files::read(path, BUNDLE_AT_MOST)
        .map_err(|source| CertificateError::Unreadable { path: path.into(), source })?;
    let mut roots = RootCertStore::empty();
    for (index, certificate) in CertificateDer::pem_slice_iter(&pem).enumerate() {
        let unusable = |reason: String| CertificateError::Unusable { path: path.into(), number: index + 1, reason };
        let certificate = certificate.map_err(|reason| unusable(reason.to_string()))?;
        roots.add(certificate).map_err(|reason| unusable(reason.to_string()))?;
    }
    if roots.is_empty() {
        return Err(CertificateError::Empty { path: path.into() });
    }
    Ok(TrustStore::empty().with_pem_certificate(pem))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A root made for this test; its key was thrown away.
    const ROOT: &str = include_str!("../../tests/certificates/root.pem");

    #[test]
    fn a_bundle_of_good_certificates_is_taken() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("bundle.pem");
        std::fs::write(&file, format!("# Ours\n{ROOT}\n{ROOT}")).expect("a file");
        assert!(bundle_of(&file).is_ok());
    }

    #[test]
    fn a_bundle_that_cannot_be_used_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let missing = bundle_of(&folder.path().join("missing.pem"));
        assert!(matches!(missing, Err(CertificateError::Unreadable { .. })), "{missing:?}");

        let file = folder.path().join("bundle.pem");
        std::fs::write(&file, "nothing of the kind").expect("a file");
        assert!(matches!(bundle_of(&file), Err(CertificateError::Empty { .. })));

        std::fs::write(&file, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").expect("a file");
        assert!(matches!(bundle_of(&file), Err(CertificateError::Unusable { number: 1, .. })));
    }
}
