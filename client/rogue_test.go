package client_test

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/auth/ntlm"
	"github.com/signet-smb/signet/auth/spnego"
	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/internal/transport"
	"github.com/signet-smb/signet/ntstatus"
)

// rogue is a scripted server: it negotiates, knows the user's password, has one
// share and in it one file, and does each of it wrongly where it is told to.
type rogue struct {
	t  testing.TB
	nc net.Conn

	// What it says; zero fields are what a good server says.
	dialect         smb2.Dialect
	mode            smb2.SecurityMode
	cipher          smb2.Cipher
	sessionFlags    smb2.SessionFlags
	grant           uint16 // credits of each answer; 0: what was asked for
	tamperNegotiate func(*smb2.NegotiateResponse)
	tamperSetup     func(final bool, h *smb2.Header, res *smb2.SessionSetupResponse)
	forgeSetup      func(msg []byte) // of the last answer, which is signed
	password        string           // instead of the user's
	mechanism       *ntlm.Server     // instead of one that knows the user

	// handle answers q, or returns false: then a good answer is given.
	handle func(q *question) bool

	preauth   transform.PreauthHash
	algorithm smb2.SigningAlgorithm
	acceptor  auth.Acceptor
	side      *transform.Side
	sessionID smb2.SessionID
	writing   sync.Mutex

	mu       sync.Mutex // guards what follows
	windows  window
	requests []smb2.Command
	frames   atomic.Int64 // messages that have come
	renewals atomic.Int64 // exchanges in a session that there is
}

// window is the server's account of a client's credits.
type window struct {
	next    uint64 // the lowest id that was not granted
	used    map[uint64]bool
	exceeds int
}

// question is one request.
type question struct {
	*rogue
	smb2.Header
	message []byte
	sealed  bool
}

// start runs the rogue on one end of a pipe and returns the other.
func (s *rogue) start(t testing.TB) net.Conn {
	t.Helper()
	near, far := net.Pipe()
	s.t, s.nc = t, far
	s.windows = window{next: 1, used: make(map[uint64]bool)}
	if s.dialect == 0 {
		s.dialect = smb2.Dialect311
	}
	if s.mode == 0 {
		s.mode = smb2.SigningEnabled
	}
	if s.password == "" {
		s.password = smbtest.Password
	}
	s.sessionID = 0x1122334455
	s.algorithm = smb2.SigningAESGMAC
	switch {
	case s.dialect < smb2.Dialect300:
		s.algorithm = smb2.SigningHMACSHA256
	case s.dialect < smb2.Dialect311:
		s.algorithm = smb2.SigningAESCMAC
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer far.Close()
		for s.serve() {
		}
	}()
	t.Cleanup(func() {
		near.Close()
		<-ended
	})
	return near
}

// connect is start as a Dialer wants it.
func (s *rogue) connect(t testing.TB) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) { return s.start(t), nil }
}

// serve takes one message; false: no more will come.
func (s *rogue) serve() bool {
	var header [transport.FrameHeaderSize]byte
	if _, err := io.ReadFull(s.nc, header[:]); err != nil {
		return false
	}
	msg := make([]byte, int(header[1])<<16|int(header[2])<<8|int(header[3]))
	if _, err := io.ReadFull(s.nc, msg); err != nil {
		return false
	}
	s.frames.Add(1)
	sealed := smb2.Protocol(msg) == smb2.ProtocolTransform
	if sealed {
		var err error
		if msg, err = s.side.Opener.Open(msg); err != nil {
			s.t.Errorf("rogue: %v", err)
			return false
		}
	}
	for e, err := range smb2.Chain(msg) {
		if err != nil {
			s.t.Errorf("rogue: %v", err)
			return false
		}
		s.account(e.Header)
		q := &question{rogue: s, Header: e.Header, message: e.Message, sealed: sealed}
		if s.side != nil && !sealed && e.Header.Is(smb2.FlagSigned) && !s.side.Signer.Verify(e.Message, transform.Client) {
			s.t.Errorf("rogue: %v is wrongly signed", e.Header.Command)
		}
		if (s.handle == nil || !s.handle(q)) && !q.good() {
			return false
		}
	}
	return true
}

// account notes the ids that a request uses up.
func (s *rogue) account(h smb2.Header) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, h.Command)
	if h.Command == smb2.CommandCancel {
		return
	}
	for i := range uint64(max(h.CreditCharge, 1)) {
		id := uint64(h.MessageID) + i
		if id >= s.windows.next || s.windows.used[id] {
			s.windows.exceeds++
			s.t.Errorf("rogue: %v uses message id %d, of which there are less than %d", h.Command, id, s.windows.next)
		}
		s.windows.used[id] = true
	}
}

