//! The fixture as files, for validators that are no part of this repository.

use driftline::report::{Format, FormatOptions, View, github_summary};

use super::fixture::{clean, drawn, many, nothing_read, report};

/// Not a test: `DRIFTLINE_FORMATS=FOLDER cargo test --test library formats -- --ignored` writes each report there, in every format.
#[test]
#[ignore = "writes files, for those who ask for them"]
fn write_every_format() {
    let folder = std::path::PathBuf::from(std::env::var_os("DRIFTLINE_FORMATS").expect("DRIFTLINE_FORMATS=FOLDER"));
    let options = FormatOptions { exit_code: 6, ..FormatOptions::default() };
    for (name, report) in [("all", report()), ("clean", clean()), ("unread", nothing_read()), ("many", many(30_000))] {
        for format in Format::ALL {
            let text = drawn(&report, format, &options);
            std::fs::write(folder.join(format!("{name}.{format}")), text).expect("a file");
        }
        let summary = github_summary(&View::from(&report), &options, 0);
        std::fs::write(folder.join(format!("{name}.summary")), summary).expect("a file");
        for (variant, options) in [
            ("line", FormatOptions { sarif_by_line: true, ..options.clone() }),
            ("waived", FormatOptions { sarif_waived: true, sarif_category: Some("prod".into()), ..options.clone() }),
        ] {
            let text = drawn(&report, Format::Sarif, &options);
            std::fs::write(folder.join(format!("{name}-{variant}.sarif")), text).expect("a file");
        }
    }
}
