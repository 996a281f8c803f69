//! What has become of a target, and how much of that shows already.

use super::target_state::TargetState;

/// The standings of a target since it was first changed or watched. Changes may show late.
#[derive(Debug)]
pub(super) struct Track {
    /// In the order in which they came about. What is older than the one that shows is forgotten.
    past: Vec<Turn>,
    now: Turn,
    /// How often it was read.
    reads: u64,
    /// How often it answered GetMacieSession.
    answers: u32,
}

#[derive(Debug, Clone, Copy)]
struct Turn {
    standing: TargetState,
    /// How many reads come before it shows.
    shows_after: u64,
}

impl Track {
    pub(super) fn new(standing: TargetState) -> Self {
        Self { past: Vec::new(), now: Turn { standing, shows_after: 0 }, reads: 0, answers: 0 }
    }

    /// The truth.
    pub(super) fn now(&self) -> TargetState {
        self.now.standing
    }

    /// What a read would show.
    pub(super) fn shown(&self) -> TargetState {
        let turns = || self.past.iter().chain([&self.now]);
        let visible = turns().rev().find(|turn| turn.shows_after <= self.reads);
        visible.or(turns().next()).unwrap_or(&self.now).standing
    }

    /// Reads it.
    pub(super) fn read(&mut self) -> TargetState {
        let shown = self.shown();
        self.reads += 1;
        shown
    }

    /// Counts an answer to GetMacieSession.
    pub(super) fn answer(&mut self) -> u32 {
        self.answers = self.answers.saturating_add(1);
        self.answers
    }

    /// Changes it, for those who read it once `visibility` other reads are done.
    pub(super) fn change(&mut self, standing: TargetState, visibility: u32) {
        self.past.push(self.now);
        self.now = Turn { standing, shows_after: self.reads + u64::from(visibility) };
        let last_visible = self.past.iter().rposition(|turn| turn.shows_after <= self.reads);
        self.past.drain(..last_visible.unwrap_or(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::macie::target_state::Jobs;

    /// A standing that can be told apart.
    fn number(count: u32) -> TargetState {
        TargetState { jobs: Jobs { count, are_cancelled: false }, ..TargetState::default() }
    }

    fn read(track: &mut Track) -> u32 {
        track.read().jobs.count
    }

    #[test]
    fn each_change_shows_after_its_own_number_of_reads() {
        let mut track = Track::new(number(0));
        assert_eq!(read(&mut track), 0);
        track.change(number(1), 2);
        assert_eq!(read(&mut track), 0);
        track.change(number(2), 2);
        assert_eq!(track.now().jobs.count, 2);
        assert_eq!([read(&mut track), read(&mut track), read(&mut track)], [0, 1, 2]);
    }

    #[test]
    fn a_change_that_shows_at_once_hides_what_was_still_to_show() {
        let mut track = Track::new(number(0));
        track.change(number(1), 1);
        track.change(number(2), 0);
        assert_eq!([read(&mut track), read(&mut track)], [2, 2]);
        assert!(track.past.len() < 3);
    }
}