// commands are those of the requests so far.
func (s *rogue) commands() []smb2.Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// answer is the header of a good answer.
func (q *question) answer(status ntstatus.Status) smb2.Header {
	grant := q.grant
	if grant == 0 {
		grant = q.Credits
	}
	q.mu.Lock()
	q.windows.next += uint64(grant)
	q.mu.Unlock()
	return smb2.Header{
		CreditCharge: q.CreditCharge, Status: status, Command: q.Command, Credits: grant, Flags: smb2.FlagServerToRedir,
		MessageID: q.MessageID, TreeID: q.TreeID, SessionID: q.sessionID,
	}
}

// encode makes an element of h and m, unsigned.
func encode(h smb2.Header, m smb2.Message) []byte {
	out := make([]byte, smb2.HeaderSize)
	out = smb2.Append(out, m)
	h.Put(out)
	return out
}

// reply answers as the session wants it.
func (q *question) reply(status ntstatus.Status, m smb2.Message) {
	msg := encode(q.answer(status), m)
	switch {
	case q.sealed:
		q.sendSealed(msg)
	case q.Is(smb2.FlagSigned):
		q.sendSigned(msg)
	default:
		q.send(msg)
	}
}

// fail answers with an error.
func (q *question) fail(status ntstatus.Status) { q.reply(status, &smb2.ErrorResponse{}) }

func (s *rogue) sendSigned(msg []byte) {
	s.side.Signer.Sign(msg, transform.Server)
	s.send(msg)
}

func (s *rogue) seal(msg []byte) []byte {
	sealed, err := s.side.Sealer.Seal(append(make([]byte, smb2.TransformHeaderSize), msg...))
	if err != nil {
		s.t.Error(err)
	}
	return sealed
}

func (s *rogue) sendSealed(msg []byte) { s.send(s.seal(msg)) }

// send frames msg. It runs beside the read loop: the client's end of a pipe
// buffers nothing, and writes while it is written to.
func (s *rogue) send(msg []byte) {
	frame := make([]byte, transport.FrameHeaderSize, transport.FrameHeaderSize+len(msg))
	transport.PutFrameHeader(frame, len(msg))
	frame = append(frame, msg...)
	s.writing.Lock()
	defer s.writing.Unlock()
	s.nc.Write(frame)
}

// good gives the answer of a good server; false ends the connection.
func (q *question) good() bool {
	s := q.rogue
	switch q.Command {
	case smb2.CommandNegotiate:
		return s.negotiate(q)
	case smb2.CommandSessionSetup:
		return s.setup(q)
	case smb2.CommandTreeConnect:
		h := q.answer(ntstatus.Success)
		h.TreeID = 7
		msg := encode(h, &smb2.TreeConnectResponse{ShareType: smb2.ShareTypeDisk, MaximalAccess: dtyp.FileAllAccess})
		if q.sealed {
			q.sendSealed(msg)
		} else if q.Is(smb2.FlagSigned) {
			q.sendSigned(msg)
		} else {
			q.send(msg)
		}
	case smb2.CommandCreate:
		q.reply(ntstatus.Success, &smb2.CreateResponse{FileID: smb2.FileID{Persistent: 1, Volatile: 2}, EndOfFile: 1 << 40})
	case smb2.CommandRead:
		var req smb2.ReadRequest
		if err := smb2.Decode(q.message, &req); err != nil {
			s.t.Error(err)
		}
		q.reply(ntstatus.Success, &smb2.ReadResponse{Data: make([]byte, req.Length)})
	case smb2.CommandWrite:
		var req smb2.WriteRequest
		if err := smb2.Decode(q.message, &req); err != nil {
			s.t.Error(err)
		}
		q.reply(ntstatus.Success, &smb2.WriteResponse{Count: uint32(len(req.Data))})
	case smb2.CommandClose:
		q.reply(ntstatus.Success, &smb2.CloseResponse{})
	case smb2.CommandEcho:
		q.reply(ntstatus.Success, &smb2.EchoResponse{})
	case smb2.CommandTreeDisconnect:
		q.reply(ntstatus.Success, &smb2.TreeDisconnectResponse{})
	case smb2.CommandLogoff:
		q.reply(ntstatus.Success, &smb2.LogoffResponse{})
	case smb2.CommandIoctl:
		return s.validate(q, nil)
	case smb2.CommandCancel:
	default:
		q.fail(ntstatus.NotSupported)
	}
	return true
}

// response is a good answer to NEGOTIATE.
func (s *rogue) response() *smb2.NegotiateResponse {
	res := &smb2.NegotiateResponse{
		SecurityMode: s.mode, DialectRevision: s.dialect, ServerGUID: dtyp.GUID{1, 2, 3}, Capabilities: smb2.CapLargeMTU,
		MaxTransactSize: 1 << 20, MaxReadSize: 1 << 20, MaxWriteSize: 1 << 20,
	}
	if s.dialect == smb2.Dialect311 {
		res.Contexts = []smb2.NegotiateContext{
			smb2.PreauthIntegrityContext(smb2.PreauthIntegrityCapabilities{HashAlgorithms: []smb2.HashAlgorithm{smb2.HashSHA512}, Salt: make([]byte, 32)}),
			smb2.SigningContext(smb2.SigningCapabilities{Algorithms: []smb2.SigningAlgorithm{s.algorithm}}),
		}
		if s.cipher != smb2.CipherNone {
			res.Contexts = append(res.Contexts, smb2.EncryptionContext(smb2.EncryptionCapabilities{Ciphers: []smb2.Cipher{s.cipher}}))
		}
	}
	return res
}

