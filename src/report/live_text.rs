//! Live values for people: with what the value itself does not say.

use std::borrow::Cow;

use super::model::SettingRow;
use crate::model::{Resource, Value};

/// What a value means that holds a parameter of the preferences document.
///
/// Source: Systems Manager User Guide, "Update Session Manager preferences (command line)".
const CHOSEN: &str = "chosen by the user who starts the session";

/// What a key means that is compared with an alias.
const ALIAS: &str = "KMS was not asked about the alias";

impl SettingRow<'_> {
    /// The live value for people, with a remark where it needs one.
    pub(super) fn shown_live(&self) -> Cow<'_, str> {
        match self.remark() {
            Some(remark) => Cow::Owned(format!("{} ({remark})", self.live())),
            None => Cow::Borrowed(self.live()),
        }
    }

    fn remark(&self) -> Option<&'static str> {
        let live = self.live.as_deref().filter(|live| *live != Value::UNSET)?;
        let spec = self.setting.spec();
        if spec.resource == Resource::SessionManagerPreferences && live.contains("{{") {
            return Some(CHOSEN);
        }
        let is_key = spec.key.rsplit('.').next().is_some_and(|key| key.starts_with("kms_key"));
        let has_alias = || [live].into_iter().chain(self.desired.iter().map(|item| &**item)).any(is_alias);
        // An alias that is wanted and live is the same, whatever key it stands for.
        (is_key && !self.desired.iter().any(|item| item == live) && has_alias()).then_some(ALIAS)
    }
}

fn is_alias(key: &str) -> bool {
    key.starts_with("alias/") || key.contains(":alias/")
}
