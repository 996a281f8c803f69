//! Mistakes about files and folders rather than what is in them.

use driftline::diagnostic::Code;

use super::one_file::{assert_earns, assert_valid, folder, write};
use super::program::driftline;

const SOUND: &str = "version: 1\nmacie_sessions:\n  - accounts: [\"111122223333\"]\n    status: ENABLED\n";

/// The whole text on standard error. The command that explains the code stands before the verdict.
fn assert_says(arguments: &[&str], folder: &tempfile::TempDir, code: Code, text: &str) {
    let ran = driftline(folder.path(), arguments);
    assert_earns(&ran, code);
    let explained = text.replace("\n\nerror: ", &format!("\n\nmore: driftline explain {code}\n\nerror: "));
    assert_eq!(ran.err, explained);
}

#[test]
fn a_path_that_does_not_exist_is_named() {
    let folder = folder();
    assert_says(
        &["validate", "policies/none.yaml"],
        &folder,
        Code::FileNotFound,
        "file-not-found\n\n  × no such file or folder: policies/none.yaml\n  fix: check the path; relative paths \
         start at the working directory\n\nerror: 1 error in the files; nothing was checked\n",
    );
    // A settings file that is named must exist.
    write(&folder, "policy.yaml", SOUND);
    let ran = driftline(folder.path(), &["--config", "none.toml", "validate", "policy.yaml"]);
    assert_earns(&ran, Code::FileNotFound);
    assert!(ran.err.contains("no such file: none.toml"), "{}", ran.err);
    // Paths in the settings file start at its folder.
    write(&folder, "driftline.toml", "policies = [\"policies\"]\n");
    write(&folder, "deep/below/.keep", "");
    let ran = driftline(&folder.path().join("deep/below"), &["validate"]);
    assert_earns(&ran, Code::FileNotFound);
}

#[test]
fn a_file_that_is_too_large_is_named_with_the_limit() {
    let folder = folder();
    let comment = format!("{SOUND}# {}", "x".repeat(4 * 1024 * 1024));
    write(&folder, "large.yaml", &comment);
    assert_says(
        &["validate", "large.yaml"],
        &folder,
        Code::FileTooLarge,
        "file-too-large\n\n  × large.yaml is larger than 4 MiB, the limit for a policy file\n  fix: split it into \
         several files in one folder\n\nerror: 1 error in the files; nothing \
         was checked\n",
    );
    // Exactly the limit is fine.
    write(&folder, "large.yaml", &comment[..4 * 1024 * 1024]);
    assert_valid(&driftline(folder.path(), &["validate", "large.yaml"]));
}

#[test]
fn the_first_byte_that_is_not_utf8_is_shown() {
    let folder = folder();
    write(&folder, "latin-1.toml", b"version = 1\n# Z\xfcrich\n");
    assert_says(
        &["validate", "latin-1.toml"],
        &folder,
        Code::NotUtf8,
        "not-utf8\n\n  × latin-1.toml is not UTF-8 text\n   ╭─[latin-1.toml:2:4]\n 1 │ version = 1\n 2 │ # Z\u{fffd}rich\n   ·    \
         ┬\n   ·    ╰── the first byte that is not UTF-8\n   ╰────\n  fix: save the file as UTF-8\n\nerror: 1 error in the \
         files; nothing was checked\n",
    );
}

#[test]
fn a_file_of_another_type_is_named() {
    let folder = folder();
    for name in ["policy.yml.bak", "policy", "policy.ini"] {
        write(&folder, name, SOUND);
        assert_says(
            &["validate", name],
            &folder,
            Code::UnknownFileType,
            &format!(
                "unknown-file-type\n\n  × {name} is not a policy file: unsupported file extension\n  fix: name a file that ends in .yaml, \
                 .yml, .toml or .json\n\nerror: 1 error in the files; nothing was checked\n"
            ),
        );
    }
    // Among the files of a folder it is no mistake.
    write(&folder, "policy.YAML", SOUND);
    assert_valid(&driftline(folder.path(), &["validate", "."]));
}

