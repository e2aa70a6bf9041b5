package doctor

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/signet-smb/signet/auth/spnego"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/internal/transport"
	"github.com/signet-smb/signet/internal/wire"
	"github.com/signet-smb/signet/ntstatus"
)

// hello is what a server answers to a NEGOTIATE that offers everything: with
// it the doctor knows what the server could do, whatever the policy lets the
// client offer.
type hello struct {
	status  ntstatus.Status // of a NEGOTIATE that was refused
	dialect smb2.Dialect    // 0: it was
	mode    smb2.SecurityMode
	cipher  smb2.Cipher
	time    time.Time // the server's; zero if it does not say

	kerberos, ntlm bool // in the server's list of mechanisms; neither: it sends none
}

// Reasons why there is no hello.
var (
	errNotSMB   = errors.New("the answer is not SMB")
	errHungUp   = errors.New("it hung up without a word")
	errSilent   = errors.New("no answer came in time")
	errNoCaller = errors.New("it does not listen to this machine") // a negative NetBIOS session response
	errOnlySMB1 = errors.New("it answers in SMB1")
)

// maxHello bounds the answer to a NEGOTIATE, in bytes.
const maxHello = 128 << 10

// greet negotiates in SMB2 over nc, which it closes.
func greet(ctx context.Context, nc net.Conn, server string) (*hello, error) {
	defer nc.Close()
	salt := make([]byte, 32)
	rand.Read(salt)
	req := &smb2.NegotiateRequest{
		SecurityMode: smb2.SigningEnabled,
		Capabilities: smb2.CapEncryption | smb2.CapLargeMTU | smb2.CapDFS,
		ClientGUID:   dtyp.NewGUID(),
		Dialects:     []smb2.Dialect{smb2.Dialect202, smb2.Dialect210, smb2.Dialect300, smb2.Dialect302, smb2.Dialect311},
	}
	var algorithms []smb2.SigningAlgorithm
	for _, a := range transform.SigningAlgorithms {
		algorithms = append(algorithms, a.ID)
	}
	req.Contexts = []smb2.NegotiateContext{
		smb2.PreauthIntegrityContext(smb2.PreauthIntegrityCapabilities{HashAlgorithms: []smb2.HashAlgorithm{smb2.HashSHA512}, Salt: salt}),
		smb2.EncryptionContext(smb2.EncryptionCapabilities{Ciphers: []smb2.Cipher{
			smb2.CipherAES128GCM, smb2.CipherAES128CCM, smb2.CipherAES256GCM, smb2.CipherAES256CCM,
		}}),
		smb2.SigningContext(smb2.SigningCapabilities{Algorithms: algorithms}),
		smb2.NetnameContext(server),
	}
	msg := smb2.Append(make([]byte, smb2.HeaderSize), req)
	(&smb2.Header{Command: smb2.CommandNegotiate, Credits: 1}).Put(msg)
	answer, err := ask(ctx, nc, msg)
	if err != nil {
		return nil, err
	}
	return readHello(answer)
}

// readHello decodes the answer to a NEGOTIATE of SMB2.
func readHello(answer []byte) (*hello, error) {
	if bytes.HasPrefix(answer, smb1ID) {
		return nil, errOnlySMB1
	}
	if smb2.Protocol(answer) != smb2.ProtocolSMB2 {
		return nil, errNotSMB
	}
	h, err := smb2.DecodeHeader(answer)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", errNotSMB, err)
	case h.Command != smb2.CommandNegotiate:
		return nil, errNotSMB
	case h.Status != ntstatus.Success:
		return &hello{status: h.Status}, nil //nolint:nilerr // a refusal is an answer
	}
	var res smb2.NegotiateResponse
	if err := smb2.Decode(answer, &res); err != nil {
		return nil, fmt.Errorf("%w: %w", errNotSMB, err)
	}
	return newHello(&res), nil
}

