package smbtest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/auth/ntlm"
	"github.com/signet-smb/signet/auth/spnego"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/internal/transport"
	"github.com/signet-smb/signet/ntstatus"
)

// Liar is a server that knows the user's password, signs what it says, and says
// of its files whatever it is told to. It shares codec and cryptography with
// the client under test, and nothing else.
type Liar struct {
	// List gives the entries of a directory, page after page, beginning with 0;
	// none is the end. The name is as the client writes it.
	List func(dir string, page int) []fscc.DirectoryEntry
	// Stat describes what is opened; an error status refuses it.
	Stat func(name string) (LiarFile, ntstatus.Status)
	// Read gives what a READ brings; nil is the end of the file.
	Read func(name string, off uint64, n int) []byte

	t testing.TB
}

// LiarFile is what a [Liar] says of a file.
type LiarFile struct {
	Dir  bool
	Size uint64 // bytes
}

// Start serves on loopback until the end of the test, and returns the address.
func (s *Liar) Start(t testing.TB) string {
	t.Helper()
	s.t = t
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	serving.Go(func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, nc)
			mu.Unlock()
			serving.Go(func() {
				defer nc.Close()
				c := &liarConn{Liar: s, nc: nc, files: map[smb2.FileID]*liarOpen{}}
				for c.serve() {
				}
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for _, nc := range open {
			nc.Close()
		}
		mu.Unlock()
		serving.Wait()
	})
	return l.Addr().String()
}

// liarConn is a connection to a Liar. Owned by its goroutine.
type liarConn struct {
	*Liar
	nc       net.Conn
	preauth  transform.PreauthHash
	acceptor auth.Acceptor
	side     *transform.Side
	files    map[smb2.FileID]*liarOpen
	last     smb2.FileID // that the chain's last CREATE has made
	next     uint64
	request  smb2.Header
}

// liarOpen is an open file.
type liarOpen struct {
	name string
	page int
}

const liarSession = 0x1122334455

// serve takes one message; false: no more will come.
func (c *liarConn) serve() bool {
	var header [transport.FrameHeaderSize]byte
	if _, err := io.ReadFull(c.nc, header[:]); err != nil {
		return false
	}
	msg := make([]byte, int(header[1])<<16|int(header[2])<<8|int(header[3]))
	if _, err := io.ReadFull(c.nc, msg); err != nil {
		return false
	}
	for e, err := range smb2.Chain(msg) {
		if err != nil {
			c.t.Errorf("liar: %v", err)
			return false
		}
		c.request = e.Header
		if !c.answer(e.Message) {
			return false
		}
	}
	return true
}

// answer answers one request.
func (c *liarConn) answer(msg []byte) bool {
	switch c.request.Command {
	case smb2.CommandNegotiate:
		return c.negotiate(msg)
	case smb2.CommandSessionSetup:
		return c.setup(msg)
	case smb2.CommandTreeConnect:
		return c.reply(ntstatus.Success, &smb2.TreeConnectResponse{ShareType: smb2.ShareTypeDisk, MaximalAccess: dtyp.FileAllAccess})
	case smb2.CommandCreate:
		return c.create(msg)
	case smb2.CommandQueryDirectory:
		return c.list(msg)
	case smb2.CommandQueryInfo:
		return c.describe(msg)
	case smb2.CommandRead:
		return c.read(msg)
	case smb2.CommandClose:
		return c.reply(ntstatus.Success, &smb2.CloseResponse{})
	case smb2.CommandTreeDisconnect:
		return c.reply(ntstatus.Success, &smb2.TreeDisconnectResponse{})
	case smb2.CommandLogoff:
		return c.reply(ntstatus.Success, &smb2.LogoffResponse{})
	case smb2.CommandCancel:
		return true
	}
	return c.refuse(ntstatus.NotSupported)
}

