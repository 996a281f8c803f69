//! The manual: its pages, their names and their date.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

use super::command_page::{PageSource, commands, page_name};
use super::environment::{self, SOURCE_DATE};
use super::file_page::FILE_PAGES;
use super::usage_error::UsageError;
use crate::diagnostic::nearest_words;

/// Date of the release that the pages describe.
const RELEASED: Date = date(2026, 11, 30);

/// Page with the file that packages install it as.
pub(super) struct ManPage {
    pub(super) file: String,
    pub(super) text: String,
}

/// The names by which pages are asked for.
pub(super) fn page_names(program: &clap::Command) -> Vec<String> {
    let names = commands(program).map(|command| command.get_name().to_owned());
    names.chain(FILE_PAGES.map(|page| short_name(page.name).to_owned())).collect()
}

/// Name of a page without that of the program.
fn short_name(name: &str) -> &str {
    name.strip_prefix("driftline-").unwrap_or(name)
}

/// The page of a command or file format, in roff.
pub(super) fn page(program: &clap::Command, name: &str, date: &str) -> Result<String, UsageError> {
    let short = short_name(name);
    if let Some(page) = FILE_PAGES.iter().find(|page| short_name(page.name) == short) {
        return Ok(page.render(date));
    }
    let known = std::iter::once(program).chain(commands(program));
    if let Some(command) = known.into_iter().find(|command| command.get_name() == short) {
        return Ok(source(program, command).render(date));
    }
    let names = page_names(program);
    let near = nearest_words(short, names.iter().map(String::as_str), 3);
    let near = near.iter().map(ToString::to_string).collect::<Vec<_>>();
    Err(UsageError::NoPage { name: name.to_owned(), near: if near.is_empty() { names } else { near } })
}

/// Every page.
pub(super) fn pages(program: &clap::Command, date: &str) -> Vec<ManPage> {
    let of_commands = std::iter::once(program).chain(commands(program)).map(|command| ManPage {
        file: format!("{}.1", page_name(program, command)),
        text: source(program, command).render(date),
    });
    let of_files = FILE_PAGES.map(|page| ManPage { file: format!("{}.5", page.name), text: page.render(date) });
    of_commands.chain(of_files).collect()
}

fn source<'a>(program: &'a clap::Command, command: &'a clap::Command) -> PageSource<'a> {
    const NAMES: [&str; FILE_PAGES.len()] = [FILE_PAGES[0].name, FILE_PAGES[1].name];
    PageSource { program, command, file_pages: &NAMES }
}

/// Date of the pages: never that of the run, so that the same source gives the same pages.
pub(super) fn page_date() -> Result<Date, UsageError> {
    match environment::value(&SOURCE_DATE) {
        None => Ok(RELEASED),
        Some(epoch) => {
            let seconds: Option<i64> = epoch.to_str().and_then(|epoch| epoch.parse().ok());
            let time = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
            Ok(time.ok_or(UsageError::SourceDate)?.to_zoned_datetime(TimeZone::UTC).date())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_is_that_of_the_release_in_the_changelog() {
        let heading = format!("## {} - ", env!("CARGO_PKG_VERSION"));
        let released = include_str!("../../CHANGELOG.md").lines().find_map(|line| line.strip_prefix(heading.as_str()));
        assert_eq!(released.unwrap_or(&RELEASED.to_string()), RELEASED.to_string());
    }
}
