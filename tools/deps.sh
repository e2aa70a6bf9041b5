#!/bin/sh
# Checks for what the tests need besides Go, and installs it on Debian when run
# as root. It says what it does. What stays missing is told, with the command
# that helps; it is a failure only where nothing may be left out
# (SIGNET_INTEROP=required).
set -eu

# missing lists the Debian packages that are not there yet.
missing=
want() { # package, reason
	missing="$missing $1"
	echo "Missing: $1 ($2)"
}

if [ -z "$("$(dirname "$0")/race.sh")" ]; then
	want gcc "the race detector is linked by it"
	want libc6-dev "the race detector is linked with it"
fi
command -v smbclient >/dev/null || want smbclient "Samba's client signs in to the server in the interop tests"
command -v smbd >/dev/null || want samba "its smbd is what a relay succeeds against, and takes turns with the server, in the interop tests"
ls /usr/lib/*/samba/vfs/streams_xattr.so >/dev/null 2>&1 || want samba-vfs-modules "smbd keeps streams by it, in the interop tests"
# Debian's own python3, whichever comes first in the path: its packages are there.
/usr/bin/python3 -c 'import impacket.smb3' 2>/dev/null && [ -e /usr/share/doc/python3-impacket/examples/ntlmrelayx.py ] ||
	want python3-impacket "a client in Python and the relay of sign-ins, in the interop tests"
command -v curl >/dev/null || want curl "it scrapes the metrics while smbclient is signed in, in the interop tests"
command -v nmap >/dev/null || want nmap "its smb2 scripts say what the server requires, in the interop tests"
[ -x /usr/sbin/krb5kdc ] || want krb5-kdc "its KDC gives out the tickets of the Kerberos tests, in the interop tests"
[ -x /usr/sbin/kadmin.local ] || want krb5-admin-server "its kadmin.local fills the KDC's database, in the interop tests"
command -v tshark >/dev/null || want tshark "it verifies signatures and opens what is sealed, in the interop tests"

command -v chromium >/dev/null || want chromium "the page of the administration is tested in it"
command -v npm >/dev/null || want "nodejs npm" "the page of the administration is built and tested by it"

[ -n "$missing" ] || exit 0

# Packages may bring services. None is started: Debian asks this script first,
# and the answer 101 forbids. What was there before comes back exactly.
policy=/usr/sbin/policy-rc.d
saved=$policy.signet-saved
deny_services() {
	if [ -e "$policy" ] || [ -L "$policy" ]; then
		[ -e "$saved" ] || [ -L "$saved" ] || mv "$policy" "$saved"
	fi
	trap restore_services EXIT
	trap 'exit 130' INT TERM
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
}
restore_services() {
	rm -f "$policy"
	if [ -e "$saved" ] || [ -L "$saved" ]; then
		mv "$saved" "$policy"
	fi
}

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	echo "Installing:$missing"
	deny_services
	export DEBIAN_FRONTEND=noninteractive
	# shellcheck disable=SC2086 # a list of words
	# Images that leave out documentation leave out ntlmrelayx.py, too.
	if apt-get -qq update && apt-get -qq install --yes --no-install-recommends --reinstall \
		-o Dpkg::Options::='--path-include=/usr/share/doc/python3-impacket/*' $missing >/dev/null; then
		echo "Installed:$missing"
		exit 0
	fi
	echo "apt-get could not install:$missing"
else
	echo "As root, make deps installs them on Debian; or: sudo apt-get install$missing"
fi

if [ "${SIGNET_INTEROP:-}" = required ]; then
	echo "SIGNET_INTEROP=required: nothing may be left out."
	exit 1
fi
echo "Going on without: what cannot run says so."
