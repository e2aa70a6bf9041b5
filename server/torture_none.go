//go:build !torturehooks

package server

import (
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
)

// tortureHooks is what Samba's smbtorture asks of a server so that it can be
// tested: nothing, but for builds with the tag torturehooks, which
// `make conformance` makes. What is called of it here, the compiler leaves out.
type tortureHooks struct{}

// tortureFSCTLs are further rows of fsctls.
var tortureFSCTLs map[fscc.FSCTL]fsctl

// notified is told that the connection sends what answers no request.
func (*tortureHooks) notified(*connection) {}

// noteHooks says in the log that there are hooks.
func (*Server) noteHooks() {}

// hook answers a request that is none of the protocol's.
func (*request) hook() (smb2.Message, bool) { return nil, false }

// isPadded reports whether padding comes before the data of r's reply.
func (*request) isPadded() bool { return false }

// pad puts it there; the reply begins at start.
func (*request) pad(b []byte, _ int) []byte { return b }
