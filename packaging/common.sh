# shellcheck shell=bash
# What the scripts of this folder share. Sourced, never run.

set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
# The same order of names and the same messages everywhere: both reach the artefacts.
export LC_ALL=C TZ=UTC
umask 022

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

# version: the version in Cargo.toml.
version() {
  local version
  version="$(sed -n '/^\[workspace\.package\]/,/^\[/s/^version = "\([0-9][0-9A-Za-z.+-]*\)"$/\1/p' "$root/Cargo.toml")"
  [ -n "$version" ] || die "Cargo.toml has no version in [workspace.package]"
  printf '%s\n' "$version"
}

# in_git: whether the source is a Git work tree of its own, and not an archive unpacked inside another one. A Git that refuses to read it,
# because it belongs to another user, must not lead to a release without a commit.
in_git() {
  [ -e "$root/.git" ] || return 1
  git -C "$root" rev-parse --git-dir > /dev/null || die "git cannot read $root"
}

# commit: the commit of the source, `-dirty` with uncommitted changes; nothing outside Git.
commit() {
  in_git || return 0
  local suffix=""
  [ -z "$(git -C "$root" status --porcelain --untracked-files=no)" ] || suffix="-dirty"
  printf '%s%s\n' "$(git -C "$root" rev-parse HEAD)" "$suffix"
}

# Every time in an artefact is the time of the commit, so that the same source gives the same bytes.
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
  SOURCE_DATE_EPOCH="$(if in_git; then git -C "$root" log -1 --format=%ct; else stat -c %Y "$root/Cargo.toml"; fi)"
fi
export SOURCE_DATE_EPOCH

# need COMMAND=PACKAGE…: installs what is missing, from Debian. A command with a `/` is a file.
need() {
  local pair packages=()
  for pair in "$@"; do
    case "${pair%%=*}" in
      */*) [ -e "${pair%%=*}" ] || packages+=("${pair#*=}") ;;
      *) command -v "${pair%%=*}" > /dev/null || packages+=("${pair#*=}") ;;
    esac
  done
  [ "${#packages[@]}" -gt 0 ] || return 0
  command -v apt-get > /dev/null || die "install ${packages[*]} (this script can do so only with apt-get)"
  [ "$(id -u)" -eq 0 ] || die "install these packages as root: apt-get install ${packages[*]}"
  say "installing ${packages[*]}"
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" > /dev/null 2>&1 \
    || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" > /dev/null; } >&2 \
    || die "these packages could not be installed: ${packages[*]}"
}

# machine FILE: the processor of an executable, as in a target triple.
machine() {
  case "$(od -An -tx1 -j18 -N2 "$1" | tr -d ' ')" in
    3e00) echo x86_64 ;;
    b700) echo aarch64 ;;
    *) die "$1 is not an executable for x86-64 or 64-bit ARM" ;;
  esac
}

# program BINARY ARGUMENT…: runs the binary, under emulation if it is for another processor.
program() {
  local binary="$1" emulator=()
  shift
  [ "$(machine "$binary")" = "$(uname -m)" ] || emulator=("qemu-$(machine "$binary")-static")
  # Settings of the caller must not reach what is packed.
  env -i PATH="$PATH" HOME=/nonexistent LC_ALL=C.UTF-8 SOURCE_DATE_EPOCH="$SOURCE_DATE_EPOCH" "${emulator[@]}" "$binary" "$@"
}

# target BINARY: the target triple that the binary was built for.
target() {
  local target
  target="$(program "$1" --version --verbose | sed -n 's/^target: *//p')"
  [ -n "$target" ] || die "$1 does not name its target"
  printf '%s\n' "$target"
}

# debian_architecture BINARY: the processor of an executable, as Debian and OCI images name it.
debian_architecture() {
  case "$(machine "$1")" in x86_64) echo amd64 ;; aarch64) echo arm64 ;; esac
}

# reproducible_tar ARGUMENT…: tar, with names in a fixed order, the time of the commit, and root as owner.
reproducible_tar() {
  tar --create --format=ustar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner "$@"
}

# packer BINARY [FOLDER]: the arguments of a script that packs. Sets binary, out, and work, an empty folder that goes
# when the script ends.
packer() {
  [ "$#" -ge 1 ] && [ "$#" -le 2 ] || die "usage: packaging/$(basename "$0") BINARY [FOLDER]"
  binary="$(realpath "$1")"
  out="${2:-$root/target/packages}"
  mkdir -p "$out"
  out="$(realpath "$out")"
  work="$(mktemp -d)"
  trap 'rm -rf "$work"' EXIT
}
