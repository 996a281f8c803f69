//! Desired settings of a target with the placeholders filled in.

use std::sync::Arc;

use super::{Candidate, DesiredSetting, DesiredSettings, Target};

impl Candidate {
    fn filled_in(&self, target: &Target) -> Self {
        Self { accepted: self.accepted.filled_in(target), ..self.clone() }
    }
}

impl DesiredSetting {
    fn has_placeholders(&self) -> bool {
        let mut candidates = std::iter::once(&self.decided).chain(&self.agreeing).chain(&self.overridden);
        candidates.any(|candidate| candidate.accepted.has_placeholders())
    }

    fn filled_in(&self, target: &Target) -> Self {
        let all = |candidates: &[Candidate]| candidates.iter().map(|candidate| candidate.filled_in(target)).collect();
        Self {
            decided: self.decided.filled_in(target),
            agreeing: all(&self.agreeing),
            overridden: all(&self.overridden),
            ..self.clone()
        }
    }
}

impl DesiredSettings {
    /// The desired settings with the placeholders filled in for a target. Whatever has none stays shared: there are few different
    /// settings in hundreds of thousands of targets.
    #[must_use]
    pub fn filled_in(self: &Arc<Self>, target: &Target) -> Arc<Self> {
        if !self.settings.iter().any(|setting| setting.has_placeholders()) {
            return Arc::clone(self);
        }
        let fill = |setting: &Arc<DesiredSetting>| {
            if setting.has_placeholders() { Arc::new(setting.filled_in(target)) } else { Arc::clone(setting) }
        };
        Arc::new(Self { settings: self.settings.iter().map(fill).collect(), ..(**self).clone() })
    }
}
