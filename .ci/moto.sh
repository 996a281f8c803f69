#!/usr/bin/env bash
# driftline against moto, an independent AWS emulator that shares nothing with the simulator of this project.
#
#   .ci/moto.sh DRIFTLINE PYTHON FOLDER
#
# PYTHON has moto[server] and boto3. The server listens on a free loopback port and ends with this script.
set -euo pipefail
driftline="$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"
python="$2"
work="$3"
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
rm -rf "$work"
mkdir -p "$work"
work="$(cd "$work" && pwd)"

# Remove every trace of the real AWS and of proxies from the environment of all three programs.
run() {
  env -i PATH="$PATH" HOME="$work" NO_PROXY=127.0.0.1 AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE AWS_SECRET_ACCESS_KEY=example \
    AWS_DEFAULT_REGION=us-east-1 AWS_ENDPOINT_URL="http://127.0.0.1:$port" "$@"
}

port="$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
run "$python" -m moto.server -H 127.0.0.1 -p "$port" > "$work/moto.log" 2>&1 &
server=$!
trap 'kill "$server" 2> /dev/null || true; wait "$server" 2> /dev/null || true' EXIT

if ! run "$python" "$here/moto_setup.py" "$work" "$server" || ! run "$python" "$here/moto_check.py" "$driftline" "$work"; then
  echo "the last lines of moto:"
  tail -n 20 "$work/moto.log"
  exit 1
fi
