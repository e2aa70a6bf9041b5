package server_test

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// preauth is a preauthentication context that offers hashes.
func preauth(hashes ...smb2.HashAlgorithm) smb2.NegotiateContext {
	return smb2.PreauthIntegrityContext(smb2.PreauthIntegrityCapabilities{
		HashAlgorithms: hashes, Salt: []byte("thirty-two bytes of salt or less"),
	})
}

// settled is what a NEGOTIATE response says about its contexts.
type settled struct {
	contexts []smb2.ContextType
	signing  []smb2.SigningAlgorithm
	cipher   []smb2.Cipher
}

// readSettled decodes the contexts of res.
func readSettled(t *testing.T, res *smb2.NegotiateResponse) (s settled) {
	t.Helper()
	for _, ctx := range res.Contexts {
		s.contexts = append(s.contexts, ctx.Type)
		var err error
		switch ctx.Type {
		case smb2.ContextSigning:
			var caps smb2.SigningCapabilities
			caps, err = ctx.Signing()
			s.signing = caps.Algorithms
		case smb2.ContextEncryption:
			var caps smb2.EncryptionCapabilities
			caps, err = ctx.Encryption()
			s.cipher = caps.Ciphers
		case smb2.ContextPreauthIntegrity:
			var caps smb2.PreauthIntegrityCapabilities
			caps, err = ctx.PreauthIntegrity()
			if len(caps.HashAlgorithms) != 1 || caps.HashAlgorithms[0] != smb2.HashSHA512 || len(caps.Salt) != 32 {
				t.Errorf("preauthentication context: %v, %d bytes of salt", caps.HashAlgorithms, len(caps.Salt))
			}
		}
		if err != nil {
			t.Errorf("context %#x: %v", ctx.Type, err)
		}
	}
	return s
}

