package client_test

// What people complain about in other clients, one test each.

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/auth/ntlm"
	"github.com/signet-smb/signet/auth/spnego"
	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// chainOf answers a CREATE, SET_INFO, CLOSE, or a part of it, by one signed
// chain, whose padding alter may change afterwards.
func chainOf(alter func(chain []byte)) func(*question) bool {
	var chain []byte
	add := func(q *question, m smb2.Message, last bool) {
		start := len(chain)
		chain = append(chain, make([]byte, smb2.HeaderSize)...)
		chain = smb2.Append(chain, m)
		h := q.answer(ntstatus.Success)
		if !last {
			for len(chain)%8 != 0 {
				chain = append(chain, 0)
			}
			h.NextCommand = uint32(len(chain) - start)
		}
		h.Put(chain[start:])
		q.side.Signer.Sign(chain[start:], transform.Server)
	}
	return func(q *question) bool {
		switch q.Command {
		case smb2.CommandCreate:
			chain = nil
			add(q, &smb2.CreateResponse{}, false)
		case smb2.CommandSetInfo:
			add(q, &smb2.SetInfoResponse{}, false)
		case smb2.CommandClose:
			add(q, &smb2.CloseResponse{}, true)
			if alter != nil {
				alter(chain)
			}
			q.send(chain)
		default:
			return false
		}
		return true
	}
}

func TestChainIsVerifiedElementByElementPaddingIncluded(t *testing.T) {
	if err := rogueShare(t, &rogue{handle: chainOf(nil)}).Truncate(bounded(t), "f", 0); err != nil {
		t.Fatalf("genuine: %v", err)
	}
	share := rogueShare(t, &rogue{handle: chainOf(func(chain []byte) {
		first, _ := smb2.DecodeHeader(chain)
		second, _ := smb2.DecodeHeader(chain[first.NextCommand:])
		chain[first.NextCommand+second.NextCommand-1] ^= 1 // the last byte of padding
	})})
	err := share.Truncate(bounded(t), "f", 0)
	if _, ok := errors.AsType[*client.SignatureError](err); !ok {
		t.Fatalf("altered padding: %v", err)
	}
}

func TestStatIsOneMessage(t *testing.T) {
	s := &rogue{handle: chainOf(nil)}
	share := rogueShare(t, s)
	before := s.frames.Load()
	if _, err := share.Stat(bounded(t), "f"); err != nil {
		t.Fatal(err)
	}
	if n := s.frames.Load() - before; n != 1 {
		t.Errorf("%d messages", n)
	}
}

func TestFastestSigningIsOfferedFirst(t *testing.T) {
	req := offered(t)
	i := slices.IndexFunc(req.Contexts, func(c smb2.NegotiateContext) bool { return c.Type == smb2.ContextSigning })
	got, err := req.Contexts[i].Signing()
	if want := []smb2.SigningAlgorithm{smb2.SigningAESGMAC, smb2.SigningAESCMAC, smb2.SigningHMACSHA256}; err != nil || !slices.Equal(got.Algorithms, want) {
		t.Errorf("got %v, %v, want %v", got.Algorithms, err, want)
	}
}

// flags collects how requests after the sign-in travel.
func flags(t *testing.T, s *rogue, values ...string) (signed, sealed, plain int) {
	t.Helper()
	var mu sync.Mutex
	s.handle = func(q *question) bool {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case q.Command == smb2.CommandNegotiate || q.Command == smb2.CommandSessionSetup:
		case q.sealed:
			sealed++
		case q.Is(smb2.FlagSigned):
			signed++
		default:
			plain++
		}
		return false
	}
	session, err := dialRogue(t, s, values...)
	if err != nil {
		t.Fatal(err)
	}
	share, err := session.Share(bounded(t), "data")
	if err != nil {
		t.Fatal(err)
	}
	f, err := share.Create(bounded(t), "f")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	f.Close()
	share.Close()
	session.Close()
	mu.Lock()
	defer mu.Unlock()
	return signed, sealed, plain
}

func TestEveryRequestTravelsAsTheSessionDemands(t *testing.T) {
	for _, c := range []struct {
		name                  string
		s                     *rogue
		values                []string
		signed, sealed, plain bool
	}{
		{"signed", &rogue{}, nil, true, false, false},
		{"signed because the server wants it", &rogue{mode: 3}, []string{"client.RequireSecuritySignature", "False"}, true, false, false},
		{"sealed", &rogue{cipher: smb2.CipherAES256GCM}, []string{"client.RequireEncryption", "True"}, false, true, false},
		{"sealed because the server wants it", &rogue{cipher: smb2.CipherAES256GCM, sessionFlags: smb2.SessionEncryptData}, nil, false, true, false},
		{"plain, but for TREE_CONNECT", &rogue{}, []string{"client.RequireSecuritySignature", "False"}, true, false, true},
		{"guest", &rogue{sessionFlags: smb2.SessionIsGuest, mode: 3, cipher: smb2.CipherAES128GCM}, []string{"client.RequireSecuritySignature", "False", "client.EnableInsecureGuestLogons", "True"}, false, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			signed, sealed, plain := flags(t, c.s, c.values...)
			if (signed > 0) != c.signed || (sealed > 0) != c.sealed || (plain > 0) != c.plain {
				t.Errorf("%d signed, %d sealed, %d plain", signed, sealed, plain)
			}
		})
	}
}

