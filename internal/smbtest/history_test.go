package smbtest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
	"github.com/signet-smb/signet/vfs/localfs"
	"github.com/signet-smb/signet/vfs/vfstest"
)

// One random history of files has the same outcomes, step by step and at its
// end, through SMB on memory, through SMB on a folder, and on a folder with
// nothing in between. The environment may say how many histories, and from
// which seed on: HISTORIES=200 HISTORY_SEED=1.
func TestOneHistoryIsTheSameOnEveryWay(t *testing.T) {
	for seed := range fromEnvironment(t, "HISTORIES", 10) {
		seed += fromEnvironment(t, "HISTORY_SEED", 1)
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			ways := []way{
				{"SMB on memfs", overSMB(t, smbtest.Options{Unlogged: true, Quiet: true})},
				{"SMB on localfs", overSMB(t, smbtest.Options{Unlogged: true, Quiet: true, FS: folder(t)})},
				{"localfs", vfstest.NewDirect(folder(t))},
			}
			compare(t, seed, ways)
			for _, w := range ways {
				if err := w.Close(); err != nil {
					t.Errorf("%s: %v", w.name, err)
				}
			}
		})
	}
}

func fromEnvironment(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// way is a Target and what it is called.
type way struct {
	name string
	vfstest.Target
}

// compare does a history on all ways, and looks at what it has made.
func compare(t *testing.T, seed uint64, ways []way) {
	t.Helper()
	const length = 400
	history := vfstest.NewHistory(seed)
	var done []string
	for range length {
		step := history.Next()
		done = append(done, step.String())
		outcome, ok := alike(t, &step, ways)
		if !ok {
			t.Fatalf("after step %d of seed %d; the last steps:\n%s", len(done), seed, strings.Join(done[max(0, len(done)-40):], "\n"))
		}
		history.Saw(&step, outcome.Status)
	}
	for slot := range vfstest.Slots {
		alike(t, &vfstest.Step{Op: vfstest.OpClose, Slot: slot}, ways)
	}
	for _, step := range vfstest.Survey() {
		if _, ok := alike(t, &step, ways); !ok {
			t.Fatalf("in the tree after seed %d", seed)
		}
	}
}

// alike does a step on all ways, and reports whether it has one outcome.
func alike(t *testing.T, step *vfstest.Step, ways []way) (outcome vfstest.Outcome, ok bool) {
	t.Helper()
	outcomes := make([]vfstest.Outcome, len(ways))
	for i := range ways {
		outcomes[i] = ways[i].Do(t.Context(), step)
	}
	if !slices.ContainsFunc(outcomes, func(o vfstest.Outcome) bool { return o != outcomes[0] }) {
		return outcomes[0], true
	}
	for i := range ways {
		t.Errorf("%s: %-14s %v", step, ways[i].name, outcomes[i])
	}
	return outcome, false
}

// folder serves a new folder, of nobody's where we are root.
func folder(t *testing.T) vfs.FS {
	t.Helper()
	dir := t.TempDir()
	f, err := localfs.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if os.Geteuid() == 0 {
		f.As = &vfs.Cred{UID: 65534, GID: 65534}
		if err := os.Chown(dir, int(f.As.UID), int(f.As.GID)); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// smb is the way through our client and a server.
type smb struct {
	share *client.Share
	slots [vfstest.Slots]*client.File
}

// overSMB starts a server and signs in there.
func overSMB(t *testing.T, options smbtest.Options) *smb {
	t.Helper()
	server := smbtest.StartServer(t, options)
	d := client.Dialer{Credentials: client.Credentials{User: smbtest.User, Password: smbtest.Password}}
	session, err := d.Dial(t.Context(), server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { session.Close() })
	share, err := session.Share(t.Context(), smbtest.ShareName)
	if err != nil {
		t.Fatal(err)
	}
	return &smb{share: share}
}

// Close implements [vfstest.Target].
func (s *smb) Close() error {
	var errs []error
	for slot := range s.slots {
		errs = append(errs, s.close(slot))
	}
	return errors.Join(errs...)
}

func (s *smb) close(slot int) error {
	f := s.slots[slot]
	if f == nil {
		return nil
	}
	s.slots[slot] = nil
	return f.Close()
}

// Do implements [vfstest.Target].
func (s *smb) Do(ctx context.Context, step *vfstest.Step) vfstest.Outcome {
	text, err := s.do(ctx, step)
	return vfstest.Outcome{Status: ntstatus.FromError(err), Text: text}
}

func (s *smb) do(ctx context.Context, step *vfstest.Step) (text string, err error) {
	f := s.slots[step.Slot]
	switch step.Op {
	case vfstest.OpOpen:
		f, err := s.share.OpenFile(ctx, step.Path, client.OpenOptions{
			Access: dtyp.GenericRead | dtyp.GenericWrite, Disposition: dispositions[step.Disposition], Options: fscc.OptionNonDirectoryFile,
		})
		if err == nil {
			s.slots[step.Slot] = f
		}
		return "", err
	case vfstest.OpClose, vfstest.OpWrite, vfstest.OpRead, vfstest.OpTruncate, vfstest.OpZero, vfstest.OpCopy:
		if f == nil || step.Op == vfstest.OpCopy && s.slots[step.ToSlot] == nil {
			return "", ntstatus.InvalidHandle
		}
		return s.onOpen(ctx, f, step)
	}
	return s.named(ctx, step)
}

// dispositions are the client's for those on the wire.
var dispositions = map[fscc.CreateDisposition]client.Disposition{
	fscc.DispositionSupersede:   client.Supersede,
	fscc.DispositionOpen:        client.OpenExisting,
	fscc.DispositionCreate:      client.CreateNew,
	fscc.DispositionOpenIf:      client.OpenOrCreate,
	fscc.DispositionOverwrite:   client.Overwrite,
	fscc.DispositionOverwriteIf: client.CreateAlways,
}

// onOpen does the steps about the open file f.
func (s *smb) onOpen(ctx context.Context, f *client.File, step *vfstest.Step) (string, error) {
	switch step.Op {
	case vfstest.OpClose:
		return "", s.close(step.Slot)
	case vfstest.OpWrite:
		_, err := f.WriteAtContext(ctx, step.Data, step.Offset)
		return "", err
	case vfstest.OpRead:
		p := make([]byte, step.Size)
		n, err := f.ReadAtContext(ctx, p, step.Offset)
		if n < len(p) && errors.Is(err, io.EOF) {
			err = nil
		}
		return string(p[:n]), err
	case vfstest.OpTruncate:
		return "", f.Truncate(ctx, step.Size)
	case vfstest.OpZero:
		input := fscc.AppendInformation(nil, &fscc.ZeroData{FileOffset: uint64(step.Offset), BeyondFinalZero: uint64(step.Offset + step.Size)})
		_, err := f.Ioctl(ctx, fscc.FSCTLSetZeroData, input)
		return "", err
	default: // OpCopy
		_, err := s.slots[step.ToSlot].CopyFrom(ctx, f, uint64(step.Offset), uint64(step.ToOffset), uint64(step.Size))
		return "", err
	}
}

// named does the steps that name what they are about.
func (s *smb) named(ctx context.Context, step *vfstest.Step) (string, error) {
	switch step.Op {
	case vfstest.OpStat:
		info, err := s.share.Stat(ctx, step.Path)
		if err != nil {
			return "", err
		}
		return vfstest.Describe("", info.FileAttributes, info.EndOfFile), nil
	case vfstest.OpList:
		return s.list(ctx, step.Path)
	case vfstest.OpMkdir:
		return "", s.share.Mkdir(ctx, step.Path)
	case vfstest.OpRename:
		return "", s.share.Rename(ctx, step.Path, step.To, step.Replace)
	case vfstest.OpRemove:
		return "", s.share.Remove(ctx, step.Path)
	case vfstest.OpRmdir:
		return "", s.share.RemoveDir(ctx, step.Path)
	case vfstest.OpLink:
		return "", s.share.Link(ctx, step.Path, step.To)
	case vfstest.OpTimes:
		if err := s.share.Chtimes(ctx, step.Path, client.Times{Creation: step.Time, LastWrite: step.Time}); err != nil {
			return "", err
		}
		info, err := s.share.Stat(ctx, step.Path)
		if err != nil {
			return "", err
		}
		return fmt.Sprint(info.CreationTime.UTC(), info.LastWriteTime.UTC()), nil
	case vfstest.OpAttributes:
		return "", s.share.SetAttributes(ctx, step.Path, step.FileAttributes)
	case vfstest.OpStreams:
		list, err := s.share.Streams(ctx, step.Path)
		lines := make([]string, len(list))
		for i := range list {
			lines[i] = vfstest.Describe(list[i].Name, 0, list[i].Size)
		}
		slices.Sort(lines)
		return strings.Join(lines, ""), err
	case vfstest.OpSetEA:
		return "", s.share.SetEAs(ctx, step.Path, fscc.EA{Name: step.To, Value: step.Data})
	default: // OpEAs
		eas, err := s.share.EAs(ctx, step.Path)
		return vfstest.DescribeEAs(eas), err
	}
}

func (s *smb) list(ctx context.Context, name string) (string, error) {
	var lines []string
	for info, err := range s.share.ReadDir(ctx, name) {
		if err != nil {
			return "", err
		}
		lines = append(lines, vfstest.Describe(info.Name(), info.FileAttributes, info.EndOfFile))
	}
	slices.Sort(lines)
	return strings.Join(lines, ""), nil
}
