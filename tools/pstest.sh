#!/bin/sh
# Reads the PowerShell module by PowerShell's grammar. What is missing for that is
# told, which is a failure only where nothing may be left out
# (SIGNET_INTEROP=required).
set -eu
cd "$(dirname "$0")/../powershell/tests"

leave() {
	echo "The PowerShell module is not read: $1"
	[ "${SIGNET_INTEROP:-}" != required ] || exit 1
	exit 0
}

command -v npm >/dev/null || leave "Node.js and npm are missing (apt-get install nodejs npm)"
[ -e node_modules/.package-lock.json ] && [ ! package-lock.json -nt node_modules/.package-lock.json ] ||
	npm ci --silent --ignore-scripts --no-audit --no-fund --fetch-retries 2 --fetch-timeout 60000 ||
	leave "npm ci failed: does npm's registry answer?"
touch node_modules/.package-lock.json
node --test grammar.test.mjs
