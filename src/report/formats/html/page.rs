//! The page as a whole.

use std::io::{self, Write};

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::findings::{Findings, findings};
use super::heat_map::heat_map;
use super::ledger::{title, verdict};
use super::style::{STYLE, content_security_policy};
use super::{not_applicable, run_metadata, waivers};
use crate::report::escape::markup;
use crate::report::{FormatOptions, View, pluralize, shown};

/// Writes the report as one page: below 10 MB, whatever the report holds.
pub fn write_html(view: &View<'_>, options: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let page = page(view, options).into_string();
    // The style stays as it is: the page names its digest. It has nothing that somebody else wrote, and nor has what is before it.
    let (style, body) = page.split_at(page.find("</style>").unwrap_or_default());
    out.write_all(style.as_bytes())?;
    out.write_all(markup(body).as_bytes())?;
    out.write_all(b"\n")
}

fn page(view: &View<'_>, options: &FormatOptions) -> Markup {
    let findings = findings(view, options);
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
                    (contents(view, &findings))
                    (run_metadata::facts(view, options))
                    (heat_map(view, &findings.anchors))
                    (findings.markup)
                    (waivers::waivers(view, options))
                    (not_applicable::unreached(view))
                    (not_applicable::not_applicable(view))
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
fn contents(view: &View<'_>, findings: &Findings) -> Markup {
    html! {
        nav aria-label="On this page" {
            ul {
                li { a href="#run" { "The run" } }
                @if !view.targets.is_empty() { li { a href="#map" { "Accounts and Regions" } } }
                li { a href="#findings" { (pluralize(findings.count, "finding")) } }
                @if !view.waivers.is_empty() { li { a href="#waivers" { (waivers::count(view)) } } }
                @if !view.unreached.is_empty() {
                    li { a href="#unreached" { (pluralize(view.unreached.len(), "unreached account")) } }
                }
                @if view.ledger.not_applicable > 0 {
                    li { a href="#not-applicable" { (view.ledger.not_applicable) " not applicable" } }
                }
            }
        }
    }
}
