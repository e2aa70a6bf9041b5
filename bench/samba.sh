#!/bin/bash
# A private smbd on a loopback port, to compare with. Nothing outside its own directory is touched.
#
#   samba.sh start [--port 4450] [--signing off|auto|required] [--sign-algs "AES-128-GMAC, AES-128-CMAC, HMAC-SHA256"]
#                  [--encrypt off|auto|desired|required] [--ciphers "AES-128-GCM"] [--min SMB2_02] [--max SMB3_11]
#                  [--user NAME] [--password PW] [--ram DIR] [--disk DIR] [--opt "smb.conf line"]...
#     prints shell assignments: SMB_DIR SMB_PID SMB_ADDR SMB_USER SMB_PASSWORD  (use: s=$(samba.sh start) && eval "$s")
#     shares: [ram] on a tmpfs directory, [disk] on a directory of the ordinary file system
#   samba.sh stop DIR      stops that server (by its own pid) and removes DIR and its share directories
#   samba.sh status DIR    smbstatus of that server: shows the dialect, signing and cipher of each session
#
# Needs root (Debian packages: samba smbclient). USER must be a Unix account; it gets a password in a private
# database only.
set -euo pipefail
die() { echo "samba.sh: $*" >&2; exit 1; }

start() {
  local port=4450 signing=auto algs= encrypt=auto ciphers= min=SMB2_02 max=SMB3_11 user=daemon password=bench-pass ram= disk= opts=()
  while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || die "$1 needs a value (see --help)"
    case $1 in
      --port) port=$2 ;; --signing) signing=$2 ;; --sign-algs) algs=$2 ;; --encrypt) encrypt=$2 ;; --ciphers) ciphers=$2 ;;
      --min) min=$2 ;; --max) max=$2 ;; --user) user=$2 ;; --password) password=$2 ;; --ram) ram=$2 ;; --disk) disk=$2 ;;
      --opt) opts+=("$2") ;; *) die "unknown option $1 (see --help)" ;;
    esac
    shift 2
  done
  case $port in *[!0-9]*|'') die "--port takes a number" ;; esac
  command -v smbd >/dev/null || die "no smbd (Debian: samba smbclient)"
  [ "$(id -u)" = 0 ] || die "needs root"
  id "$user" >/dev/null 2>&1 || die "no Unix account $user"
  (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && die "port $port is taken"
  dir=$(mktemp -d "${TMPDIR:-/tmp}/samba-bench.XXXXXX")
  trap 'tail -n 5 "$dir"/log/* 2>/dev/null >&2 || true; stop "$dir"; die "smbd did not start"' EXIT
  chmod 755 "$dir"
  [ -n "$ram" ] || { ram=$(mktemp -d /dev/shm/samba-bench.XXXXXX 2>/dev/null || mktemp -d "$dir/ram.XXXXXX"); echo "$ram" >"$dir/own"; }
  [ -n "$disk" ] || { disk=$dir/disk; mkdir "$disk"; }
  chown "$user" "$ram" "$disk"
  mkdir "$dir"/{private,lock,state,cache,run,ncalrpc,log}
  {
    cat <<EOF
[global]
  server role = standalone server
  workgroup = BENCH
  netbios name = BENCH
  disable netbios = yes
  smb ports = $port
  interfaces = lo
  bind interfaces only = yes
  private dir = $dir/private
  lock directory = $dir/lock
  state directory = $dir/state
  cache directory = $dir/cache
  pid directory = $dir/run
  ncalrpc dir = $dir/ncalrpc
  log file = $dir/log/smbd.log
  log level = 0
  passdb backend = tdbsam:$dir/private/passdb.tdb
  map to guest = never
  load printers = no
  disable spoolss = yes
  printcap name = /dev/null
  server min protocol = $min
  server max protocol = $max
  server signing = $signing
  server smb encrypt = $encrypt
EOF
    [ -z "$algs" ] || echo "  server smb3 signing algorithms = $algs"
    [ -z "$ciphers" ] || echo "  server smb3 encryption algorithms = $ciphers"
    for o in "${opts[@]+"${opts[@]}"}"; do echo "  $o"; done
    printf '[ram]\n  path = %s\n  read only = no\n[disk]\n  path = %s\n  read only = no\n' "$ram" "$disk"
  } >"$dir/smb.conf"
  sed -i -e "s/server signing = required/server signing = mandatory/; s/server signing = off/server signing = disabled/" \
    -e "s/smb encrypt = auto/smb encrypt = if_required/" "$dir/smb.conf"
  printf '%s\n%s\n' "$password" "$password" | smbpasswd -c "$dir/smb.conf" -s -a "$user" >/dev/null
  ulimit -n 65536 2>/dev/null || true
  # its own session: a stopping smbd signals its whole process group, which must not be the caller's
  setsid smbd -F --no-process-group -s "$dir/smb.conf" >"$dir/log/out" 2>&1 </dev/null &
  echo $! >"$dir/pid"
  for _ in $(seq 100); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
    kill -0 $! 2>/dev/null || exit 1
    sleep 0.1
  done
  trap - EXIT
  echo "SMB_DIR=$dir SMB_PID=$(cat "$dir/pid") SMB_ADDR=127.0.0.1:$port SMB_USER=$user SMB_PASSWORD=$password"
}

stop() {
  local dir=$1 pid; pid=$(cat "$dir/pid" 2>/dev/null) || pid=
  alive() { [ -n "$pid" ] && tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF "$dir/smb.conf"; }
  if alive; then
    kill -TERM "$pid"   # smbd takes its children down itself
    for _ in $(seq 100); do alive || break; sleep 0.1; done
    if alive; then kill -KILL -- "-$pid"; fi
  fi
  [ ! -f "$dir/own" ] || while read -r d; do case $d in */samba-bench.*|"$dir"/*) rm -rf "$d" ;; esac; done <"$dir/own"
  case $dir in */samba-bench.*) rm -rf "$dir" ;; esac
}

PATH=$PATH:/usr/sbin
help() { sed -n '2,13s/^# \{0,1\}//p' "$0"; }
for a in "$@"; do case $a in -h|--help) help; exit ;; esac; done
case ${1:-} in
  start) shift; start "$@" ;;
  stop|status)
    [ $# = 2 ] && [ -f "$2/smb.conf" ] || die "$1 DIR: the SMB_DIR that start printed"
    if [ "$1" = stop ]; then stop "$2"; else smbstatus -s "$2/smb.conf"; fi ;;
  *) help >&2; exit 2 ;;
esac
