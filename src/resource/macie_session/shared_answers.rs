//! Answers that several settings of one target share.

use std::sync::Arc;

use tokio::sync::OnceCell;

use super::answer::Answer;
use crate::model::{AccountId, Unread, Value};

/// What Macie's administrator says of an account, where it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdministratorAnswer {
    /// The account is a member. The status of its automated discovery, if that was asked and answered.
    Member(Option<Value>),
    /// The list of members was read to its end and does not have the account.
    NotListed,
}

/// Answers that several settings of one target share, so that each call is made once.
#[derive(Debug, Default)]
pub struct SharedAnswers {
    /// What Macie's administrator says of the account, where it was asked.
    pub(super) administrator_answer: Option<AdministratorAnswer>,
    pub(super) administrator: OnceCell<Result<Option<AccountId>, Arc<Unread>>>,
    pub(super) organization: OnceCell<Result<Option<Answer>, Arc<Unread>>>,
    pub(super) discovery: OnceCell<Result<Answer, Arc<Unread>>>,
}

impl SharedAnswers {
    /// What is known of an account before it is asked: what Macie's administrator says of it, if anything.
    pub fn new(administrator_answer: Option<AdministratorAnswer>) -> Self {
        Self { administrator_answer, ..Self::default() }
    }
}
