package server

import (
	"cmp"
	"crypto/rand"
	"slices"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// dialect is a row of the table of dialects: what follows from the dialect
// alone.
type dialect struct {
	revision     smb2.Dialect
	capabilities smb2.Capabilities     // offered to every client
	maxTransfer  uint32                // MaxTransactSize, MaxReadSize, MaxWriteSize in bytes
	signing      smb2.SigningAlgorithm // unless negotiated otherwise
	cipher       smb2.Cipher           // for clients with CapEncryption, unless negotiated otherwise
}

// dialects is the table of dialects, the best first. [MS-SMB2] 3.3.5.4.
var dialects = []dialect{
	{smb2.Dialect311, smb2.CapLargeMTU, maxTransfer, smb2.SigningAESCMAC, smb2.CipherNone},
	{smb2.Dialect302, smb2.CapLargeMTU, maxTransfer, smb2.SigningAESCMAC, smb2.CipherAES128CCM},
	{smb2.Dialect300, smb2.CapLargeMTU, maxTransfer, smb2.SigningAESCMAC, smb2.CipherAES128CCM},
	{smb2.Dialect210, smb2.CapLargeMTU, maxTransfer, smb2.SigningHMACSHA256, smb2.CipherNone},
	{smb2.Dialect202, 0, creditSize, smb2.SigningHMACSHA256, smb2.CipherNone},
}

// allowed reports whether policy s lets the dialect be spoken.
func (d *dialect) allowed(s *policy.Snapshot) bool {
	lowest := smb2.Dialect(policy.Get(s, policy.Smb2DialectMin))
	highest := smb2.Dialect(policy.Get(s, policy.Smb2DialectMax))
	return policy.Get(s, policy.EnableSMB2Protocol) && d.revision >= lowest && (highest == 0 || d.revision <= highest)
}

// Dialects returns the dialects that a server speaks under policy s, "3.1.1"
// and the like, lowest first.
func Dialects(s *policy.Snapshot) []string {
	var names []string
	for i := range slices.Backward(dialects) {
		if dialects[i].allowed(s) {
			names = append(names, dialects[i].revision.String())
		}
	}
	return names
}

// bestDialect returns the row of the best dialect that is offered and that
// policy allows; nil if there is none.
func (c *connection) bestDialect(offered []smb2.Dialect) *dialect {
	for i := range dialects {
		if d := &dialects[i]; d.allowed(c.policy) && slices.Contains(offered, d.revision) {
			return d
		}
	}
	return nil
}

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
	d := c.bestDialect(req.Dialects)
	if d == nil {
		c.server.count(RefusedDialect)
		return nil, ntstatus.NotSupported
	}
	n := c.newNegotiated(d, req.Capabilities)
	n.clientGUID = req.ClientGUID
	n.clientSecurityMode = req.SecurityMode
	n.clientDialects = slices.Clone(req.Dialects)
	var contexts []smb2.NegotiateContext
	if d.revision == smb2.Dialect311 {
		var err error
		if contexts, err = c.negotiateContexts(n, req.Contexts); err != nil {
			return nil, err
		}
		n.preauth.Update(a.message)
	}
	if n.dialect >= smb2.Dialect300 && n.clientCapabilities&smb2.CapMultiChannel != 0 &&
		n.signing != smb2.SigningAESGMAC && policy.Get(c.policy, policy.EnableMultiChannel) {
		n.capabilities |= smb2.CapMultiChannel
	}
	if n.dialect == smb2.Dialect311 {
		n.capabilities |= n.clientCapabilities & smb2.CapNotifications
	}
	res := c.negotiateResponse(n)
	res.Contexts = contexts
	a.settles = n
	return res, nil
}

// newNegotiated is what follows from dialect d for a client with the given
// capabilities.
func (c *connection) newNegotiated(d *dialect, client smb2.Capabilities) *negotiated {
	n := &negotiated{
		dialect:            d.revision,
		clientCapabilities: client,
		capabilities:       d.capabilities,
		securityMode:       c.securityMode(),
		maxTransfer:        d.maxTransfer,
		signing:            d.signing,
	}
	if d.revision >= smb2.Dialect210 && policy.Get(c.policy, policy.EnableLeasing) {
		n.capabilities |= smb2.CapLeasing
		if d.revision >= smb2.Dialect300 && policy.Get(c.policy, policy.EnableDirectoryHandleLeasing) {
			n.capabilities |= smb2.CapDirectoryLeasing
		}
	}
	if d.cipher != smb2.CipherNone && client&smb2.CapEncryption != 0 &&
		slices.Contains(policy.Get(c.policy, policy.EncryptionCiphers), policy.Cipher(d.cipher)) {
		n.cipher = d.cipher
		n.capabilities |= smb2.CapEncryption
	}
	return n
}

