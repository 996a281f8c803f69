//! Sessions that are drawn: by a hash of what they belong to, and so kept nowhere.

use crate::region::Region;
use crate::world::Frequency;

use super::generator_spec::Share;
use super::session::{DEFAULT_FREQUENCY, SessionStart, SessionStatus};

/// What the sessions of one account are drawn from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Draw {
    /// Differs by seed and account.
    stream: u64,
    /// How many of the Regions with Macie have anything, in their order.
    regions: usize,
    drift: Share,
}

impl Draw {
    /// For an account, by its number.
    pub(super) fn new(seed: u64, account: u32, regions: usize, drift: Share) -> Self {
        Self { stream: mix(mix(seed) ^ u64::from(account)), regions, drift }
    }

    /// Whether there is a session in any Region.
    pub(super) fn has_any(self) -> bool {
        Region::with_macie().iter().any(|region| self.session(*region).is_some())
    }

    /// The session in a Region.
    pub(super) fn session(self, region: Region) -> Option<SessionStart> {
        let number = Region::with_macie().iter().take(self.regions).position(|known| *known == region)?;
        let (share, kind) = Share::of(mix(self.stream ^ number as u64));
        let session = |status, frequency| Some(SessionStart { status, frequency });
        match kind % 6 {
            _ if share >= self.drift => session(SessionStatus::Enabled, DEFAULT_FREQUENCY),
            0 | 1 => session(SessionStatus::Paused, DEFAULT_FREQUENCY),
            2 => session(SessionStatus::Enabled, Frequency::OneHour),
            3 => session(SessionStatus::Enabled, Frequency::SixHours),
            _ => None,
        }
    }
}

/// Spreads a number over all 64 bits, so that neighbours have nothing in common.
///
/// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014: the step and the mixer of SplitMix64.
fn mix(number: u64) -> u64 {
    let stepped = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let once = (stepped ^ (stepped >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let twice = (once ^ (once >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    twice ^ (twice >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many targets of 2,000 accounts by 22 Regions are enabled as they should be, paused, of another frequency, off.
    fn counts(seed: u64, drift: &str) -> [usize; 4] {
        let drift = drift.parse().expect("a share");
        let mut counts = [0; 4];
        for account in 0..2000 {
            let draw = Draw::new(seed, account, 22, drift);
            for region in Region::with_macie() {
                let kind = match draw.session(*region) {
                    Some(SessionStart { status: SessionStatus::Paused, .. }) => 1,
                    Some(SessionStart { frequency, .. }) if frequency != DEFAULT_FREQUENCY => 2,
                    Some(_) => 0,
                    None => 3,
                };
                counts[kind] += 1;
            }
        }
        counts
    }

    #[test]
    fn the_mixer_is_the_one_that_others_use() {
        // The first numbers of SplitMix64 from the seed 0, as its implementations list them.
        assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf);
        assert_eq!(mix(0x9e37_79b9_7f4a_7c15), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn drift_has_its_share_and_its_three_kinds_a_third_each() {
        // Four times the deviation that chance has.
        let near = |count: usize, expected: usize| count.abs_diff(expected).pow(2) <= 16 * expected;
        for seed in [1, 2, u64::MAX] {
            let [fine, paused, other, off] = counts(seed, "30");
            assert!(near(fine, 30_800) && [paused, other, off].iter().all(|count| near(*count, 4400)), "{seed}");
        }
        assert_eq!(counts(1, "0"), [44_000, 0, 0, 0]);
        assert_eq!(counts(1, "100")[0], 0);
        let [fine, ..] = counts(1, "0.5");
        assert!(near(44_000 - fine, 220), "{fine}");
    }

    #[test]
    fn a_seed_is_a_world() {
        assert_eq!(counts(7, "5"), counts(7, "5"));
        let sessions = |seed| -> Vec<_> {
            let draw = |account| Draw::new(seed, account, 22, "50".parse().expect("a share"));
            (0..50)
                .flat_map(|account| Region::with_macie().iter().map(move |region| draw(account).session(*region)))
                .collect()
        };
        let differing = sessions(1).iter().zip(&sessions(2)).filter(|(one, other)| one != other).count();
        assert!((500..800).contains(&differing), "{differing} of 1100");
    }

    #[test]
    fn with_fewer_regions_the_first_stay_as_they_are() {
        let drift = "50".parse().expect("a share");
        let (few, all) = (Draw::new(1, 3, 4, drift), Draw::new(1, 3, 22, drift));
        for (number, region) in Region::with_macie().iter().enumerate() {
            assert_eq!(few.session(*region), all.session(*region).filter(|_| number < 4), "{region}");
        }
    }
}