// reply answers, signed once there is a session.
func (c *liarConn) reply(status ntstatus.Status, m smb2.Message) bool {
	h := smb2.Header{
		CreditCharge: c.request.CreditCharge, Status: status, Command: c.request.Command, Credits: max(c.request.Credits, 1),
		Flags: smb2.FlagServerToRedir, MessageID: c.request.MessageID, TreeID: 7,
	}
	if c.request.Command != smb2.CommandNegotiate {
		h.SessionID = liarSession
	}
	msg := smb2.Append(make([]byte, smb2.HeaderSize), m)
	h.Put(msg)
	switch {
	case c.side != nil:
		c.side.Signer.Sign(msg, transform.Server)
	case c.request.Command == smb2.CommandNegotiate || status == ntstatus.MoreProcessingRequired:
		c.preauth.Update(msg)
	}
	frame := make([]byte, transport.FrameHeaderSize, transport.FrameHeaderSize+len(msg))
	transport.PutFrameHeader(frame, len(msg))
	_, err := c.nc.Write(append(frame, msg...))
	return err == nil
}

func (c *liarConn) refuse(status ntstatus.Status) bool {
	return c.reply(status, &smb2.ErrorResponse{})
}

// decode reads a request; one that is none ends the connection and the test.
func (c *liarConn) decode(msg []byte, m smb2.Message) bool {
	if err := smb2.Decode(msg, m); err != nil {
		c.t.Errorf("liar: %v", err)
		return false
	}
	return true
}

func (c *liarConn) negotiate(msg []byte) bool {
	c.preauth.Update(msg)
	mechanism := &ntlm.Server{NetBIOSName: "LIAR", Accounts: accounts{}}
	c.acceptor = (&spnego.Server{Mechanisms: []spnego.Mechanism{{
		OID: spnego.NTLMSSP, Name: "NTLM", NewAcceptor: mechanism.NewAcceptor, IsRaw: ntlm.IsMessage,
	}}}).NewAcceptor()
	return c.reply(ntstatus.Success, &smb2.NegotiateResponse{
		SecurityMode: smb2.SigningEnabled, DialectRevision: smb2.Dialect311, ServerGUID: dtyp.GUID{1, 2, 3}, Capabilities: smb2.CapLargeMTU,
		MaxTransactSize: 1 << 20, MaxReadSize: 1 << 20, MaxWriteSize: 1 << 20,
		Contexts: []smb2.NegotiateContext{
			smb2.PreauthIntegrityContext(smb2.PreauthIntegrityCapabilities{HashAlgorithms: []smb2.HashAlgorithm{smb2.HashSHA512}, Salt: make([]byte, 32)}),
			smb2.SigningContext(smb2.SigningCapabilities{Algorithms: []smb2.SigningAlgorithm{smb2.SigningAESGMAC}}),
		},
	})
}

func (c *liarConn) setup(msg []byte) bool {
	var req smb2.SessionSetupRequest
	if !c.decode(msg, &req) {
		return false
	}
	c.preauth.Update(msg)
	out, done, err := c.acceptor.Accept(context.Background(), req.SecurityBuffer)
	if err != nil {
		status, _ := errors.AsType[ntstatus.Status](err)
		return c.refuse(status)
	}
	if !done {
		return c.reply(ntstatus.MoreProcessingRequired, &smb2.SessionSetupResponse{SecurityBuffer: out})
	}
	suite := transform.Suite{Dialect: smb2.Dialect311, Algorithm: smb2.SigningAESGMAC}
	if c.side, err = transform.NewSide(transform.Server, suite, liarSession, c.acceptor.SessionKey(), c.preauth); err != nil {
		c.t.Error(err)
		return false
	}
	return c.reply(ntstatus.Success, &smb2.SessionSetupResponse{SecurityBuffer: out})
}

