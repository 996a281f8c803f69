//! Windows: stretches of time that end with a reading.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

/// A stretch of time that ends with a reading, such as `24h`: from a minute to 30 days. It prints as it is written; `24h` and `1d`
/// are equal.
///
/// Source: Systems Manager API Reference, DescribeSessions: the history goes back 30 days.
#[derive(Clone)]
pub struct Window(Arc<str>);

/// Why a text is no window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidWindow {
    /// It is no number with a unit.
    #[error("it is not a whole number with the unit m, h or d")]
    Form,
    /// It is shorter or longer than there are sessions.
    #[error("it is not between 1m and 30d")]
    Length,
}

impl Window {
    /// The longest window: as long as AWS keeps sessions.
    pub fn longest() -> Self {
        Self("30d".into())
    }

    /// The text, as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The length.
    pub fn minutes(&self) -> u32 {
        // Every window has been parsed.
        minutes(&self.0).unwrap_or_default()
    }
}

fn minutes(text: &str) -> Result<u32, InvalidWindow> {
    const LONGEST: u32 = 30 * 24 * 60;
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or(InvalidWindow::Form)?;
    let unit = match unit {
        "m" => 1,
        "h" => 60,
        "d" => 24 * 60,
        _ => return Err(InvalidWindow::Form),
    };
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(InvalidWindow::Form);
    }
    let minutes = number.parse::<u32>().ok().and_then(|number| number.checked_mul(unit));
    minutes.filter(|minutes| (1..=LONGEST).contains(minutes)).ok_or(InvalidWindow::Length)
}

impl FromStr for Window {
    type Err = InvalidWindow;

    fn from_str(text: &str) -> Result<Self, InvalidWindow> {
        minutes(text).map(|_| Self(text.into()))
    }
}

impl PartialEq for Window {
    fn eq(&self, other: &Self) -> bool {
        self.minutes() == other.minutes()
    }
}

impl Eq for Window {}

impl PartialOrd for Window {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Window {
    fn cmp(&self, other: &Self) -> Ordering {
        self.minutes().cmp(&other.minutes())
    }
}

impl Hash for Window {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.minutes().hash(state);
    }
}

impl fmt::Display for Window {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.0)
    }
}

impl fmt::Debug for Window {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_a_number_with_a_unit_within_what_aws_keeps() {
        for (text, minutes) in [("1m", 1), ("90m", 90), ("24h", 1440), ("1d", 1440), ("30d", 43_200), ("720h", 43_200)]
        {
            let window: Window = text.parse().expect("a window");
            assert_eq!((window.minutes(), window.to_string().as_str()), (minutes, text));
        }
        for text in ["", "h", "24", "-1h", "1.5h", "24 h", "1w", "24H", "é"] {
            assert_eq!(text.parse::<Window>(), Err(InvalidWindow::Form), "{text}");
        }
        for text in ["0m", "31d", "721h", "99999999999d"] {
            assert_eq!(text.parse::<Window>(), Err(InvalidWindow::Length), "{text}");
        }
    }
}
