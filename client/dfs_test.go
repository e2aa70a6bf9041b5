package client_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/wire"
	"github.com/signet-smb/signet/ntstatus"
)

// namespace is scripted servers by name. On each, what begins with a key of its
// links is elsewhere: at the targets, for ttl seconds.
type namespace struct {
	links  map[string]map[string][]string // by server, by prefix: targets
	ttl    uint32
	domain string // a server that has no shares, but for IPC$
	covers int    // instead of as much of the path as the link has, in characters

	mu       sync.Mutex
	dialled  []string
	created  []string // names of CREATEs with the flag of DFS
	referred int
}

// connect makes the Connect of a dialer.
func (n *namespace) connect(t *testing.T) func(context.Context, string, string) (net.Conn, error) {
	return func(_ context.Context, _, address string) (net.Conn, error) {
		host, _, _ := net.SplitHostPort(address)
		n.mu.Lock()
		defer n.mu.Unlock()
		n.dialled = append(n.dialled, host)
		if host == "gone" {
			return nil, refused
		}
		return n.server(host).start(t), nil
	}
}

func (n *namespace) server(host string) *rogue {
	links := n.links[host]
	return &rogue{handle: func(q *question) bool {
		switch q.Command {
		case smb2.CommandTreeConnect:
			var req smb2.TreeConnectRequest
			if err := smb2.Decode(q.message, &req); err != nil {
				q.t.Error(err)
			}
			if host == n.domain && !strings.HasSuffix(req.Path, `\IPC$`) {
				q.fail(ntstatus.BadNetworkName)
				return true
			}
			h := q.answer(ntstatus.Success)
			h.TreeID = 7
			res := &smb2.TreeConnectResponse{ShareType: smb2.ShareTypeDisk, MaximalAccess: dtyp.FileAllAccess}
			if links != nil {
				res.Capabilities = smb2.ShareCapDFS
			}
			q.sendSigned(encode(h, res))
		case smb2.CommandCreate:
			var req smb2.CreateRequest
			if err := smb2.Decode(q.message, &req); err != nil {
				q.t.Error(err)
			}
			n.mu.Lock()
			defer n.mu.Unlock()
			if q.Is(smb2.FlagDFSOperation) != (links != nil) {
				q.t.Errorf("%s: a CREATE of %q, DFS %t", host, req.Name, q.Is(smb2.FlagDFSOperation))
			}
			n.created = append(n.created, host+" "+req.Name)
			for prefix := range links {
				if strings.HasPrefix(`\`+req.Name, prefix) {
					q.fail(ntstatus.PathNotCovered)
					return true
				}
			}
			return false
		case smb2.CommandIoctl:
			var req smb2.IoctlRequest
			var ask fscc.GetDFSReferral
			if err := errors.Join(smb2.Decode(q.message, &req), fscc.DecodeInformation(req.Input, &ask)); err != nil {
				q.t.Error(err)
			}
			if req.CtlCode != fscc.FSCTLDFSGetReferrals {
				return false
			}
			n.mu.Lock()
			n.referred++
			n.mu.Unlock()
			for prefix, targets := range links {
				if strings.HasPrefix(ask.RequestFileName, prefix) {
					covered := len(prefix)
					if n.covers != 0 {
						covered = n.covers
					}
					q.reply(ntstatus.Success, &smb2.IoctlResponse{CtlCode: req.CtlCode, FileID: req.FileID, Output: referral(covered, n.ttl, targets)})
					return true
				}
			}
			q.fail(ntstatus.NoSuchFile)
		default:
			return false
		}
		return true
	}}
}

// referral is RESP_GET_DFS_REFERRAL with entries of version 3. [MS-DFSC] 2.2.4,
// 2.2.5.3.1.
func referral(covered int, ttl uint32, targets []string) []byte {
	w := wire.NewWriter(nil)
	w.U16(uint16(2 * covered))
	w.U16(uint16(len(targets)))
	w.U32(2)
	const fixed = 34
	for _, target := range targets {
		text := append(wire.AppendUTF16(nil, target), 0, 0)
		w.U16(3)
		w.U16(uint16(fixed + len(text)))
		w.U16(0)
		w.U16(0)
		w.U32(ttl)
		w.U16(fixed)
		w.U16(fixed)
		w.U16(fixed)
		w.Zero(16)
		w.Bytes(text)
	}
	return w.Finish()
}

// dfs is n as a client sees it.
func (n *namespace) dfs(t *testing.T, values ...string) *client.DFS {
	d := dialer()
	d.Connect, d.Policy = n.connect(t), set(t, values...)
	dfs := client.NewDFS(d)
	t.Cleanup(func() { dfs.Close() })
	return dfs
}

// trusts lets NTLM go to servers that referrals name.
var trusts = []string{"client.BlockNTLMServerExceptionList", "two, three, gone"}

func TestReferralsAreFollowedAndRemembered(t *testing.T) {
	n := &namespace{ttl: 300, links: map[string]map[string][]string{
		"one": {`\one\root\link`: {`\gone\x`, `\two\data\dir`}},
	}}
	dfs, ctx := n.dfs(t, trusts...), bounded(t)
	for _, c := range []struct{ path, share, name string }{
		{`\\one\root\link\sub\f`, `\\two\data`, `dir\sub\f`},
		{`\\ONE\root\LINK\g`, `\\two\data`, `dir\g`},
		{`//one/root/link`, `\\two\data`, `dir`},
		{`\\one\root\plain\f`, `\\one\root`, `plain\f`},
	} {
		share, name, err := dfs.Resolve(ctx, c.path)
		if err != nil || share.Path() != c.share || name != c.name {
			t.Fatalf("%s: %v, %q, %v", c.path, share, name, err)
		}
		if err := share.WriteFile(ctx, name, nil); err != nil {
			t.Errorf("%s: %v", c.path, err)
		}
	}
	if n.referred != 1 || !slices.Contains(n.created, `one one\root\plain\f`) || !slices.Contains(n.created, `two dir\sub\f`) {
		t.Errorf("%d referrals; %q", n.referred, n.created)
	}
}

func TestReferralThatHasExpiredIsAskedForAgain(t *testing.T) {
	n := &namespace{ttl: 0, links: map[string]map[string][]string{"one": {`\one\root\link`: {`\two\data`}}}}
	dfs := n.dfs(t, trusts...)
	for range 3 {
		if _, _, err := dfs.Resolve(bounded(t), `\\one\root\link\f`); err != nil {
			t.Fatal(err)
		}
	}
	if n.referred != 3 {
		t.Errorf("%d referrals", n.referred)
	}
}

func TestLinksLeadToLinks(t *testing.T) {
	n := &namespace{ttl: 300, links: map[string]map[string][]string{
		"one": {`\one\root\link`: {`\two\root\more`}},
		"two": {`\two\root\more`: {`\three\data`}},
	}}
	share, name, err := n.dfs(t, trusts...).Resolve(bounded(t), `\\one\root\link\f`)
	if err != nil || share.Path() != `\\three\data` || name != "f" {
		t.Errorf("%v, %q, %v", share, name, err)
	}
}

// A domain controller has no share of the namespace's name, and says who has.
func TestNamespaceOfADomainIsFound(t *testing.T) {
	n := &namespace{ttl: 300, domain: "corp.example", links: map[string]map[string][]string{
		"corp.example": {`\corp.example\files`: {`\gone\files`, `\two\files`}, `\corp.example\round`: {`\corp.example\round`}},
		"two":          {`\two\files\link`: {`\three\data`}},
	}}
	dfs, ctx := n.dfs(t, trusts...), bounded(t)
	for _, c := range []struct{ path, share, name string }{
		{`\\corp.example\files\link\f`, `\\three\data`, `f`},
		{`\\CORP.example\FILES\plain\f`, `\\two\files`, `plain\f`},
	} {
		share, name, err := dfs.Resolve(ctx, c.path)
		if err != nil || share.Path() != c.share || name != c.name {
			t.Errorf("%s: %v, %q, %v", c.path, share, name, err)
		}
	}
	if n.referred != 2 {
		t.Errorf("%d referrals, want one of the root and one of the link", n.referred)
	}
	if _, _, err := dfs.Resolve(ctx, `\\corp.example\other\f`); !errors.Is(err, ntstatus.BadNetworkName) {
		t.Errorf("a namespace that nobody has: %v", err)
	}
	if _, _, err := dfs.Resolve(ctx, `\\corp.example\round\f`); err == nil {
		t.Error("a namespace that is where it is was resolved")
	}
	// Nor is NTLM spoken with who has it, unless the policy says so.
	strict := n.dfs(t)
	_, _, err := strict.Resolve(ctx, `\\corp.example\files\f`)
	if r, ok := errors.AsType[*client.Refusal](err); !ok || r.Rule != client.RuleReferred || r.Server != "two" {
		t.Errorf("with nobody trusted: %v", err)
	}
}

func TestReferralsThatGoRoundEnd(t *testing.T) {
	for name, targets := range map[string][]string{
		"itself": {`\one\root\link`},
		"longer": {`\one\root\link\more`},
		"many":   slices.Repeat([]string{`\one\root\link\more`}, 200),
	} {
		n := &namespace{ttl: 0, links: map[string]map[string][]string{"one": {`\one\root\link`: targets}}}
		_, _, err := n.dfs(t).Resolve(bounded(t), `\\one\root\link\f`)
		if err == nil || n.referred > 40 {
			t.Errorf("%s: %v after %d referrals", name, err, n.referred)
		}
	}
}

func TestNTLMIsNotSpokenWithAServerThatOnlyAReferralNames(t *testing.T) {
	n := &namespace{ttl: 300, links: map[string]map[string][]string{"one": {`\one\root\link`: {`\two\data`}}}}
	dfs := n.dfs(t)
	_, _, err := dfs.Resolve(bounded(t), `\\one\root\link\f`)
	if r, ok := errors.AsType[*client.Refusal](err); !ok || r.Rule != client.RuleReferred || r.Server != "two" {
		t.Fatalf("got %v", err)
	}
	if len(n.created) != 1 {
		t.Errorf("created %q", n.created)
	}
	// Whoever names it himself wants to sign in there.
	if _, _, err := dfs.Resolve(bounded(t), `\\two\data\f`); err != nil {
		t.Error(err)
	}
	if _, _, err := dfs.Resolve(bounded(t), `\\one\root\link\f`); err != nil {
		t.Error(err)
	}
}

func TestReferralThatSpeaksForOthersIsNotTaken(t *testing.T) {
	for name, n := range map[string]*namespace{
		"the whole server":   {covers: len(`\one`)},
		"half a component":   {covers: len(`\one\root\li`)},
		"no target":          {links: map[string]map[string][]string{"one": {`\one\root\link`: {`two`}}}},
		"a name that is bad": {links: map[string]map[string][]string{"one": {`\one\root\link`: {`\two\data\..\x`}}}},
		"a port":             {links: map[string]map[string][]string{"one": {`\one\root\link`: {`\two:80\data`}}}},
		"none":               {links: map[string]map[string][]string{"one": {`\one\root\link`: {}}}},
	} {
		if n.links == nil {
			n.links = map[string]map[string][]string{"one": {`\one\root\link`: {`\two\data`}}}
		}
		_, _, err := n.dfs(t, trusts...).Resolve(bounded(t), `\\one\root\link\f`)
		if err == nil || slices.Contains(n.dialled, "two") {
			t.Errorf("%s: %v; dialled %q", name, err, n.dialled)
		}
	}
}

func TestPathThatIsNoUNCPathIsRefused(t *testing.T) {
	dfs := (&namespace{}).dfs(t)
	for _, path := range []string{"", "one", `\\one`, `\\\x`, "one\x00/y"} {
		if _, _, err := dfs.Resolve(bounded(t), path); err == nil {
			t.Errorf("%q is resolved", path)
		}
	}
}
