package hostile_test

import (
	"bytes"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/policy"
)

// rewrite decodes the body of msg into m, lets change alter it, and encodes it
// again behind the same header.
func rewrite[M smb2.Message](msg []byte, m M, change func(M)) []byte {
	if err := smb2.Decode(msg, m); err != nil {
		panic(err)
	}
	change(m)
	return smb2.Append(bytes.Clone(msg[:smb2.HeaderSize]), m)
}

// nth is a proxy's function that changes the n-th message it sees, from 0, if
// it is of command.
func nth(n int, change func([]byte) []byte) func([]byte) [][]byte {
	seen := 0
	return func(msg []byte) [][]byte {
		seen++
		if seen-1 == n {
			msg = change(bytes.Clone(msg))
		}
		return [][]byte{msg}
	}
}

// ofCommand is a proxy's function that changes the messages of one command;
// change returns nil for one that is dropped.
func ofCommand(command smb2.Command, change func([]byte) []byte) func([]byte) [][]byte {
	return func(msg []byte) [][]byte {
		if h, err := smb2.DecodeHeader(msg); err == nil && h.Command == command {
			if msg = change(bytes.Clone(msg)); msg == nil {
				return nil
			}
		}
		return [][]byte{msg}
	}
}

// negotiateRequest and negotiateResponse alter NEGOTIATE on its way.
func negotiateRequest(change func(*smb2.NegotiateRequest)) func() smbtest.Proxy {
	return func() smbtest.Proxy {
		return smbtest.Proxy{Request: nth(0, func(msg []byte) []byte { return rewrite(msg, new(smb2.NegotiateRequest), change) })}
	}
}

func negotiateResponse(change func(*smb2.NegotiateResponse)) func() smbtest.Proxy {
	return func() smbtest.Proxy {
		return smbtest.Proxy{Reply: nth(0, func(msg []byte) []byte { return rewrite(msg, new(smb2.NegotiateResponse), change) })}
	}
}

// smb1Instead sends an SMB1 NEGOTIATE with one dialect string in place of the
// client's.
func smb1Instead(dialect string) func() smbtest.Proxy {
	strings := "\x02" + dialect + "\x00"
	msg := append([]byte{0xFF, 'S', 'M', 'B', 0x72}, make([]byte, 32-5)...)
	msg = append(msg, 0, byte(len(strings)), 0)
	msg = append(msg, strings...)
	return func() smbtest.Proxy { return smbtest.Proxy{Request: nth(0, func([]byte) []byte { return msg })} }
}

// without removes the contexts of one type.
func without(contexts []smb2.NegotiateContext, kind smb2.ContextType) []smb2.NegotiateContext {
	return slices.DeleteFunc(contexts, func(c smb2.NegotiateContext) bool { return c.Type == kind })
}

// upTo are the dialects up to d.
func upTo(d smb2.Dialect) (all []smb2.Dialect) {
	for _, one := range []smb2.Dialect{smb2.Dialect202, smb2.Dialect210, smb2.Dialect300, smb2.Dialect302, smb2.Dialect311} {
		if one <= d {
			all = append(all, one)
		}
	}
	return all
}

// downgrade is an altered negotiation and what must become of it.
type downgrade struct {
	name     string
	dialect  smb2.Dialect // the best that the client offers
	policy   *policy.Snapshot
	proxy    func() smbtest.Proxy
	careless bool // the client does not validate the negotiation
	verdict  string
	why      string
}

