//! Trusted certificates.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use aws_smithy_http_client::tls::TrustStore;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};

use super::environment::{Environment, SettingLocation};
use crate::files::{self, ReadError};

/// Size limit of a bundle: fifty times all roots that systems trust.
const BUNDLE_AT_MOST: u64 = 16 * 1024 * 1024;

/// Certificates that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// The file cannot be read.
    #[error("{place} names {}, which cannot be read: {source}", path.display())]
    Unreadable {
        /// The variable or key that names it.
        place: String,
        /// The file.
        path: PathBuf,
        /// The cause.
        source: ReadError,
    },
    /// The file is not PEM, or holds an invalid certificate.
    #[error("{place} names {}, whose certificate number {number} cannot be used: {reason}", path.display())]
    Unusable {
        /// The variable or key that names it.
        place: String,
        /// The file.
        path: PathBuf,
        /// The number of the certificate in the file, from 1.
        number: usize,
        /// The cause.
        reason: String,
    },
    /// The file holds no certificate.
    #[error("{place} names {}, which holds no certificate in PEM", path.display())]
    Empty {
        /// The variable or key that names it.
        place: String,
        /// The file.
        path: PathBuf,
    },
    /// The TLS library refuses the certificates.
    #[error("the certificates for TLS cannot be set up: {0}")]
    Refused(String),
}

impl CertificateError {
    /// The fix, in one sentence.
    pub fn help(&self) -> String {
        match self {
            Self::Unreadable { place, .. } | Self::Unusable { place, .. } | Self::Empty { place, .. } => {
                format!("let {place} name a file of certificates in PEM, or unset it to trust the system's own")
            }
            Self::Refused(_) => "let AWS_CA_BUNDLE name a file of certificates in PEM".to_owned(),
        }
    }
}

/// The usable certificates of the system, in PEM.
static NATIVE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs().certs;
    let usable = found.into_iter().filter(|certificate| roots.add(certificate.clone()).is_ok());
    let pem = usable.map(|certificate| {
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", BASE64_STANDARD.encode(&certificate))
    });
    pem.collect::<String>().into_bytes()
});

/// The trusted certificates: the configured bundle, or those of the system.
///
/// Source: AWS SDKs and Tools Reference Guide, "General configuration settings", `ca_bundle`.
pub(super) fn trust(environment: Option<&Environment>) -> Result<TrustStore, CertificateError> {
    match environment.and_then(|environment| environment.bundle.as_ref()) {
        Some((path, place)) => bundle(path, place),
        // The SDK would load them again, and panics in a debug build if there are none.
        None if NATIVE.is_empty() => Ok(TrustStore::empty()),
        None => Ok(TrustStore::empty().with_pem_certificate(NATIVE.as_slice())),
    }
}

/// The trusted certificates in words; `None` if the system has none.
///
/// # Errors
///
/// A bundle that cannot be used.
pub(super) fn describe(bundle: Option<&(PathBuf, SettingLocation)>) -> Result<Option<String>, CertificateError> {
    let Some((path, place)) = bundle else {
        let count = pem_count(&NATIVE);
        return Ok((count > 0).then(|| format!("{count} root certificates of the system")));
    };
    let count = pem_count(&read_bundle(path, place)?);
    let noun = if count == 1 { "certificate" } else { "certificates" };
    Ok(Some(format!("{place}: {}, {count} {noun}", path.display())))
}

fn pem_count(pem: &[u8]) -> usize {
    CertificateDer::pem_slice_iter(pem).flatten().count()
}

fn bundle(path: &Path, place: &SettingLocation) -> Result<TrustStore, CertificateError> {
    Ok(TrustStore::empty().with_pem_certificate(read_bundle(path, place)?))
}

/// Reads a bundle and validates each certificate, so that a bad one is an error here and no panic in the SDK.
fn read_bundle(path: &Path, place: &SettingLocation) -> Result<Vec<u8>, CertificateError> {
    let place = place.to_string();
    let pem = match files::read(path, BUNDLE_AT_MOST) {
        Ok(pem) => pem,
        Err(source) => return Err(CertificateError::Unreadable { place, path: path.into(), source }),
    };
    let mut roots = RootCertStore::empty();
    for (index, certificate) in CertificateDer::pem_slice_iter(&pem).enumerate() {
        let unusable = |reason: String| CertificateError::Unusable {
            place: place.clone(),
            path: path.into(),
            number: index + 1,
            reason,
        };
        let certificate = certificate.map_err(|reason| unusable(no_pem(&reason)))?;
        roots.add(certificate).map_err(|reason| unusable(reason.to_string()))?;
    }
    if roots.is_empty() {
        return Err(CertificateError::Empty { place, path: path.into() });
    }
    Ok(pem)
}

