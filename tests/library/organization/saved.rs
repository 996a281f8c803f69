//! A saved inventory is what was listed.

use std::path::Path;

use driftline::diagnostic::{Diagnostics, Sources};
use driftline::inventory::{inventory_schema, load_saved, saved_json};

use super::*;

fn loaded(path: &Path) -> Option<Organization> {
    let (mut sources, mut told) = (Sources::default(), Diagnostics::default());
    let organization = load_saved(path, "accounts.json", &mut sources, &mut told);
    assert_eq!(organization.is_none(), told.has_errors());
    organization
}

#[tokio::test]
async fn what_is_saved_is_read_back_and_saved_again_as_the_same_bytes() {
    let stub = organization(|operation, _| {
        (operation == "ListRegions")
            .then(|| crate::stub::regions(&[("af-south-1", "DISABLED"), ("eu-west-1", "ENABLED")]))
    })
    .await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("accounts.json");
    let schema = inventory_schema();
    for wanted in [NAMES, UNITS, ListFields { units: true, tags: true, regions: true }] {
        let listed = listed(&stub, wanted).await.expect("accounts").organization;
        let bytes = saved_json(&listed);
        std::fs::write(&path, &bytes).expect("a file");
        let loaded = loaded(&path).expect("an inventory");
        assert_eq!(loaded.accounts, listed.accounts);
        assert_eq!(loaded.knowledge, listed.knowledge);
        assert_eq!(loaded.regions, listed.regions);
        assert_eq!(saved_json(&loaded), bytes);
        let document: Value = serde_json::from_slice(&bytes).expect("JSON");
        jsonschema::validate(&schema, &document).expect("as the schema has it");
    }
}

#[test]
fn fields_and_states_of_a_later_version_are_passed_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("accounts.json");
    let file = json!({
        "format": "driftline.inventory", "format_version": 1, "more": [1],
        "tool": {"name": "driftline", "version": "9.9.9", "more": true}, "taken_at": "2027-03-31T00:00:00Z",
        "organization": {"id": "o-example", "management_account": CALLER}, "caller": {"account": CALLER, "arn": "arn:x"},
        "knows": {"names": true, "units": true, "tags": false, "hearts": true},
        "accounts": [{"id": A, "name": "a", "email": null, "state": "FROZEN", "units": [], "tags": null, "regions": null, "more": 1}],
    });
    std::fs::write(&path, file.to_string()).expect("a file");
    let organization = loaded(&path).expect("an inventory");
    assert_eq!(organization.accounts[0].state, None);
}
