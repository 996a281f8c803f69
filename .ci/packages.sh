# shellcheck shell=bash
# What the scripts that test the artefacts share. Sourced.

step() { printf '\n== %s\n' "$*"; }
loudly() { printf '\n******** %s ********\n\n' "$*"; }
fail() { echo "error: $*" >&2; exit 1; }

# fails WHAT COMMAND…: the command must fail: a check that passes everything checks nothing.
fails() {
  local what="$1"
  shift
  if "$@" > /dev/null 2>&1; then fail "$what was accepted: $*"; fi
}

# tools COMMAND=PACKAGE…: installs the missing ones.
tools() {
  local pair missing=()
  for pair in "$@"; do command -v "${pair%%=*}" > /dev/null || missing+=("${pair#*=}"); done
  [ "${#missing[@]}" -gt 0 ] || return 0
  echo "installing ${missing[*]}"
  apt-get update -qq || true
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}" > /dev/null
}

# example_folder FOLDER BINARY: a copy of the example of the README, which others can read, and what driftline prints for it.
example_folder() {
  local code=0
  mkdir -p "$1/examples"
  cp -R examples/organization "$1/examples/organization"
  chmod -R a+rX "$1"
  (cd "$1" && "$2" "${example_call[@]}") > "$1/expected.txt" || code=$?
  [ "$code" -eq 6 ] || fail "the example ended with $code, not with 6"
  grep -q '^Verdict' "$1/expected.txt" || fail "the example has no verdict"
}
example_call=(check --config examples/organization/driftline.toml --simulate examples/organization/world.yaml)

# example FOLDER WHERE COMMAND…: the command, in place of driftline, runs the example: the exit code and the output must be right.
example() {
  local folder="$1" where="$2" code=0
  shift 2
  (cd "$folder" && "$@" "${example_call[@]}") > "$folder.txt" 2> "$folder.err" || code=$?
  if [ "$code" -ne 6 ]; then
    cat "$folder.txt" "$folder.err"
    fail "driftline in $where ended with $code, not with 6"
  fi
  diff "$folder/expected.txt" "$folder.txt" || fail "driftline in $where prints something else"
  echo "runs in $where: exit code 6, and the output of the example"
}
