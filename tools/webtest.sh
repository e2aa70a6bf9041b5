#!/bin/sh
# Runs the tests of the page of the administration: Chromium, smbclient and
# impacket against the built server. What is missing for that is told, which is a
# failure only where nothing may be left out (SIGNET_INTEROP=required).
set -eu
cd "$(dirname "$0")/.."

leave() {
	echo "The page is not tested: $1"
	[ "${SIGNET_INTEROP:-}" != required ] || exit 1
	exit 0
}

command -v npm >/dev/null || leave "Node.js and npm are missing (apt-get install nodejs npm)"
if [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ]; then
	# Debian 12's is older. npm has Node itself, too, as a package without scripts.
	node=$PWD/web/.node
	package=node-linux-$(node -p process.arch)
	[ -x "$node/node_modules/$package/bin/node" ] ||
		npm install --silent --no-audit --no-fund --no-save --ignore-scripts --prefix "$node" "$package@22.23.3" ||
		leave "Node.js is older than 20, and npm has brought no newer one"
	PATH=$node/node_modules/$package/bin:$PATH
	export NODE_OPTIONS=--use-system-ca # as Debian's trusts whom the system trusts
fi
command -v chromium >/dev/null || [ -n "${SIGNET_BROWSER:-}" ] || leave "chromium is missing (apt-get install chromium)"
command -v smbclient >/dev/null || leave "smbclient is missing (apt-get install smbclient)"
/usr/bin/python3 -c 'import impacket.smb3' 2>/dev/null || leave "python3-impacket is missing (apt-get install python3-impacket)"
make --no-print-directory web-deps || leave "npm ci failed: does npm's registry answer?"

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
rm -rf e2e/shots
status=0
SIGNET_BINARY=$built/signet node --test --test-concurrency 2 --test-reporter spec e2e/*.test.mjs || status=$?
echo "$(ls e2e/shots | wc -l) pictures of the pages are in $PWD/e2e/shots"
exit $status
