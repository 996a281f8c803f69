//! Sharing of evidence: equal texts of many targets are held once.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;

use crate::model::{Denial, Evidence, Unread};
use crate::resource::session_manager_preferences::{Inputs, Preferences};
use crate::resource::{NotEnabledEvidence, Reading, SettingReading};

/// The texts of a run. Half of 220,000 targets may be denied with the same message.
#[derive(Debug, Default)]
pub(super) struct EvidenceInterner {
    texts: HashSet<Arc<str>>,
    denials: HashSet<Arc<Denial>>,
    /// Most accounts of an organization have the same preferences.
    inputs: HashSet<Arc<Inputs>>,
}

impl EvidenceInterner {
    /// Replaces evidence by the equal evidence of an earlier reading. Request ids always differ.
    pub(super) fn intern(&mut self, reading: &mut Reading) {
        match reading {
            Reading::Unread(unread) => self.intern_unread(unread),
            Reading::NotEnabled(NotEnabledEvidence::Answer(evidence)) => self.intern_evidence(evidence),
            Reading::On(session) => {
                // Settings of one call share what kept them from being read, and go on to share it.
                let mut shared: Vec<(Arc<Unread>, Arc<Unread>)> = Vec::new();
                for (_, reading) in session.further.iter_mut().flatten() {
                    let SettingReading::Unread(unread) = reading else { continue };
                    if let Some((_, interned)) = shared.iter().find(|(before, _)| Arc::ptr_eq(before, unread)) {
                        *unread = Arc::clone(interned);
                        continue;
                    }
                    let before = Arc::clone(unread);
                    self.intern_unread(Arc::make_mut(unread));
                    shared.push((before, Arc::clone(unread)));
                }
            }
            Reading::Preferences(preferences) => match Arc::get_mut(preferences) {
                Some(Preferences::Absent(evidence)) => self.intern_evidence(evidence),
                Some(Preferences::Present(document)) => {
                    for version in [Some(&mut document.default), document.latest.as_mut()].into_iter().flatten() {
                        intern(&mut self.inputs, &mut version.inputs);
                        intern(&mut self.texts, &mut version.number);
                    }
                }
                None => {}
            },
            Reading::Listed(_) | Reading::NotEnabled(_) | Reading::Sessions(_) | Reading::NotApplicable(_) => {}
        }
    }

    fn intern_unread(&mut self, unread: &mut Unread) {
        self.intern_evidence(&mut unread.evidence);
        if let Some(denial) = &mut unread.denial {
            intern(&mut self.denials, denial);
        }
    }

    fn intern_evidence(&mut self, evidence: &mut Evidence) {
        for text in [&mut evidence.code, &mut evidence.message].into_iter().flatten() {
            intern(&mut self.texts, text);
        }
    }
}

fn intern<T: ?Sized + Eq + Hash>(known: &mut HashSet<Arc<T>>, value: &mut Arc<T>) {
    match known.get(value) {
        Some(same) => *value = Arc::clone(same),
        None => drop(known.insert(Arc::clone(value))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::UnreadReason;

    #[test]
    fn equal_evidence_is_held_once() {
        let mut interner = EvidenceInterner::default();
        let mut held = |message: &str| {
            let mut reading = Reading::Unread(Unread {
                denial: Some(Arc::new(Denial { action: Some("a:B".into()), ..Denial::default() })),
                ..Unread::local(UnreadReason::Denied, message)
            });
            interner.intern(&mut reading);
            match reading {
                Reading::Unread(Unread { denial: Some(denial), evidence, .. }) => {
                    (denial, evidence.message.expect("a message"))
                }
                other => panic!("{other:?}"),
            }
        };
        let (one, same, other) = (held("no"), held("no"), held("nor this"));
        assert!(Arc::ptr_eq(&one.1, &same.1) && !Arc::ptr_eq(&one.1, &other.1));
        assert!(Arc::ptr_eq(&one.0, &same.0) && Arc::ptr_eq(&one.0, &other.0));
        assert_eq!(&*other.1, "nor this");
    }
}
