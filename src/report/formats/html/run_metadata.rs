//! How the run came about: what an auditor asks of a piece of evidence.

use maud::{Markup, html};

use super::escaped::said;
use super::limited_list::{FILES, as_fit, left_out};
use crate::report::{FormatOptions, View, messages, pluralize, shown, unmanaged};

/// More policy files than these are folded.
const FILES_OPEN: usize = 6;

pub(super) fn facts(view: &View<'_>, options: &FormatOptions) -> Markup {
    let run = &view.run;
    let files = &run.policy_files;
    html! {
        section #run aria-labelledby="run-title" {
            h2 #run-title { "The run" }
            dl.facts {
                div { dt { "Command" } dd { (said(&run.command)) ", " (shown(&view.source())) } }
                div {
                    dt { "Started" }
                    dd { time datetime=(shown(&run.started_at)) { (shown(&run.started_at)) } }
                }
                div {
                    dt { "Finished" }
                    dd { time datetime=(shown(&run.finished_at)) { (shown(&run.finished_at)) } }
                }
                @if let Some(day) = &run.as_of { div { dt { "Waivers as on" } dd { (said(day)) } } }
                @if let Some(file) = &run.settings_file { div { dt { "Settings" } dd { code { (said(file)) } } } }
                @if let Some(base) = &view.base {
                    div.wide {
                        dt { "Compared with" }
                        dd { code { (said(&base.revision)) } @for part in unmanaged(base) { "; " (part) } }
                    }
                }
                div.wide { dt { "Requests" } dd { (messages::requests(&view.requests)) } }
                div.wide {
                    dt { "Caller" }
                    dd {
                        @match &run.caller {
                            Some(caller) => code { (said(&caller.arn)) },
                            None => "not learnt before the run ended",
                        }
                    }
                }
                div.wider { dt { "Policy digest" } dd { code { (said(&run.policy_digest)) } } }
                div.whole {
                    dt { "Policies" }
                    dd {
                        @if files.len() > FILES_OPEN {
                            details { summary { (pluralize(files.len(), "file")) } (list(view, options)) }
                        } @else { (list(view, options)) }
                    }
                }
            }
        }
    }
}

fn list(view: &View<'_>, options: &FormatOptions) -> Markup {
    let files = as_fit(&view.run.policy_files, FILES, |file| html! { li { code { (said(&options.path(file))) } } });
    html! {
        ul.files { (files.markup) }
        (left_out(files.left_out, "policy files"))
    }
}