// securityMode is the server's signing mode. Signing is always enabled: there
// is no state of an SMB2 server in which it cannot sign. It is required if one
// of the shares requires it, or a rule may of who comes from the client's
// address, now or later: this is the only place to tell the client.
func (c *connection) securityMode() smb2.SecurityMode {
	mode := smb2.SigningEnabled
	if c.policy.MayRequireSigning(c.address, time.Now()) || c.server.shares.Load().sign {
		mode |= smb2.SigningRequired
	}
	return mode
}

// negotiateResponse is what the responses to both kinds of NEGOTIATE have in
// common.
func (c *connection) negotiateResponse(n *negotiated) *smb2.NegotiateResponse {
	return &smb2.NegotiateResponse{
		SecurityMode:    n.securityMode,
		DialectRevision: n.dialect,
		ServerGUID:      c.server.guid,
		Capabilities:    n.capabilities,
		MaxTransactSize: n.maxTransfer,
		MaxReadSize:     n.maxTransfer,
		MaxWriteSize:    n.maxTransfer,
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
	for _, want := range c.signingOrder(n.clientCapabilities) {
		if slices.Contains(caps.Algorithms, smb2.SigningAlgorithm(want)) {
			n.signing = smb2.SigningAlgorithm(want)
			break
		}
	}
	return smb2.SigningContext(smb2.SigningCapabilities{Algorithms: []smb2.SigningAlgorithm{n.signing}}), nil
}

// signingOrder is the order in which the server prefers signing algorithms.
// For a client that may open several channels AES-GMAC comes last, whose
// sessions cannot have them: see session.bindingKey.
func (c *connection) signingOrder(client smb2.Capabilities) []policy.SigningAlgorithm {
	order := policy.Get(c.policy, policy.SigningAlgorithms)
	if client&smb2.CapMultiChannel == 0 || !policy.Get(c.policy, policy.EnableMultiChannel) {
		return order
	}
	order = slices.Clone(order)
	slices.SortStableFunc(order, func(a, b policy.SigningAlgorithm) int {
		return cmp.Compare(gmacLast(a), gmacLast(b))
	})
	return order
}

// gmacLast is 1 for AES-GMAC and 0 for what goes before it.
func gmacLast(a policy.SigningAlgorithm) int {
	if a == policy.AESGMAC {
		return 1
	}
	return 0
}

// settle publishes n once the bytes of its NEGOTIATE response are known. The
// hash is of use at dialect 3.1.1 only.
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
	n, err := c.negotiatedBySMB1(offered)
	if err != nil {
		return c.auditSMB1(msg, offered, err)
	}
	c.multiProtocol = true
	ch.elements = ch.one[:1]
	r := &ch.elements[0]
	*r = request{conn: c, chain: ch, ctx: c.ctx, row: &commands[smb2.CommandNegotiate]}
	if err := c.register(r); err != nil {
		return err
	}
	r.body = c.negotiateResponse(n)
	if n.dialect != smb2.DialectWildcard {
		r.settles = n
	}
	ch.complete()
	return nil
}

// negotiatedBySMB1 is what a list of SMB1 dialect strings leads to: the
// wildcard, after which an SMB2 NEGOTIATE has to come, or dialect 2.0.2.
// [MS-SMB2] 3.3.5.3.1, 3.3.5.3.2.
func (c *connection) negotiatedBySMB1(offered []string) (*negotiated, error) {
	modern := []smb2.Dialect{smb2.Dialect210, smb2.Dialect300, smb2.Dialect302, smb2.Dialect311}
	if slices.Contains(offered, smb2.SMB1DialectWildcard) && c.bestDialect(modern) != nil {
		return c.newNegotiated(&dialect{revision: smb2.DialectWildcard, capabilities: smb2.CapLargeMTU, maxTransfer: maxTransfer}, 0), nil
	}
	if slices.Contains(offered, smb2.SMB1Dialect202) {
		if d := c.bestDialect([]smb2.Dialect{smb2.Dialect202}); d != nil {
			return c.newNegotiated(d, 0), nil
		}
	}
	return nil, &Disconnect{"3.3.5.3.2", "SMB1 client"}
}