func (s *rogue) negotiate(q *question) bool {
	res := s.response()
	if s.tamperNegotiate != nil {
		s.tamperNegotiate(res)
	}
	h := q.answer(ntstatus.Success)
	h.SessionID = 0
	msg := encode(h, res)
	s.preauth.Update(q.message)
	s.preauth.Update(msg)
	s.send(msg)
	s.acceptor = s.newAcceptor()
	return true
}

// newAcceptor begins an exchange in which the user proves who it is.
func (s *rogue) newAcceptor() auth.Acceptor {
	mechanism := s.mechanism
	if mechanism == nil {
		mechanism = &ntlm.Server{NetBIOSName: "ROGUE", Accounts: rogueAccounts{s.password}}
	}
	return (&spnego.Server{Mechanisms: []spnego.Mechanism{{
		OID: spnego.NTLMSSP, Name: "NTLM", NewAcceptor: mechanism.NewAcceptor, IsRaw: ntlm.IsMessage,
	}}}).NewAcceptor()
}

// rogueAccounts know one user.
type rogueAccounts struct{ password string }

func (a rogueAccounts) NTHash(_ context.Context, name string) (ntlm.Account, error) {
	return ntlm.Account{Name: name, NTHash: ntlm.HashPassword(a.password)}, nil
}

func (s *rogue) setup(q *question) bool {
	var req smb2.SessionSetupRequest
	if err := smb2.Decode(q.message, &req); err != nil {
		s.t.Error(err)
		return false
	}
	if s.acceptor == nil { // once more in the same session
		s.acceptor = s.newAcceptor()
		s.renewals.Add(1)
	}
	s.preauth.Update(q.message)
	out, done, err := s.acceptor.Accept(context.Background(), req.SecurityBuffer)
	if err != nil {
		status, ok := errors.AsType[ntstatus.Status](err)
		if !ok {
			s.t.Error(err)
		}
		q.fail(status)
		return true
	}
	h := q.answer(ntstatus.MoreProcessingRequired)
	res := &smb2.SessionSetupResponse{SecurityBuffer: out}
	renewal := s.side != nil
	if done && renewal {
		h.Status, res.SessionFlags = ntstatus.Success, s.sessionFlags
		s.acceptor = nil
	} else if done {
		h.Status = ntstatus.Success
		res.SessionFlags = s.sessionFlags
		suite := transform.Suite{Dialect: s.dialect, Algorithm: s.algorithm, Cipher: s.cipher}
		if s.side, err = transform.NewSide(transform.Server, suite, s.sessionID, s.acceptor.SessionKey(), s.preauth); err != nil {
			s.t.Error(err)
			return false
		}
		s.acceptor = nil
	}
	if s.tamperSetup != nil {
		s.tamperSetup(done, &h, res)
	}
	msg := encode(h, res)
	if renewal && q.sealed {
		q.sendSealed(msg)
		return true
	}
	if renewal && !done {
		q.sendSigned(msg)
		return true
	}
	if !done {
		s.preauth.Update(msg)
		s.send(msg)
		return true
	}
	s.side.Signer.Sign(msg, transform.Server)
	if s.forgeSetup != nil {
		s.forgeSetup(msg)
	}
	s.send(msg)
	return true
}

// validate answers VALIDATE_NEGOTIATE_INFO; change alters what is said.
func (s *rogue) validate(q *question, change func(*smb2.ValidateNegotiateInfoResponse)) bool {
	var req smb2.IoctlRequest
	if err := smb2.Decode(q.message, &req); err != nil {
		s.t.Error(err)
		return false
	}
	n := s.response()
	said := smb2.ValidateNegotiateInfoResponse{
		Capabilities: n.Capabilities, GUID: n.ServerGUID, SecurityMode: n.SecurityMode, Dialect: n.DialectRevision,
	}
	if change != nil {
		change(&said)
	}
	q.reply(ntstatus.Success, &smb2.IoctlResponse{CtlCode: req.CtlCode, FileID: req.FileID, Output: said.Append(nil)})
	return true
}

// dialRogue signs in on s with d, or the default.
func dialRogue(t testing.TB, s *rogue, values ...string) (*client.Session, error) {
	t.Helper()
	d := dialer()
	d.Policy = set(t, values...)
	session, err := d.DialConn(bounded(t), s.start(t), "ROGUE")
	if err == nil {
		t.Cleanup(func() { session.Close() })
	}
	return session, err
}
