package server_test

import (
	"testing"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/server"
)

// The shares of startProtecting, which demand what they are called.
const (
	sealedShare = "sealed"
	signedShare = "signed"
)

// startProtecting starts a server that requires no signing of anybody, with
// shares that demand protection and one that does not.
func startProtecting(t *testing.T, opt smbtest.Options) *smbtest.Server {
	t.Helper()
	if opt.Policy == nil {
		opt.Policy = relaxed()
	}
	s := smbtest.StartServer(t, opt)
	err := s.SetShares([]*server.Share{
		{Name: smbtest.ShareName, FS: s.Log},
		{Name: sealedShare, FS: s.Log, EncryptData: true},
		{Name: signedShare, FS: s.Log, RequireSecuritySignature: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// signInOnly returns a peer that has signed in and no tree.
func signInOnly(t *testing.T, s *smbtest.Server, setup ...func(*smbtest.Peer)) *smbtest.Peer {
	t.Helper()
	p := s.Dial()
	for _, f := range setup {
		f(p)
	}
	p.Negotiate()
	if r := p.SessionSetup(smbtest.Initiator()); r.Header.Status != ntstatus.Success {
		t.Fatalf("log-on: %v", r.Header.Status)
	}
	return p
}

// at makes a peer that speaks one dialect and does not require signing.
func at(d smb2.Dialect) func(*smbtest.Peer) {
	return func(p *smbtest.Peer) {
		casual(p)
		p.Dialects = []smb2.Dialect{d}
	}
}

// aboutFiles are requests about an open and about its tree connect.
func aboutFiles(id smb2.FileID) []smb2.Message {
	return []smb2.Message{
		smbtest.CreateFile("x"),
		&smb2.ReadRequest{FileID: id, Length: 1},
		&smb2.WriteRequest{FileID: id, Data: []byte("x")},
		&smb2.FlushRequest{FileID: id},
		&smb2.IoctlRequest{CtlCode: fscc.FSCTLSrvRequestResumeKey, FileID: id, MaxOutputResponse: 100, Flags: smb2.IoctlIsFSCTL},
		&smb2.CloseRequest{FileID: id},
		&smb2.TreeDisconnectRequest{},
	}
}

func TestAShareThatEncryptsTakesSealedRequestsOnly(t *testing.T) {
	for _, d := range []smb2.Dialect{smb2.Dialect300, smb2.Dialect302, smb2.Dialect311} {
		t.Run(d.String(), func(t *testing.T) {
			s := startProtecting(t, smbtest.Options{})
			p := signInOnly(t, s, at(d))
			r := p.TreeConnect(sealedShare)
			var res smb2.TreeConnectResponse
			r.Decode(t, &res)
			if r.Header.Status != ntstatus.Success || res.ShareFlags != smb2.ShareFlagEncryptData {
				t.Fatalf("TREE_CONNECT: %v, flags %#x, want SMB2_SHAREFLAG_ENCRYPT_DATA", r.Header.Status, res.ShareFlags)
			}
			p.Seal = true
			id := p.Open("f")
			p.Write(id, 0, "nobody reads along")
			var read smb2.ReadResponse
			if r := p.MustDo(&smb2.ReadRequest{FileID: id, Length: 100}, &read); !r.Sealed || string(read.Data) != "nobody reads along" {
				t.Errorf("READ: %q, sealed %v", read.Data, r.Sealed)
			}
			if infos := s.Sessions(); len(infos) != 1 || !infos[0].Encrypted || !infos[0].Signed {
				t.Errorf("Sessions() = %+v, want one that is encrypted", infos)
			}
			s.Log.Reset()
			p.Seal = false
			for _, m := range aboutFiles(id) {
				if r := p.Do(m); r.Header.Status != ntstatus.AccessDenied || !r.Sealed {
					t.Errorf("signed %v: %v, sealed %v; want AccessDenied, sealed", smb2.CommandOf(m), r.Header.Status, r.Sealed)
				}
			}
			expectUntouched(t, "plain requests", s)
			// Related elements have no way round.
			replies := exchange(t, p, smbtest.Element{Message: smbtest.CreateFile("x")}, related(&smb2.CloseRequest{FileID: smb2.RelatedFileID}))
			expectStatuses(t, "plain compound", replies, ntstatus.AccessDenied, ntstatus.AccessDenied)
			expectUntouched(t, "plain compound", s)
			// Nor has the same file through another share.
			p.TreeConnect(smbtest.ShareName)
			expectStatus(t, "READ in the tree of another share", p, smbtest.Element{Message: &smb2.ReadRequest{FileID: id, Length: 1}}, ntstatus.FileClosed)
			p.CloseFile(p.Open("f"))
			if infos := s.Sessions(); infos[0].Encrypted || infos[0].Signed {
				t.Errorf("Sessions() with a share that demands nothing = %+v", infos)
			}
		})
	}
}

func TestWhoCannotEncryptIsKeptOutOfAShareThatDoes(t *testing.T) {
	rejecting := relaxed()
	lenient := policy.With(relaxed(), policy.RejectUnencryptedAccess, false, inTest)
	noCipher := func(p *smbtest.Peer) { casual(p); p.Ciphers = nil }
	for _, c := range []struct {
		name   string
		policy *policy.Snapshot
		peer   func(*smbtest.Peer)
		want   ntstatus.Status
		flags  smb2.ShareFlags
	}{
		{"2.0.2", rejecting, at(smb2.Dialect202), ntstatus.AccessDenied, 0},
		{"2.1", rejecting, at(smb2.Dialect210), ntstatus.AccessDenied, 0},
		{"3.1.1 without a cipher", rejecting, noCipher, ntstatus.AccessDenied, 0},
		{"2.1, RejectUnencryptedAccess False", lenient, at(smb2.Dialect210), ntstatus.Success, 0},
		{"3.1.1 without a cipher, RejectUnencryptedAccess False", lenient, noCipher, ntstatus.Success, smb2.ShareFlagEncryptData},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := startProtecting(t, smbtest.Options{Policy: c.policy})
			p := signInOnly(t, s, c.peer)
			r := p.TreeConnect(sealedShare)
			if r.Header.Status != c.want {
				t.Fatalf("TREE_CONNECT: %v, want %v", r.Header.Status, c.want)
			}
			if c.want != ntstatus.Success {
				return
			}
			var res smb2.TreeConnectResponse
			r.Decode(t, &res)
			if res.ShareFlags != c.flags {
				t.Errorf("flags %#x, want %#x", res.ShareFlags, c.flags)
			}
			p.CloseFile(p.Open("f"))
			if infos := s.Sessions(); infos[0].Encrypted {
				t.Errorf("Sessions() = %+v of who cannot encrypt", infos)
			}
		})
	}
	// Who can encrypt must, even so.
	s := startProtecting(t, smbtest.Options{Policy: lenient})
	p := signInOnly(t, s)
	p.TreeConnect(sealedShare)
	expectStatus(t, "plain CREATE", p, smbtest.Element{Message: smbtest.CreateFile("f")}, ntstatus.AccessDenied)
}

func TestAShareThatRequiresSigningRefusesUnsignedRequests(t *testing.T) {
	for _, d := range []smb2.Dialect{smb2.Dialect202, smb2.Dialect210, smb2.Dialect300, smb2.Dialect302, smb2.Dialect311} {
		t.Run(d.String(), func(t *testing.T) {
			s := startProtecting(t, smbtest.Options{})
			p := s.Dial()
			at(d)(p)
			if res := p.Negotiate(); res.SecurityMode&smb2.SigningRequired == 0 {
				t.Errorf("SecurityMode %#x does not tell the client to sign", res.SecurityMode)
			}
			p.SessionSetup(smbtest.Initiator())
			if d != smb2.Dialect311 { // there it ends the connection anyway
				expectStatus(t, "unsigned TREE_CONNECT", p,
					smbtest.Element{Message: &smb2.TreeConnectRequest{Path: `\\server\` + signedShare}, Unsigned: true}, ntstatus.AccessDenied)
			}
			if r := p.TreeConnect(signedShare); r.Header.Status != ntstatus.Success {
				t.Fatalf("signed TREE_CONNECT: %v", r.Header.Status)
			}
			id := p.Open("f")
			if infos := s.Sessions(); len(infos) != 1 || !infos[0].Signed || infos[0].SigningRequiredBy != "share" {
				t.Errorf("Sessions() = %+v, want one that is signed because of the share", infos)
			}
			s.Log.Reset()
			for _, m := range aboutFiles(id) {
				r := expectStatus(t, "unsigned "+smb2.CommandOf(m).String(), p, smbtest.Element{Message: m, Unsigned: true}, ntstatus.AccessDenied)
				if !r.Signed {
					t.Errorf("the refusal of %v is not signed", smb2.CommandOf(m))
				}
			}
			expectUntouched(t, "unsigned requests", s)
			if d >= smb2.Dialect300 {
				p.Seal = true
				p.Write(id, 0, "sealed will do")
				p.Seal = false
			}
			p.CloseFile(id)

			// A share that demands nothing takes what is not signed.
			p.TreeConnect(smbtest.ShareName)
			expectStatus(t, "unsigned CREATE in another share", p, smbtest.Element{Message: smbtest.CreateFile("g"), Unsigned: true}, ntstatus.Success)
		})
	}
}

func TestWithoutAShareThatRequiresSigningNobodyIsToldTo(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: relaxed()})
	if res := s.Dial().Negotiate(); res.SecurityMode != smb2.SigningEnabled {
		t.Errorf("SecurityMode %#x, want enabled and not required", res.SecurityMode)
	}
}

func TestGuestsAreKeptOutOfSharesThatDemandProtection(t *testing.T) {
	for _, d := range []smb2.Dialect{smb2.Dialect210, smb2.Dialect311} {
		for _, lenient := range []bool{false, true} {
			snapshot := policy.With(withGuests(relaxed()), policy.RejectUnencryptedAccess, !lenient, inTest)
			s := startProtecting(t, smbtest.Options{Policy: snapshot, Authenticator: everyone(auth.Guest)})
			p := s.Dial()
			at(d)(p)
			p.Negotiate()
			if r := p.SessionSetup(anybody{}); r.Header.Status != ntstatus.Success {
				t.Fatalf("guest log-on: %v", r.Header.Status)
			}
			for share, want := range map[string]ntstatus.Status{
				sealedShare: ntstatus.AccessDenied, signedShare: ntstatus.AccessDenied, smbtest.ShareName: ntstatus.Success,
			} {
				if got := p.TreeConnect(share).Header.Status; got != want {
					t.Errorf("%v, lenient %v: a guest at %s: %v, want %v", d, lenient, share, got, want)
				}
			}
		}
	}
}

func TestWhatAShareDemandsChangesWithTheNextTreeConnect(t *testing.T) {
	s := startProtecting(t, smbtest.Options{})
	p := signInOnly(t, s)
	p.TreeConnect(smbtest.ShareName)
	if err := s.SetShares([]*server.Share{{Name: smbtest.ShareName, FS: s.Log, EncryptData: true}}); err != nil {
		t.Fatal(err)
	}
	p.CloseFile(p.Open("connected before"))
	p.TreeConnect(smbtest.ShareName)
	expectStatus(t, "plain CREATE in a tree connected since", p, smbtest.Element{Message: smbtest.CreateFile("f")}, ntstatus.AccessDenied)
}

func TestAShareThatListsByAccessSaysSo(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	if err := s.SetShares([]*server.Share{{Name: smbtest.ShareName, FS: s.Log, AccessBasedEnumeration: true}}); err != nil {
		t.Fatal(err)
	}
	p := signInOnly(t, s)
	var res smb2.TreeConnectResponse
	r := p.TreeConnect(smbtest.ShareName)
	r.Decode(t, &res)
	if res.ShareFlags != smb2.ShareFlagAccessBasedEnum {
		t.Errorf("flags %#x, want SMB2_SHAREFLAG_ACCESS_BASED_DIRECTORY_ENUM", res.ShareFlags)
	}
}