func (c *liarConn) create(msg []byte) bool {
	var req smb2.CreateRequest
	if !c.decode(msg, &req) {
		return false
	}
	f, status := c.Stat(req.Name)
	if status == ntstatus.Success && f.Dir && req.CreateOptions&fscc.OptionNonDirectoryFile != 0 {
		status = ntstatus.FileIsADirectory
	}
	c.next++
	c.last = smb2.FileID{Persistent: c.next, Volatile: c.next}
	if status != ntstatus.Success {
		return c.refuse(status)
	}
	c.files[c.last] = &liarOpen{name: req.Name}
	return c.reply(ntstatus.Success, &smb2.CreateResponse{
		FileID: c.last, EndOfFile: f.Size, FileAttributes: f.attributes(), LastWriteTime: liarTime, CreationTime: liarTime, ChangeTime: liarTime,
	})
}

// liarTime is when everything was written.
const liarTime = dtyp.FileTime(130_000_000_000_000_000)

func (f LiarFile) attributes() fscc.FileAttributes {
	if f.Dir {
		return fscc.FileAttributeDirectory
	}
	return fscc.FileAttributeArchive
}

// Entry is the entry of a listing for f.
func (f LiarFile) Entry(name string) fscc.DirectoryEntry {
	return fscc.DirectoryEntry{
		FileName: name, EndOfFile: f.Size, FileAttributes: f.attributes(), LastWriteTime: liarTime, CreationTime: liarTime, ChangeTime: liarTime,
	}
}

// opened is the open that a request names.
func (c *liarConn) opened(id smb2.FileID) *liarOpen {
	if id == smb2.RelatedFileID {
		id = c.last
	}
	return c.files[id]
}

func (c *liarConn) list(msg []byte) bool {
	var req smb2.QueryDirectoryRequest
	if !c.decode(msg, &req) {
		return false
	}
	f := c.opened(req.FileID)
	if f == nil {
		return c.refuse(ntstatus.FileClosed)
	}
	if req.Flags&smb2.RestartScans != 0 {
		f.page = 0
	}
	entries := c.List(f.name, f.page)
	f.page++
	if len(entries) == 0 {
		return c.refuse(ntstatus.NoMoreFiles)
	}
	p, err := fscc.NewDirectoryPacker(req.FileInformationClass, nil, int(req.OutputBufferLength))
	if err != nil {
		return c.refuse(ntstatus.InvalidInfoClass)
	}
	for i := range entries {
		if !p.Add(&entries[i]) {
			c.t.Errorf("liar: page %d of %q has no room for entry %d of %d", f.page-1, f.name, i, len(entries))
		}
	}
	return c.reply(ntstatus.Success, &smb2.QueryDirectoryResponse{Output: p.Finish()})
}

func (c *liarConn) describe(msg []byte) bool {
	var req smb2.QueryInfoRequest
	if !c.decode(msg, &req) {
		return false
	}
	f := c.opened(req.FileID)
	if f == nil {
		return c.refuse(ntstatus.FileClosed)
	}
	said, status := c.Stat(f.name)
	if status != ntstatus.Success || req.InfoType != smb2.InfoFile || fscc.FileInformationClass(req.FileInfoClass) != fscc.FileAllInformation {
		return c.refuse(ntstatus.NotSupported)
	}
	return c.reply(ntstatus.Success, &smb2.QueryInfoResponse{Output: fscc.AppendInformation(nil, &fscc.AllInformation{
		BasicInformation:    fscc.BasicInformation{CreationTime: liarTime, LastAccessTime: liarTime, LastWriteTime: liarTime, ChangeTime: liarTime, FileAttributes: said.attributes()},
		StandardInformation: fscc.StandardInformation{EndOfFile: said.Size, NumberOfLinks: 1, Directory: said.Dir},
		NameInformation:     fscc.NameInformation{FileName: `\` + strings.TrimLeft(f.name, `\`)},
	})})
}

func (c *liarConn) read(msg []byte) bool {
	var req smb2.ReadRequest
	if !c.decode(msg, &req) {
		return false
	}
	f := c.opened(req.FileID)
	if f == nil {
		return c.refuse(ntstatus.FileClosed)
	}
	data := c.Read(f.name, req.Offset, int(req.Length))
	if data == nil {
		return c.refuse(ntstatus.EndOfFile)
	}
	return c.reply(ntstatus.Success, &smb2.ReadResponse{Data: bytes.Clone(data)})
}