func TestNegotiateContextsAreJudgedByTheirTable(t *testing.T) {
	sha := preauth(smb2.HashSHA512)
	signing := func(a ...smb2.SigningAlgorithm) smb2.NegotiateContext {
		return smb2.SigningContext(smb2.SigningCapabilities{Algorithms: a})
	}
	encryption := func(c ...smb2.Cipher) smb2.NegotiateContext {
		return smb2.EncryptionContext(smb2.EncryptionCapabilities{Ciphers: c})
	}
	raw := func(typ smb2.ContextType, data ...byte) smb2.NegotiateContext {
		return smb2.NegotiateContext{Type: typ, Data: data}
	}
	for _, c := range []struct {
		name     string
		contexts []smb2.NegotiateContext
		want     ntstatus.Status
		settles  settled
	}{
		{"none", nil, ntstatus.InvalidParameter, settled{}},
		{"no preauthentication", []smb2.NegotiateContext{signing(smb2.SigningAESGMAC)}, ntstatus.InvalidParameter, settled{}},
		{"preauthentication twice", []smb2.NegotiateContext{sha, sha}, ntstatus.InvalidParameter, settled{}},
		{"preauthentication without a hash", []smb2.NegotiateContext{preauth()}, ntstatus.InvalidParameter, settled{}},
		{"preauthentication without SHA-512", []smb2.NegotiateContext{preauth(2, 3)}, ntstatus.SMBNoPreauthIntegrityHashOverlap, settled{}},
		{"preauthentication cut short", []smb2.NegotiateContext{raw(smb2.ContextPreauthIntegrity, 1, 0)}, ntstatus.InvalidParameter, settled{}},
		{
			"preauthentication alone",
			[]smb2.NegotiateContext{sha},
			ntstatus.Success,
			settled{[]smb2.ContextType{smb2.ContextPreauthIntegrity}, nil, nil},
		},
		{
			"SHA-512 last of several hashes",
			[]smb2.NegotiateContext{preauth(7, 8, smb2.HashSHA512)},
			ntstatus.Success,
			settled{[]smb2.ContextType{smb2.ContextPreauthIntegrity}, nil, nil},
		},

		{"signing empty", []smb2.NegotiateContext{sha, signing()}, ntstatus.InvalidParameter, settled{}},
		{"signing twice", []smb2.NegotiateContext{sha, signing(1), signing(1)}, ntstatus.InvalidParameter, settled{}},
		{"signing cut short", []smb2.NegotiateContext{sha, raw(smb2.ContextSigning, 2, 0, 1, 0)}, ntstatus.InvalidParameter, settled{}},
		{
			"signing without overlap",
			[]smb2.NegotiateContext{sha, signing(7, 8)},
			ntstatus.Success,
			settled{[]smb2.ContextType{smb2.ContextPreauthIntegrity, smb2.ContextSigning}, []smb2.SigningAlgorithm{smb2.SigningAESCMAC}, nil},
		},
		{
			"signing, HMAC first",
			[]smb2.NegotiateContext{sha, signing(smb2.SigningHMACSHA256, smb2.SigningAESCMAC)},
			ntstatus.Success,
			settled{[]smb2.ContextType{smb2.ContextPreauthIntegrity, smb2.ContextSigning}, []smb2.SigningAlgorithm{smb2.SigningAESCMAC}, nil},
		},
		{
			"signing, one unknown and GMAC",
			[]smb2.NegotiateContext{signing(9, smb2.SigningAESGMAC), sha},
			ntstatus.Success,
			settled{[]smb2.ContextType{smb2.ContextSigning, smb2.ContextPreauthIntegrity}, []smb2.SigningAlgorithm{smb2.SigningAESGMAC}, nil},
		},

		{"encryption twice", []smb2.NegotiateContext{sha, encryption(1), encryption(2)}, ntstatus.InvalidParameter, settled{}},
		{"encryption cut short", []smb2.NegotiateContext{sha, raw(smb2.ContextEncryption, 1)}, ntstatus.InvalidParameter, settled{}},
		{
			"encryption without overlap",
			[]smb2.NegotiateContext{sha, encryption(0x99)},
			ntstatus.Success,
			settled{[]smb2.ContextType{smb2.ContextPreauthIntegrity, smb2.ContextEncryption}, nil, []smb2.Cipher{smb2.CipherNone}},
		},
		{
			"encryption, all",
			[]smb2.NegotiateContext{sha, encryption(4, 3, 2, 1)},
			ntstatus.Success,
			settled{[]smb2.ContextType{smb2.ContextPreauthIntegrity, smb2.ContextEncryption}, nil, []smb2.Cipher{smb2.CipherAES128GCM}},
		},

		{"compression twice", []smb2.NegotiateContext{sha, raw(3), raw(3)}, ntstatus.InvalidParameter, settled{}},
		{"RDMA transforms twice", []smb2.NegotiateContext{sha, raw(7), raw(7)}, ntstatus.InvalidParameter, settled{}},
		{
			"what Windows sends besides",
			[]smb2.NegotiateContext{
				sha,
				raw(smb2.ContextCompression, 4, 0, 0, 0, 1, 0, 0, 0, 2, 0, 3, 0, 1, 0, 4, 0),
				raw(smb2.ContextNetname, 's', 0, 'r', 0, 'v', 0),
				raw(smb2.ContextTransport, 1, 0, 0, 0),
				raw(smb2.ContextRDMATransform, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0),
				raw(0x0100, 1, 2, 3),
				raw(0x0100),
				signing(2, 1, 0),
			},
			ntstatus.Success,
			settled{[]smb2.ContextType{smb2.ContextPreauthIntegrity, smb2.ContextSigning}, []smb2.SigningAlgorithm{smb2.SigningAESGMAC}, nil},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{})
			p := s.Dial()
			req := p.NegotiateRequest()
			req.Contexts = c.contexts
			r := expectStatus(t, "NEGOTIATE", p, smbtest.Element{Message: req}, c.want)
			if c.want != ntstatus.Success || t.Failed() {
				return
			}
			var res smb2.NegotiateResponse
			r.Decode(t, &res)
			got := readSettled(t, &res)
			if !slices.Equal(got.contexts, c.settles.contexts) || !slices.Equal(got.signing, c.settles.signing) || !slices.Equal(got.cipher, c.settles.cipher) {
				t.Errorf("got %+v, want %+v", got, c.settles)
			}
			if res.DialectRevision != smb2.Dialect311 || res.Capabilities != smb2.CapLargeMTU|smb2.CapLeasing|smb2.CapDirectoryLeasing ||
				res.SecurityMode != smb2.SigningEnabled|smb2.SigningRequired {
				t.Errorf("dialect %v, capabilities %#x, security mode %#x", res.DialectRevision, res.Capabilities, res.SecurityMode)
			}
		})
	}
}

