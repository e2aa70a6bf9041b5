# The servers that the scripts beside this one measure: Samba and Signet, each
# with a folder on a tmpfs. Sourced; wants $here, $port, $signet (a program, or
# empty: it is built) $unprivileged, and $unsigned_too:
# whether Signet takes clients that do not sign. Sets $work, $ram, $user, $password,
# $SMB_PID and $signet_pid.
prepare_servers() {
	work=$(mktemp -d "${TMPDIR:-/tmp}/signet-bench.XXXXXX")
	ram=$(mktemp -d /dev/shm/signet-bench.XXXXXX)
	samba=() pids=()
	cleanup() {
		for p in "${pids[@]}"; do kill "$p" 2>/dev/null || true; done
		for d in "${samba[@]}"; do "$here/samba.sh" stop "$d"; done
		wait
		rm -rf "$work" "$ram"
	}
	trap cleanup EXIT
	trap 'exit 1' INT TERM
	chmod 755 "$work" "$ram"
	ulimit -n 65536 2>/dev/null || true

	user=daemon password=bench-pass
	go build -C "$here" -o "$work/bench" .
	[ -n "$signet" ] || { CGO_ENABLED=0 go build -C "$here/.." -trimpath -o "$work/signet" ./cmd/signet; signet=$work/signet; }
	mkdir -p "$ram/samba" "$ram/signet"
	chown "$user": "$ram/samba" "$ram/signet"
}

start_samba() {
	local s
	s=$("$here/samba.sh" start --port "$port" --user "$user" --password "$password" --ram "$ram/samba")
	eval "$s"
	samba+=("$SMB_DIR")
}
start_signet() {
	local state=$work/state.$RANDOM as=()
	mkdir "$state"
	printf %s "$password" >"$state.password"
	if [ -n "${unprivileged:-}" ]; then
		as=(setpriv --reuid "$user" --regid "$user" --clear-groups)
		chown -R "$user": "$state" "$state.password"
	fi
	chmod 600 "$state.password"
	if [ -n "${unsigned_too:-}" ]; then
		"$signet" config set server RequireSecuritySignature=False --reason "clients that do not sign are measured" --yes \
			--state "$state/state" >/dev/null 2>&1
	fi
	setsid "${as[@]}" "$signet" serve "ram=$ram/signet" --user "$user" --password-file "$state.password" \
		--listen "127.0.0.1:$((port + 1))" --admin off --state "$state/state" >"$state.log" 2>&1 </dev/null &
	signet_pid=$!
	pids+=("$signet_pid")
	for _ in $(seq 100); do
		(exec 3<>"/dev/tcp/127.0.0.1/$((port + 1))") 2>/dev/null && return
		sleep 0.1
	done
	cat "$state.log" >&2
	return 1
}
stop_both() {
	kill "$signet_pid" && wait "$signet_pid" 2>/dev/null || true
	"$here/samba.sh" stop "$SMB_DIR"
	samba=() pids=()
}
