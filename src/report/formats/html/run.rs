//! The run behind the page, folded at its end: the evidence for an audit.

use maud::{Markup, html};

use super::block::{FILES, as_fit, left_out};
use super::escaped::{path, untrusted};
use super::times::{time, took};
use crate::report::FormatOptions;
use crate::report::escape::shown;
use crate::report::messages::{self, base_changes, pluralize};
use crate::report::model::View;

/// More policy files than these are folded.
const FILES_OPEN: usize = 6;

/// The facts about the run.
pub(super) fn run(view: &View<'_>, options: &FormatOptions) -> Markup {
    html! {
        section #run aria-labelledby="run-title" {
            details {
                summary { h2 #run-title { "The run" } }
                (facts(view, options))
            }
        }
    }
}

fn facts(view: &View<'_>, options: &FormatOptions) -> Markup {
    let run = &view.run;
    let files = &run.policy_files;
    html! {
        dl.facts {
            div { dt { "Command" } dd { (untrusted(&run.command)) ", " (shown(&view.source())) } }
            div.wide {
                dt { "Started" }
                dd { (time(run.started_at)) ", took " (took(run.started_at, run.finished_at)) }
            }
            @if let Some(day) = run.as_of { div { dt { "Waivers as on" } dd { bdi { (day) } } } }
            @if let Some(file) = &run.settings_file { div { dt { "Settings" } dd { code { (path(file)) } } } }
            @if let Some(base) = &view.base {
                div.wide {
                    dt { "Compared with" }
                    dd { code { (untrusted(&base.revision)) } ": the change " (base_changes(&base.counts)) }
                }
            }
            div.wide { dt { "Requests" } dd { (messages::requests(&view.requests)) } }
            div.wide {
                dt { "Caller" }
                dd {
                    @match &run.caller {
                        Some(caller) => code { (path(&caller.arn)) },
                        None => "unknown: the run ended before AWS answered",
                    }
                }
            }
            div.wider { dt { "Policy digest" } dd { code { (untrusted(&run.policy_digest)) } } }
            div.whole {
                dt { "Policies" }
                dd {
                    @if files.len() > FILES_OPEN {
                        details { summary { (pluralize(files.len(), "file")) } (policy_files(view, options)) }
                    } @else { (policy_files(view, options)) }
                }
            }
        }
    }
}

fn policy_files(view: &View<'_>, options: &FormatOptions) -> Markup {
    let files = as_fit(&view.run.policy_files, FILES, |file| html! { li { code { (path(&options.path(file))) } } });
    html! {
        ul.files { (files.markup) }
        (left_out(files.left_out, "policy files"))
    }
}
