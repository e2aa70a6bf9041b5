#!/bin/sh
# Makes what `make serve` shows: a folder with a few files, and the password of
# the account demo. Leaves alone what is there. As root the files belong to
# nobody, who acts on them (--run-as nobody).
set -eu

folder=$1 state=$2

if [ ! -d "$folder" ]; then
	mkdir -p "$folder/notes" "$folder/reports"
	echo "Served by Signet: every message of this session is signed." >"$folder/welcome.txt"
	printf -- '- change this line from the client\n- look at it on the server\n' >"$folder/notes/try.txt"
	printf 'month,scans,unsigned\n2026-01,120,3\n2026-02,131,0\n' >"$folder/reports/scans.csv"
	[ "$(id -u)" != 0 ] || chown -R nobody "$folder"
fi

# The password lies beside the account it opens, so that both go together.
mkdir -p "$state"
chmod 700 "$state"
if [ ! -s "$state/demo.password" ]; then
	(
		umask 077
		od -An -N9 -tx1 /dev/urandom | tr -d ' \n' >"$state/demo.password"
	)
fi
