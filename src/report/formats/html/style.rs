//! The page's style sheet, and the policy that allows it and nothing else.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};

/// Everything between the page's style tags, to the last byte.
pub(super) const STYLE: &str = include_str!("style.css");

/// The Content Security Policy of the page: no script, nothing fetched, this style sheet.
///
/// Source: Content Security Policy Level 3, "Hash-source": the hash is that of the text between the tags, and with one no
/// `style` attribute counts, so colours and widths are classes and attributes of SVG.
pub(super) fn content_security_policy() -> String {
    let hash = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}
