//! The GitHub Action where a release is refused, damaged or out of proportion, and where nothing can be built in its place.

use std::fs;
use std::os::unix::fs::symlink;

use super::action_release::{NAME, Release, VERSION, refused};

const SERVER: (&str, &str) = ("GITHUB_SERVER_URL", "https://git.example.com");

/// The PATH of the tests without some programs, as a folder of links; a stub of the job takes precedence.
fn path_without(release: &Release, programs: &[&str]) -> String {
    let folder = release.job.write_outside("without/.keep", "").parent().expect("a folder").to_path_buf();
    let path = std::env::var("PATH").expect("a path");
    for entry in std::env::split_paths(&path).flat_map(fs::read_dir).flatten().flatten() {
        if !programs.iter().any(|program| entry.file_name() == *program) {
            // The first of a name counts.
            let _ = symlink(entry.path(), folder.join(entry.file_name()));
        }
    }
    format!("{}:{}", release.job.path("bin").display(), folder.display())
}

#[test]
fn a_refused_release_goes_to_gh_with_the_token_and_never_to_a_build() {
    for status in ["401", "403"] {
        let release = Release::at("git.example.com/an-owner/driftline");
        let store = release.job.path("store").display().to_string();
        release.job.write("store/status", status);
        release.outside(&format!("cp -r releases/v{VERSION} {store}/private"));
        let (code, log) = release.run_with(&[], &[SERVER]);
        assert_eq!(code, 2, "{log}");
        assert_eq!(release.job.read("store/calls").matches("release download").count(), 2);
        assert_eq!(release.job.read("store/urls").lines().count(), 1, "it is asked once");
        assert!(!release.job.read("store/curl").contains("hush"), "curl gets no token");
        release.outside(&format!("rm -r cache; rm {store}/private/{NAME}.tar.gz"));
        refused(
            release.run_with(&[], &[SERVER]),
            "is refused (only gh could get SHA256SUMS), and gh cannot get it: cp:",
        );
        release.outside(&format!("rm {store}/private/SHA256SUMS"));
        let message =
            format!("/v{VERSION}/SHA256SUMS is refused (HTTP {status}), and gh cannot get it: cp: cannot stat");
        refused(release.run_with(&[], &[SERVER]), &message);
        let message = format!("is refused (HTTP {status}), and gh cannot try: there is no token; nothing is built");
        refused(release.run_with(&[("TOKEN", "")], &[SERVER]), &message);
        // A mirror gets no token.
        fs::remove_file(release.job.path("store/calls")).expect("calls");
        let mirror = [SERVER, ("DRIFTLINE_RELEASES", "https://mirror.example.com/driftline")];
        refused(release.run_with(&[], &mirror), "let the mirror answer without a login");
        assert!(!release.job.path("store/calls").exists());
    }
    let release = Release::at("git.example.com/an-owner/driftline");
    release.job.write("store/status", "500");
    refused(release.run_with(&[], &[SERVER]), "could not be downloaded: curl: (22) error: 500");
    assert!(!release.job.path("store/calls").exists(), "that is not what a token is for");
}

#[test]
fn a_list_of_checksums_that_cannot_be_understood_is_an_error_and_one_from_windows_is_not() {
    let other = "it has other lines than checksums with names";
    for (spoil, message) in [
        ("echo '<html>' > SHA256SUMS", other),
        (": > SHA256SUMS", other),
        ("truncate -s 30 SHA256SUMS", other),
        ("truncate -s 66 SHA256SUMS", other),
        ("sed -i /whl/d SHA256SUMS; truncate -s -4 SHA256SUMS", "its last line is cut short"),
    ] {
        let release = Release::new();
        release.outside(&format!("cd releases/v{VERSION}; {spoil}"));
        refused(release.run(&[]), &format!("/v{VERSION}/SHA256SUMS is there, but cannot be understood: {message}"));
    }
    for harmless in ["sed -i 's/$/\\r/' SHA256SUMS", "sed -i 's/^[0-9a-f]*/\\U&/' SHA256SUMS"] {
        let release = Release::new();
        release.outside(&format!("cd releases/v{VERSION}; {harmless}"));
        let (code, log) = release.run(&[]);
        assert_eq!(code, 2, "{harmless}: {log}");
    }
    // The same from gh.
    let release = Release::at("git.example.com/an-owner/driftline");
    let store = release.job.path("store").display().to_string();
    release.job.write("store/status", "403");
    release.outside(&format!("mkdir {store}/private; echo '<html>' > {store}/private/SHA256SUMS"));
    refused(release.run_with(&[], &[SERVER]), "SHA256SUMS is there, but cannot be understood");
}

