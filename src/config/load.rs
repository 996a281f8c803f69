//! Finding, loading and decoding of the settings file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::schema::{SETTINGS, duration};
use super::settings::{AwsAccess, Settings};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, SourceId, Sources, Span};
use crate::document::{CheckedTable, Entry, Node, Syntax, Value, accept, check, display_path, parse, read};
use crate::files::distrust;
use crate::inventory::{AccountsSource, RegionsSource};
use crate::model::{AccountId, ConsoleUrl, Region, RegionTable};
use crate::policy::check_region_is_known;

/// The name of the settings file.
pub const FILE_NAME: &str = "driftline.toml";

/// Loads the named settings file, which must exist, or the nearest one from `here` upwards, or the defaults.
pub fn load(named: Option<&Path>, here: &Path, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Settings {
    let Some(path) = named.map_or_else(|| nearest(here), |path| Some(here.join(path))) else {
        return Settings::default();
    };
    let shown = display_path(&path, here);
    let folder = path.parent().unwrap_or(here).to_owned();
    if named.is_none()
        && folder != here
        && let Some(diagnostic) = untrusted(&path, &shown)
    {
        diagnostics.push(diagnostic);
        return Settings { knows_inventory: false, ..Settings::default() };
    }
    let source = read(&path, &shown, sources, diagnostics);
    Settings { file: Some(path), ..parse_settings(source, &folder, sources, diagnostics) }
}

/// The settings of a file that was read, or the defaults.
fn parse_settings(
    source: Option<SourceId>,
    folder: &Path,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Settings {
    let (errors, _) = diagnostics.counts();
    let node = source.and_then(|source| parse(Syntax::Toml, source, sources, diagnostics));
    let is_parsed = node.is_some() && diagnostics.counts().0 == errors;
    let settings = node.map_or_else(Settings::default, |node| decode(&node, folder, diagnostics));
    Settings { knows_inventory: settings.knows_inventory && is_parsed, ..settings }
}

/// Warning for an untrusted file above the working directory: another user must not decide what is checked.
fn untrusted(path: &Path, shown: &str) -> Option<Diagnostic> {
    // A file without metadata cannot be read either; reading reports that.
    let why = distrust(path).ok()??;
    let what = format!("{shown}, above the working directory, is not trusted: {why}");
    let help = format!(
        "to use it anyway, pass --config {shown}; or make this user or root its owner, and let no one else write to it"
    );
    Some(Diagnostic::error(Code::UntrustedSettings, what).help(help))
}

/// The nearest settings file from `here` upwards.
fn nearest(here: &Path) -> Option<PathBuf> {
    // A file without metadata and a dangling link count, so that reading them fails loudly.
    let is_there = |path: &PathBuf| path.is_symlink() || !matches!(path.try_exists(), Ok(false));
    here.ancestors().map(|folder| folder.join(FILE_NAME)).find(is_there)
}

/// Decodes the settings of a file in `folder`. Errors are reported; an invalid setting keeps its default.
pub(super) fn decode(node: &Node, folder: &Path, out: &mut Diagnostics) -> Settings {
    let mut settings = Settings { places: places(node), ..Settings::default() };
    let Some(file) = check(node, &SETTINGS, out) else { return settings };
    let is_known = |key: &str| file.is_sound_key(key) && !file.has_unknown_key();
    settings.knows_region_table = is_known("regions");
    settings.knows_inventory = is_known("inventory") && settings.knows_region_table;
    if let Some((paths, _)) = file.texts("policies") {
        settings.policies = paths.iter().map(|(path, _)| folder.join(path)).collect();
    }
    if let Some(regions) = file.table("regions") {
        settings.macie_regions = region_set(regions, "macie");
        settings.opt_in_regions = region_set(regions, "opt_in");
    }
    if let Some(inventory) = file.table("inventory") {
        let table = settings.region_table();
        decode_inventory(inventory, folder, &table, &mut settings, out);
    }
    if let Some(aws) = file.table("aws") {
        settings.aws = decode_aws(aws, out);
    }
    if let Some(limits) = file.table("limits") {
        if let Some(number) = limits.text("concurrency").and_then(|(text, _)| text.parse().ok()) {
            settings.concurrency = number;
        }
        if let Some(deadline) = limits.text("deadline").and_then(|(text, _)| duration(text).ok()) {
            settings.deadline = deadline;
        }
    }
    if let Some(apply) = file.table("apply") {
        let number = |key: &str| apply.text(key).and_then(|(text, _)| text.parse().ok());
        settings.max_changes = number("max_changes").unwrap_or(settings.max_changes);
        settings.max_share = number("max_share");
    }
    if let Some((url, _)) = file.table("report").and_then(|report| report.text("console_url")) {
        settings.console_url = ConsoleUrl::parse(url).ok();
    }
    settings
}

/// The keys of the file and of its tables, with the position of each value.
fn places(node: &Node) -> BTreeMap<String, Span> {
    fn entries(node: &Node) -> &[Entry] {
        if let Value::Table(entries) = &node.value { entries } else { &[] }
    }
    let mut places = BTreeMap::new();
    for entry in entries(node) {
        for inner in entries(&entry.value) {
            places.insert(format!("{}.{}", entry.key, inner.key), inner.value.span);
        }
        places.insert(entry.key.clone(), entry.value.span);
    }
    places
}

fn region_set(fields: &CheckedTable<'_>, key: &str) -> Option<BTreeSet<Region>> {
    let (items, _) = fields.texts(key)?;
    Some(items.iter().filter_map(|(text, _)| text.parse().ok()).collect())
}

fn decode_inventory(
    fields: &CheckedTable<'_>,
    folder: &Path,
    table: &RegionTable,
    settings: &mut Settings,
    out: &mut Diagnostics,
) {
    if let Some((items, span)) = fields.texts("accounts") {
        settings.accounts_at = Some(span);
        let ids: BTreeSet<AccountId> = items.iter().filter_map(|(text, _)| text.parse().ok()).collect();
        // Only a list holds ids: a text alone is another source.
        settings.accounts = match items {
            [(text, _)] if ids.is_empty() => match AccountsSource::parse(text) {
                AccountsSource::Saved(path) => AccountsSource::Saved(folder.join(path)),
                source => source,
            },
            _ => AccountsSource::Listed(ids),
        };
    }
    if let Some((path, span)) = fields.text("offline") {
        settings.offline = Some(folder.join(path));
        settings.offline_at = Some(span);
    }
    match fields.texts("regions").map(|(items, _)| items) {
        None | Some([("macie", _)]) => {}
        Some(items) => {
            let regions = items.iter().filter_map(|(text, span)| Some((text.parse::<Region>().ok()?, *span)));
            let errors = out.len();
            let known = regions.filter(|(region, span)| check_region_is_known(region, *span, table, out));
            settings.regions = RegionsSource::Listed(known.map(|(region, _)| region).collect());
            settings.knows_inventory &= out.len() == errors;
        }
    }
}

fn decode_aws(fields: &CheckedTable<'_>, out: &mut Diagnostics) -> AwsAccess {
    let text = |key: &str| fields.text(key).map(|(text, _)| text);
    let role = |key: &str| text(key).and_then(|text| text.parse().ok());
    if let (Some((_, name)), Some((_, arn))) = (fields.text("role_name"), fields.text("role_arn")) {
        out.push(
            Diagnostic::error(Code::RoleTwice, "`role_name` and `role_arn` are both set")
                .label(name, "set here")
                .label(arn, "and here")
                .help("remove one of them"),
        );
    }
    AwsAccess {
        role: role("role_name").or_else(|| role("role_arn")),
        apply_role: role("apply_role_name"),
        external_id: text("external_id").and_then(|id| id.parse().ok()),
        session_name: text("session_name").and_then(|name| name.parse().ok()).unwrap_or_default(),
        administrator_account: text("administrator_account").and_then(|id| id.parse().ok()),
    }
}

/// Loads settings from memory, as a file at `path`.
pub fn load_text(
    content: Vec<u8>,
    path: &Path,
    shown: &str,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Settings {
    let folder = path.parent().unwrap_or(Path::new(""));
    let source = accept(content, shown, sources, diagnostics);
    Settings { file: Some(path.to_owned()), ..parse_settings(source, folder, sources, diagnostics) }
}