// downgrades alter what client and server agree on. Whatever is altered at
// 3.1.1 gives the two ends different keys; below, VALIDATE_NEGOTIATE_INFO
// tells. 3.3.5.15.12.
func downgrades() (all []downgrade) {
	// A client of 3.1.1 is made to believe in less, and one of less likewise.
	for _, best := range upTo(smb2.Dialect311)[1:] {
		for _, lower := range upTo(best - 1) {
			all = append(all, downgrade{
				name: fmt.Sprintf("%v offered, request cut to %v", best, lower), dialect: best,
				proxy: negotiateRequest(func(m *smb2.NegotiateRequest) {
					m.Dialects = slices.DeleteFunc(m.Dialects, func(d smb2.Dialect) bool { return d > lower })
					m.Contexts = nil
				}), verdict: refused, why: closed,
			}, downgrade{
				name: fmt.Sprintf("%v offered, answer changed to %v", best, lower), dialect: best,
				proxy: negotiateResponse(func(m *smb2.NegotiateResponse) {
					m.DialectRevision, m.Contexts = lower, nil
				}), verdict: noticed,
			})
		}
		all = append(all, downgrade{
			name: fmt.Sprintf("%v offered, request without the lower ones", best), dialect: best,
			proxy:   negotiateRequest(func(m *smb2.NegotiateRequest) { m.Dialects = []smb2.Dialect{best} }),
			verdict: map[bool]string{true: noticed, false: refused}[best == smb2.Dialect311],
		})
	}
	for _, d := range upTo(smb2.Dialect302) {
		all = append(all, downgrade{
			name: fmt.Sprintf("%v, client's REQUIRED bit cleared", d), dialect: d,
			proxy: negotiateRequest(func(m *smb2.NegotiateRequest) { m.SecurityMode = smb2.SigningEnabled }), verdict: refused, why: closed,
		}, downgrade{
			name: fmt.Sprintf("%v, server's REQUIRED bit cleared", d), dialect: d,
			proxy: negotiateResponse(func(m *smb2.NegotiateResponse) { m.SecurityMode = smb2.SigningEnabled }), verdict: noticed,
		}, downgrade{
			name: fmt.Sprintf("%v, client's capabilities cleared", d), dialect: d,
			proxy: negotiateRequest(func(m *smb2.NegotiateRequest) { m.Capabilities = 0 }), verdict: refused, why: closed,
		}, downgrade{
			name: fmt.Sprintf("%v, server's capabilities changed", d), dialect: d,
			proxy: negotiateResponse(func(m *smb2.NegotiateResponse) { m.Capabilities ^= smb2.CapLargeMTU }), verdict: noticed,
		}, downgrade{
			name: fmt.Sprintf("%v, another client's GUID", d), dialect: d,
			proxy: negotiateRequest(func(m *smb2.NegotiateRequest) { m.ClientGUID[0]++ }), verdict: refused, why: closed,
		}, downgrade{
			name: fmt.Sprintf("%v, another server's GUID", d), dialect: d,
			proxy: negotiateResponse(func(m *smb2.NegotiateResponse) { m.ServerGUID[0]++ }), verdict: noticed,
		}, downgrade{
			name: fmt.Sprintf("%v, IOCTL altered on its way", d), dialect: d,
			proxy: func() smbtest.Proxy {
				return smbtest.Proxy{Request: ofCommand(smb2.CommandIoctl, func(m []byte) []byte { m[len(m)-1] ^= 1; return m })}
			}, verdict: noticed, why: "VALIDATE_NEGOTIATE_INFO " + denied,
		}, downgrade{
			name: fmt.Sprintf("%v, answer to IOCTL altered", d), dialect: d,
			proxy: func() smbtest.Proxy {
				return smbtest.Proxy{Reply: ofCommand(smb2.CommandIoctl, func(m []byte) []byte { m[len(m)-1] ^= 1; return m })}
			}, verdict: noticed, why: "wrong signature",
		}, downgrade{
			name: fmt.Sprintf("%v, IOCTL replaced by an ECHO", d), dialect: d,
			proxy: func() smbtest.Proxy {
				return smbtest.Proxy{Request: ofCommand(smb2.CommandIoctl, func(m []byte) []byte { m[12] = byte(smb2.CommandEcho); return m })}
			}, verdict: noticed, why: "VALIDATE_NEGOTIATE_INFO " + denied,
		})
	}

	// An SMB1 NEGOTIATE instead of the client's, which leads to 2.0.2 or to
	// the wildcard. 3.3.5.3.
	for _, best := range upTo(smb2.Dialect311) {
		all = append(all, downgrade{
			name: fmt.Sprintf("%v offered, SMB1 NEGOTIATE for 2.0.2 instead", best), dialect: best, proxy: smb1Instead("SMB 2.002"), verdict: refused, why: closed,
		}, downgrade{
			name: fmt.Sprintf("%v offered, SMB1 NEGOTIATE for any instead", best), dialect: best, proxy: smb1Instead("SMB 2.???"), verdict: noticed, why: "a dialect that was not offered",
		}, downgrade{
			name: fmt.Sprintf("%v offered, SMB1 NEGOTIATE for SMB1 instead", best), dialect: best, proxy: smb1Instead("NT LM 0.12"), verdict: refused, why: closed,
		})
	}

	// 3.1.1: the contexts.
	for _, c := range []struct {
		name string
		kind smb2.ContextType
	}{{"encryption", smb2.ContextEncryption}, {"signing", smb2.ContextSigning}} {
		all = append(all, downgrade{
			name: "request without " + c.name + " context", dialect: smb2.Dialect311,
			proxy:   negotiateRequest(func(m *smb2.NegotiateRequest) { m.Contexts = without(m.Contexts, c.kind) }),
			verdict: noticed, why: "wrong signature",
		}, downgrade{
			name: "answer without " + c.name + " context", dialect: smb2.Dialect311,
			proxy:   negotiateResponse(func(m *smb2.NegotiateResponse) { m.Contexts = without(m.Contexts, c.kind) }),
			verdict: noticed, why: "wrong signature",
		})
	}
	weak := smb2.SigningContext(smb2.SigningCapabilities{Algorithms: []smb2.SigningAlgorithm{smb2.SigningHMACSHA256}})
	all = append(all, downgrade{
		name: "request without preauthentication context", dialect: smb2.Dialect311,
		proxy:   negotiateRequest(func(m *smb2.NegotiateRequest) { m.Contexts = without(m.Contexts, smb2.ContextPreauthIntegrity) }),
		verdict: refused, why: "NEGOTIATE " + invalid,
	}, downgrade{
		name: "request with another salt", dialect: smb2.Dialect311,
		proxy: negotiateRequest(func(m *smb2.NegotiateRequest) {
			data := m.Contexts[0].Data
			data[len(data)-1]++
		}), verdict: noticed, why: "wrong signature",
	}, downgrade{
		name: "request with an unknown hash", dialect: smb2.Dialect311,
		proxy: negotiateRequest(func(m *smb2.NegotiateRequest) { m.Contexts[0].Data[4]++ }), verdict: refused,
	}, downgrade{
		name: "request with HMAC only", dialect: smb2.Dialect311,
		proxy: negotiateRequest(func(m *smb2.NegotiateRequest) {
			m.Contexts = append(without(m.Contexts, smb2.ContextSigning), weak)
		}), verdict: noticed, why: "wrong signature",
	}, downgrade{
		name: "answer with HMAC", dialect: smb2.Dialect311,
		proxy: negotiateResponse(func(m *smb2.NegotiateResponse) {
			m.Contexts = append(without(m.Contexts, smb2.ContextSigning), weak)
		}), verdict: noticed, why: "wrong signature",
	}, downgrade{
		name: "request with both REQUIRED bits cleared", dialect: smb2.Dialect311,
		proxy: negotiateRequest(func(m *smb2.NegotiateRequest) { m.SecurityMode = smb2.SigningEnabled }), verdict: noticed, why: "wrong signature",
	}, downgrade{
		name: "answer with the REQUIRED bit cleared", dialect: smb2.Dialect311,
		proxy: negotiateResponse(func(m *smb2.NegotiateResponse) { m.SecurityMode = smb2.SigningEnabled }), verdict: noticed, why: "wrong signature",
	})

	// The server encrypts everything, and the client is made to look as if it
	// could not.
	for _, d := range []smb2.Dialect{smb2.Dialect300, smb2.Dialect302} {
		all = append(all, downgrade{
			name: fmt.Sprintf("%v, sealing required, capability cleared", d), dialect: d, policy: sealing(), careless: true,
			proxy:   negotiateRequest(func(m *smb2.NegotiateRequest) { m.Capabilities &^= smb2.CapEncryption }),
			verdict: refused, why: denied,
		})
	}
	all = append(all, downgrade{
		name: "sealing required, request without encryption context", dialect: smb2.Dialect311, policy: sealing(),
		proxy:   negotiateRequest(func(m *smb2.NegotiateRequest) { m.Contexts = without(m.Contexts, smb2.ContextEncryption) }),
		verdict: refused, why: denied,
	}, downgrade{
		name: "sealing required, request cut to 2.1", dialect: smb2.Dialect311, policy: sealing(), careless: true,
		proxy: negotiateRequest(func(m *smb2.NegotiateRequest) {
			m.Dialects, m.Contexts = []smb2.Dialect{smb2.Dialect202, smb2.Dialect210}, nil
		}), verdict: refused, why: denied,
	})

	// SESSION_SETUP.
	for _, d := range upTo(smb2.Dialect311) {
		for _, flag := range []smb2.SessionFlags{smb2.SessionIsGuest, smb2.SessionIsNull, smb2.SessionEncryptData} {
			all = append(all, downgrade{
				name: fmt.Sprintf("%v, session flag %d set in the last answer", d, flag), dialect: d,
				proxy: func() smbtest.Proxy {
					return smbtest.Proxy{Reply: nth(2, func(msg []byte) []byte { msg[smb2.HeaderSize+2] |= byte(flag); return msg })}
				}, verdict: noticed, why: "wrong signature",
			})
		}
		all = append(all, downgrade{
			name: fmt.Sprintf("%v, last answer without its signature", d), dialect: d,
			proxy: func() smbtest.Proxy {
				return smbtest.Proxy{Reply: nth(2, func(msg []byte) []byte {
					msg[flagsAt] &^= byte(smb2.FlagSigned)
					clear(signature(msg))
					return msg
				})}
			}, verdict: noticed, why: "last SESSION_SETUP reply unsigned",
		})
	}
	return all
}

