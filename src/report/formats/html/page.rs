//! The page as a whole.

use std::io::{self, Write};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use super::causes::causes;
use super::findings::{self, Findings};
use super::heat_map::heat_map;
use super::ledger::{self, title, verdict};
use super::run::run;
use super::waivers;
use crate::report::FormatOptions;
use crate::report::escape::{markup, shown};
use crate::report::messages::pluralize;
use crate::report::model::View;
use crate::report::unread_summary::UnreadSummary;

/// Everything between the page's style tags, to the last byte.
const STYLE: &str = include_str!("style.css");

/// The Content Security Policy of the page: no script, nothing fetched, this style sheet.
///
/// Source: Content Security Policy Level 3, "Hash-source": the hash is that of the text between the tags, and with one no
/// `style` attribute counts, so colours and widths are classes and attributes of SVG.
fn content_security_policy() -> String {
    let hash = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}

/// Writes the report as one page: below 10 MB, whatever the report holds.
pub fn write_html(view: &View<'_>, options: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let page = page(view, options).into_string();
    // The page names the digest of the style, which stays as it is. Neither it nor what is before it holds untrusted text.
    let (style, body) = page.split_at(page.find("</style>").unwrap_or_default());
    out.write_all(style.as_bytes())?;
    out.write_all(markup(body).as_bytes())?;
    out.write_all(b"\n")
}

fn page(view: &View<'_>, options: &FormatOptions) -> Markup {
    let unread = UnreadSummary::new(view);
    let causes = causes(view, &unread, options);
    let findings = findings::section(view, &unread, options);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                // Before the style: it counts for what comes after it.
                meta http-equiv="Content-Security-Policy" content=(content_security_policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title(view)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#findings" { "Skip to the findings" }
                main {
                    (verdict(view))
                    (ledger::changes(view, options))
                    (contents(view, &findings, !causes.0.is_empty()))
                    (waivers::approved(view, options))
                    div.overview {
                        (causes)
                        (heat_map(view, &findings.anchors))
                    }
                    (findings.markup)
                    (waivers::waivers(view, options))
                    (waivers::unreached(view))
                    (waivers::not_applicable(view))
                    (run(view, options))
                }
                footer {
                    p {
                        (shown(&view.tool.name)) " " (shown(&view.tool.version))
                        ". Times are those of the run, in UTC. This page holds no script and fetches nothing."
                    }
                }
            }
        }
    }
}

/// What the page holds, to get there by keyboard.
fn contents(view: &View<'_>, findings: &Findings, has_causes: bool) -> Markup {
    let changes = view.changes.as_ref().is_some_and(|changes| changes.compared_with.is_some());
    html! {
        nav aria-label="On this page" {
            ul {
                @if changes { li { a href="#changes" { "Since the last run" } } }
                @if has_causes { li { a href="#causes" { "What to do first" } } }
                @if !view.targets.is_empty() { li { a href="#map" { "Accounts and Regions" } } }
                li { a href="#findings" { (pluralize(findings.count, "finding")) } }
                @if !view.waivers.is_empty() { li { a href="#waivers" { (waivers::count(view)) } } }
                @if !view.unreached.is_empty() {
                    li { a href="#unreached" { (pluralize(view.unreached.len(), "unreached account")) } }
                }
                @if view.ledger.not_applicable > 0 {
                    li { a href="#not-applicable" { (view.ledger.not_applicable) " not applicable" } }
                }
                li { a href="#run" { "The run" } }
            }
        }
    }
}
