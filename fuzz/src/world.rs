//! Any text, read as the world of a simulated AWS.

use driftline_simulator::World;

use super::told::is_a_line;

/// What is tried of one text.
pub fn try_text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match World::parse(text, "world.yaml") {
        Ok(world) => assert!(World::parse(text, "other.yaml").is_ok_and(|again| again.caller() == world.caller())),
        Err(error) => {
            let place = error.place();
            let lines = text.split(['\n', '\r']).count() as u64;
            assert!(place.line >= 1 && place.line <= lines.max(1) && place.column >= 1, "{error:?}");
            // It may list all that the word could have been.
            is_a_line(&error.to_string());
        }
    }
}
