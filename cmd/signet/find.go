package main

import (
	"context"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/client"
)

// findFlags say which files are looked for.
type findFlags struct {
	name    string // a pattern of * and ?, without regard to case
	kind    string // f, d, or "" for both
	larger  int64  // bytes
	smaller int64  // bytes; negative is no bound
	newer   time.Duration
	older   time.Duration
}

func (a *app) findCommand() *cobra.Command {
	var want findFlags
	cmd := a.remoteCommand("find PLACE [--name PATTERN]", "Find files on a server", a.atMost(1), func(ctx context.Context, args []string, f *clientFlags) error {
		if _, err := path.Match(strings.ToLower(want.name), ""); err != nil {
			return usagef("--name %q: %w", want.name, err)
		}
		if want.kind != "" && want.kind != "f" && want.kind != "d" {
			return usagef("--type %q: it is f or d", want.kind)
		}
		sh, l, err := a.shareOf(ctx, first(args), f)
		if err != nil {
			return err
		}
		now := time.Now()
		problems, err := walkPlaces(ctx, sh, l, 0, func(at location, i *client.FileInfo, _ int) error {
			if !want.match(i, now) {
				return nil
			}
			if a.json {
				return a.printPlace(at, i)
			}
			_, err := fmt.Fprintln(a.stdout, escape(at.String()))
			return err
		})
		if err != nil {
			return err
		}
		return a.leftOut(problems)
	})
	flags := cmd.Flags()
	flags.StringVar(&want.name, "name", "", "names that match `pattern`, of * and ?, without regard to case")
	flags.StringVar(&want.kind, "type", "", "f: files only; d: directories only")
	flags.Int64Var(&want.larger, "larger", -1, "files of more than `bytes`")
	flags.Int64Var(&want.smaller, "smaller", -1, "files of less than `bytes`")
	flags.DurationVar(&want.newer, "newer", 0, "written to within this `time`: 48h")
	flags.DurationVar(&want.older, "older", 0, "not written to within this `time`")
	return cmd
}

// match reports whether i is looked for.
func (w *findFlags) match(i *client.FileInfo, now time.Time) bool {
	if w.name != "" {
		if ok, err := path.Match(strings.ToLower(w.name), strings.ToLower(i.Name())); err != nil || !ok {
			return false
		}
	}
	switch {
	case w.kind == "f" && i.IsDir(), w.kind == "d" && !i.IsDir():
		return false
	case w.larger >= 0 && (i.IsDir() || i.Size() <= w.larger), w.smaller >= 0 && (i.IsDir() || i.Size() >= w.smaller):
		return false
	case w.newer > 0 && now.Sub(i.LastWriteTime) > w.newer, w.older > 0 && now.Sub(i.LastWriteTime) < w.older:
		return false
	}
	return true
}
