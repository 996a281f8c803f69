//! Saved JSON documents, read back with the name of the field that makes no sense.

use serde::de::DeserializeOwned;

use crate::diagnostic::truncate_line;

/// A document of the type.
///
/// # Errors
///
/// What is wrong with it, and in which field.
pub(in crate::report) fn parsed<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| {
        // Keeping track of the path costs time, so only a document with a fault is read with it.
        let mut reader = serde_json::Deserializer::from_str(text);
        match serde_path_to_error::deserialize::<_, T>(&mut reader) {
            Err(located) if located.path().iter().next().is_some() => {
                truncate_line(&format!("`{}`: {}", located.path(), located.inner()))
            }
            _ => truncate_line(&error.to_string()),
        }
    })
}
