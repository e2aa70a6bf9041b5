#!/bin/sh
# Runs every fuzz target of the tree, one after the other, for the time given
# (as go test -fuzztime takes it). Ends with failure if any finds something;
# the input is then in that package's testdata/fuzz, to be committed.
set -eu

time=${1:?usage: fuzz.sh TIME}
cd "$(dirname "$0")/.."

log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0

# "path/x_test.go:func FuzzName(" becomes "path FuzzName"
targets=$(grep -rEo --include='*_test.go' --exclude-dir=interop --exclude-dir=tools '^func Fuzz[A-Za-z0-9_]*' . |
	sed -E 's,/[^/]*:func , ,' | sort)
[ -n "$targets" ] || { echo "no fuzz target found"; exit 1; }

echo "$targets" | {
	while read -r dir name; do
		if go test -run '^$' -fuzz "^$name\$" -fuzztime "$time" -fuzzminimizetime 1x "$dir" </dev/null >"$log" 2>&1; then
			echo "ok    $dir $name $(grep -Eo 'execs: [0-9]+' "$log" | tail -1)"
		elif grep -q 'context deadline exceeded' "$log" && ! grep -q 'Failing input' "$log"; then
			# The go command may report its own time limit as a failure; a real
			# find always comes with the input.
			echo "ok    $dir $name (ended by the clock)"
		else
			echo "FAIL  $dir $name"
			cat "$log"
			status=1
		fi
	done
	exit $status
}
