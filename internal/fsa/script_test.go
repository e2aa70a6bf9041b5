package fsa_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

var rewrite = flag.Bool("rewrite", false, "write what happened into the scripts of testdata")

// TestScripts runs testdata/*.txt. A file holds stories, each begun by a line
// "== title" on an empty volume. A line is a command and, after "=>", what it
// must answer: ok, a status, or what the command says. The commands:
//
//	make NAME...        create files, or directories where a name ends in \
//	open H NAME ...     open as handle H; words after it change the request:
//	                      access=rwda... (see accessLetters), share=rwd, opts=a,b,
//	                      attr=a,b, tree=read, and a disposition
//	rename H NAME [replace]
//	delete H, undelete H    set and clear delete pending
//	delete H a,b            the same by flags (see dispositionFlags)
//	attr H a,b          set attributes
//	close H
//	name H, pending H, size H
//	streams H           all streams, each NAME=SIZE
//	list H [PATTERN]    enumerate from the first entry
//	next H              the next entry
//	lock H RANGE...     lock all ranges or none: x:OFF:LEN exclusively, s:OFF:LEN shared
//	wait W H RANGE      lock and call it W: done at once, or "waits"
//	state W             the same, now
//	withdraw W          wait no longer: "withdrawn", or the same
//	unlock H OFF:LEN
//	read H OFF:LEN, write H OFF:LEN
//	resize H LEN        set the length
//	link H NAME [replace]
//	watch H a,b [tree] [limit=N]    ask for changes (see filterNames): those there are, or "waits"
//	heard H             the answer to what has waited longest, or "waits"
//	leave H             what has waited longest waits no longer: "left", or its answer
//	open H NAME oplock=RWH      ask for level II, exclusive or batch: R, RW, RWH
//	open H NAME lease=a1:RWH    ask for the lease 1 of client a; parent=2 names
//	                            that of the directory, untold holds the answer back
//	told H              the answer to the open of H is on its way
//	breaks              what clients are told: who, from, to; "!" wants an acknowledgment,
//	                    and a lease has its epoch
//	ack H R, ack a1 RH  acknowledge the break of an oplock, of a lease
//
// What has to wait for a break says "waits", has done nothing, and is said again
// later.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) { runFile(t, file) })
	}
}