func TestServersOrderOfAlgorithmsDecides(t *testing.T) {
	snapshot := policy.With(policy.Default(), policy.SigningAlgorithms, []policy.SigningAlgorithm{policy.HMACSHA256, policy.AESGMAC}, inTest)
	snapshot = policy.With(snapshot, policy.EncryptionCiphers, []policy.Cipher{policy.AES256CCM}, inTest)
	s := smbtest.StartServer(t, smbtest.Options{Policy: snapshot})
	p := s.Login()
	if p.Algorithm != smb2.SigningHMACSHA256 || p.Cipher != smb2.CipherAES256CCM {
		t.Errorf("negotiated %v and %v, want HMAC-SHA256 and AES-256-CCM", p.Algorithm, p.Cipher)
	}
}

func TestSecurityModeOfTheResponseSaysWhetherTheServerRequiresSigning(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: relaxed()})
	if got := s.Dial().Negotiate().SecurityMode; got != smb2.SigningEnabled {
		t.Errorf("security mode %#x, want enabled and not required", got)
	}
}

func TestDialects(t *testing.T) {
	for _, c := range []struct {
		name     string
		dialects []smb2.Dialect
		want     ntstatus.Status
	}{
		{"none", nil, ntstatus.InvalidParameter},
		{"unknown", []smb2.Dialect{0x0999}, ntstatus.NotSupported},
		{"the wildcard", []smb2.Dialect{smb2.DialectWildcard}, ntstatus.NotSupported},
		{"below Smb2DialectMin", []smb2.Dialect{smb2.Dialect202, smb2.Dialect210, smb2.Dialect300}, ntstatus.NotSupported},
		{"above Smb2DialectMax", []smb2.Dialect{0x0400}, ntstatus.NotSupported},
		{"3.1.1 among others", []smb2.Dialect{0x0400, smb2.Dialect311, smb2.Dialect202}, ntstatus.Success},
	} {
		t.Run(c.name, func(t *testing.T) {
			bounds := policy.With(policy.Default(), policy.Smb2DialectMin, policy.SMB302, policy.Origin{})
			bounds = policy.With(bounds, policy.Smb2DialectMax, policy.SMB311, policy.Origin{})
			s := smbtest.StartServer(t, smbtest.Options{Policy: bounds})
			p := s.Dial()
			p.Dialects = c.dialects
			expectStatus(t, "NEGOTIATE", p, smbtest.Element{Message: p.NegotiateRequest()}, c.want)
			if c.want == ntstatus.Success {
				return
			}
			// A refused client may try again.
			p.Dialects = []smb2.Dialect{smb2.Dialect311}
			p.Negotiate()
			if r := p.SessionSetup(smbtest.Initiator()); r.Header.Status != ntstatus.Success {
				t.Errorf("log-on after a second try: %v", r.Header.Status)
			}
		})
	}
}

func TestSecondNegotiateDisconnects(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	for name, p := range map[string]*smbtest.Peer{"before the log-on": s.Dial(), "after it": s.Login()} {
		if name == "before the log-on" {
			p.Negotiate()
		}
		p.Send(smbtest.Element{Message: p.NegotiateRequest(), Unsigned: true})
		expectClosed(t, name, p)
	}
}