func TestProgramMayBringItsOwnMechanism(t *testing.T) {
	d := dialer()
	d.Policy = set(t, "client.BlockNTLM", "True")
	target := ""
	d.Mechanism = func(t string) (auth.Initiator, error) {
		target = t
		return spnego.NewInitiator(spnego.Offer{OID: spnego.NTLMSSP, Initiator: ntlm.NewInitiator(ntlm.Credentials{User: smbtest.User, Password: smbtest.Password})}), nil
	}
	session, err := d.DialConn(bounded(t), (&rogue{}).start(t), "ROGUE")
	if err != nil {
		t.Fatal(err)
	}
	session.Close()
	if target != "cifs/ROGUE" {
		t.Errorf("target %q", target)
	}
}

func TestPathOfAnotherServerIsSaidAndNotFollowed(t *testing.T) {
	s := &rogue{handle: only(smb2.CommandCreate, func(q *question) { q.fail(ntstatus.PathNotCovered) })}
	_, err := rogueShare(t, s).Open(bounded(t), "link/f")
	if !errors.Is(err, ntstatus.PathNotCovered) || !strings.Contains(err.Error(), "another server of the DFS namespace") {
		t.Errorf("got %v", err)
	}
}

func TestReferralsAreDecoded(t *testing.T) {
	// RESP_GET_DFS_REFERRAL with one version 3 entry, made by hand after
	// [MS-DFSC] 2.2.4 and 2.2.5.3.
	entry := "\x03\x00\x22\x00\x00\x00\x00\x00\x2c\x01\x00\x00\x22\x00\x22\x00\x22\x00" + strings.Repeat("\x00", 16)
	var text []byte
	for _, r := range `\fs2\files` + "\x00" {
		text = append(text, byte(r), 0)
	}
	out := append([]byte("\x12\x00\x01\x00\x02\x00\x00\x00"+entry), text...)
	s := &rogue{handle: only(smb2.CommandIoctl, func(q *question) {
		var req smb2.IoctlRequest
		if err := smb2.Decode(q.message, &req); err != nil {
			q.t.Error(err)
		}
		q.reply(ntstatus.Success, &smb2.IoctlResponse{CtlCode: req.CtlCode, FileID: req.FileID, Output: out})
	})}
	session, err := dialRogue(t, s)
	if err != nil {
		t.Fatal(err)
	}
	list, err := session.Referrals(bounded(t), `\\fs1\root\link\deep`)
	if err != nil || len(list) != 1 || list[0].Target != `\fs2\files` || list[0].Path != `\fs1\root` || !list[0].Storage || list[0].Lifetime.Seconds() != 300 {
		t.Fatalf("%+v, %v", list, err)
	}
	out = out[:len(out)-2] // without the terminator
	if _, err := session.Referrals(bounded(t), `\fs1\root`); err == nil {
		t.Fatal("an answer that is cut off is taken")
	}
}

func TestChangesAreTold(t *testing.T) {
	first := true
	s := &rogue{handle: only(smb2.CommandChangeNotify, func(q *question) {
		if !first {
			q.reply(ntstatus.NotifyEnumDir, &smb2.ChangeNotifyResponse{})
			return
		}
		first = false
		h := q.answer(ntstatus.Pending)
		h.Flags |= smb2.FlagAsyncCommand
		h.AsyncID = 5
		q.send(encode(h, &smb2.ErrorResponse{}))
		h.Status, h.Credits = ntstatus.Success, 0
		q.sendSigned(encode(h, &smb2.ChangeNotifyResponse{Output: fscc.AppendInformation(nil, &fscc.NotifyInformation{Changes: []fscc.Change{
			{Action: fscc.NotifyAdded, FileName: `sub\new`}, {Action: fscc.NotifyRemoved, FileName: "old"},
		}})}))
	})}
	share := rogueShare(t, s)
	ctx, cancel := context.WithCancel(bounded(t))
	defer cancel()
	var got []client.Change
	for c, err := range share.Watch(ctx, "", client.AllEvents, true) {
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, c); c.Missed {
			break
		}
	}
	want := []client.Change{{Action: fscc.NotifyAdded, Name: "sub/new"}, {Action: fscc.NotifyRemoved, Name: "old"}, {Missed: true}}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestChangedNamesThatLeadUpAreRefused(t *testing.T) {
	s := &rogue{handle: only(smb2.CommandChangeNotify, func(q *question) {
		q.reply(ntstatus.Success, &smb2.ChangeNotifyResponse{Output: fscc.AppendInformation(nil, &fscc.NotifyInformation{Changes: []fscc.Change{
			{Action: fscc.NotifyAdded, FileName: `..\..\x`},
		}})})
	})}
	for _, err := range rogueShare(t, s).Watch(bounded(t), "", client.AllEvents, true) {
		if _, ok := errors.AsType[*client.NameError](err); !ok {
			t.Fatalf("got %v", err)
		}
	}
}

func TestProbeSendsNoToken(t *testing.T) {
	s := &rogue{mode: 3, cipher: smb2.CipherAES128GCM}
	d := client.Dialer{Connect: s.connect(t)}
	i, err := d.Probe(bounded(t), "fs1")
	if err != nil || i.Dialect != "3.1.1" || !i.SigningNeeded || i.Cipher != "AES-128-GCM" || i.Name != "fs1" {
		t.Fatalf("%+v, %v", i, err)
	}
	if !slices.Equal(s.commands(), []smb2.Command{smb2.CommandNegotiate}) {
		t.Errorf("requests: %v", s.commands())
	}
}

func TestNamedCaller(t *testing.T) {
	session, err := dialRogue(t, &rogue{})
	if err != nil {
		t.Fatal(err)
	}
	if i := session.Info(); i.User != smbtest.User || i.Identity != policy.User || len(session.SessionKey()) != 16 {
		t.Errorf("%+v", i)
	}
}