func runFile(t *testing.T, file string) {
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
	for start := 0; start < len(lines); {
		title, ok := strings.CutPrefix(lines[start], "== ")
		end := start + 1
		for end < len(lines) && !strings.HasPrefix(lines[end], "== ") {
			end++
		}
		if ok {
			t.Run(title, func(t *testing.T) { runStory(t, file, start, lines[start:end]) })
		}
		start = end
	}
	if *rewrite {
		if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func runStory(t *testing.T, file string, start int, lines []string) {
	s := &story{
		fixture: newFixture(t), handles: make(map[string]*fsa.Handle), waits: make(map[string]*wait),
		watches: make(map[string][]*fsa.PendingChanges), untold: make(map[string]*fsa.Grant),
	}
	defer func() {
		for _, w := range s.waits {
			if w.pending != nil {
				w.pending.Withdraw()
			}
		}
		for _, h := range s.handles {
			h.Close(t.Context())
		}
	}()
	for i, line := range lines[1:] {
		command, want, _ := strings.Cut(line, " =>")
		words := strings.Fields(command)
		if len(words) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		got := s.run(words)
		if *rewrite {
			lines[i+1] = strings.TrimRight(command, " ") + " => " + got
		} else if got != strings.TrimSpace(want) {
			t.Errorf("%s:%d: %s\n got %s\nwant %s", file, start+i+2, command, got, want)
		}
	}
}

// story is the state of one story.
type story struct {
	*fixture
	handles map[string]*fsa.Handle
	waits   map[string]*wait
	watches map[string][]*fsa.PendingChanges // by handle, those that wait
	untold  map[string]*fsa.Grant            // of handles whose answers are held back
}

func answer(err error) string {
	if err == nil {
		return "ok"
	}
	if _, ok := errors.AsType[*fsa.BreakWait](err); ok {
		return "waits"
	}
	return err.Error()
}

func (s *story) run(words []string) string {
	ctx := s.Context()
	switch words[0] {
	case "make":
		s.make(words[1:]...)
		return "ok"
	case "open":
		return s.runOpen(words[1], words[2], words[3:])
	case "wait", "state", "withdraw":
		return s.runWait(words)
	case "heard", "leave":
		return s.runHeard(words[0], words[1])
	case "breaks", "ack", "told":
		return s.runOplock(words)
	}
	h := s.handles[words[1]]
	if h == nil {
		s.Fatalf("no handle %s", words[1])
	}
	switch words[0] {
	case "close":
		delete(s.handles, words[1])
		return answer(h.Close(ctx))
	case "rename":
		return answer(h.Rename(ctx, path(words[2]), len(words) > 3))
	case "delete":
		if len(words) > 2 {
			return answer(h.SetDisposition(ctx, parseDisposition(s, words[2])))
		}
		return answer(h.SetDeletePending(ctx, true))
	case "undelete":
		return answer(h.SetDeletePending(ctx, false))
	case "attr":
		a := parseAttributes(s, words[2])
		return answer(h.SetAttr(ctx, vfs.SetAttr{Attributes: &a}))
	case "name":
		return `\` + h.Name()
	case "pending":
		return fmt.Sprint(h.DeletePending())
	case "size":
		a, err := h.Attr(ctx)
		if err != nil {
			return answer(err)
		}
		return fmt.Sprint(a.EndOfFile)
	case "streams":
		list, err := h.Streams(ctx)
		if err != nil {
			return answer(err)
		}
		var words []string
		for _, e := range list {
			words = append(words, fmt.Sprintf("%s=%d", e.Name, e.EndOfFile))
		}
		return strings.Join(words, " ")
	case "list":
		req := fsa.ReadDirRequest{Restart: true, NeedAttr: true}
		if len(words) > 2 {
			req.Pattern = words[2]
		}
		return list(s, h, req, 1<<30)
	case "next":
		return list(s, h, fsa.ReadDirRequest{}, 1)
	case "lock", "unlock", "read", "write":
		return s.runRange(h, words)
	case "resize":
		size, err := strconv.ParseUint(words[2], 10, 64)
		if err != nil {
			s.Fatal(err)
		}
		return answer(h.SetEndOfFile(ctx, size))
	case "link":
		return answer(h.AddLink(ctx, path(words[2]), len(words) > 3))
	case "watch":
		return s.runWatch(h, words)
	}
	s.Fatalf("unknown command %q", words[0])
	return ""
}

func list(s *story, h *fsa.Handle, req fsa.ReadDirRequest, room int) string {
	var names []string
	err := h.ReadDir(s.Context(), req, func(e fsa.DirEntry) bool {
		if len(names) == room {
			return false
		}
		names = append(names, e.Name)
		return true
	})
	if err != nil {
		return answer(err)
	}
	return strings.Join(names, " ")
}

// path reads \ as the root, which a word cannot spell otherwise.
func path(word string) string {
	if word == `\` {
		return ""
	}
	return word
}

var (
	accessLetters = map[rune]dtyp.AccessMask{
		'r': dtyp.FileReadData, 'w': dtyp.FileWriteData, 'a': dtyp.FileAppendData, 'x': dtyp.FileExecute,
		'd': dtyp.Delete, 'i': dtyp.FileReadAttributes | dtyp.Synchronize, 'I': dtyp.FileWriteAttributes,
		'A': dtyp.GenericAll, 'R': dtyp.GenericRead, 'W': dtyp.GenericWrite, 'M': dtyp.MaximumAllowed,
		'S': dtyp.AccessSystemSecurity, 'c': dtyp.ReadControl,
	}
	shareLetters = map[rune]fscc.ShareAccess{
		'r': fscc.ShareRead, 'w': fscc.ShareWrite, 'd': fscc.ShareDelete, '-': 0, '?': 0x8,
	}
	optionNames = map[string]fscc.CreateOptions{
		"dir": fscc.OptionDirectoryFile, "file": fscc.OptionNonDirectoryFile, "delete": fscc.OptionDeleteOnClose,
		"requiring": fscc.OptionOpenRequiringOplock, "sequential": fscc.OptionSequentialOnly, "sync": fscc.OptionSynchronousIONonAlert,
	}
	attributeNames = map[string]fscc.FileAttributes{
		"readonly": fscc.FileAttributeReadonly, "hidden": fscc.FileAttributeHidden,
		"system": fscc.FileAttributeSystem, "normal": fscc.FileAttributeNormal,
		"temporary": fscc.FileAttributeTemporary, "directory": fscc.FileAttributeDirectory,
	}
	dispositionFlags = map[string]fscc.DispositionFlags{
		"delete": fscc.DispositionDelete, "posix": fscc.DispositionPOSIXSemantics,
		"image": fscc.DispositionForceImageSectionCheck, "onclose": fscc.DispositionOnClose,
		"readonly": fscc.DispositionIgnoreReadonlyAttribute, "unknown": 0x20, "none": 0,
	}
	dispositions = map[string]fscc.CreateDisposition{
		"supersede": fscc.DispositionSupersede, "existing": fscc.DispositionOpen, "create": fscc.DispositionCreate,
		"openif": fscc.DispositionOpenIf, "overwrite": fscc.DispositionOverwrite,
		"overwriteif": fscc.DispositionOverwriteIf, "nonsense": 6,
	}
	actions   = []string{"superseded", "opened", "created", "overwritten"}
	readShare = dtyp.FileGenericRead | dtyp.FileGenericExecute
)

func parseDisposition(t testing.TB, list string) (flags fscc.DispositionFlags) {
	for name := range strings.SplitSeq(list, ",") {
		bit, ok := dispositionFlags[name]
		if !ok {
			t.Fatalf("unknown flag %q", name)
		}
		flags |= bit
	}
	return flags
}

func parseAttributes(t testing.TB, list string) (a fscc.FileAttributes) {
	for name := range strings.SplitSeq(list, ",") {
		bit, ok := attributeNames[name]
		if !ok {
			t.Fatalf("unknown attribute %q", name)
		}
		a |= bit
	}
	return a
}

func (s *story) runOpen(handle, name string, words []string) string {
	r, held := request(path(name)), false
	for _, word := range words {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "access":
			r.DesiredAccess = 0
			for _, c := range value {
				r.DesiredAccess |= accessLetters[c]
			}
		case "share":
			r.ShareAccess = 0
			for _, c := range value {
				r.ShareAccess |= shareLetters[c]
			}
		case "opts":
			for o := range strings.SplitSeq(value, ",") {
				bit, ok := optionNames[o]
				if !ok {
					s.Fatalf("unknown option %q", o)
				}
				r.Options |= bit
			}
		case "attr":
			r.Attributes = parseAttributes(s, value)
		case "tree":
			r.MaximalAccess = readShare
		case "oplock", "lease", "parent":
			r.Oplock = parseOplock(s, r.Oplock, key, value)
		case "untold":
			held = true
		default:
			d, ok := dispositions[key]
			if !ok {
				s.Fatalf("unknown word %q", word)
			}
			r.Disposition = d
		}
	}
	h, action, err := s.volume.Open(s.Context(), r)
	if _, ok := errors.AsType[*fsa.BreakWait](err); ok {
		return "waits"
	}
	if err != nil {
		if _, ok := errors.AsType[ntstatus.Status](err); !ok {
			return "no status: " + err.Error()
		}
		return err.Error()
	}
	if s.handles[handle] != nil {
		s.Fatalf("handle %s is open", handle)
	}
	s.handles[handle] = h
	if r.Oplock == nil {
		return actions[action]
	}
	g := &r.Oplock.Granted
	told := describeGrant(g)
	if s.untold[handle] = g; !held {
		s.tell(handle)
	}
	return actions[action] + " " + told
}
