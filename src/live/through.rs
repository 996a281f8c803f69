//! Reading through Macie's administrator: what it is told of its members spares calls, and the traces that they leave.

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;

use tokio::time::Instant;

use super::doubt::settle_doubts;
use super::fan_out::{Cut, Run, until};
use super::heard::Heard;
use super::listing::listen;
use super::{Gathering, Limits, Question};
use crate::aws::Access;
use crate::model::{AccountId, RegionTable};
use crate::session::Reading;

/// How Macie's administrator takes part in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Through {
    /// The administrator.
    pub administrator: AccountId,
    /// Who else is asked.
    pub beside: Beside,
}

/// Who is asked beside the administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// The accounts themselves, wherever the administrator's list does not answer.
    Accounts,
    /// Nobody: what the list does not answer is unread.
    Nobody,
}

/// Until when the administrator is listened to, where the accounts can be asked as well: a quarter of the time that there is.
fn patience(through: Through, limits: &Limits) -> Option<Instant> {
    let quarter = limits.deadline.map(|deadline| Instant::now() + deadline / 4);
    quarter.filter(|_| through.beside == Beside::Accounts)
}

/// Reads every target that is asked about, as [`gather`](super::gather) does, after asking Macie's administrator for its
/// members.
///
/// Where the list answers all that is wanted of a target, the account is not asked. Where both are asked and contradict each
/// other, the administrator is asked once more about that one member; if they still do, the target is unread: to take one of
/// them for right would be a guess.
pub async fn gather_through(
    access: &Access,
    questions: &[Question],
    table: &RegionTable,
    through: Through,
    limits: &Limits,
    stop: impl Future<Output = ()>,
    progress: &dyn Fn(usize),
) -> Gathering {
    let mut stop = pin!(stop);
    let run = Run::within(limits, access, questions, table, progress);
    let heard = RefCell::new(Heard::new(through.administrator, questions.len()));
    let cut = tokio::select! {
        biased;
        () = stop.as_mut() => Some(Cut::Interrupted),
        () = until(run.ends) => Some(Cut::Deadline),
        // Accounts must have time left to answer for themselves: what the list has not told by then, it does not tell.
        () = until(patience(through, limits)) => None,
        () = listen(&run, through, &heard) => None,
    };
    let heard = heard.into_inner();
    let readings = match (cut, through.beside) {
        (Some(cut), _) => heard.readings(&run, |_| Reading::Unread(cut.unread())),
        (None, Beside::Nobody) => heard.readings(&run, |question| Reading::Unread(heard.silence(question))),
        (None, Beside::Accounts) => {
            let known = questions.iter().enumerate().map(|(place, question)| heard.reading(place, question));
            let (mut readings, cut) = run.fan_out(known.collect(), stop.as_mut()).await;
            let cut = async {
                // What has been cut short asks nobody any more.
                if cut.is_none() {
                    tokio::select! { () = stop => (), () = until(run.ends) => () }
                }
            };
            settle_doubts(&run, &heard, &mut readings, cut).await;
            readings
        }
    };
    Gathering { readings, requests: access.requests(), unheard: heard.failures }
}
