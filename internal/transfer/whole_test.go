package transfer

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
)

// countingShare counts the parts that are made.
type countingShare struct {
	*Share
	parts atomic.Int64
}

func (t *countingShare) createPart(ctx context.Context, name string, data []byte, e Entry) (part, error) {
	t.parts.Add(1)
	return t.Share.createPart(ctx, name, data, e)
}

// Nobody can have a name in a directory that was made a moment ago; where
// somebody has it after all, or may, nothing is lost of what was there.
func TestSmallFilesOfANewDirectoryAreMadeWithoutParts(t *testing.T) {
	local, dir := openDir(t)
	share := openShare(t)
	to := &countingShare{Share: NewShare(share)}
	if err := os.Mkdir(filepath.Join(dir, "d"), 0o755); err != nil {
		t.Fatal(err)
	}
	const n = 20
	write := func(text string) {
		for i := range n {
			name := filepath.Join(dir, "d", fmt.Sprint("f", i))
			if err := os.WriteFile(name, fmt.Appendf(nil, "%s %d", text, i), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	check := func(text string, wantParts int64) {
		t.Helper()
		write(text)
		to.parts.Store(0)
		tr := &Transfer{From: local, To: to, Problem: func(what string, err error) { t.Errorf("%s: %v", what, err) }}
		if err := tr.Run(t.Context(), Job{Entry: Entry{Dir: true}, From: "d", To: "copy"}); err != nil {
			t.Fatal(err)
		}
		if got := tr.Stats.Copied.Load(); got != n {
			t.Errorf("%d files were copied of %d", got, n)
		}
		for i := range n {
			got, err := share.ReadFile(t.Context(), fmt.Sprint("copy/f", i))
			if want := fmt.Sprintf("%s %d", text, i); string(got) != want || err != nil {
				t.Errorf("%d: got %q, %v, want %q", i, got, err, want)
			}
		}
		if got := to.parts.Load(); got != wantParts {
			t.Errorf("%d parts were made, want %d", got, wantParts)
		}
	}
	check("new", 0)
	check("changed", n) // the directory was there: what it has is replaced by parts

	tr := &Transfer{From: local, To: to, soft: t.Context()}
	job := Job{Entry: Entry{Size: 5}, From: "d/f0", To: "copy/f0", fresh: true}
	if err := tr.small(t.Context(), job, Entry{Size: 5}, []byte("taken")); err != nil {
		t.Fatal(err)
	}
	if got, err := share.ReadFile(t.Context(), "copy/f0"); string(got) != "taken" || err != nil || to.parts.Load() != n+1 {
		t.Errorf("a name that was taken: %q, %v, %d parts", got, err, to.parts.Load())
	}
}
