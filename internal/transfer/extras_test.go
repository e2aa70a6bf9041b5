package transfer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
)

// everything is all that can be kept.
var everything = Keep{Streams: true, EAs: true, ACLs: true}

// run copies one file or directory, and returns what was told.
func run(t *testing.T, from, to Tree, keep Keep, name, target string) (told []string) {
	t.Helper()
	var mu sync.Mutex
	tr := &Transfer{From: from, To: to, Keep: keep, Problem: func(what string, err error) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, fmt.Sprintf("%s: %v", what, err))
	}}
	e, err := from.Stat(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.Run(t.Context(), Job{Entry: e, From: name, To: target}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(told)
	return told
}

// streamsOf reads all named streams of what name is.
func streamsOf(t *testing.T, share *client.Share, name string) map[string]string {
	t.Helper()
	list, err := share.Streams(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, s := range list {
		if s.Name == "" {
			continue
		}
		data, err := share.ReadFile(t.Context(), name+":"+s.Name)
		if err != nil {
			t.Fatal(err)
		}
		found[s.Name] = string(data)
	}
	return found
}

// mustDo fails the test if something that prepares it has failed.
func mustDo(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// A file with streams, a large one, a directory: within the server.
func TestACopyWithinAServerKeepsWhatFilesHaveBesideTheirContent(t *testing.T) {
	share := openShare(t)
	ctx := t.Context()
	large := strings.Repeat("0123456789abcdef", 20_000) // 320,000 bytes
	mustDo(t,
		share.Mkdir(ctx, "d"),
		share.WriteFile(ctx, "d/small", []byte("content")),
		share.WriteFile(ctx, "d/large", []byte(large)),
		share.WriteFile(ctx, "d/small:Zone.Identifier", []byte("[ZoneTransfer]")),
		share.WriteFile(ctx, "d/small:empty", nil),
		share.WriteFile(ctx, "d/large:long", []byte(large)),
		share.WriteFile(ctx, "d:ofdir", []byte("directory's")),
		share.SetEAs(ctx, "d/small", fscc.EA{Name: "NOTE", Value: []byte("kept")}),
	)
	before, err := share.Stat(ctx, "d/small")
	mustDo(t, err)
	tree := NewShare(share)
	for _, c := range []struct {
		keep    Keep
		streams bool
	}{{Keep{}, false}, {Keep{Streams: true}, true}, {everything, true}} {
		target := fmt.Sprint("to ", c.keep.Streams, " ", c.keep.EAs)
		if told := run(t, tree, NewShare(share), c.keep, "d", target); len(told) > 0 {
			t.Fatalf("%+v: told %q", c.keep, told)
		}
		want := map[string]map[string]string{
			"": {"ofdir": "directory's"}, "/small": {"Zone.Identifier": "[ZoneTransfer]", "empty": ""}, "/large": {"long": large},
		}
		for name, streams := range want {
			if !c.streams {
				streams = nil
			}
			got := streamsOf(t, share, target+name)
			if fmt.Sprint(got) != fmt.Sprint(streams) && len(got)+len(streams) > 0 {
				t.Errorf("%+v: %q has the streams %.200q, want %.200q", c.keep, name, got, streams)
			}
		}
		after, err := share.Stat(ctx, target+"/small")
		mustDo(t, err)
		if !after.LastWriteTime.Equal(before.LastWriteTime) || !after.CreationTime.Equal(before.CreationTime) {
			t.Errorf("%+v: the copy is of %v and %v, want %v and %v", c.keep, after.LastWriteTime, after.CreationTime, before.LastWriteTime, before.CreationTime)
		}
		eas, err := share.EAs(ctx, target+"/small")
		mustDo(t, err)
		if (len(eas) == 1) != c.keep.EAs {
			t.Errorf("%+v: extended attributes %v", c.keep, eas)
		}
	}
}

// The list and the owner are kept of files and directories, and no more than
// that is asked for.
func TestAccessListsAreKeptIfThatIsAskedFor(t *testing.T) {
	share := openShare(t)
	ctx := t.Context()
	const text = "D:PAI(A;;FA;;;WD)(D;;WP;;;S-1-5-21-1-2-3-1000)"
	sd, err := dtyp.ParseSDDL(text)
	mustDo(t, err,
		share.Mkdir(ctx, "d"), share.WriteFile(ctx, "d/f", []byte("content")),
		share.SetSecurity(ctx, "d", dtyp.DACLSecurityInformation, sd), share.SetSecurity(ctx, "d/f", dtyp.DACLSecurityInformation, sd),
	)
	for _, acls := range []bool{false, true} {
		target := fmt.Sprint("acls ", acls)
		if told := run(t, NewShare(share), NewShare(share), Keep{ACLs: acls}, "d", target); len(told) > 0 {
			t.Fatalf("told %q", told)
		}
		for _, name := range []string{"", "/f"} {
			want, err := share.Security(ctx, "d"+name, securityParts)
			mustDo(t, err)
			got, err := share.Security(ctx, target+name, securityParts)
			mustDo(t, err)
			a, err := want.SDDL()
			mustDo(t, err)
			b, err := got.SDDL()
			mustDo(t, err)
			if (a == b) != acls {
				t.Errorf("acls %v: %q has %s, and the source %s", acls, name, b, a)
			}
		}
	}
}

func TestStreamsOfOneFileAreBounded(t *testing.T) {
	x := &extras{}
	for i := range 3 * maxStreams {
		x.add(stream{name: fmt.Sprint("s", i)})
	}
	x.add(stream{name: "S1"})
	if len(x.streams) != maxStreams || len(x.left) == 0 || len(x.left) > maxStreams+1 {
		t.Errorf("%d streams, %d left out, want %d and some", len(x.streams), len(x.left), maxStreams)
	}
	x = &extras{}
	x.add(stream{name: "name"})
	x.add(stream{name: "NAME"})
	if len(x.streams) != 1 || len(x.left) != 1 {
		t.Errorf("twins: %d streams, %d left out, want 1 and 1", len(x.streams), len(x.left))
	}
}

func TestStreamsWithNamesThatNoneCanHaveAreRefused(t *testing.T) {
	for _, name := range []string{"", "a/b", `a\b`, "a:b", "a\x00", "a\x1b[2J", "\xff", strings.Repeat("n", 256)} {
		if err := checkStream(name); err == nil {
			t.Errorf("%q is taken for the name of a stream", name)
		}
	}
	for _, name := range []string{"Zone.Identifier", "ä ö", strings.Repeat("n", 255)} {
		if err := checkStream(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// A stream is copied to where it is; its file stays as it was, or is made.
func TestAStreamThatIsNamedIsTheTarget(t *testing.T) {
	share := openShare(t)
	ctx := t.Context()
	mustDo(t, share.WriteFile(ctx, "from", []byte("text")), share.WriteFile(ctx, "f", []byte("content")), share.WriteFile(ctx, "f:s", []byte("what was there before")))
	for _, target := range []string{"f:s", "f:new", "made:s"} {
		if told := run(t, NewShare(share), NewShare(share), Keep{Streams: true}, "from", target); len(told) > 0 {
			t.Errorf("%s: told %q", target, told)
		}
		if got, err := share.ReadFile(ctx, target); string(got) != "text" || err != nil {
			t.Errorf("%s is %q, %v, want %q", target, got, err, "text")
		}
	}
	if got, err := share.ReadFile(ctx, "f"); string(got) != "content" || err != nil {
		t.Errorf("the file is %q, %v", got, err)
	}
	if told := run(t, NewShare(share), NewShare(share), Keep{Streams: true}, "f:s", "plain"); len(told) > 0 {
		t.Errorf("from a stream: told %q", told)
	}
	if got, err := share.ReadFile(ctx, "plain"); string(got) != "text" || err != nil {
		t.Errorf("a copy of a stream is %q, %v", got, err)
	}
}
