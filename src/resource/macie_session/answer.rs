//! Successful answers as JSON. The SDK fills in required fields that are missing, so that its types do not tell.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::model::{Evidence, Unread, UnreadReason};

/// A successful answer to a call.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    operation: &'static str,
    body: Json,
    request_id: Option<Box<str>>,
}

impl Answer {
    /// The answer of an operation.
    pub(super) fn new(operation: &'static str, body: Json, request_id: Option<Box<str>>) -> Self {
        Self { operation, body, request_id }
    }

    /// The value at a path, and the object that would hold it; each is null where it is missing. `None` for an empty path.
    pub(super) fn find(&self, path: &[&str]) -> Option<(&Json, &Json)> {
        let (last, parents) = path.split_last()?;
        let mut object = &self.body;
        for key in parents {
            object = object.get(key).filter(|value| value.is_object()).unwrap_or(&Json::Null);
        }
        Some((object, object.get(last).unwrap_or(&Json::Null)))
    }

    /// Whether something is at a path.
    pub(super) fn has(&self, path: &[&str]) -> bool {
        self.find(path).is_some_and(|(_, value)| !value.is_null())
    }

    /// The items of a list at the top.
    pub(super) fn list(&self, key: &str) -> &[Json] {
        self.body.get(key).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    /// A part of the answer, as an answer of its own.
    pub(super) fn part(&self, part: &Json) -> Self {
        Self { body: part.clone(), operation: self.operation, request_id: self.request_id.clone() }
    }

    /// The unread reason of an answer that makes no sense.
    pub(super) fn unintelligible(&self, what: &str) -> Arc<Unread> {
        let message = format!("the answer to macie2:{} {what}", self.operation);
        let evidence = Evidence::new(None, Some(&message), self.request_id.as_deref());
        Arc::new(Unread { reason: UnreadReason::Unintelligible, denial: None, evidence })
    }
}