// TestDowngradesAreRefusedOrNoticed negotiates with a careful client through a
// proxy that alters what the two agree on.
func TestDowngradesAreRefusedOrNoticed(t *testing.T) {
	counts := make(tally)
	servers := make(map[*policy.Snapshot]*smbtest.Server)
	for _, d := range downgrades() {
		s := servers[nil]
		if d.policy != nil {
			s = smbtest.StartServer(t, smbtest.Options{Pipe: true, Quiet: true, Policy: d.policy})
		} else if s == nil {
			s = smbtest.StartServer(t, smbtest.Options{Pipe: true, Quiet: true})
			servers[nil] = s
		}
		c := careful{t: t, s: s, name: "downgraded", validates: !d.careless, offer: func(p *smbtest.Peer) { p.Dialects = upTo(d.dialect) }}
		verdict, why := c.logOn(d.proxy())
		if verdict != d.verdict || d.why != "" && why != d.why {
			t.Errorf("%s: %s: %s, want %s: %s", d.name, verdict, why, d.verdict, d.why)
		}
		counts.add(verdict, why)
		if calls := s.Log.Take(); len(calls) > 0 {
			t.Errorf("%s: reached the back end: %q", d.name, calls)
		}
		// Unaltered, the same log-on succeeds.
		if verdict, why := c.logOn(smbtest.Proxy{}); verdict != unnoticed || why != d.dialect.String() {
			t.Errorf("%s: unaltered: %s: %s", d.name, verdict, why)
		}
		if len(s.Log.Take()) == 0 {
			t.Errorf("%s: unaltered: nothing reached the back end", d.name)
		}
	}
	t.Logf("%d cases\n%v", counts.total(), counts)
}

