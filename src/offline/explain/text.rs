//! The explanation for people.

use std::io::{self, Write};

use jiff::civil::Date;

use super::explanation::{Explanation, why_lost};
use crate::model::{Candidate, DesiredSetting, DesiredTarget, Setting, Waiver};
use crate::offline::messages::{accepted, faint, labelled, origin, plain, waiver};
use crate::report::{TextOptions, days, terminal};

/// Writes the explanation for people.
pub fn write_explanation_text(explanation: &Explanation, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let target = &explanation.target;
    match &explanation.found {
        Err(why) => writeln!(out, "{target} is no target: {}", why.words()),
        Ok(found) => {
            let name =
                explanation.account_name.as_ref().map_or_else(String::new, |name| format!("  {}", terminal(name)));
            writeln!(out, "{}{name}", options.paint.strong(&target.to_string()))?;
            settings(found, explanation.today, options, out)
        }
    }
}

fn settings(target: &DesiredTarget, today: Date, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    for setting in Setting::ALL {
        match target.wish.settings.iter().find(|wish| wish.setting == setting) {
            None => writeln!(out, "\n  {setting}: not managed")?,
            Some(wish) => one(wish, today, options, out)?,
        }
    }
    Ok(())
}

fn one(wish: &DesiredSetting, today: Date, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = options.paint;
    let values = paint.strong(&accepted(&wish.decided));
    writeln!(out, "\n  {}: {values} (severity {})", wish.setting, wish.severity)?;
    let mut say = |label: &str, text: &str, quietly: bool| {
        let label = format!("{label:<12}");
        if quietly {
            labelled(&label, text, 4, options.width, faint(paint), out)
        } else {
            labelled(&label, text, 4, options.width, plain, out)
        }
    };
    say("decided by", &claim(&wish.decided), false)?;
    for other in &wish.agreeing {
        say("agreed by", &claim(other), false)?;
    }
    for lost in &wish.overridden {
        say("overrides", &format!("{}: {}; {}", claim(lost), accepted(lost), why_lost(lost, wish)), true)?;
    }
    for found in &wish.waivers {
        let (label, text) = waived(found, today);
        say(label, &text, found.is_expired(today))?;
    }
    Ok(())
}

/// Where it is said, by which declaration, and how specific that is.
fn claim(contender: &Candidate) -> String {
    format!("{} ({})", origin(&contender.origin), contender.specificity)
}

fn waived(found: &Waiver, today: Date) -> (&'static str, String) {
    let left = found.days_left(today);
    match left {
        ..0 => ("not waived", format!("expired {} ago; {}", days(-left), waiver(found))),
        0 => ("waived", format!("{}; ends today", waiver(found))),
        _ => ("waived", format!("{}; {} left", waiver(found), days(left))),
    }
}
