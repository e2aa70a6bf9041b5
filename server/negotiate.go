package server

import (
	"crypto/rand"
	"slices"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// dialects are the dialects that the server speaks, the best first.
//
// Missing: 2.0.2 to 3.0.2.
var dialects = []smb2.Dialect{smb2.Dialect311}

// saltSize is the length of the salt in the preauthentication context, as
// Windows sends it. [MS-SMB2] 2.2.3.1.1.
const saltSize = 32

// negotiate handles NEGOTIATE. It runs on the read loop. [MS-SMB2] 3.3.5.4.
func negotiate(a *authenticated) (smb2.Message, error) {
	c := a.conn
	if c.negotiated.Load() != nil {
		return nil, &Disconnect{"3.3.5.4", "second NEGOTIATE"}
	}
	var req smb2.NegotiateRequest
	if err := a.decode(&req); err != nil {
		return nil, err
	}
	if len(req.Dialects) == 0 {
		return nil, ntstatus.InvalidParameter
	}
	i := slices.IndexFunc(dialects, func(d smb2.Dialect) bool { return slices.Contains(req.Dialects, d) })
	if i < 0 {
		return nil, ntstatus.NotSupported
	}
	n := &negotiated{
		dialect:            dialects[i],
		clientGUID:         req.ClientGUID,
		clientCapabilities: req.Capabilities,
		clientSecurityMode: req.SecurityMode,
		clientDialects:     slices.Clone(req.Dialects),
		capabilities:       smb2.CapLargeMTU,
		securityMode:       c.securityMode(),
		signing:            smb2.SigningAESCMAC,
	}
	contexts, err := c.negotiateContexts(n, req.Contexts)
	if err != nil {
		return nil, err
	}
	res := c.negotiateResponse(n.dialect, n.capabilities)
	res.Contexts = contexts
	n.preauth.Update(a.message)
	a.settles = n
	return res, nil
}

// securityMode is the server's signing mode. Signing is always enabled: there
// is no state of an SMB2 server in which it cannot sign.
func (c *connection) securityMode() smb2.SecurityMode {
	mode := smb2.SigningEnabled
	if policy.Get(c.policy, policy.RequireSecuritySignature) {
		mode |= smb2.SigningRequired
	}
	return mode
}

// negotiateResponse is what the responses to both kinds of NEGOTIATE have in
// common.
func (c *connection) negotiateResponse(d smb2.Dialect, caps smb2.Capabilities) *smb2.NegotiateResponse {
	return &smb2.NegotiateResponse{
		SecurityMode:    c.securityMode(),
		DialectRevision: d,
		ServerGUID:      c.server.guid,
		Capabilities:    caps,
		MaxTransactSize: maxTransfer,
		MaxReadSize:     maxTransfer,
		MaxWriteSize:    maxTransfer,
		SystemTime:      dtyp.FileTimeOf(time.Now()),
		SecurityBuffer:  c.server.authenticator.InitialToken(),
	}
}

// negotiateContexts settles into n what the client's contexts ask for, and
// returns those of the response. [MS-SMB2] 3.3.5.4.
func (c *connection) negotiateContexts(n *negotiated, offered []smb2.NegotiateContext) ([]smb2.NegotiateContext, error) {
	seen := make(map[smb2.ContextType]int)
	for _, ctx := range offered {
		seen[ctx.Type]++
		switch ctx.Type {
		case smb2.ContextPreauthIntegrity, smb2.ContextEncryption, smb2.ContextSigning,
			smb2.ContextCompression, smb2.ContextRDMATransform:
			if seen[ctx.Type] > 1 {
				return nil, ntstatus.InvalidParameter
			}
		}
	}
	if seen[smb2.ContextPreauthIntegrity] != 1 {
		return nil, ntstatus.InvalidParameter
	}
	var answers []smb2.NegotiateContext
	for _, ctx := range offered {
		row, ok := negotiateContextHandlers[ctx.Type]
		if !ok {
			continue
		}
		answer, err := row(c, n, ctx)
		if err != nil {
			return nil, err
		}
		answers = append(answers, answer)
	}
	return answers, nil
}

// negotiateContextHandlers is the table of negotiate contexts that are
// answered. The others are ignored.
var negotiateContextHandlers = map[smb2.ContextType]func(*connection, *negotiated, smb2.NegotiateContext) (smb2.NegotiateContext, error){
	smb2.ContextPreauthIntegrity: negotiatePreauth,
	smb2.ContextEncryption:       negotiateEncryption,
	smb2.ContextSigning:          negotiateSigning,
}

// negotiatePreauth handles SMB2_PREAUTH_INTEGRITY_CAPABILITIES.
func negotiatePreauth(_ *connection, _ *negotiated, ctx smb2.NegotiateContext) (smb2.NegotiateContext, error) {
	caps, err := ctx.PreauthIntegrity()
	if err != nil {
		return ctx, err
	}
	if !slices.Contains(caps.HashAlgorithms, smb2.HashSHA512) {
		return ctx, ntstatus.SMBNoPreauthIntegrityHashOverlap
	}
	salt := make([]byte, saltSize)
	rand.Read(salt)
	return smb2.PreauthIntegrityContext(smb2.PreauthIntegrityCapabilities{
		HashAlgorithms: []smb2.HashAlgorithm{smb2.HashSHA512}, Salt: salt,
	}), nil
}

// negotiateEncryption handles SMB2_ENCRYPTION_CAPABILITIES: the server's
// order decides.
func negotiateEncryption(c *connection, n *negotiated, ctx smb2.NegotiateContext) (smb2.NegotiateContext, error) {
	caps, err := ctx.Encryption()
	if err != nil {
		return ctx, err
	}
	for _, want := range policy.Get(c.policy, policy.EncryptionCiphers) {
		if slices.Contains(caps.Ciphers, smb2.Cipher(want)) {
			n.cipher = smb2.Cipher(want)
			break
		}
	}
	return smb2.EncryptionContext(smb2.EncryptionCapabilities{Ciphers: []smb2.Cipher{n.cipher}}), nil
}

// negotiateSigning handles SMB2_SIGNING_CAPABILITIES: the server's order
// decides, and without an overlap it is AES-CMAC.
func negotiateSigning(c *connection, n *negotiated, ctx smb2.NegotiateContext) (smb2.NegotiateContext, error) {
	caps, err := ctx.Signing()
	if err != nil {
		return ctx, err
	}
	if len(caps.Algorithms) == 0 {
		return ctx, ntstatus.InvalidParameter
	}
	for _, want := range policy.Get(c.policy, policy.SigningAlgorithms) {
		if slices.Contains(caps.Algorithms, smb2.SigningAlgorithm(want)) {
			n.signing = smb2.SigningAlgorithm(want)
			break
		}
	}
	return smb2.SigningContext(smb2.SigningCapabilities{Algorithms: []smb2.SigningAlgorithm{n.signing}}), nil
}

// settle publishes n once the bytes of its NEGOTIATE response are known.
func (c *connection) settle(n *negotiated, response []byte) {
	n.preauth.Update(response)
	c.negotiated.Store(n)
}

// negotiateSMB1 answers an SMB1 NEGOTIATE, which only leads up to SMB2; any
// other SMB1 message ends the connection. [MS-SMB2] 3.3.5.3.
func (c *connection) negotiateSMB1(ch *chain, msg []byte) error {
	if c.negotiated.Load() != nil || c.multiProtocol {
		return &Disconnect{"3.3.5.3", "SMB1 message on an SMB2 connection"}
	}
	offered, err := smb2.DecodeSMB1Negotiate(msg)
	if err != nil {
		return &Disconnect{"3.3.5.3", err.Error()}
	}
	if !slices.Contains(offered, "SMB 2.???") {
		// Missing: "SMB 2.002" alone is a client that stops at 2.0.2.
		return &Disconnect{"3.3.5.3.2", "SMB1 client"}
	}
	c.multiProtocol = true
	ch.elements = ch.one[:1]
	r := &ch.elements[0]
	*r = request{conn: c, chain: ch, ctx: c.ctx, row: &commands[smb2.CommandNegotiate]}
	if err := c.register(r); err != nil {
		return err
	}
	r.body = c.negotiateResponse(smb2.DialectWildcard, smb2.CapLargeMTU)
	ch.complete()
	return nil
}
