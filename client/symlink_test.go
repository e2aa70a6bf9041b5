package client_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/wire"
	"github.com/signet-smb/signet/ntstatus"
)

// linked is a server with symbolic links: each name leads where it says.
type linked struct {
	links map[string]smb2.SymbolicLink
	mu    sync.Mutex
	asked []string
}

func (l *linked) rogue() *rogue {
	return &rogue{handle: func(q *question) bool {
		switch {
		case q.Command == smb2.CommandQueryInfo:
			q.reply(ntstatus.Success, &smb2.QueryInfoResponse{Output: fscc.AppendInformation(nil, &fscc.AllInformation{})})
			return true
		case q.Command != smb2.CommandCreate:
			return false
		}
		var req smb2.CreateRequest
		if err := smb2.Decode(q.message, &req); err != nil {
			q.t.Error(err)
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.asked = append(l.asked, req.Name)
		for name, link := range l.links {
			rest, ok := strings.CutPrefix(req.Name, name)
			if ok && (rest == "" || rest[0] == '\\') {
				if link.UnparsedPathLength == 0 {
					link.UnparsedPathLength = uint16(wire.UTF16Len(rest))
				}
				q.reply(ntstatus.StoppedOnSymlink, &smb2.ErrorResponse{ContextCount: 1, Data: link.Append(nil, true)})
				return true
			}
		}
		return false
	}}
}

// to is a relative link.
func relative(target string) smb2.SymbolicLink {
	return smb2.SymbolicLink{Relative: true, SubstituteName: target, PrintName: target}
}

func absolute(target string) smb2.SymbolicLink {
	return smb2.SymbolicLink{SubstituteName: target, PrintName: target}
}

func TestSymbolicLinksAreFollowedInsideTheShare(t *testing.T) {
	for _, c := range []struct {
		name string
		link smb2.SymbolicLink
		want string // "": it is not followed
	}{
		// The second example of [MS-SMB2] 2.2.2.2.1.1, but for the UNC path.
		{`Public\Docs\DailyDocs\a.doc`, relative(`..\DonHall\PDocs`), `DonHall\PDocs\DailyDocs\a.doc`},
		{`Public\Docs`, relative(`other`), `Public\other`},
		{`Public\Docs`, relative(`./x/../other`), `Public\other`},
		{`Public\Docs`, relative(`..`), ``},
		{`Public\Docs\f`, absolute(`\??\UNC\rogue\DATA\dir`), `dir\f`},
		{`Public\Docs`, relative(`..\..\up`), "-"},
		{`Public\Docs`, relative(`\root`), "-"},
		{`Public\Docs`, relative("nul\x00"), "-"},
		{`Public\Docs`, absolute(`\??\UNC\ROGUE\database\x`), "-"},
		{`Public\Docs`, absolute(`\??\UNC\other\data\x`), "-"},
		{`Public\Docs`, absolute(`\??\C:\x`), "-"},
		{`Public\Docs`, absolute(`/etc/passwd`), "-"},
		{`Public\Docs`, smb2.SymbolicLink{UnparsedPathLength: 0xFFFE, Relative: true, SubstituteName: "x"}, "-"},
		{`Public\Docs`, smb2.SymbolicLink{UnparsedPathLength: 3, Relative: true, SubstituteName: "x"}, "-"},
	} {
		for how, open := range map[string]func(context.Context, *client.Share) error{
			"open": func(ctx context.Context, sh *client.Share) error {
				_, err := sh.Open(ctx, c.name)
				return err
			},
			"chain": func(ctx context.Context, sh *client.Share) error {
				_, err := sh.Stat(ctx, c.name)
				return err
			},
		} {
			l := &linked{links: map[string]smb2.SymbolicLink{`Public\Docs`: c.link}}
			err := open(bounded(t), rogueShare(t, l.rogue()))
			if c.want == "-" {
				e, ok := errors.AsType[*client.SymlinkError](err)
				if !ok || e.Target != c.link.SubstituteName || !errors.Is(err, ntstatus.StoppedOnSymlink) || len(l.asked) != 1 {
					t.Errorf("%s %+v: %v; asked for %q", how, c.link, err, l.asked)
				}
			} else if err != nil || !slices.Equal(l.asked, []string{c.name, c.want}) {
				t.Errorf("%s %+v: %v; asked for %q", how, c.link, err, l.asked)
			}
		}
	}
}

func TestSymbolicLinksThatGoRoundEnd(t *testing.T) {
	l := &linked{links: map[string]smb2.SymbolicLink{"a": relative("b"), "b": relative("a")}}
	_, err := rogueShare(t, l.rogue()).Open(bounded(t), "a")
	if _, ok := errors.AsType[*client.SymlinkError](err); !ok || len(l.asked) > 20 {
		t.Errorf("%v after %d CREATEs", err, len(l.asked))
	}
}

func TestSymbolicLinksAreNotFollowedWhereNobodyWantsIt(t *testing.T) {
	l := &linked{links: map[string]smb2.SymbolicLink{"a": relative("b")}}
	d := dialer()
	d.NoSymlinks = true
	session, err := d.DialConn(bounded(t), l.rogue().start(t), "ROGUE")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { session.Close() })
	_, err = shareOf(t, session).Open(bounded(t), "a")
	if e, ok := errors.AsType[*client.SymlinkError](err); !ok || e.Target != "b" || len(l.asked) != 1 {
		t.Errorf("%v; asked for %q", err, l.asked)
	}
}

func TestSymbolicLinkThatIsGarbageEndsTheConnection(t *testing.T) {
	share := rogueShare(t, &rogue{handle: only(smb2.CommandCreate, func(q *question) {
		q.reply(ntstatus.StoppedOnSymlink, &smb2.ErrorResponse{Data: make([]byte, 40)})
	})})
	_, err := share.Open(bounded(t), "f")
	if _, ok := errors.AsType[*client.ProtocolError](err); !ok || share.Session().Err() == nil {
		t.Errorf("got %v", err)
	}
}
