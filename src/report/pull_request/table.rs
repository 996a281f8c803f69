//! Tables of problems. Everything that somebody else wrote stands in code.

use std::borrow::Cow;

use crate::model::Severity;
use crate::report::{FormatOptions, LimitedMarkdown, SettingResult, Target, code_span};

/// A row: a setting of a target.
pub(super) struct Row<'a> {
    pub(super) target: Cow<'a, Target<'a>>,
    /// The place of the setting in the target.
    pub(super) place: usize,
}

impl Row<'_> {
    pub(super) fn setting(&self) -> Option<&SettingResult<'_>> {
        self.target.settings.get(self.place)
    }

    pub(super) fn severity(&self) -> Severity {
        self.setting().map_or(Severity::Low, |setting| setting.severity)
    }

    fn line(&self, options: &FormatOptions) -> Option<String> {
        let setting = self.setting()?;
        let account = match self.target.account_name.as_deref() {
            Some(name) => format!("{} {}", code_span(&self.target.account.to_string()), code_span(name)),
            None => code_span(&self.target.account.to_string()),
        };
        let origin = format!("{}:{}", options.path(&setting.origin.file), setting.origin.line);
        Some(format!(
            "| {account} | {} | {} | {} | {} | {} | {} |\n",
            code_span(&self.target.region),
            code_span(setting.setting.key()),
            code_span(&setting.wanted()),
            code_span(setting.live.as_deref().unwrap_or("unknown")),
            setting.severity.as_str(),
            code_span(&origin)
        ))
    }
}

/// A table of as many rows as fit; what does not is counted.
pub(super) fn table(cut: &mut LimitedMarkdown, rows: &[Row<'_>], options: &FormatOptions) {
    cut.must("| Account | Region | Setting | Want | Have | Severity | Declared |\n");
    cut.must("| --- | --- | --- | --- | --- | --- | --- |\n");
    let left_out = cut.as_fit(rows.iter().filter_map(|row| row.line(options)));
    cut.must("\n");
    if left_out > 0 {
        cut.must(&format!("and {left_out} more, which stand in the full report.\n\n"));
    }
}

/// The same, folded under a title.
pub(super) fn folded(cut: &mut LimitedMarkdown, title: &str, rows: &[Row<'_>], options: &FormatOptions) {
    if rows.is_empty() {
        return;
    }
    cut.must(&format!("<details>\n<summary>{title} ({})</summary>\n\n", rows.len()));
    table(cut, rows, options);
    cut.must("</details>\n\n");
}
