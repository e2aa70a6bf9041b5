package server_test

import (
	"fmt"
	"testing"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/server"
)

// sharesThatDemand are a share for each of what shares can demand.
var sharesThatDemand = map[string]policy.ShareDemands{
	"plain": {}, "signed": {RequireSigning: true}, "sealed": {EncryptData: true}, "both": {RequireSigning: true, EncryptData: true},
}

// TestTheServerDoesWhatPolicyDecides compares what a scripted client meets with
// policy.Decide, in every situation that a server can be in: what is demanded by
// client, server and share, who the client is, its dialect, whether it signs and
// whether it can encrypt.
func TestTheServerDoesWhatPolicyDecides(t *testing.T) {
	n := 0
	for bits := range 1 << 4 {
		demands := policy.ServerDemands{RequireSigning: bits&1 != 0, EncryptData: bits&2 != 0, RejectUnencrypted: bits&4 != 0, AllowGuest: bits&8 != 0}
		snapshot := policy.Default()
		snapshot = policy.With(snapshot, policy.RequireSecuritySignature, demands.RequireSigning, inTest)
		snapshot = policy.With(snapshot, policy.EncryptData, demands.EncryptData, inTest)
		snapshot = policy.With(snapshot, policy.RejectUnencryptedAccess, demands.RejectUnencrypted, inTest)
		snapshot = policy.With(snapshot, policy.EnableGuestAccess, demands.AllowGuest, inTest)
		snapshot = policy.With(snapshot, policy.NullSessionShares, []string{"plain", "signed", "sealed", "both"}, inTest)
		for _, identity := range []policy.Identity{policy.User, policy.Guest, policy.Anonymous} {
			if demands.AllowGuest && identity != policy.Guest {
				continue // says nothing about the others
			}
			t.Run(fmt.Sprintf("%+v %v", demands, identity), func(t *testing.T) {
				opt := smbtest.Options{Policy: snapshot, Quiet: true}
				if identity == policy.Guest {
					opt.Authenticator = everyone(auth.Guest)
				}
				s := smbtest.StartServer(t, opt)
				var shares []*server.Share
				for name, d := range sharesThatDemand {
					shares = append(shares, &server.Share{Name: name, FS: s.Log, RequireSecuritySignature: d.RequireSigning, EncryptData: d.EncryptData})
				}
				if err := s.SetShares(shares); err != nil {
					t.Fatal(err)
				}
				for _, dialect := range []smb2.Dialect{smb2.Dialect202, smb2.Dialect210, smb2.Dialect300, smb2.Dialect302, smb2.Dialect311} {
					for client := range 1 << 3 {
						if client&4 != 0 && dialect < smb2.Dialect300 {
							continue // nobody can encrypt there
						}
						for share, d := range sharesThatDemand {
							n++
							in := policy.Situation{
								Client: policy.ClientDemands{RequireSigning: client&1 != 0, AllowGuest: true},
								Server: demands, Share: d, Identity: identity, Dialect: policy.Dialect(dialect),
								CanSign: client&2 != 0, CanEncrypt: client&4 != 0,
							}
							want := policy.Decide(in)
							if want.By == policy.ClientSide {
								continue // for the client to refuse
							}
							if got := experience(t, s, in, share); got != (seen{want.Outcome, ntstatus.Status(want.Status)}) {
								t.Errorf("%+v: %v %v\nwant %v %v by rule %q", in, got.outcome, got.status, want.Outcome, ntstatus.Status(want.Status), want.Rule)
							}
						}
					}
				}
			})
		}
	}
	t.Logf("%d situations", n)
}

// seen is what a client meets.
type seen struct {
	outcome policy.Outcome
	status  ntstatus.Status // of what was refused
}

// cutOff is what a connection that the server closed counts as.
var cutOff = seen{policy.Refused, ntstatus.Status(policy.StatusConnectionReset)}

// experience signs in, connects to share and asks for something in it, as the
// client that in describes would, and then as one that protects less.
func experience(t *testing.T, s *smbtest.Server, in policy.Situation, share string) seen {
	t.Helper()
	p := s.Dial()
	defer p.Close()
	p.Dialects = []smb2.Dialect{smb2.Dialect(in.Dialect)}
	p.Mode = smb2.SigningEnabled
	if in.Client.RequireSigning {
		p.Mode |= smb2.SigningRequired
	}
	if !in.CanEncrypt {
		p.Ciphers = nil
		p.Capabilities &^= smb2.CapEncryption
	}
	if res := p.Negotiate(); res.SecurityMode&smb2.SigningRequired == 0 && in.Rules == (policy.RuleDemands{}) {
		t.Errorf("%+v: the server does not say that signing may be required", in)
	}
	var init auth.Initiator
	switch in.Identity {
	case policy.User:
		init = smbtest.Initiator()
	case policy.Guest:
		init = anybody{}
	case policy.Anonymous:
		init = smbtest.InitiatorFor("", "")
	}
	r := p.SessionSetup(init)
	if r.Header.Status != ntstatus.Success {
		return seen{policy.Refused, r.Header.Status}
	}
	if in.Identity == policy.User && !r.Signed && !r.Sealed {
		t.Errorf("%+v: the last SESSION_SETUP reply is not protected", in)
	}
	var res smb2.SessionSetupResponse
	r.Decode(t, &res)
	p.Seal = res.SessionFlags&smb2.SessionEncryptData != 0
	unsigned := !in.CanSign || in.Identity != policy.User
	send := func(m smb2.Message) (smbtest.Reply, bool) {
		replies, ok := p.Exchange(smbtest.Element{Message: m, Unsigned: unsigned})
		if !ok {
			return smbtest.Reply{}, false
		}
		return replies[0], true
	}
	if r, ok := send(&smb2.TreeConnectRequest{Path: `\\server\` + share}); !ok {
		return cutOff
	} else if r.Header.Status != ntstatus.Success {
		return seen{policy.Refused, r.Header.Status}
	} else {
		p.TreeID = r.Header.TreeID
		var res smb2.TreeConnectResponse
		r.Decode(t, &res)
		p.Seal = p.Seal || res.ShareFlags&smb2.ShareFlagEncryptData != 0 && p.CanSeal()
	}
	r, ok := send(smbtest.CreateFile("f"))
	if !ok {
		return cutOff
	}
	if r.Header.Status != ntstatus.Success {
		return seen{policy.Refused, r.Header.Status}
	}
	sealed := r.Sealed
	// What it gets away with when it protects less, from outside.
	p.Seal, unsigned = false, false
	if r, ok := send(smbtest.CreateFile("g")); sealed && (!ok || r.Header.Status == ntstatus.AccessDenied) {
		return seen{policy.Sealed, ntstatus.Success}
	} else if !ok || r.Header.Status != ntstatus.Success {
		t.Errorf("%+v: signed CREATE: %v", in, r.Header.Status)
	}
	unsigned = true
	if r, ok := send(smbtest.CreateFile("h")); ok && r.Header.Status == ntstatus.Success {
		return seen{policy.Plain, ntstatus.Success}
	}
	return seen{policy.Signed, ntstatus.Success}
}