func TestRequestBeforeNegotiateDisconnects(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	for _, m := range []smb2.Message{
		&smb2.SessionSetupRequest{}, &smb2.EchoRequest{}, &smb2.CancelRequest{}, &smb2.TreeConnectRequest{}, smbtest.CreateFile("x"),
	} {
		p := s.Dial()
		p.Send(smbtest.Element{Message: m})
		expectClosed(t, smb2.CommandOf(m).String(), p)
	}
	expectUntouched(t, "before NEGOTIATE", s)
}

func TestNegotiateInACompoundDisconnects(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Dial()
	negotiate := smbtest.Element{Message: p.NegotiateRequest()}
	p.Send(negotiate, negotiate)
	expectClosed(t, "two NEGOTIATEs", p)
	p = s.Login()
	p.Send(smbtest.Element{Message: &smb2.EchoRequest{}}, smbtest.Element{Message: p.NegotiateRequest(), Unsigned: true})
	expectClosed(t, "ECHO and NEGOTIATE", p)
}

// smb1 is an SMB1 message with the given command and dialect strings.
// [MS-CIFS] 2.2.3.1, 2.2.4.52.1.
func smb1(command byte, dialects ...string) []byte {
	msg := append([]byte{0xFF, 'S', 'M', 'B', command}, make([]byte, 27)...)
	msg = append(msg, 0) // WordCount
	var list []byte
	for _, d := range dialects {
		list = append(append(append(list, 2), d...), 0)
	}
	msg = binary.LittleEndian.AppendUint16(msg, uint16(len(list)))
	return append(msg, list...)
}

const smb1Negotiate = 0x72

func TestMultiProtocolNegotiateLeadsToSMB2(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Dial()
	p.SendRaw(smb1(smb1Negotiate, "NT LM 0.12", "SMB 2.002", "SMB 2.???"))
	r := receiveOne(t, p)
	var res smb2.NegotiateResponse
	r.Decode(t, &res)
	if r.Header.Status != ntstatus.Success || r.Header.MessageID != 0 || r.Header.Credits != 1 ||
		res.DialectRevision != smb2.DialectWildcard || len(res.Contexts) != 0 {
		t.Fatalf("answer %+v, dialect %v, %d contexts", r.Header, res.DialectRevision, len(res.Contexts))
	}
	p.NextMessageID = 1 // 0 was that of the SMB1 message
	p.Negotiate()
	if r := p.SessionSetup(smbtest.Initiator()); r.Header.Status != ntstatus.Success {
		t.Fatalf("log-on: %v", r.Header.Status)
	}
	p.TreeConnect(smbtest.ShareName)
	p.Open("reached")
}

func TestSMB1NegotiateOfAClientThatStopsAt202SettlesThatDialect(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Dial()
	p.SendRaw(smb1(smb1Negotiate, "NT LM 0.12", "SMB 2.002"))
	r := receiveOne(t, p)
	var res smb2.NegotiateResponse
	r.Decode(t, &res)
	if r.Header.Status != ntstatus.Success || res.DialectRevision != smb2.Dialect202 {
		t.Fatalf("answer %+v, dialect %v, want 2.0.2", r.Header, res.DialectRevision)
	}
	p.NextMessageID = 1 // 0 was that of the SMB1 message
	p.Dialect, p.Algorithm = smb2.Dialect202, smb2.SigningHMACSHA256
	if r := p.SessionSetup(smbtest.Initiator()); r.Header.Status != ntstatus.Success {
		t.Fatalf("log-on: %v", r.Header.Status)
	}
	p.TreeConnect(smbtest.ShareName)
	p.Open("reached")
}

