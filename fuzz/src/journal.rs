//! Any bytes, read as the journal of an apply.

use driftline::apply::{History, load_journal, rollback_goal};

use super::folder::file;
use super::told::is_a_readable_line;

/// What is tried of some bytes.
pub fn try_bytes(bytes: &[u8]) {
    let Some((history, whole)) = read(bytes) else { return };
    let whole = usize::try_from(whole).expect("a length");
    assert!(whole <= bytes.len() && bytes[..whole].ends_with(b"\n"));
    assert!(!bytes[whole..].contains(&b'\n'), "whole lines were left out");
    // A line that was cut off has not been written.
    assert_eq!(read(&bytes[..whole]).expect("a journal").0, history);
    assert_eq!(read(&[&bytes[..whole], b"{\"type\": \"res"].concat()).expect("a journal").0, history);
    for (number, step) in &history.steps {
        assert!(history.plan.step(*number).is_some(), "{number}");
        assert!(step.found.is_some() || (!step.is_open && !step.may_have_changed()), "{step:?}");
    }
    // Whatever line was the last one, the apply can be gone on with.
    let ends = bytes[..whole].iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(end, _)| end + 1);
    for end in ends.take(16) {
        assert!(read(&bytes[..end]).is_some(), "cut off at {end}");
    }
    leads_back(&history);
}

fn read(bytes: &[u8]) -> Option<(History, u64)> {
    let path = file("journal.jsonl", bytes);
    match load_journal(&path) {
        Ok(read) => Some(read),
        Err(mistake) => {
            // The folder is of the test, and long on some systems.
            is_a_readable_line(&mistake.to_string().replace(&path.display().to_string(), "journal.jsonl"));
            None
        }
    }
}

/// Every target that may have been changed is led back to what was found, and no other.
fn leads_back(history: &History) {
    let back = rollback_goal(history, "journal.jsonl");
    let mut may_have: Vec<_> = history
        .plan
        .steps
        .iter()
        .filter(|step| history.steps.get(&step.number).is_some_and(|known| known.may_have_changed()))
        .map(|step| step.target.clone())
        .collect();
    may_have.sort();
    may_have.dedup();
    let wanted: Vec<_> = back.desired.targets().iter().map(|target| target.target()).collect();
    assert_eq!(wanted, may_have);
}
