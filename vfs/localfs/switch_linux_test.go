package localfs

import (
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/vfs"
)

func TestOfTheGroupsOnlyTheSupplementaryOnesAreSwitched(t *testing.T) {
	for _, row := range []struct {
		groups []uint32
		want   []int
	}{
		{nil, nil},
		{[]uint32{100}, nil},
		{[]uint32{100, 7, 100, 3, 7}, []int{3, 7}},
		{[]uint32{0}, []int{0}},
	} {
		got := actorOf(&vfs.Cred{UID: 1, GID: 100, Groups: row.groups})
		if got.uid != 1 || got.gid != 100 || !slices.Equal(got.groups, row.want) {
			t.Errorf("group 100 with %v: %+v, want groups %v", row.groups, got, row.want)
		}
	}
}

func TestGroupsOfTheProcessAreLentToNobody(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root takes on other identities, and a test cannot become root: run it as root too")
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before, err := unix.Getgroups()
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Setgroups(before)
	for _, process := range [][]int{nil, {4711}, {12, 4711}} {
		if err := unix.Setgroups(process); err != nil {
			t.Fatal(err)
		}
		f, _, _ := serveHere(t)
		for _, row := range []struct {
			groups []uint32
			want   []int
		}{
			{nil, nil},
			{[]uint32{65534}, nil},
			{[]uint32{4711}, []int{4711}},
			{[]uint32{4711, 65534, 12}, []int{12, 4711}},
			{[]uint32{13}, []int{13}},
		} {
			var during []int
			err := f.do(&vfs.Cred{UID: 65534, GID: 65534, Groups: row.groups}, func() (err error) {
				during, err = unix.Getgroups()
				return err
			})
			if err != nil || !slices.Equal(during, row.want) {
				t.Errorf("process in %v, user in %v: acted in %v, %v, want %v", process, row.groups, during, err, row.want)
			}
			if after, err := unix.Getgroups(); err != nil || !slices.Equal(after, process) {
				t.Errorf("process in %v, user in %v: in %v afterwards, %v", process, row.groups, after, err)
			}
		}
	}
}

func TestAThreadThatIsSomeoneElseDoesNothing(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root takes on other identities, and a test cannot become root: run it as root too")
	}
	f, _, _ := serveHere(t)
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and ends with it
		_, _ = unix.SetfsuidRetUid(12345)
		defer func() { // the first thread of a process never ends
			_, _ = unix.SetfsgidRetGid(0)
			_, _ = unix.SetfsuidRetUid(0)
			close(done)
		}()
		done <- f.do(nil, func() error {
			t.Error("acted on a thread that another user was left on")
			return nil
		})
	}()
	if err := <-done; !isAccess(err) {
		t.Errorf("do: %v, want a refusal", err)
	}
	<-done
}

// aged lets a tick pass since n was made.
func aged(n *node) {
	if made := n.fresh.Load(); made != nil {
		older := *made
		older.at = older.at.Add(-time.Minute)
		n.fresh.Store(&older)
	}
}

func TestANewFileHasTheAttributesThatWereJustStored(t *testing.T) {
	f, path, root := serveHere(t)
	const want = fscc.FileAttributeArchive | fscc.FileAttributeSystem
	for _, late := range []bool{false, true} {
		acting := vfs.NewActing(t.Context())
		defer acting.End()
		made, data, err := f.Create(acting, nil, root, "new", false)
		if err != nil {
			t.Fatal(err)
		}
		n := made.(*node)
		first, ok := n.LookupAttr(acting)
		if exact, err := n.Attr(acting); !ok || err != nil || first != exact {
			t.Errorf("as it was made: %+v, %v, want %+v, %v", first, ok, exact, err)
		}
		if late { // then another program may have been there
			aged(n)
			if err := acting.End(); err != nil { // the thread is this test's, too
				t.Fatal(err)
			}
			sparse := dosAttrib{attributes: fscc.FileAttributeSparseFile, hasAttributes: true}
			if err := unix.Setxattr(path+"/new", dosAttribName, sparse.encode(), 0); err != nil {
				t.Fatal(err)
			}
		}
		attributes := want
		if err := f.SetAttr(acting, nil, n, vfs.SetAttr{Attributes: &attributes}); err != nil {
			t.Fatal(err)
		}
		second, ok := n.LookupAttr(acting)
		exact, err := n.Attr(acting)
		if err != nil || ok && second != exact {
			t.Errorf("late %v: told %+v, want %+v, %v", late, second, exact, err)
		}
		all := want
		if late {
			all |= fscc.FileAttributeSparseFile
		}
		if exact.Attributes != all {
			t.Errorf("late %v: attributes %#x, want %#x", late, exact.Attributes, all)
		}
		if err := acting.End(); err != nil {
			t.Error(err)
		}
		data.Close()
		if err := f.Remove(t.Context(), nil, root, "new", n); err != nil {
			t.Error(err)
		}
		n.Close()
	}
}

// What was stored by way of another store, or another call, counts.
func TestTwoChangesOfANewFileWithinATickAddUp(t *testing.T) {
	f, _, root := serveHere(t)
	n, data, err := f.Create(t.Context(), nil, root, "new", false)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	defer data.Close()
	sparse, system := true, fscc.FileAttributeSystem
	born := time.Unix(1e9, 0)
	for _, set := range []vfs.SetAttr{{Sparse: &sparse}, {CreationTime: &born}, {Attributes: &system}} {
		if err := f.SetAttr(t.Context(), nil, n, set); err != nil {
			t.Fatal(err)
		}
	}
	attr, err := n.Attr(t.Context())
	const want = fscc.FileAttributeSystem | fscc.FileAttributeSparseFile
	if err != nil || attr.Attributes != want || !attr.CreationTime.Equal(born) {
		t.Errorf("%+v, %v, want attributes %#x and %v", attr, err, want, born)
	}
}
