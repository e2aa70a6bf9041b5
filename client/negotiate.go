package client

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// negotiated is what NEGOTIATE settled. Immutable once settled.
type negotiated struct {
	dialect      smb2.Dialect
	serverGUID   dtyp.GUID
	serverMode   smb2.SecurityMode
	serverCaps   smb2.Capabilities // as the server says
	capabilities smb2.Capabilities // of both
	maxTransact  int               // bytes
	maxRead      int
	maxWrite     int
	algorithm    smb2.SigningAlgorithm
	cipher       smb2.Cipher // CipherNone: nothing can be sealed
	preauth      transform.PreauthHash

	// What was offered, for VALIDATE_NEGOTIATE_INFO.
	clientGUID dtyp.GUID
	clientMode smb2.SecurityMode
	clientCaps smb2.Capabilities
	dialects   []smb2.Dialect
}

// dialects are what can be offered, lowest first.
var dialects = []smb2.Dialect{smb2.Dialect202, smb2.Dialect210, smb2.Dialect300, smb2.Dialect302, smb2.Dialect311}

// saltSize is the length of the salt in the preauthentication context, as
// Windows sends it. [MS-SMB2] 2.2.3.1.1.
const saltSize = 32

// negotiate settles dialect and algorithms. [MS-SMB2] 3.2.4.2.2.2, 3.2.5.2.
func (c *connection) negotiate(ctx context.Context, s *settings, clientGUID dtyp.GUID) error {
	req := s.negotiateRequest(clientGUID, c.server)
	if len(req.Dialects) == 0 {
		return errors.New("client.Smb2DialectMin is above client.Smb2DialectMax: there is no dialect to offer")
	}
	if _, err := c.acquire(ctx, 1, 1, 1); err != nil {
		return err
	}
	sent, calls, err := c.submitHashed(request{message: req})
	if err != nil {
		return err
	}
	r, err := c.wait(ctx, calls)
	if err != nil {
		return err
	}
	defer r.release()
	if r.header.Status != ntstatus.Success {
		return s.negotiateRefused(c.server, r.header.Status)
	}
	var res smb2.NegotiateResponse
	if err := smb2.Decode(r.message, &res); err != nil {
		return violation("3.2.5.2", "%v", err)
	}
	n := negotiated{
		clientGUID: clientGUID, clientMode: req.SecurityMode, clientCaps: req.Capabilities, dialects: req.Dialects,
	}
	if err := n.settle(req, &res); err != nil {
		return err
	}
	if n.dialect == smb2.Dialect311 {
		n.preauth.Update(sent)
		n.preauth.Update(r.message)
	}
	c.negotiated = n
	c.limit.Store(int64(max(n.maxTransact, n.maxRead) + maxOverhead))
	return nil
}

// negotiateRequest is what the settings let the client offer.
func (s *settings) negotiateRequest(clientGUID dtyp.GUID, server string) *smb2.NegotiateRequest {
	req := &smb2.NegotiateRequest{SecurityMode: smb2.SigningEnabled, ClientGUID: clientGUID, Dialects: s.dialects()}
	if s.requireSigning {
		req.SecurityMode = smb2.SigningRequired // one of the two: [MS-SMB2] 2.2.3
	}
	if len(req.Dialects) == 0 {
		return req
	}
	highest := req.Dialects[len(req.Dialects)-1]
	if highest >= smb2.Dialect210 && s.largeMTU {
		req.Capabilities |= smb2.CapLargeMTU
	}
	if highest >= smb2.Dialect300 && len(s.ciphers) > 0 {
		req.Capabilities |= smb2.CapEncryption
	}
	if highest == smb2.Dialect311 && s.multiChannel {
		req.Capabilities |= smb2.CapMultiChannel
	}
	if highest < smb2.Dialect300 {
		req.Capabilities = 0 // [MS-SMB2] 2.2.3
		if highest == smb2.Dialect202 {
			req.ClientGUID = dtyp.GUID{}
		}
	}
	if highest != smb2.Dialect311 {
		return req
	}
	salt := make([]byte, saltSize)
	rand.Read(salt)
	req.Contexts = append(req.Contexts, smb2.PreauthIntegrityContext(smb2.PreauthIntegrityCapabilities{
		HashAlgorithms: []smb2.HashAlgorithm{smb2.HashSHA512}, Salt: salt,
	}))
	if len(s.ciphers) > 0 {
		req.Contexts = append(req.Contexts, smb2.EncryptionContext(smb2.EncryptionCapabilities{Ciphers: s.ciphers}))
	}
	req.Contexts = append(req.Contexts,
		smb2.SigningContext(smb2.SigningCapabilities{Algorithms: s.algorithms}),
		smb2.NetnameContext(server))
	return req
}

