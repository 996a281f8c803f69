//! Sharing of evidence: what many targets were told is held once.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;

use crate::model::{Denial, Evidence};
use crate::resource::{NotEnabledEvidence, Reading};

/// The texts of a run. Half of 220,000 targets may be denied in the same words.
#[derive(Debug, Default)]
pub(super) struct EvidenceInterner {
    texts: HashSet<Arc<str>>,
    denials: HashSet<Arc<Denial>>,
}

impl EvidenceInterner {
    /// Lets a reading share with earlier ones what it has in common with them. Request ids differ in any case.
    pub(super) fn intern(&mut self, reading: &mut Reading) {
        match reading {
            Reading::Unread(unread) => {
                self.share_evidence(&mut unread.evidence);
                if let Some(denial) = &mut unread.denial {
                    share(&mut self.denials, denial);
                }
            }
            Reading::NotEnabled(NotEnabledEvidence::Answer(evidence)) => self.share_evidence(evidence),
            Reading::On(_) | Reading::Listed(_) | Reading::NotEnabled(_) | Reading::NotApplicable(_) => {}
        }
    }

    fn share_evidence(&mut self, evidence: &mut Evidence) {
        for text in [&mut evidence.code, &mut evidence.message].into_iter().flatten() {
            share(&mut self.texts, text);
        }
    }
}

fn share<T: ?Sized + Eq + Hash>(known: &mut HashSet<Arc<T>>, value: &mut Arc<T>) {
    match known.get(value) {
        Some(same) => *value = Arc::clone(same),
        None => drop(known.insert(Arc::clone(value))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Unread, UnreadReason};

    #[test]
    fn equal_words_are_held_once() {
        let mut shared = EvidenceInterner::default();
        let mut told = |message: &str| {
            let mut reading = Reading::Unread(Unread {
                denial: Some(Arc::new(Denial { action: Some("a:B".into()), ..Denial::default() })),
                ..Unread::local(UnreadReason::Denied, message)
            });
            shared.intern(&mut reading);
            match reading {
                Reading::Unread(Unread { denial: Some(denial), evidence, .. }) => {
                    (denial, evidence.message.expect("a message"))
                }
                other => panic!("{other:?}"),
            }
        };
        let (one, same, other) = (told("no"), told("no"), told("nor this"));
        assert!(Arc::ptr_eq(&one.1, &same.1) && !Arc::ptr_eq(&one.1, &other.1));
        assert!(Arc::ptr_eq(&one.0, &same.0) && Arc::ptr_eq(&one.0, &other.0));
        assert_eq!(&*other.1, "nor this");
    }
}
