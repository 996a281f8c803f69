//! The recipe of a generated world.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::SignedDuration;

use crate::account_id::AccountId;
use crate::region::Region;

/// The number of the delegated administrator.
pub(crate) const ADMINISTRATOR: u32 = 1;
/// The id of the first account; the others follow.
const FIRST_ACCOUNT: u64 = 100_000_000_000;
const MAX_ACCOUNTS: u32 = 50_000;
const MAX_SESSIONS: u32 = 10_000;
/// The whole in the unit of [`Share`].
const WHOLE: u32 = 1_000_000;
/// Defaults of a [`Recipe`].
const DEFAULT_SEED: u64 = 1;
const DEFAULT_DRIFT: Share = Share(WHOLE / 20);
const DEFAULT_SESSIONS: u32 = 2;

const KEYS: [&str; 6] = ["accounts", "regions", "seed", "drift", "sessions", "latency"];

/// The size of a generated world, and its drift: `accounts=10000,regions=22,seed=1,drift=5,sessions=2,latency=0s`.
///
/// - `accounts`, from 1 to 50,000, has no default. Their ids are 100000000000 and those that follow.
/// - `regions`: the first so many of the Regions with Macie, by name, those that are on by default before those that must be
///   opted into. All, if left out. Opt-in Regions among them are on in every account; there is no session in the others.
/// - `seed`, 1 if left out: another one is another world.
/// - `drift`, 5 if left out: how many percent of the targets are not `ENABLED` and `FIFTEEN_MINUTES`. A third of them each is
///   paused, has another frequency, and is not enabled.
/// - `sessions`, 2 if left out: how many sessions of Session Manager are active in each account and Region, and how many
///   ended in the last 30 days. From 0 to 10,000.
/// - `latency`, none if left out, precedes every answer.
///
/// The same recipe makes the same world on every machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    pub(crate) accounts: u32,
    pub(crate) regions: usize,
    pub(crate) seed: u64,
    pub(crate) drift: Share,
    pub(crate) sessions: u32,
    pub(crate) latency: Duration,
}

/// All errors in the text of a [`Recipe`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipeError(Vec<String>);

/// A share in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Share(u32);

impl Recipe {
    /// The accounts: first the management account, which is the caller's, then the delegated Macie administrator.
    pub fn accounts(&self) -> impl Iterator<Item = AccountId> + use<> {
        (0..self.accounts).map(account)
    }

    /// The Regions in which there are sessions.
    pub fn regions(&self) -> &'static [Region] {
        let all = Region::with_macie();
        all.get(..self.regions).unwrap_or(all)
    }
}

/// The account with a number, counted from 0.
pub(crate) fn account(number: u32) -> AccountId {
    AccountId::from_number(FIRST_ACCOUNT + u64::from(number))
}

impl Share {
    pub(crate) const NOTHING: Self = Self(0);

    /// A random share, and a second random number.
    pub(crate) fn from_random(random: u64) -> (Self, u64) {
        let whole = u64::from(WHOLE);
        (Self(u32::try_from(random % whole).unwrap_or(0)), random / whole)
    }
}

impl FromStr for Share {
    type Err = ();

    /// Reads percent, exactly: the same text is the same share on every machine.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (whole, rest) = text.split_once('.').unwrap_or((text, "0"));
        let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !are_digits(whole) || !are_digits(rest) || rest.len() > 4 {
            return Err(());
        }
        let share: u32 = format!("{whole}{rest:0<4}").parse().map_err(|_| ())?;
        if share <= WHOLE { Ok(Self(share)) } else { Err(()) }
    }
}

impl Recipe {
    /// Sets the value of a key. The error lists what is allowed.
    fn take(&mut self, key: &str, value: &str) -> Result<(), String> {
        match key {
            "accounts" => {
                let expected = || format!("a whole number from 1 to {MAX_ACCOUNTS}");
                let number = value.parse().ok().filter(|number| (1..=MAX_ACCOUNTS).contains(number));
                self.accounts = number.ok_or_else(expected)?;
            }
            "regions" => {
                let all = Region::with_macie().len();
                let number = value.parse().ok().filter(|number| (1..=all).contains(number));
                self.regions = number.ok_or_else(|| format!("a whole number from 1 to {all}"))?;
            }
            "seed" => self.seed = value.parse().map_err(|_| format!("a whole number from 0 to {}", u64::MAX))?,
            "sessions" => {
                let number = value.parse().ok().filter(|number| *number <= MAX_SESSIONS);
                self.sessions = number.ok_or_else(|| format!("a whole number from 0 to {MAX_SESSIONS}"))?;
            }
            "drift" => {
                let expected = "percent from 0 to 100, such as 5 or 0.5, with four decimals at most";
                self.drift = value.parse().map_err(|()| expected.to_owned())?;
            }
            _ => {
                let length = value.parse::<SignedDuration>().ok().and_then(|length| Duration::try_from(length).ok());
                self.latency = length.ok_or("a length of time such as 100ms")?;
            }
        }
        Ok(())
    }
}