// TestDowngradedCarelessClientIsStillSigned shows the worst that becomes of a
// client that does not validate the negotiation: an older dialect, in which
// everything is signed as it would be otherwise.
func TestDowngradedCarelessClientIsStillSigned(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Pipe: true, Quiet: true})
	for _, lower := range upTo(smb2.Dialect302) {
		c := careful{t: t, s: s, name: "downgraded", offer: func(*smbtest.Peer) {}}
		cut := negotiateRequest(func(m *smb2.NegotiateRequest) {
			m.Dialects, m.Contexts, m.SecurityMode, m.Capabilities = upTo(lower), nil, smb2.SigningEnabled, 0
		})()
		cut.Reply = nth(0, func(msg []byte) []byte {
			return rewrite(msg, new(smb2.NegotiateResponse), func(m *smb2.NegotiateResponse) { m.SecurityMode = smb2.SigningEnabled })
		})
		// logOn fails on an unsigned reply.
		if verdict, why := c.logOn(cut); verdict != unnoticed || why != lower.String() {
			t.Errorf("cut to %v: %s: %s", lower, verdict, why)
		}
		// Nor does it help to take every signature off.
		bare := cut
		negotiate := negotiateRequest(func(m *smb2.NegotiateRequest) {
			m.Dialects, m.Contexts, m.SecurityMode, m.Capabilities = upTo(lower), nil, smb2.SigningEnabled, 0
		})().Request
		bare.Request = func(msg []byte) [][]byte {
			messages := negotiate(msg)
			for _, m := range messages {
				m[flagsAt] &^= byte(smb2.FlagSigned)
				clear(signature(m))
				if m[12] == byte(smb2.CommandSessionSetup) {
					m[smb2.HeaderSize+3] = byte(smb2.SigningEnabled)
				}
			}
			return messages
		}
		s.Log.Reset()
		if verdict, why := c.logOn(bare); verdict != refused || why != "TREE_CONNECT "+denied {
			t.Errorf("cut to %v, without signatures: %s: %s", lower, verdict, why)
		}
		if calls := s.Log.Take(); len(calls) > 0 {
			t.Errorf("cut to %v, without signatures: reached the back end: %q", lower, calls)
		}
	}
}