#[test]
fn a_folder_without_policies_is_no_green_run() {
    let folder = folder();
    write(&folder, "policies/README.md", "nothing here yet\n");
    assert_says(
        &["validate", "policies"],
        &folder,
        Code::EmptyPolicySet,
        "empty-policy-set\n\n  × no policy file in policies: nothing to check\n  fix: add a .yaml, .yml, .toml or \
         .json file that lists declarations under `macie_sessions`\n\nerror: 1 error in the files; \
         nothing was checked\n",
    );
    write(&folder, "others/.keep", "");
    let ran = driftline(folder.path(), &["validate", "policies", "others"]);
    assert_earns(&ran, Code::EmptyPolicySet);
    assert!(ran.err.contains("no policy file in policies, others"), "{}", ran.err);
}

#[test]
fn hidden_files_and_the_settings_file_are_no_policies() {
    let folder = folder();
    write(&folder, "policy.yaml", SOUND);
    write(&folder, ".hidden.yaml", "[");
    write(&folder, ".git/config.toml", "[");
    write(&folder, "driftline.toml", "[limits]\nconcurrency = 1\n");
    assert_valid(&driftline(folder.path(), &["validate", "."]));
    // What is named is read, hidden or not.
    assert_earns(&driftline(folder.path(), &["validate", ".hidden.yaml"]), Code::Syntax);
}