// newHello is what res says.
func newHello(res *smb2.NegotiateResponse) *hello {
	g := &hello{
		dialect:  res.DialectRevision,
		mode:     res.SecurityMode,
		kerberos: offers(res.SecurityBuffer, spnego.Kerberos) || offers(res.SecurityBuffer, spnego.MSKerberos),
		ntlm:     offers(res.SecurityBuffer, spnego.NTLMSSP) || offers(res.SecurityBuffer, spnego.NEGOEX),
	}
	if res.SystemTime != 0 {
		g.time = res.SystemTime.Time()
	}
	if res.DialectRevision >= smb2.Dialect300 && res.DialectRevision < smb2.Dialect311 && res.Capabilities&smb2.CapEncryption != 0 {
		g.cipher = smb2.CipherAES128CCM
	}
	for _, c := range res.Contexts {
		if c.Type != smb2.ContextEncryption {
			continue
		}
		if e, err := c.Encryption(); err == nil && len(e.Ciphers) == 1 {
			g.cipher = e.Ciphers[0]
		}
	}
	return g
}

// offers reports whether a NegTokenInit2 lists the mechanism: its identifier,
// as DER spells it, is in there. [MS-SPNG] 2.2.1.
func offers(token []byte, oid spnego.OID) bool {
	const tagOID = 0x06
	return bytes.Contains(token, append([]byte{tagOID, byte(len(oid))}, oid...))
}

// smb1ID begins every message of SMB1. [MS-SMB] 2.2.3.1.
var smb1ID = []byte("\xffSMB")

// greetOld asks over nc, which it closes, whether the server would speak SMB1:
// only asks, for no word more of it is spoken. [MS-SMB] 2.2.4.5.
func greetOld(ctx context.Context, nc net.Conn) (bool, error) {
	defer nc.Close()
	w := wire.NewWriter(nil)
	w.Bytes(smb1ID)
	w.U8(0x72) // SMB_COM_NEGOTIATE
	w.U32(0)
	w.U8(0x18)    // case-insensitive, canonical paths
	w.U16(0x4801) // long names, NT status codes, extended security
	w.Zero(12)    // PIDHigh, SecurityFeatures, Reserved
	w.U16(0xFFFF) // TID
	w.U16(0xFEFF) // PIDLow
	w.U32(0)      // UID, MID
	w.U8(0)       // WordCount
	const dialect = "\x02NT LM 0.12\x00"
	w.U16(uint16(len(dialect)))
	w.Bytes([]byte(dialect))
	answer, err := ask(ctx, nc, w.Finish())
	if err != nil {
		return false, err
	}
	return readOld(answer), nil
}

// readOld reports whether the answer to a NEGOTIATE of SMB1 takes the only
// dialect that was offered. [MS-SMB] 2.2.4.5.2.
func readOld(answer []byte) bool {
	r := wire.NewReader(answer)
	if !bytes.Equal(r.Bytes(len(smb1ID)), smb1ID) {
		return false
	}
	r.Skip(28) // the rest of the header
	words := r.U8()
	index := r.U16() // DialectIndex: 0xFFFF means none
	return r.Err() == nil && words > 1 && index == 0
}

// ask sends one message over nc and receives one.
func ask(ctx context.Context, nc net.Conn, msg []byte) ([]byte, error) {
	stop := context.AfterFunc(ctx, func() { _ = nc.SetDeadline(time.Unix(1, 0)) }) // fails once it is closed
	defer stop()
	frame := make([]byte, transport.FrameHeaderSize)
	transport.PutFrameHeader(frame, len(msg))
	if _, err := nc.Write(append(frame, msg...)); err != nil {
		return nil, silence(err)
	}
	var header [transport.FrameHeaderSize]byte
	if n, err := io.ReadFull(nc, header[:]); err != nil {
		if n > 0 && !errors.Is(err, os.ErrDeadlineExceeded) {
			return nil, errNotSMB
		}
		return nil, silence(err)
	}
	r := wire.NewReader(header[:])
	kind := r.U8()
	size := int(r.U8())<<16 | int(r.U8())<<8 | int(r.U8())
	const negativeSessionResponse = 0x83 // RFC 1002, 4.3.4
	switch {
	case kind == negativeSessionResponse:
		return nil, errNoCaller
	case kind != 0 || size < len(smb1ID) || size > maxHello:
		return nil, errNotSMB
	}
	answer := make([]byte, size)
	if _, err := io.ReadFull(nc, answer); err != nil {
		return nil, silence(err)
	}
	return answer, nil
}

// silence says which of the two kinds of no answer err is.
func silence(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return errSilent
	}
	return errHungUp
}