/// Describes a PEM error without its bytes.
fn no_pem(problem: &pem::Error) -> String {
    match problem {
        pem::Error::MissingSectionEnd { .. } => "its last line, which begins with -----END, is missing".to_owned(),
        pem::Error::IllegalSectionStart { .. } => "its first line, which begins with -----BEGIN, is cut off".to_owned(),
        pem::Error::Base64Decode(_) => "it is not in Base64".to_owned(),
        pem::Error::Io(cause) => cause.to_string(),
        _ => "it is not in PEM".to_owned(),
    }
}

/// The fix for a machine without root certificates.
pub(super) const NO_ROOTS: &str =
    "install ca-certificates, or set AWS_CA_BUNDLE, or ca_bundle of the profile, to a file with the authorities in PEM";

/// Prefix of certificate errors of the TLS library.
pub(super) const UNTRUSTED: &str = "invalid peer certificate";

/// Certificate errors that no other authority fixes.
const OF_THE_SERVER: [&str; 8] = [
    "certificate expired",
    "Expired",
    "not valid yet",
    "NotValidYet",
    "not valid for",
    "NotValidForName",
    "BadEncoding",
    "Revoked",
];

/// The fix for an untrusted certificate.
pub(super) fn advice(text: &str) -> Option<&'static str> {
    let (_, what) = text.split_once(UNTRUSTED)?;
    if OF_THE_SERVER.iter().any(|kind| what.contains(kind)) {
        return None;
    }
    if what.contains("CaUsedAsEndEntity") {
        return Some(
            "the server shows the certificate of an authority as its own, such as a self-signed one, which is never trusted: let it \
             show one that the authority has issued, and set AWS_CA_BUNDLE, or ca_bundle of the profile, to a file with the \
             authority in PEM",
        );
    }
    Some(if NATIVE.is_empty() {
        "no root certificates found on this machine: install ca-certificates, or set AWS_CA_BUNDLE, or ca_bundle of the profile, \
         to a file with the authorities in PEM"
    } else {
        "where a company's proxy opens TLS, set AWS_CA_BUNDLE, or ca_bundle of the profile, to a file with its certificate \
         authority in PEM"
    })
}

/// A message of [`network::describe`](super::network) without the fix for an untrusted certificate, and that fix.
pub(super) fn split_advice(message: String) -> (String, Option<&'static str>) {
    let Some(advice) = advice(&message) else { return (message, None) };
    let bare = message.strip_suffix(advice).and_then(|rest| rest.strip_suffix("; ")).map(str::to_owned);
    (bare.unwrap_or(message), Some(advice))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A root made for this test; its key was thrown away.
    const ROOT: &str = include_str!("../../tests/certificates/root.pem");

    fn read(path: &Path) -> Result<TrustStore, CertificateError> {
        bundle(path, &SettingLocation::Variable("AWS_CA_BUNDLE".to_owned()))
    }

    #[test]
    fn a_bundle_of_good_certificates_is_taken() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("bundle.pem");
        std::fs::write(&file, format!("# Ours\n{ROOT}\n{ROOT}")).expect("a file");
        assert!(read(&file).is_ok());
    }

    #[test]
    fn a_bundle_that_cannot_be_used_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let missing = read(&folder.path().join("missing.pem"));
        assert!(matches!(missing, Err(CertificateError::Unreadable { .. })), "{missing:?}");

        let file = folder.path().join("bundle.pem");
        std::fs::write(&file, "nothing of the kind").expect("a file");
        assert!(matches!(read(&file), Err(CertificateError::Empty { .. })));

        std::fs::write(&file, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").expect("a file");
        assert!(matches!(read(&file), Err(CertificateError::Unusable { number: 1, .. })));

        let half = ROOT.get(..ROOT.len() / 2).expect("text");
        for (text, problem) in [
            (half.to_owned(), "its last line, which begins with -----END, is missing"),
            ("-----BEGIN CERTIFICATE-----\n?!\n-----END CERTIFICATE-----\n".to_owned(), "it is not in Base64"),
        ] {
            std::fs::write(&file, text).expect("a file");
            let said = read(&file).expect_err("it cannot be used").to_string();
            assert!(said.contains(problem) && !said.contains('['), "{said}");
        }
    }

    #[test]
    fn whoever_is_not_trusted_gets_a_word_of_the_bundle() {
        for kind in [
            "UnknownIssuer",
            "Other(OtherError(CaUsedAsEndEntity))",
            "Other(OtherError(UnsupportedCertVersion))",
            "BadSignature",
        ] {
            let advice = advice(&format!("invalid peer certificate: {kind}")).expect("a word");
            assert!(advice.contains("AWS_CA_BUNDLE"), "{advice}");
        }
        for text in ["invalid peer certificate: Expired", "invalid peer certificate: BadEncoding", "no connection"] {
            assert_eq!(advice(text), None, "{text}");
        }
    }
}
