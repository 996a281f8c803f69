//! The dispatch of a reading to its resource.

use super::request::{Response, TargetRequest};
use super::{macie_session, session_manager_preferences, session_manager_sessions};
use crate::model::Resource;

impl TargetRequest<'_> {
    /// Reads the target.
    pub async fn read(self) -> Response {
        match self.target.resource {
            Resource::MacieSession => macie_session::read(self).await,
            Resource::SessionManagerPreferences => session_manager_preferences::read(self).await,
            Resource::SessionManagerSessions => session_manager_sessions::read(self).await,
        }
    }
}
