//! The pages in `docs/reference/diagnostics/`: one for each code, each with an example that earns it and one that is mended.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use driftline::diagnostic::Code;

use super::fixtures::{DAY, DOUBTS, OF_THE_FILE_SYSTEM, codes_in};
use super::one_file::{assert_earns, assert_valid, folder, write};
use super::program::driftline;

/// Codes that take two files: about saved inventories, which driftline writes, about the lack of one, and about a policy beside the
/// settings file.
const OF_TWO_FILES: [Code; 4] =
    [Code::BadInventory, Code::NamesNotChecked, Code::NotTheAdministrator, Code::StaleInventory];

/// Whether no text of a page can earn a code: those about the file system, and those that take two files.
fn has_no_example(code: Code) -> bool {
    OF_TWO_FILES.contains(&code) || OF_THE_FILE_SYSTEM.contains(&code)
}

/// Codes about selectors that an inventory of ids cannot answer: mended, an example earns that and nothing else.
const NEED_AN_INVENTORY: [Code; 2] = [Code::BadTag, Code::BadUnit];

/// What stands beside an example of a settings file.
const SOUND: &str = "version: 1\nmacie_sessions:\n  - accounts: [\"111122223333\"]\n    status: ENABLED\n";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/diagnostics")
}

fn page(name: &str) -> String {
    let path = root().join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).replace("\r\n", "\n")
}

/// The fenced blocks of a page: language and text.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    page.split("```").skip(1).step_by(2).filter_map(|block| block.split_once('\n')).collect()
}

/// Validates an example in a folder of its own. One that begins with `# driftline.toml` is the settings file.
fn validate((language, text): (&str, &str)) -> super::program::Ran {
    let folder = folder();
    if text.starts_with("# driftline.toml\n") {
        write(&folder, "driftline.toml", text);
        write(&folder, "policy.yaml", SOUND);
    } else {
        write(&folder, &format!("policy.{language}"), text);
    }
    driftline(folder.path(), &["validate", ".", DAY])
}

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    let mut pages: BTreeSet<String> = std::fs::read_dir(root())
        .expect("the folder of pages")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
        .collect();
    assert!(pages.remove("README.md"));
    let wanted: BTreeSet<String> = Code::ALL.iter().map(|code| format!("{code}.md")).collect();
    assert_eq!(pages, wanted);
}

#[test]
fn the_list_has_every_code_with_its_summary() {
    let readme = page("README.md");
    let listed: Vec<&str> = readme.lines().filter(|line| line.starts_with("- ")).collect();
    let wanted: Vec<String> =
        Code::ALL.iter().map(|code| format!("- [`{code}`]({code}.md): {}", code.summary())).collect();
    assert_eq!(listed, wanted);
    for code in DOUBTS {
        assert!(readme.contains(&format!("`{code}`")), "{code}");
    }
}

#[test]
fn every_example_earns_its_code_and_is_mended_by_the_next() {
    for code in Code::ALL.iter().copied() {
        let page = page(&format!("{code}.md"));
        assert!(page.starts_with(&format!("# `{code}`\n")), "{code} has another title");
        assert!(page.contains("\n## Why driftline insists\n"), "{code} gives no reason");
        let blocks = blocks(&page);
        if has_no_example(code) {
            assert!(blocks.is_empty() && page.contains("\n## What to do\n"), "{code}");
            continue;
        }
        let [bad, good] = blocks[..] else { panic!("{code} has {} examples instead of two", blocks.len()) };
        let ran = validate(bad);
        assert_eq!(codes_in(&ran.err).into_iter().collect::<Vec<_>>(), [code], "{}", ran.err);
        assert_eq!(ran.code, Some(i32::from(!DOUBTS.contains(&code))), "{code}");
        println!("{code}");
        if NEED_AN_INVENTORY.contains(&code) {
            assert_earns(&validate(good), Code::SelectorNeedsInventory);
        } else {
            assert_valid(&validate(good));
        }
    }
}