#[test]
fn a_file_that_is_named_twice_is_read_once() {
    let folder = folder();
    write(&folder, "policies/policy.yaml", SOUND);
    let ran = driftline(
        folder.path(),
        &["validate", "policies", "policies/policy.yaml", "./policies/../policies/policy.yaml", "policies"],
    );
    assert_valid(&ran);
    assert!(ran.out.contains("1 policy file, 1 declaration"), "{}", ran.out);
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::process::Command;

    #[test]
    fn links_in_a_circle_hold_no_policy() {
        let folder = folder();
        write(&folder, "policies/policy.yaml", SOUND);
        symlink("..", folder.path().join("policies/up")).expect("a link");
        symlink(".", folder.path().join("policies/here")).expect("a link");
        symlink("nowhere.yaml", folder.path().join("policies/dangling.yaml")).expect("a link");
        symlink("circle.yaml", folder.path().join("policies/circle.yaml")).expect("a link");
        symlink("nowhere", folder.path().join("policies/no-name-of-a-policy")).expect("a link");
        let ran = driftline(folder.path(), &["validate", "policies"]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert!(ran.out.contains("1 policy file,"), "{}", ran.out);
        for told in [
            "policies/up is not read: this symbolic link points outside its folder, to .",
            "policies/dangling.yaml is not read: this symbolic link is broken",
            "policies/circle.yaml is not read: this symbolic link is broken",
            "1 symbolic link is not followed, because another path already leads to the folder: policies/here",
        ] {
            assert!(unwrapped(&ran.err).contains(told), "{told}\n{}", ran.err);
        }
        assert!(!ran.err.contains("no-name"), "{}", ran.err);
        assert_eq!(driftline(folder.path(), &["validate", "policies", "--deny-warnings"]).code, Some(1));
        assert_eq!(driftline(folder.path(), &["validate", "policies", "--quiet"]).err, "");
    }

    /// A text with its lines joined as one.
    fn unwrapped(text: &str) -> String {
        let words = text.split_whitespace().filter(|word| *word != "│");
        words.collect::<Vec<_>>().join(" ")
    }

    /// Files of secrets, as they come, and with the beginning of a sound policy.
    const SECRETS: [&str; 4] = [
        "[default]\naws_secret_access_key = SECRET\n",
        "AWS_SECRET_ACCESS_KEY=SECRET\0HOME=/root\0",
        "version: 1\nmacie_sessions: [{SECRET: 1, status: SECRET, accounts: [SECRET], name: [SECRET}]\n",
        "{\"version\": 1, \"SECRET\": \"SECRET\", \"accounts\": [{\"id\": \"SECRET\"}]}",
    ];

    #[test]
    fn a_link_out_of_a_checkout_shows_nothing_of_where_it_leads() {
        for secret in SECRETS {
            let outside = folder();
            write(&outside, "secret", secret);
            let folder = folder();
            symlink(outside.path(), folder.path().join("linked")).expect("a link");
            for name in ["p.yaml", "p.toml", "p.json", "driftline.toml"] {
                symlink("linked/secret", folder.path().join(name)).expect("a link");
            }
            write(&folder, "sound.yaml", SOUND);
            write(&folder, "with.toml", "[inventory]\naccounts = \"p.json\"\n");
            for arguments in [
                &["validate", "p.yaml", "--config", "with.toml"][..],
                &["validate", "p.toml", "p.json", "--config", "with.toml", "--report", "json"],
                &["validate", "sound.yaml", "--config", "with.toml"],
                &["validate", "sound.yaml", "--inventory", "linked/secret", "--config", "with.toml"],
                &["validate", "sound.yaml"],
                &["explain", "111122223333/eu-west-1", "p.yaml", "--config", "with.toml"],
                &["diff", "p.yaml", "p.toml", "--config", "with.toml", "--patch"],
                &["check", "p.json", "--config", "with.toml", "--verbose"],
            ] {
                let ran = driftline(folder.path(), arguments);
                assert_eq!(ran.code, Some(1), "{arguments:?} {}", ran.err);
                let told = format!("{}{}", ran.out, ran.err);
                assert!(!told.contains("SECRET") && !told.contains("aws_secret"), "{arguments:?} {told}");
            }
        }
        // Without a link out of the folder, what is wrong is shown.
        let folder = folder();
        write(&folder, "p.yaml", SECRETS[2]);
        assert!(driftline(folder.path(), &["validate", "p.yaml"]).err.contains("SECRET"));
    }

    #[test]
    fn many_links_take_no_longer_than_few() {
        let folder = folder();
        write(&folder, "policies/policy.yaml", SOUND);
        for level in 0..30 {
            let below = folder.path().join(format!("policies/level-{level}"));
            std::fs::create_dir(&below).expect("a folder");
            for name in ["one", "two"] {
                symlink(format!("../level-{}", level + 1), below.join(name)).expect("a link");
            }
        }
        write(&folder, "policies/level-30/policy.yaml", SOUND.replace("1111", "2222"));
        symlink("/", folder.path().join("policies/root")).expect("a link");
        let ran = driftline(folder.path(), &["validate", "policies"]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert!(ran.out.contains("2 policy files,"), "{}", ran.out);
        let told = unwrapped(&ran.err);
        assert!(told.contains("60 symbolic links are not followed"), "{told}");
        assert!(told.contains("policies/level-0/one, policies/level-0/two") && told.contains("and 40 more"), "{told}");
        assert!(told.contains("policies/root is not read"), "{told}");
        // The search for policy sets ends as soon.
        write(&folder, "driftline.toml", "policies = [\"policies\"]\n");
        assert_eq!(driftline(folder.path(), &["validate", "--all", "."]).code, Some(0));
    }

    #[test]
    fn a_mounted_config_map_is_read_without_a_warning() {
        let folder = folder();
        write(&folder, "policies/..2027_01_01/policy.yaml", SOUND);
        symlink("..2027_01_01", folder.path().join("policies/..data")).expect("a link");
        symlink("..data/policy.yaml", folder.path().join("policies/policy.yaml")).expect("a link");
        let ran = driftline(folder.path(), &["validate", "policies"]);
        assert_valid(&ran);
        assert!(ran.out.contains("1 policy file,"), "{}", ran.out);
        // So is a release that a link leads to.
        write(&folder, "releases/.42/policy.yaml", SOUND);
        symlink(".42", folder.path().join("releases/current")).expect("a link");
        assert_valid(&driftline(folder.path(), &["validate", "releases"]));
    }

    #[test]
    fn what_another_path_reads_is_not_left_out() {
        let folder = folder();
        write(&folder, "policies/policy.yaml", SOUND);
        write(&folder, "shared/other.yaml", SOUND.replace("1111", "2222"));
        symlink("../shared/other.yaml", folder.path().join("policies/other.yaml")).expect("a link");
        assert_valid(&driftline(folder.path(), &["validate", "policies", "shared"]));
    }

    #[test]
    fn pipes_with_the_name_of_a_policy_are_told() {
        let folder = folder();
        write(&folder, "policies/policy.yaml", SOUND);
        let made = Command::new("mkfifo").arg(folder.path().join("policies/pipe.yaml")).status().expect("mkfifo");
        assert!(made.success());
        let ran = driftline(folder.path(), &["validate", "policies"]);
        assert!(ran.err.contains("policies/pipe.yaml is not read: it is not a regular file"), "{}", ran.err);
        assert_eq!(ran.code, Some(0));
    }

    #[test]
    fn linked_folders_are_told_where_policy_sets_are_searched() {
        let folder = folder();
        write(&folder, "tree/team/driftline.toml", "policies = [\"rules\"]\n");
        write(&folder, "tree/team/rules/policy.yaml", SOUND);
        write(&folder, "elsewhere/driftline.toml", "policies = [\"rules\"]\n");
        symlink("../elsewhere", folder.path().join("tree/linked")).expect("a link");
        symlink("../../../elsewhere/driftline.toml", folder.path().join("tree/team/rules/out.yaml")).expect("a link");
        let ran = driftline(folder.path(), &["validate", "--all", "tree"]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        let told = unwrapped(&ran.err);
        assert!(
            told.contains("tree/linked is not read: this symbolic link points outside its folder, to elsewhere"),
            "{told}"
        );
        assert_eq!(told.matches("tree/team/rules/out.yaml is not read").count(), 1, "{told}");
        assert_eq!(driftline(folder.path(), &["validate", "--all", "tree", "--deny-warnings"]).code, Some(1));
    }

    #[test]
    fn links_out_of_the_folder_are_not_followed() {
        let folder = folder();
        write(&folder, "policies/policy.yaml", SOUND);
        write(&folder, "elsewhere/other.yaml", "[");
        symlink("../elsewhere", folder.path().join("policies/out")).expect("a link");
        symlink("../elsewhere/other.yaml", folder.path().join("policies/out.yaml")).expect("a link");
        symlink("policy.yaml", folder.path().join("policies/same.yaml")).expect("a link");
        let ran = driftline(folder.path(), &["validate", "policies"]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert!(ran.out.contains("1 policy file,"), "{}", ran.out);
        assert!(ran.err.contains("file-left-out"), "{}", ran.err);
        for name in ["policies/out", "policies/out.yaml"] {
            assert!(ran.err.contains(&format!("{name} is not read: this symbolic link points outside")), "{}", ran.err);
        }
        assert!(!ran.err.contains("same.yaml"), "what it leads to is read: {}", ran.err);
        for command in ["targets", "iam-policy"] {
            let arguments =
                if command == "targets" { vec![command, "policies"] } else { vec![command, "check", "policies"] };
            let ran = driftline(folder.path(), &arguments);
            assert!(ran.err.contains("policies/out.yaml is not read"), "{command}: {}", ran.err);
        }
        // A link that is named is followed.
        assert_earns(&driftline(folder.path(), &["validate", "policies/out.yaml"]), Code::Syntax);
    }

    #[test]
    fn what_cannot_be_read_is_a_mistake_and_not_left_out() {
        let folder = folder();
        write(&folder, "policy.yaml", SOUND);
        // A link to itself cannot be opened by anybody, not even by root.
        symlink("loop.yaml", folder.path().join("loop.yaml")).expect("a link");
        let ran = driftline(folder.path(), &["validate", "policy.yaml", "loop.yaml"]);
        assert_earns(&ran, Code::UnreadableFile);
        assert!(ran.err.contains("× loop.yaml cannot be read: "), "{}", ran.err);
        assert!(ran.err.contains("fix: make it readable; without it, its targets would not be checked"), "{}", ran.err);
    }

    #[test]
    fn the_root_of_the_file_system_is_no_folder_of_policies() {
        let folder = folder();
        symlink("/", folder.path().join("policies")).expect("a link");
        symlink("policies", folder.path().join("again")).expect("a link");
        write(&folder, "w.yaml", "version: 1\ncaller: \"111122223333\"\naccounts: {\"111122223333\": {}}\n");
        write(&folder, "with.toml", "policies = [\"again\"]\n");
        for arguments in [
            &["check", "--simulate", "w.yaml"][..],
            &["validate"],
            &["validate", "policies"],
            &["targets", "again"],
            &["validate", "--config", "with.toml"],
            &["diff", "policies", "again"],
            &["explain", "111122223333/eu-west-1"],
        ] {
            let ran = driftline(folder.path(), arguments);
            assert_earns(&ran, Code::UnreadableFile);
            let told = unwrapped(&ran.err);
            assert!(told.contains("this symbolic link points to the root of the file system"), "{arguments:?} {told}");
            assert!(told.contains("fix: name the folder that contains the policies"), "{told}");
        }
        let told = driftline(folder.path(), &["validate", "/"]).err;
        assert!(unwrapped(&told).contains("it is the root of the file system"), "{told}");
    }

    #[test]
    fn a_folder_of_policies_may_be_a_link() {
        let folder = folder();
        write(&folder, "elsewhere/rules/policy.yaml", SOUND);
        write(&folder, "here/driftline.toml", "policies = [\"rules\"]\n");
        symlink("../elsewhere/rules", folder.path().join("here/rules")).expect("a link");
        symlink("rules", folder.path().join("here/policies")).expect("a link");
        for arguments in [&["validate"][..], &["validate", "policies"], &["validate", "policies", "rules"]] {
            let ran = driftline(&folder.path().join("here"), arguments);
            assert_valid(&ran);
            assert!(ran.out.contains("1 policy file,"), "{}", ran.out);
        }
    }

    #[test]
    fn a_link_to_nothing_is_named_wherever_it_stands() {
        let folder = folder();
        write(&folder, "policies/policy.yaml", SOUND);
        write(&folder, "below/.keep", "");
        symlink("gone.toml", folder.path().join("driftline.toml")).expect("a link");
        symlink("gone.yaml", folder.path().join("named.yaml")).expect("a link");
        symlink("driftline.toml", folder.path().join("again.toml")).expect("a link");
        write(&folder, "sound.toml", "");
        for (place, arguments, told) in [
            (".", &["validate"][..], "driftline.toml is a broken symbolic link to gone.toml"),
            (".", &["targets", "policies"], "driftline.toml is a broken symbolic link to gone.toml"),
            (".", &["check"], "driftline.toml is a broken symbolic link"),
            ("below", &["validate", "../policies"], "../driftline.toml is a broken symbolic link"),
            (".", &["--config", "again.toml", "validate"], "again.toml is a broken symbolic link"),
            (".", &["--config", "sound.toml", "validate", "named.yaml"], "named.yaml is a broken symbolic link"),
        ] {
            let ran = driftline(&folder.path().join(place), arguments);
            assert_earns(&ran, Code::FileNotFound);
            assert!(unwrapped(&ran.err).contains(told), "{arguments:?} {}", ran.err);
        }
    }

    #[test]
    fn only_regular_files_are_read() {
        let folder = folder();
        // Opening a pipe that nobody writes to would wait for ever.
        let made = Command::new("mkfifo").arg(folder.path().join("pipe.yaml")).status().expect("mkfifo");
        assert!(made.success());
        assert_says(
            &["validate", "pipe.yaml"],
            &folder,
            Code::UnreadableFile,
            "unreadable-file\n\n  × pipe.yaml is not a regular file\n  fix: name a file, or a folder of files\n\nerror: 1 error \
             in the files; nothing was checked\n",
        );
        assert_earns(&driftline(folder.path(), &["--config", ".", "validate", "pipe.yaml"]), Code::UnreadableFile);
        write(&folder, "folder.yaml/policy.yaml", SOUND);
        assert_valid(&driftline(folder.path(), &["validate", "folder.yaml"]));
    }

    #[test]
    fn a_file_that_this_user_may_not_read_is_a_mistake() {
        let folder = folder();
        write(&folder, "policies/policy.yaml", SOUND);
        write(&folder, "policies/secret.yaml", SOUND);
        write(&folder, "policies/closed/policy.yaml", SOUND);
        let secret = folder.path().join("policies/secret.yaml");
        let closed = folder.path().join("policies/closed");
        for path in [&secret, &closed] {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o000)).expect("permissions");
        }
        let may_read_all = std::fs::read(&secret).is_ok();
        let ran = driftline(folder.path(), &["validate", "policies"]);
        std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o700)).expect("permissions");
        if may_read_all {
            // Root may read everything; `what_cannot_be_read_is_a_mistake_and_not_left_out` stands in for this test.
            return;
        }
        assert_earns(&ran, Code::UnreadableFile);
        assert!(ran.err.contains("policies/secret.yaml cannot be read: permission denied"), "{}", ran.err);
        assert!(ran.err.contains("policies/closed cannot be read"), "{}", ran.err);
    }
}