func TestOtherSMB1MessagesDisconnect(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	multi := smb1(smb1Negotiate, "SMB 2.???")
	for name, msgs := range map[string][][]byte{
		"SMB1 alone":               {smb1(smb1Negotiate, "NT LM 0.12")},
		"no dialect":               {smb1(smb1Negotiate)},
		"another SMB1 command":     {smb1(0x73, "SMB 2.???")},
		"cut short":                {multi[:20]},
		"twice":                    {multi, multi},
		"SESSION_SETUP behind":     {multi, sessionSetupBytes(s.Dial())},
		"no protocol at all":       {[]byte("GET / HTTP/1.1\r\n\r\n")},
		"four bytes":               {{0xFE, 'S', 'M', 'B'}},
		"nothing":                  {{}},
		"compressed":               {append([]byte{0xFC, 'S', 'M', 'B'}, make([]byte, 100)...)},
		"a header cut short":       {append([]byte{0xFE, 'S', 'M', 'B', 64, 0}, make([]byte, 57)...)},
		"a header of another size": {append([]byte{0xFE, 'S', 'M', 'B', 65, 0}, make([]byte, 94)...)},
	} {
		t.Run(name, func(t *testing.T) {
			p := s.Dial()
			for i, msg := range msgs {
				p.SendRaw(msg)
				if i < len(msgs)-1 {
					receiveOne(t, p)
				}
			}
			expectClosed(t, name, p)
		})
	}
}

// sessionSetupBytes is a SESSION_SETUP with message id 1.
func sessionSetupBytes(p *smbtest.Peer) []byte {
	p.NextMessageID = 1
	return p.Encode(smbtest.Element{Message: &smb2.SessionSetupRequest{}})
}

func TestSMB1MessageOnAnSMB2ConnectionDisconnects(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	p.SendRaw(smb1(smb1Negotiate, "SMB 2.???"))
	expectClosed(t, "SMB1 behind a log-on", p)
}

func TestWhoeverAltersTheNegotiationHasNoSession(t *testing.T) {
	// A man in the middle takes out the client's context, and puts into the
	// answer what the client expects. Client and server then hash different
	// bytes and have different keys.
	for name, remove := range map[string]smb2.ContextType{
		"the signing context removed":    smb2.ContextSigning,
		"the encryption context removed": smb2.ContextEncryption,
	} {
		t.Run(name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{})
			p := s.Dial()
			p.Signing = []smb2.SigningAlgorithm{smb2.SigningAESCMAC} // what the server falls back to
			sent := p.NegotiateRequest()
			altered := *sent
			altered.Contexts = slices.DeleteFunc(slices.Clone(sent.Contexts), func(c smb2.NegotiateContext) bool { return c.Type == remove })

			mine := p.Encode(smbtest.Element{Message: sent})
			p.NextMessageID--
			p.Preauth.Update(mine)
			p.Send(smbtest.Element{Message: &altered})
			r := receiveOne(t, p)
			if r.Header.Status != ntstatus.Success {
				t.Fatalf("NEGOTIATE: %v", r.Header.Status)
			}
			p.Preauth.Update(r.Raw)
			p.Dialect, p.Algorithm = smb2.Dialect311, smb2.SigningAESCMAC

			p.Lenient = true
			r = p.SessionSetup(smbtest.Initiator())
			if r.Header.Status != ntstatus.Success || !r.Header.Is(smb2.FlagSigned) {
				t.Fatalf("log-on: %v, flags %#x; want it signed, for the client to refuse it", r.Header.Status, r.Header.Flags)
			}
			if r.Signed {
				t.Error("the client's key verifies the server's answer: the alteration went unseen")
			}
			p.TreeConnect(smbtest.ShareName)
			expectUntouched(t, name, s)
		})
	}
}

func TestUnalteredNegotiationGivesBothTheSameKey(t *testing.T) {
	// What the test above would see if it were blind.
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Dial()
	p.Signing = []smb2.SigningAlgorithm{smb2.SigningAESCMAC}
	p.Negotiate()
	if r := p.SessionSetup(smbtest.Initiator()); !r.Signed {
		t.Errorf("log-on: %v, not signed", r.Header.Status)
	}
}
