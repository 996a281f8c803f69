//! Any text, read as a snapshot.

use driftline::report::Snapshot;
use driftline::resource::Reading;

use super::told::is_a_readable_line;

/// What is tried of one text.
pub fn try_text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let snapshot = match Snapshot::parse(text) {
        Ok(snapshot) => snapshot,
        Err(error) => return is_a_readable_line(&error.to_string()),
    };
    // Written again and read again it is the same, but that times are cut to whole seconds, and a session's to what there is of them.
    let written = written(&snapshot);
    let again = Snapshot::parse(std::str::from_utf8(&written).expect("JSON")).expect("what was written can be read");
    assert_eq!(again.readings.len(), snapshot.readings.len());
    for ((target, one), (same, other)) in snapshot.readings.iter().zip(&again.readings) {
        assert_eq!(target, same);
        let kind = |reading: &Reading| std::mem::discriminant(reading);
        assert_eq!(kind(one), kind(other), "{one:?} {other:?}");
        if !matches!(one, Reading::On(_)) {
            assert_eq!(one, other);
        }
    }
    assert_eq!(self::written(&again), written);
}

fn written(snapshot: &Snapshot) -> Vec<u8> {
    let mut out = Vec::new();
    snapshot.write(&mut out).expect("a vector takes everything");
    out
}
