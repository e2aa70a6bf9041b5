package script_test

import (
	"bytes"
	"testing"

	"github.com/signet-smb/signet/interop/kernel/script"
)

// A local file system is right: if it differs from a script, the script is wrong.
func TestALocalFileSystemAnswersAsTheScriptSays(t *testing.T) {
	actors := []script.Actor{{Holds: true, Updates: true}, {Holds: true, Updates: true}, {}}
	for seed := range uint64(5) {
		g := script.NewGenerator(seed, actors...)
		root := t.TempDir()
		dirs := make([]script.Dir, len(actors))
		for i := range dirs {
			dirs[i].Path = root
			t.Cleanup(func() { dirs[i].Close() })
		}
		for n := range 2000 {
			actor, step, want := g.Next()
			got := dirs[actor].Do(&step)
			if got.Error != "" || !bytes.Equal(got.Data, want.Data) || got.Size != want.Size {
				t.Fatalf("seed %d, step %d: actor %d: %s %q to %q: got %q and %d bytes, size %d; want %d bytes, size %d",
					seed, n, actor, step.Op, step.Name, step.To, got.Error, len(got.Data), got.Size, len(want.Data), want.Size)
			}
		}
	}
}
