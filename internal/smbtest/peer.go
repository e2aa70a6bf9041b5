package smbtest

import (
	"crypto/rand"
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/internal/transport"
	"github.com/signet-smb/signet/ntstatus"
)

// timeout bounds every wait of a peer: a test that hangs says where.
const timeout = time.Minute

// Peer is a scripted SMB2 client on one connection. Its methods fail the test
// on anything but a protocol answer. Its fields may be changed between steps.
// Not safe for concurrent use.
type Peer struct {
	t  testing.TB
	nc net.Conn

	// What NEGOTIATE offers.
	Dialects   []smb2.Dialect
	Signing    []smb2.SigningAlgorithm // nil: no signing context
	Ciphers    []smb2.Cipher           // nil: no encryption context
	Mode       smb2.SecurityMode       // SESSION_SETUP's, too
	ClientGUID dtyp.GUID
	// Capabilities that it claims to have.
	Capabilities smb2.Capabilities

	// PreviousSessionID is what SESSION_SETUP sends.
	PreviousSessionID smb2.SessionID

	// What it settled.
	Dialect   smb2.Dialect
	Algorithm smb2.SigningAlgorithm
	Cipher    smb2.Cipher
	Preauth   transform.PreauthHash // over NEGOTIATE

	// The session.
	SessionID smb2.SessionID
	TreeID    smb2.TreeID
	Keys      *transform.Keys
	Signer    *transform.Signer
	Seal      bool // seal instead of signing
	sealer    *transform.Sealer

	session *transform.Signer // of a bound peer: Session.SigningKey, Signer's is the channel's

	// Tamper, if set, changes the preauthentication hash of a binding after
	// each request: as if the server had got another.
	Tamper func(*transform.PreauthHash)

	// Lenient lets wrong signatures pass: Reply.Signed tells.
	Lenient bool
	opener  *transform.Opener

	// NextMessageID is the id of the next request; Credits what the server
	// granted and was not used.
	NextMessageID smb2.MessageID
	Credits       int
}

