//! What driftline reads beside policies: settings, and what it has written itself.

use super::attempts::{called, kept, try_all};
use super::{inventory, journal, plan, report, settings, snapshot, world};

#[test]
fn any_settings_are_sound_or_mistaken() {
    let mut seeds = called("driftline.toml");
    seeds.extend(kept("settings"));
    try_all("settings", &seeds, &settings::try_text);
}

#[test]
fn any_inventory_is_saved_again_as_it_is_or_mistaken() {
    let mut seeds = called("accounts.json");
    seeds.extend(kept("inventory"));
    try_all("inventory", &seeds, &inventory::try_text);
}

#[test]
fn any_report_can_be_drawn_in_every_format_or_is_none() {
    let mut seeds = called("report.json");
    seeds.extend(kept("report"));
    try_all("report", &seeds, &report::try_text);
}

#[test]
fn any_plan_is_as_it_was_made_or_is_seen_to_be_altered() {
    try_all("plan", &kept("plan"), &plan::try_bytes);
}

#[test]
fn any_snapshot_is_written_again_as_it_is_or_is_none() {
    try_all("snapshot", &kept("snapshot"), &snapshot::try_text);
}

#[test]
fn any_journal_leads_back_or_is_none() {
    try_all("journal", &kept("journal"), &journal::try_bytes);
}

#[test]
fn any_world_begins_or_is_mistaken() {
    let mut seeds = called("world.yaml");
    seeds.extend(kept("world"));
    try_all("world", &seeds, &world::try_text);
}
