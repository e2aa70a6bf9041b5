//go:build torturehooks

package server

import (
	"encoding/binary"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// The control codes by which smbtorture asks Samba to behave in a way that a
// client has to get along with. Nothing of this is in a binary that is shipped:
// whoever can reach the server may use them.
const (
	fsctlForceUnackedTimeout fscc.FSCTL = 0x83848003
	fsctlIoctlPadding        fscc.FSCTL = 0x83848013
	fsctlReadPadding         fscc.FSCTL = 0x83848023
	fsctlAsyncSleep          fscc.FSCTL = 0x83848043
)

// unackedTimeout is after how long the client of a connection that is said to
// be dead is given up.
const unackedTimeout = time.Second

// paddingSize is in bytes.
const paddingSize = 8

var errUnacked = errors.New("a test wants the client not to have got what was sent")

// tortureFSCTLs are further rows of fsctls.
var tortureFSCTLs = map[fscc.FSCTL]fsctl{
	fsctlIoctlPadding: {needs: needsTree, handle: fillOutput, section: "none"},
	fsctlReadPadding:  {needs: needsTree, handle: padReads, section: "none"},
	fsctlAsyncSleep:   {needs: needsOpen, access: dtyp.FileWriteData, handle: sleep, section: "none"},
}

// fillOutput answers with output of the greatest length, which is padded.
func fillOutput(_ *authenticated, req *smb2.IoctlRequest) ([]byte, error) {
	if len(req.Input) != 0 || req.MaxOutputResponse > creditSize {
		return nil, ntstatus.InvalidParameter
	}
	return slices.Repeat([]byte{paddingSize}, int(req.MaxOutputResponse)), nil
}

// padReads has what is read from now on padded.
func padReads(a *authenticated, _ *smb2.IoctlRequest) ([]byte, error) {
	a.conn.readPadding.Store(true)
	return nil, nil
}

// sleep answers after as many milliseconds as the input says; a CLOSE has to
// wait for it.
func sleep(a *authenticated, req *smb2.IoctlRequest) ([]byte, error) {
	if len(req.Input) != 1 {
		return nil, ntstatus.InvalidParameter
	}
	pause := time.NewTimer(time.Duration(req.Input[0]) * time.Millisecond)
	defer pause.Stop()
	if err := a.pending(); err != nil {
		return nil, err
	}
	select {
	case <-pause.C:
	case <-a.conn.ctx.Done():
	}
	return nil, nil
}

// tortureHooks is what smbtorture has asked of a connection. Safe for
// concurrent use.
type tortureHooks struct {
	unacked     atomic.Bool // what is sent counts as lost
	readPadding atomic.Bool
}

// notified is told that the connection sends what answers no request.
func (h *tortureHooks) notified(c *connection) {
	if h.unacked.Load() {
		time.AfterFunc(unackedTimeout, func() { c.disconnect(errUnacked) })
	}
}

// noteHooks says in the log that there are hooks.
func (s *Server) noteHooks() {
	s.log.Warn("this binary has hooks for tests, which anybody may use who can reach it; do not serve files with it")
}

// hook answers a request that is none of the protocol's: one without a session
// that has the connection go dead.
func (r *request) hook() (smb2.Message, bool) {
	var req smb2.IoctlRequest
	if r.header.Command != smb2.CommandIoctl || r.header.Is(smb2.FlagSigned) || r.decode(&req) != nil || req.CtlCode != fsctlForceUnackedTimeout {
		return nil, false
	}
	r.conn.unacked.Store(true)
	return &smb2.IoctlResponse{CtlCode: req.CtlCode, FileID: req.FileID}, true
}

// isPadded reports whether padding comes before the data of r's reply.
func (r *request) isPadded() bool {
	switch m := r.body.(type) {
	case *smb2.IoctlResponse:
		return m.CtlCode == fsctlIoctlPadding
	case *smb2.ReadResponse:
		return r.conn.readPadding.Load()
	}
	return false
}

// pad puts it there; the reply begins at start. [MS-SMB2] 2.2.20, 2.2.32.
func (r *request) pad(b []byte, start int) []byte {
	if !r.isPadded() {
		return b
	}
	const ioctlOutputOffset, readDataOffset = smb2.HeaderSize + 32, smb2.HeaderSize + 2
	at := start + smb2.ReadDataOffset
	if m, ok := r.body.(*smb2.IoctlResponse); ok {
		at = len(b) - len(m.Output)
		binary.LittleEndian.PutUint32(b[start+ioctlOutputOffset:], uint32(at-start+paddingSize))
	} else {
		b[start+readDataOffset] += paddingSize
	}
	return slices.Insert(b, at, make([]byte, paddingSize)...)
}