impl FromStr for Recipe {
    type Err = RecipeError;

    fn from_str(text: &str) -> Result<Self, RecipeError> {
        let mut recipe = Self {
            accounts: 1,
            regions: Region::with_macie().len(),
            seed: DEFAULT_SEED,
            drift: DEFAULT_DRIFT,
            sessions: DEFAULT_SESSIONS,
            latency: Duration::ZERO,
        };
        let (mut taken, mut errors) = (Vec::new(), Vec::new());
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let Some((key, value)) = part.split_once('=').map(|(key, value)| (key.trim(), value.trim())) else {
                errors.push(format!("{part:?} has no value: write KEY=VALUE, such as accounts=100"));
                continue;
            };
            if !KEYS.contains(&key) {
                errors.push(format!("there is no key {key:?}: the keys are {}", KEYS.join(", ")));
            } else if taken.contains(&key) {
                errors.push(format!("{key} is given twice: give it once"));
            } else {
                taken.push(key);
                let taking = recipe.take(key, value);
                errors.extend(taking.err().map(|expected| format!("{key} cannot be {value:?}: give {expected}")));
            }
        }
        if !taken.contains(&"accounts") {
            errors.push("accounts is missing: say how many, such as accounts=100".to_owned());
        }
        if errors.is_empty() { Ok(recipe) } else { Err(RecipeError(errors)) }
    }
}

impl fmt::Display for RecipeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.join("; "))
    }
}

impl std::error::Error for RecipeError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_has_its_default() {
        let recipe: Recipe = "accounts=3".parse().expect("a recipe");
        assert_eq!(Ok(recipe.clone()), " accounts = 3 , regions=22,seed=1,drift=5.0,latency=0s,".parse());
        assert_eq!(
            recipe.accounts().map(|id| id.to_string()).collect::<Vec<_>>(),
            ["100000000000", "100000000001", "100000000002"]
        );
        assert_eq!(account(49_999).to_string(), "100000049999");
    }

    #[test]
    fn regions_that_are_always_on_come_first() {
        let recipe: Recipe = "accounts=1,regions=18".parse().expect("a recipe");
        let regions: Vec<&str> = recipe.regions().iter().map(|region| region.as_str()).collect();
        assert_eq!(
            (regions[0], regions[16], regions[17], regions.len()),
            ("ap-northeast-1", "us-west-2", "af-south-1", 18)
        );
    }

    #[test]
    fn every_mistake_is_told_with_the_way_out() {
        let told = |text: &str| text.parse::<Recipe>().expect_err("errors").to_string();
        assert_eq!(told(""), "accounts is missing: say how many, such as accounts=100");
        assert_eq!(
            told("acounts=5,regions=23,seed=-1,drift=101,sessions=10001,latency=-1s,regions=2,fast"),
            "there is no key \"acounts\": the keys are accounts, regions, seed, drift, sessions, latency; \
             regions cannot be \"23\": give a whole number from 1 to 22; \
             seed cannot be \"-1\": give a whole number from 0 to 18446744073709551615; \
             drift cannot be \"101\": give percent from 0 to 100, such as 5 or 0.5, with four decimals at most; \
             sessions cannot be \"10001\": give a whole number from 0 to 10000; \
             latency cannot be \"-1s\": give a length of time such as 100ms; \
             regions is given twice: give it once; \
             \"fast\" has no value: write KEY=VALUE, such as accounts=100; \
             accounts is missing: say how many, such as accounts=100"
        );
        for bad in ["accounts=0", "accounts=50001", "accounts=1e3", "accounts="] {
            assert!(told(bad).starts_with("accounts cannot be"), "{bad}");
        }
    }

    #[test]
    fn a_share_is_exact() {
        for (text, share) in [("0", 0), ("0.5", 5000), ("5", 50_000), ("33.3333", 333_333), ("100.0000", 1_000_000)] {
            assert_eq!(text.parse(), Ok(Share(share)), "{text}");
        }
        for bad in ["", ".", "5.", ".5", "-1", "+1", "100.0001", "1e1", "0.00001", "99999999999", "NaN", "5%"] {
            assert_eq!(bad.parse::<Share>(), Err(()), "{bad}");
        }
    }
}
