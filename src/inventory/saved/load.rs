//! Reading a saved inventory back.

use std::path::Path;

use serde::Deserialize;
use serde_json::error::Category;

use super::document::{Document, FORMAT, FORMAT_VERSION, InventoryError};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, SourceId, Sources, Span, quote, truncate_line};
use crate::document::{Limit, accept, read_within};
use crate::inventory::Organization;
use crate::model::AccountId;

/// The size of the largest saved inventory, in bytes: room for some 200,000 accounts, four times as many as the largest
/// organization has.
pub const MAX_SAVED_BYTES: u64 = 128 * 1024 * 1024;

const LIMIT: Limit = Limit {
    bytes: MAX_SAVED_BYTES,
    whose: "a saved inventory",
    help: "no organization has that many accounts; make the file anew with `driftline inventory --out FILE`",
};

/// What is looked at before anything else.
#[derive(Deserialize)]
struct Head {
    format: Option<String>,
    format_version: Option<u64>,
}

/// Loads a saved inventory, or says at which place of the file it cannot be used.
pub fn load_saved(
    path: &Path,
    shown: &str,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Organization> {
    let source = read_within(&LIMIT, path, shown, sources, diagnostics)?;
    understood(source, shown, sources, diagnostics)
}

/// Loads the content of a saved inventory from elsewhere than the disk of today.
pub fn load_saved_text(
    content: Vec<u8>,
    shown: &str,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Organization> {
    let source = accept(content, shown, sources, diagnostics)?;
    understood(source, shown, sources, diagnostics)
}

fn understood(source: SourceId, shown: &str, sources: &Sources, diagnostics: &mut Diagnostics) -> Option<Organization> {
    match understand(source, shown, sources) {
        Ok(organization) => Some(organization),
        Err(diagnostic) => {
            diagnostics.push(*diagnostic);
            None
        }
    }
}

fn understand(source: SourceId, shown: &str, sources: &Sources) -> Result<Organization, Box<Diagnostic>> {
    let text = sources.get(source).text();
    let told = |error: &serde_json::Error| Box::new(at_place(error, source, shown, text));
    let head: Head = serde_json::from_str(text).map_err(|error| told(&error))?;
    let start = Span::new(source, 0, text.len().min(1));
    if head.format.as_deref() != Some(FORMAT) {
        let found = head.format.map_or_else(
            || "it has no `format`".to_owned(),
            |format| format!("its `format` is \"{}\"", quote(&format)),
        );
        return Err(Box::new(
            Diagnostic::error(Code::BadInventory, format!("{shown} is not a saved inventory: {found}"))
                .label(start, format!("a saved inventory has the `format` \"{FORMAT}\""))
                .help("make one with `driftline inventory --out FILE`"),
        ));
    }
    match head.format_version {
        Some(FORMAT_VERSION) => {}
        Some(version) => {
            return Err(Box::new(
                Diagnostic::error(
                    Code::UnsupportedVersion,
                    format!("{shown} has format version {version}, which this driftline does not read"),
                )
                .label(start, format!("this driftline reads version {FORMAT_VERSION}"))
                .help("use the driftline that made it, or make it anew with `driftline inventory --out FILE`"),
            ));
        }
        None => {
            return Err(Box::new(
                Diagnostic::error(Code::BadInventory, format!("{shown} has no `format_version`"))
                    .label(start, "it is missing here")
                    .help("make the file anew with `driftline inventory --out FILE`"),
            ));
        }
    }
    let document: Document = serde_json::from_str(text).map_err(|error| told(&error))?;
    document.organization().map_err(|flaw| Box::new(at_account(flaw, source, shown, text)))
}

fn at_account(flaw: InventoryError, source: SourceId, shown: &str, text: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error(Code::BadInventory, format!("{shown} is not a sound inventory: {flaw}"));
    let diagnostic = match flaw {
        InventoryError::NoAccount => diagnostic,
        InventoryError::NoTags(id) => {
            places(id, source, text).take(1).fold(diagnostic, |diagnostic, place| diagnostic.label(place, "this one"))
        }
        InventoryError::Twice(id) => {
            let mut places = places(id, source, text);
            match (places.next(), places.next()) {
                (Some(first), Some(again)) => diagnostic.label(again, "again here").label(first, "first here"),
                _ => diagnostic,
            }
        }
    };
    diagnostic.help("make the file anew with `driftline inventory --out FILE`")
}

/// Where the file has an account of that id.
fn places(id: AccountId, source: SourceId, text: &str) -> impl Iterator<Item = Span> {
    let quoted = format!("\"{id}\"");
    let starts: Vec<usize> = text.match_indices(&quoted).map(|(start, _)| start).collect();
    let is_id = move |start: &usize| {
        let before = text.get(..*start).unwrap_or_default().trim_end();
        before.strip_suffix(':').is_some_and(|before| before.trim_end().ends_with("\"id\""))
    };
    starts.into_iter().filter(is_id).map(move |start| Span::new(source, start, start + quoted.len()))
}

fn at_place(error: &serde_json::Error, source: SourceId, shown: &str, text: &str) -> Diagnostic {
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    // serde_json counts columns in bytes and points behind what it has just read.
    let place = text.floor_char_boundary((before + error.column().saturating_sub(1)).min(text.len().saturating_sub(1)));
    let label = Span::new(source, place, text.ceil_char_boundary((place + 1).min(text.len())));
    let message = error.to_string();
    let what = message.rsplit_once(" at line ").map_or(message.as_str(), |(what, _)| what);
    let what = truncate_line(what);
    match error.classify() {
        Category::Data => Diagnostic::error(Code::BadInventory, format!("{shown} is not a sound inventory: {what}"))
            .label(label, "here")
            .help("make the file anew with `driftline inventory --out FILE`"),
        Category::Syntax | Category::Eof | Category::Io => {
            Diagnostic::error(Code::Syntax, format!("{shown} is not JSON: {what}")).label(label, "here").help(
                "make the file anew with `driftline inventory --out FILE`; it may have been cut off on its way here",
            )
        }
    }
}