// settle takes the server's answer to req. Whatever was not offered is refused:
// a server does not say it, but somebody between may. [MS-SMB2] 3.2.5.2.
func (n *negotiated) settle(req *smb2.NegotiateRequest, res *smb2.NegotiateResponse) error {
	const section = "3.2.5.2"
	if !slices.Contains(req.Dialects, res.DialectRevision) {
		return violation(section, "dialect %v, which was not offered", res.DialectRevision)
	}
	least := uint32(creditSize)
	if res.MaxTransactSize < least || res.MaxReadSize < least || res.MaxWriteSize < least {
		return violation(section, "transfers of %d, %d and %d bytes: less than every server allows",
			res.MaxTransactSize, res.MaxReadSize, res.MaxWriteSize)
	}
	n.dialect = res.DialectRevision
	n.serverGUID = res.ServerGUID
	n.serverMode = res.SecurityMode
	n.serverCaps = res.Capabilities
	n.capabilities = res.Capabilities & (req.Capabilities | smb2.CapDFS)
	if n.dialect == smb2.Dialect210 && res.Capabilities&smb2.CapLargeMTU != 0 {
		n.capabilities |= smb2.CapLargeMTU // clients do not announce it there
	}
	if n.dialect == smb2.Dialect202 {
		n.capabilities &^= smb2.CapLargeMTU
	}
	largest := uint32(maxTransfer)
	if n.capabilities&smb2.CapLargeMTU == 0 {
		largest = creditSize
	}
	n.maxTransact = int(min(res.MaxTransactSize, largest))
	n.maxRead = int(min(res.MaxReadSize, largest))
	n.maxWrite = int(min(res.MaxWriteSize, largest))
	switch {
	case n.dialect < smb2.Dialect300:
		n.algorithm = smb2.SigningHMACSHA256
	case n.dialect < smb2.Dialect311:
		n.algorithm = smb2.SigningAESCMAC
		if n.capabilities&smb2.CapEncryption != 0 {
			n.cipher = smb2.CipherAES128CCM
		}
	default:
		return n.settleContexts(req, res)
	}
	return nil
}

// settleContexts is settle for what dialect 3.1.1 adds.
func (n *negotiated) settleContexts(req *smb2.NegotiateRequest, res *smb2.NegotiateResponse) error {
	const section = "3.2.5.2"
	n.algorithm = smb2.SigningAESCMAC
	seen := make(map[smb2.ContextType]bool)
	for _, ctx := range res.Contexts {
		if seen[ctx.Type] {
			return violation(section, "two negotiate contexts of type %#x", uint16(ctx.Type))
		}
		seen[ctx.Type] = true
		offer := slices.IndexFunc(req.Contexts, func(o smb2.NegotiateContext) bool { return o.Type == ctx.Type })
		if offer < 0 {
			continue // [MS-SMB2] 3.2.5.2: ignored
		}
		var err error
		switch ctx.Type {
		case smb2.ContextPreauthIntegrity:
			var p smb2.PreauthIntegrityCapabilities
			if p, err = ctx.PreauthIntegrity(); err == nil && !slices.Equal(p.HashAlgorithms, []smb2.HashAlgorithm{smb2.HashSHA512}) {
				return violation(section, "preauthentication hashes %v", p.HashAlgorithms)
			}
		case smb2.ContextEncryption:
			var e, offered smb2.EncryptionCapabilities
			offered, _ = req.Contexts[offer].Encryption()
			if e, err = ctx.Encryption(); err != nil {
				break
			}
			if len(e.Ciphers) != 1 || e.Ciphers[0] != smb2.CipherNone && !slices.Contains(offered.Ciphers, e.Ciphers[0]) {
				return violation(section, "ciphers %v, where %v were offered", e.Ciphers, offered.Ciphers)
			}
			n.cipher = e.Ciphers[0]
		case smb2.ContextSigning:
			var a, offered smb2.SigningCapabilities
			offered, _ = req.Contexts[offer].Signing()
			if a, err = ctx.Signing(); err != nil {
				break
			}
			// 3.3.5.4: AES-CMAC is what a server falls back to, offered or not.
			if len(a.Algorithms) != 1 || a.Algorithms[0] != smb2.SigningAESCMAC && !slices.Contains(offered.Algorithms, a.Algorithms[0]) {
				return violation(section, "signing algorithms %v, where %v were offered", a.Algorithms, offered.Algorithms)
			}
			n.algorithm = a.Algorithms[0]
		}
		if err != nil {
			return violation(section, "%v", err)
		}
	}
	if !seen[smb2.ContextPreauthIntegrity] {
		return violation(section, "dialect 3.1.1 without preauthentication integrity")
	}
	return nil
}

// negotiateRefused is the error of a NEGOTIATE that the server refused.
func (s *settings) negotiateRefused(server string, status ntstatus.Status) error {
	if status != ntstatus.NotSupported {
		return status
	}
	return &Refusal{
		Server: server,
		Rule:   RuleDialect,
		Reason: "The server speaks none of the dialects that this client offers.",
		Status: status,
		Remedies: []Remedy{
			{On: server, Setting: "server.Smb2DialectMin", Value: "None"},
			{On: thisClient, Setting: policyName(policy.ClientSmb2DialectMin), Value: "None"},
			{On: thisClient, Setting: policyName(policy.ClientSmb2DialectMax), Value: "None"},
		},
	}
}
