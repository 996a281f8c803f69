//! Waivers that have ended, or soon will.

use jiff::civil::Date;

use super::load::PolicySet;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::ENDING_WITHIN_DAYS;

/// Warns of waivers that no longer cover on the day `today`, or end soon after it.
pub fn check_expiry(set: &PolicySet, today: Date, out: &mut Diagnostics) {
    for declared in &set.waivers {
        let waiver = &declared.waiver;
        let left = waiver.days_left(today);
        let owner = waiver.owner.as_ref().map_or_else(String::new, |owner| format!("; owner: {owner}"));
        if waiver.is_expired(today) {
            let ago = if left == -1 { "yesterday".to_owned() } else { format!("{} days ago", -left) };
            out.push(
                Diagnostic::warning(Code::WaiverExpired, "this waiver has expired and has no effect")
                    .label(declared.expires, format!("ended {ago}{owner}"))
                    .help("remove it, or set a new `expires` date if the drift is still approved"),
            );
        } else if left <= ENDING_WITHIN_DAYS {
            let when = match left {
                0 => "ends today".to_owned(),
                1 => "ends tomorrow".to_owned(),
                days => format!("ends in {days} days"),
            };
            out.push(
                Diagnostic::warning(Code::WaiverEnding, format!("this waiver {when}"))
                    .label(declared.expires, format!("last day of the waiver{owner}"))
                    .help("fix the drift, or set a new `expires` date; after that day, the drift counts again"),
            );
        }
    }
}
