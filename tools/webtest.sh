#!/bin/sh
# Runs the tests of the page of the administration: Chromium, smbclient and
# impacket against the built server. Without Node or Chromium it says so, which is
# a failure only where nothing may be left out (SIGNET_INTEROP=required).
set -eu
cd "$(dirname "$0")/.."

leave() {
	echo "The page is not tested: $1"
	[ "${SIGNET_INTEROP:-}" != required ] || exit 1
	exit 0
}

command -v node >/dev/null && command -v npm >/dev/null || leave "Node.js 20 or later and npm are missing (apt-get install nodejs npm)"
[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] || leave "Node.js is older than 20"
command -v chromium >/dev/null || [ -n "${SIGNET_BROWSER:-}" ] || leave "chromium is missing (apt-get install chromium)"
command -v smbclient >/dev/null || leave "smbclient is missing (apt-get install smbclient)"
/usr/bin/python3 -c 'import impacket.smb3' 2>/dev/null || leave "python3-impacket is missing (apt-get install python3-impacket)"
# What is not in anybody's hands here is told, and is no failure: that dist is of
# its source, a Go test checks without Node.
if ! make --no-print-directory web-deps; then
	echo "THE PAGE IS NOT TESTED: npm ci failed. Does npm's registry answer?"
	exit 0
fi

# The same source makes the same files, wherever it is built.
built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT
(cd web && npm run --silent build -- --outDir "$built/dist" --emptyOutDir >/dev/null)
diff -r -x source.sha256 "$built/dist" web/dist >/dev/null || {
	echo "web/dist is not what its source makes: make web"
	diff -rq -x source.sha256 "$built/dist" web/dist || true
	exit 1
}

CGO_ENABLED=0 "${GO:-go}" build -trimpath -o "$built/signet" ./cmd/signet
cd web
SIGNET_BINARY=$built/signet node --test --test-concurrency 1 --test-reporter spec e2e/*.test.mjs
