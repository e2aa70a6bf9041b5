// Package interop runs programs that other people wrote against the built
// server: Samba's smbclient, the client libraries cloudsoda/go-smb2 and
// impacket, nmap's scripts. A scripted client of our own (internal/smbtest) goes
// where none of them will. tshark judges what they and the server said. Samba's
// smbd takes turns with the server on one folder, and is the control of the
// test that relays sign-ins with impacket's ntlmrelayx.py.
//
// It is a module of its own, so that the main module never requires a client
// library. It holds tests only and knows the server as its users do, by
// command line, status output and wire.
//
//	SIGNET_INTEROP=required      a missing program is a failure, not a skip
//	SIGNET_INTEROP_SIZE=full     large files of 1 GiB instead of 64 MiB
//	-tags full                   the recorder of server/testdata/firstcontact too
//	SIGNET_BIN=FILE              test this binary instead of building one
package interop