#[test]
fn without_cargo_one_error_says_why_there_is_no_archive_and_which_inputs_help() {
    for (missing, spoil, why) in [
        (None, "rm -r releases", format!("there is no release {VERSION} at file:///")),
        (None, ":", "no release has an archive for Darwin on arm64".to_owned()),
        (Some("curl"), ":", "curl is not installed".to_owned()),
        (Some("tar"), ":", "tar is not installed".to_owned()),
        (Some("sha256sum"), ":", "sha256sum is not installed".to_owned()),
    ] {
        let release = Release::new();
        release.outside(spoil);
        if why.contains("Darwin") {
            release.job.program("bin/uname", "#!/bin/sh\n[ \"$1\" = -s ] && echo Darwin || echo arm64\n");
        }
        let programs: Vec<&str> = missing.into_iter().chain(["cargo"]).collect();
        let path = path_without(&release, &programs);
        let (code, log) = release.run_with(&[], &[("PATH", &path), ("DRIFTLINE_RELEASES", &release.releases)]);
        refused((code, log.clone()), &format!("driftline action: {why}"));
        for part in ["cargo is not installed", "the input binary", "the input version", "the input releases"] {
            assert!(log.contains(part), "{part}: {log}");
        }
        assert_eq!(log.lines().count(), 1, "{log}");
    }
}

#[test]
fn an_archive_that_is_out_of_proportion_fills_no_disk() {
    for pack in [
        "truncate -s 200000001 pack/NAME/README && tar -czf OUT -C pack NAME",
        // Small in the archive, which only says how long the empty part is.
        "truncate -s 200000001 pack/NAME/driftline && tar -S -czf OUT -C pack NAME",
    ] {
        let release = Release::new();
        let out = format!("releases/v{VERSION}/{NAME}.tar.gz");
        let pack = pack.replace("OUT", &out).replace("NAME", NAME);
        release.outside(&format!("{pack}; cd releases/v{VERSION}; sha256sum *.gz > SHA256SUMS"));
        refused(release.run(&[]), ".tar.gz is larger than 200 MB when it is unpacked");
        release.outside("test ! -e cache");
    }
}

#[test]
fn a_folder_in_the_place_of_a_cached_archive_is_left_alone() {
    let release = Release::new();
    release.outside(&format!("mkdir -p elsewhere cache/driftline/{VERSION}/{NAME}.tar.gz"));
    for _ in 0..2 {
        let (code, log) = release.run(&[]);
        assert_eq!(code, 2, "{log}");
        assert!(log.contains("the tool cache has a folder in the place of the archive"), "{log}");
        release.outside(&format!(
            "cd cache/driftline/{VERSION}; test \"$(find . | wc -l)\" = 2 && test -z \"$(ls -A *)\""
        ));
    }
    release.outside(&format!("cd cache/driftline/{VERSION}; rmdir *; ln -s ../../../elsewhere {NAME}.tar.gz"));
    assert_eq!(release.run(&[]).0, 2);
    release.outside("test -z \"$(ls -A elsewhere)\"");
}

#[test]
fn a_url_is_taken_as_it_is_written() {
    let release = Release::new();
    release.outside("mv releases 'rel{a,b}[1-2]'");
    let releases = release.releases.replace("releases", "rel{a,b}[1-2]");
    let (code, log) = release.run_with(&[], &[("DRIFTLINE_RELEASES", &releases)]);
    assert_eq!(code, 2, "{log}");
}