// NewPeer returns a peer on nc, which it closes at the end of the test. It
// offers dialect 3.1.1, all algorithms and all ciphers, and requires signing.
func NewPeer(t testing.TB, nc net.Conn) *Peer {
	t.Helper()
	p := &Peer{
		t:          t,
		nc:         nc,
		Dialects:   []smb2.Dialect{smb2.Dialect202, smb2.Dialect210, smb2.Dialect300, smb2.Dialect302, smb2.Dialect311},
		Signing:    []smb2.SigningAlgorithm{smb2.SigningAESGMAC, smb2.SigningAESCMAC, smb2.SigningHMACSHA256},
		Ciphers:    []smb2.Cipher{smb2.CipherAES128GCM, smb2.CipherAES128CCM, smb2.CipherAES256GCM, smb2.CipherAES256CCM},
		Mode:       smb2.SigningEnabled | smb2.SigningRequired,
		ClientGUID: dtyp.NewGUID(),
		Credits:    1,

		Capabilities: smb2.CapLargeMTU | smb2.CapEncryption | smb2.CapMultiChannel | smb2.CapDirectoryLeasing,
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// Close ends the connection.
func (p *Peer) Close() { p.nc.Close() }

// Element is one request to send.
type Element struct {
	Message smb2.Message
	Flags   smb2.HeaderFlags // besides FlagSigned
	// Body, if set, is sent as it is, and Message only tells its command.
	Body []byte
	// Header, if set, changes the header after all fields are filled in.
	Header func(*smb2.Header)
	// Unsigned leaves the signature out although the session has a key.
	Unsigned bool
	// Forge, if set, changes the encoded element after it was signed.
	Forge func(msg []byte)
}

// Reply is one element of an answer.
type Reply struct {
	Header smb2.Header
	Raw    []byte // header and body, as received or unsealed
	Sealed bool
	Signed bool // it carried a signature, and that was right
}

// Decode reads the reply's body into m and fails the test if it is malformed.
func (r *Reply) Decode(t testing.TB, m smb2.Message) {
	t.Helper()
	if err := smb2.Decode(r.Raw, m); err != nil {
		t.Fatalf("reply to %v: %v", r.Header.Command, err)
	}
}

// Encode makes one transport message of the elements: ids, signatures or
// sealing as the peer's fields and the elements say.
func (p *Peer) Encode(elements ...Element) []byte {
	p.t.Helper()
	out := make([]byte, smb2.TransformHeaderSize)
	for i, e := range elements {
		start := len(out)
		h := smb2.Header{
			CreditCharge: 1,
			Command:      smb2.CommandOf(e.Message),
			Credits:      64,
			Flags:        e.Flags,
			MessageID:    p.NextMessageID,
			TreeID:       p.TreeID,
			SessionID:    p.SessionID,
		}
		if h.Command != smb2.CommandCancel {
			p.NextMessageID++
			p.Credits--
		}
		out = append(out, make([]byte, smb2.HeaderSize)...)
		if e.Body != nil {
			out = append(out, e.Body...)
		} else {
			out = smb2.Append(out, e.Message)
		}
		if i < len(elements)-1 {
			for (len(out)-start)%8 != 0 {
				out = append(out, 0)
			}
			h.NextCommand = uint32(len(out) - start)
		}
		if e.Header != nil {
			e.Header(&h)
		}
		msg := out[start:]
		h.Put(msg)
		if p.Signer != nil && !e.Unsigned && !p.Seal {
			p.Signer.Sign(msg, transform.Client)
		}
		if e.Forge != nil {
			e.Forge(msg)
		}
	}
	if p.Seal && p.sealer != nil {
		sealed, err := p.sealer.Seal(out)
		if err != nil {
			p.t.Fatal(err)
		}
		return sealed
	}
	return out[smb2.TransformHeaderSize:]
}

// Send sends the elements as one message.
func (p *Peer) Send(elements ...Element) {
	p.t.Helper()
	p.SendRaw(p.Encode(elements...))
}

// SendRaw sends msg as it is, framed. A connection that the server has closed
// is not a failure: Receive will tell.
func (p *Peer) SendRaw(msg []byte) { p.TrySend(msg) }

// TrySend is SendRaw that reports whether all of msg was taken. It may run
// beside Receive.
func (p *Peer) TrySend(msg []byte) bool {
	frame := make([]byte, transport.FrameHeaderSize+len(msg))
	transport.PutFrameHeader(frame, len(msg))
	copy(frame[transport.FrameHeaderSize:], msg)
	return p.SendBytes(frame)
}

// SendBytes sends b without framing, and reports whether all of it was taken.
func (p *Peer) SendBytes(b []byte) bool {
	p.nc.SetWriteDeadline(time.Now().Add(timeout))
	_, err := p.nc.Write(b)
	return err == nil
}

// Receive waits for the next message and returns its elements, verified where
// they are signed. ok is false if the server closed the connection.
func (p *Peer) Receive() (replies []Reply, ok bool) {
	p.t.Helper()
	return p.receive(func(*Reply) {})
}

// Verifies reports whether the server has signed msg, one element of a chain,
// in the peer's session.
func (p *Peer) Verifies(msg []byte) bool { return p.Signer.Verify(msg, transform.Server) }

// CanSeal reports whether the peer has cipher keys.
func (p *Peer) CanSeal() bool { return p.sealer != nil }

// SealRaw seals anything with the session's key.
func (p *Peer) SealRaw(plain []byte) []byte {
	p.t.Helper()
	msg, err := p.sealer.Seal(append(make([]byte, smb2.TransformHeaderSize), plain...))
	if err != nil {
		p.t.Fatal(err)
	}
	return msg
}

// ReceiveRaw waits for the next message and returns it as it came. ok is false
// if the server closed the connection.
func (p *Peer) ReceiveRaw() (msg []byte, ok bool) {
	p.t.Helper()
	p.nc.SetReadDeadline(time.Now().Add(timeout))
	var header [transport.FrameHeaderSize]byte
	_, err := io.ReadFull(p.nc, header[:])
	if err == nil {
		msg = make([]byte, int(header[1])<<16|int(header[2])<<8|int(header[3]))
		_, err = io.ReadFull(p.nc, msg)
	}
	if ne, is := err.(net.Error); is && ne.Timeout() {
		p.t.Fatalf("no answer within %v", timeout)
	}
	return msg, err == nil
}

// receive is Receive with a look at each element before it is verified: the
// last SESSION_SETUP answer is signed by the keys that it completes.
func (p *Peer) receive(look func(*Reply)) (replies []Reply, ok bool) {
	p.t.Helper()
	msg, ok := p.ReceiveRaw()
	if !ok {
		return nil, false
	}
	var err error
	sealed := smb2.Protocol(msg) == smb2.ProtocolTransform
	if sealed {
		if p.opener == nil {
			p.t.Fatal("sealed answer without cipher keys")
		}
		if msg, err = p.opener.Open(msg); err != nil {
			p.t.Fatalf("sealed answer: %v", err)
		}
	}
	for e, err := range smb2.Chain(msg) {
		if err != nil {
			p.t.Fatalf("answer: %v", err)
		}
		r := Reply{Header: e.Header, Raw: e.Message, Sealed: sealed}
		look(&r)
		// An error that came before the server had a key for it bears the flag
		// and no signature.
		keyless := e.Header.Status.IsError() && e.Header.Signature == [16]byte{}
		if e.Header.Is(smb2.FlagSigned) && !keyless {
			r.Signed = p.Signer != nil && p.Signer.Verify(e.Message, transform.Server)
			if !r.Signed && !p.Lenient {
				p.t.Fatalf("bad signature on the answer to %v, status %v", e.Header.Command, e.Header.Status)
			}
		}
		p.Credits += int(e.Header.Credits)
		replies = append(replies, r)
	}
	return replies, true
}

// Exchange sends the elements and returns the final answers to all of them,
// interim responses passed over. ok is false if the server closed the
// connection.
func (p *Peer) Exchange(elements ...Element) (replies []Reply, ok bool) {
	p.t.Helper()
	p.Send(elements...)
	for len(replies) < len(elements) {
		more, ok := p.Receive()
		if !ok {
			return replies, false
		}
		for _, r := range more {
			if r.Header.Status != ntstatus.Pending {
				replies = append(replies, r)
			}
		}
	}
	return replies, true
}

// Do sends one well-formed request and returns its answer.
func (p *Peer) Do(m smb2.Message) Reply {
	p.t.Helper()
	replies, ok := p.Exchange(Element{Message: m})
	if !ok {
		p.t.Fatalf("%v: the server closed the connection", smb2.CommandOf(m))
	}
	return replies[0]
}

// MustDo is Do for a request that has to succeed; its answer goes into res.
func (p *Peer) MustDo(m, res smb2.Message) Reply {
	p.t.Helper()
	r := p.Do(m)
	if r.Header.Status != ntstatus.Success {
		p.t.Fatalf("%v: %v", r.Header.Command, r.Header.Status)
	}
	if res != nil {
		r.Decode(p.t, res)
	}
	return r
}

// NegotiateRequest is the request that Negotiate sends.
func (p *Peer) NegotiateRequest() *smb2.NegotiateRequest {
	req := &smb2.NegotiateRequest{
		SecurityMode: p.Mode,
		Capabilities: p.Capabilities,
		ClientGUID:   p.ClientGUID,
		Dialects:     p.Dialects,
	}
	if !slices.Contains(p.Dialects, smb2.Dialect311) {
		return req
	}
	salt := make([]byte, 32)
	rand.Read(salt)
	req.Contexts = append(req.Contexts, smb2.PreauthIntegrityContext(smb2.PreauthIntegrityCapabilities{
		HashAlgorithms: []smb2.HashAlgorithm{smb2.HashSHA512}, Salt: salt,
	}))
	if p.Ciphers != nil {
		req.Contexts = append(req.Contexts, smb2.EncryptionContext(smb2.EncryptionCapabilities{Ciphers: p.Ciphers}))
	}
	if p.Signing != nil {
		req.Contexts = append(req.Contexts, smb2.SigningContext(smb2.SigningCapabilities{Algorithms: p.Signing}))
	}
	return req
}

// Negotiate settles dialect and algorithms.
func (p *Peer) Negotiate() *smb2.NegotiateResponse {
	p.t.Helper()
	_, res := p.NegotiateBy(Element{Message: p.NegotiateRequest()})
	return res
}

// NegotiateBy is Negotiate with a NEGOTIATE of the caller's.
func (p *Peer) NegotiateBy(e Element) (Reply, *smb2.NegotiateResponse) {
	p.t.Helper()
	msg := p.Encode(e)
	p.Preauth.Update(msg)
	p.SendRaw(msg)
	replies, ok := p.Receive()
	if !ok || replies[0].Header.Status != ntstatus.Success {
		p.t.Fatalf("NEGOTIATE refused: %+v", replies)
	}
	p.Preauth.Update(replies[0].Raw)
	res := new(smb2.NegotiateResponse)
	replies[0].Decode(p.t, res)
	p.Dialect = res.DialectRevision
	p.Algorithm = smb2.SigningAESCMAC
	if p.Dialect < smb2.Dialect300 {
		p.Algorithm = smb2.SigningHMACSHA256
	} else if p.Dialect < smb2.Dialect311 && res.Capabilities&smb2.CapEncryption != 0 {
		p.Cipher = smb2.CipherAES128CCM
	}
	for _, ctx := range res.Contexts {
		switch ctx.Type {
		case smb2.ContextSigning:
			if caps, err := ctx.Signing(); err == nil && len(caps.Algorithms) == 1 {
				p.Algorithm = caps.Algorithms[0]
			}
		case smb2.ContextEncryption:
			if caps, err := ctx.Encryption(); err == nil && len(caps.Ciphers) == 1 {
				p.Cipher = caps.Ciphers[0]
			}
		}
	}
	return replies[0], res
}

// SessionSetup runs one authentication to its end and returns the last
// answer. If it succeeds the session's keys are in force.
func (p *Peer) SessionSetup(init auth.Initiator) Reply {
	p.t.Helper()
	logon := p.Logon(init)
	for {
		r := logon.Leg(Element{Message: &smb2.SessionSetupRequest{
			SecurityMode: p.Mode, PreviousSessionID: p.PreviousSessionID,
		}})
		if r.Header.Status != ntstatus.MoreProcessingRequired {
			return r
		}
	}
}

// Logon is one authentication between its legs. It belongs to its peer.
type Logon struct {
	p       *Peer
	init    auth.Initiator
	preauth transform.PreauthHash
	token   []byte // to be sent next
	done    bool   // nothing more need come from the server
}

// Logon begins an authentication.
func (p *Peer) Logon(init auth.Initiator) *Logon {
	p.t.Helper()
	l := &Logon{p: p, init: init, preauth: p.Preauth}
	l.step(nil)
	return l
}

// Leg sends one SESSION_SETUP, e's with the next token, and returns its answer.
// If that is a success the session's keys are in force.
func (l *Logon) Leg(e Element) Reply {
	p := l.p
	p.t.Helper()
	l.Send(e)
	replies, ok := p.receive(func(r *Reply) {
		p.SessionID = r.Header.SessionID
		if r.Header.Status != ntstatus.Success && r.Header.Status != ntstatus.MoreProcessingRequired {
			return
		}
		var res smb2.SessionSetupResponse
		r.Decode(p.t, &res)
		l.step(res.SecurityBuffer)
		if r.Header.Status == ntstatus.Success && p.Signer == nil {
			p.derive(l.init.SessionKey(), l.preauth)
		}
	})
	if !ok {
		p.t.Fatal("SESSION_SETUP: the server closed the connection")
	}
	r := replies[0]
	if r.Header.Status == ntstatus.MoreProcessingRequired {
		l.preauth.Update(r.Raw)
	}
	return r
}

// Send sends what Leg would, and waits for nothing.
func (l *Logon) Send(e Element) {
	l.p.t.Helper()
	e.Message.(*smb2.SessionSetupRequest).SecurityBuffer = l.token
	msg := l.p.Encode(e)
	l.preauth.Update(msg)
	l.p.SendRaw(msg)
}

// step takes the server's token and makes the next.
func (l *Logon) step(token []byte) {
	l.p.t.Helper()
	if l.done { // raw NTLM is, before the server accepts
		return
	}
	var err error
	if l.token, l.done, err = l.init.Step(l.p.t.Context(), token); err != nil {
		l.p.t.Fatalf("next token: %v", err)
	}
}

// RepeatMessageIDs lets the peer, whose session is made, sign different
// messages under one MessageId, which no client may: with AES-GMAC it gives
// the key away, and builds with invariants panic.
func (p *Peer) RepeatMessageIDs() { p.Signer = p.Signer.Unwatched() }

// ForgetSession lets the next SessionSetup begin a further session on the same
// connection. A copy of p made before still signs for the first.
func (p *Peer) ForgetSession() {
	p.SessionID, p.TreeID = 0, 0
	p.Keys, p.Signer, p.session, p.sealer, p.opener = nil, nil, nil, nil, nil
}

func (p *Peer) derive(key []byte, preauth transform.PreauthHash) {
	p.t.Helper()
	if key == nil {
		return
	}
	side, err := transform.NewSide(transform.Client,
		transform.Suite{Dialect: p.Dialect, Algorithm: p.Algorithm, Cipher: p.Cipher}, p.SessionID, key, preauth)
	if err != nil {
		p.t.Fatal(err)
	}
	p.Keys, p.Signer, p.sealer, p.opener = side.Keys, side.Signer, side.Sealer, side.Opener
}

// TreeConnect connects to share and makes it the peer's tree.
func (p *Peer) TreeConnect(share string) Reply {
	p.t.Helper()
	r := p.Do(&smb2.TreeConnectRequest{Path: `\\server\` + share})
	if r.Header.Status == ntstatus.Success {
		p.TreeID = r.Header.TreeID
	}
	return r
}