// TestNoFlippedBitOfALogOnGoesUnnoticed flips every third bit of the three
// requests of a log-on, which no signature protects. At 3.1.1 none goes unnoticed, for
// the hash goes into the keys. Below, those that do are listed, and change
// nothing of who signed in and how it is protected.
func TestNoFlippedBitOfALogOnGoesUnnoticed(t *testing.T) {
	step := 3 * stride(43)
	var mu sync.Mutex
	all := make(tally)
	t.Run("", func(t *testing.T) { // until all are done
		for _, d := range upTo(smb2.Dialect311) {
			t.Run(d.String(), func(t *testing.T) {
				parallel(t)
				counts := flipLogOn(t, d, step)
				mu.Lock()
				all.merge(counts)
				mu.Unlock()
			})
		}
	})
	t.Logf("%d cases\n%v", all.total(), all)
}

// unprotected are the parts of a log-on below 3.1.1 that nothing protects, by
// request. What they can change is in docs/signing.md.
var unprotected = [3][]field{
	{ // NEGOTIATE
		{"CreditCharge", 6, 8, nil},
		{"Status", 8, 12, nil},
		{"Credits", 14, 16, nil},
		{"Flags", 16, 20, nil},
		{"Reserved, TreeId, SessionId, Signature", 32, 64, nil},
		{"Reserved", 70, 72, nil},
		{"ClientStartTime", 92, 100, nil},
	},
	unprotectedSetup,
	unprotectedSetup,
}

// unprotectedSetup is the row of either SESSION_SETUP. The NTLM messages in
// them have a MIC, and the list of mechanisms has one of its own, which may be
// left out where the client's first choice is taken (RFC 4178 5).
var unprotectedSetup = []field{
	{"CreditCharge", 6, 8, nil},
	{"Status", 8, 12, nil},
	{"Credits", 14, 16, nil},
	{"Flags", 16, 20, nil},
	{"Reserved, TreeId", 32, 40, nil},
	{"Signature", 48, 64, nil},
	{"Flags to PreviousSessionId", 66, 88, nil},
}

// flipLogOn flips every step-th bit of a log-on at dialect d.
func flipLogOn(t *testing.T, d smb2.Dialect, step int) tally {
	t.Helper()
	counts := make(tally)
	s := smbtest.StartServer(t, smbtest.Options{Pipe: true, Quiet: true})
	c := careful{t: t, s: s, name: "logged on", validates: true, offer: func(p *smbtest.Peer) { p.Dialects = upTo(d) }}
	for n, request := range []string{"NEGOTIATE", "first SESSION_SETUP", "last SESSION_SETUP"} {
		size := 0
		var micParts []int // bytes by which a parser finds mechListMIC in the last token
		measure := smbtest.Proxy{Request: nth(n, func(msg []byte) []byte {
			size = 8 * len(msg)
			if at := bytes.Index(msg, []byte{0xA3, 0x12, 0x04, 0x10}); n == 2 && at > 0 {
				token := smb2.HeaderSize + 24
				// Its tag, and the length of the field before, which may swallow it.
				micParts = []int{at, token + 10, token + 11}
			}
			return msg
		})}
		if verdict, why := c.logOn(measure); verdict != unnoticed {
			t.Fatalf("unaltered: %s: %s", verdict, why)
		}
		s.Log.Reset()
		for bit := 0; bit < size; bit += step {
			verdict, why := c.logOn(smbtest.Proxy{Request: nth(n, func(msg []byte) []byte {
				if bit/8 < len(msg) { // tokens differ in length
					msg[bit/8] ^= 1 << (bit % 8)
				}
				return msg
			})})
			part := "security buffer, contexts"
			if n == 2 && slices.Contains(micParts, bit/8) {
				part = "presence of mechListMIC"
			}
			for _, f := range unprotected[n] {
				if f.from <= bit/8 && bit/8 < f.to {
					part = f.name
				}
			}
			version := "3.1.1 "
			if d < smb2.Dialect311 {
				version = "below "
			}
			counts.add(version+request+" "+part, verdict)
			if verdict != unnoticed {
				if calls := s.Log.Take(); len(calls) > 0 {
					t.Fatalf("%v, %s: bit %d of byte %d: %s, but reached the back end: %q", d, request, bit%8, bit/8, verdict, calls)
				}
				continue
			}
			s.Log.Reset()
			if d == smb2.Dialect311 || part == "security buffer, contexts" || why != d.String() {
				t.Errorf("%v, %s: bit %d of byte %d goes unnoticed: %s", d, request, bit%8, bit/8, why)
			}
		}
	}
	return counts
}
