#!/bin/sh
# Runs every fuzz target of the tree for the time given (as go test -fuzztime
# takes it), as many at a time as there are processors, each with one worker: a
# target's time is processor time. Ends with failure if any finds something; the
# input is then in that package's testdata/fuzz, to be committed.
set -eu

time=${1:?usage: fuzz.sh TIME}
cd "$(dirname "$0")/.."

# With two arguments more, this is one target: its directory and its name.
if [ $# = 3 ]; then
	dir=$2
	name=$3
	log=$(mktemp)
	trap 'rm -f "$log"' EXIT

	# The go command may report its own time limit as a failure, by this line and
	# no other. A real find comes with the input, or names it among the seeds.
	ended_by_the_clock() {
		grep -Eq '^ +context deadline exceeded$' "$log" &&
			! grep -Eq 'Failing input|seed corpus entry|^ +--- FAIL|^panic' "$log"
	}

	# The go command gives an input ten seconds by the clock, also on a machine
	# that has other things to do, and then ends the worker: which looks as if the
	# input had killed it. What passes on its own, over and over, was only slow.
	only_slow() {
		input=$(sed -n 's,.*Failing input written to testdata/fuzz/,,p' "$log" | head -n 1)
		[ -n "$input" ] && grep -q 'fuzzing process hung or terminated unexpectedly' "$log" &&
			go test -run "^$name\$/^${input#*/}\$" -count 100 -timeout 10m "$dir" </dev/null >>"$log" 2>&1
	}

	if go test -run '^$' -parallel 1 -fuzz "^$name\$" -fuzztime "$time" -fuzzminimizetime 1x -timeout 0 "$dir" </dev/null >"$log" 2>&1; then
		echo "ok    $dir $name $(grep -Eo 'execs: [0-9]+' "$log" | tail -1)"
	elif ended_by_the_clock; then
		echo "ok    $dir $name (ended by the clock)"
	elif only_slow; then
		echo "SLOW  $dir $name: an input took more than ten seconds, and passes now; it stays in $dir/testdata/fuzz/$input"
		cat "$log"
	else
		echo "FAIL  $dir $name"
		cat "$log"
		exit 1
	fi
	exit
fi

# "path/x_test.go:func FuzzName(" becomes "path FuzzName"
targets=$(grep -rEo --include='*_test.go' --exclude-dir=interop --exclude-dir=tools '^func Fuzz[A-Za-z0-9_]*' . |
	sed -E 's,/[^/]*:func , ,' | sort)
[ -n "$targets" ] || { echo "no fuzz target found"; exit 1; }
echo "$targets" | xargs -P "$(nproc 2>/dev/null || echo 2)" -n 2 tools/fuzz.sh "$time"
