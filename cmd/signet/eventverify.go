package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/event/journal"
)

func (a *app) eventVerifyCommand() *cobra.Command {
	var files []string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Find out whether somebody has altered the log of events",
		Long: "Find out whether records were changed or removed, and, with what signet serve\n" +
			"--event-anchor has noted outside, whether the last ones were, or the whole log\n" +
			"was made anew. FILE holds lines that a file anchor or syslog has kept. The exit\n" +
			"code is 4 if something is wrong.",
		Args: cobra.NoArgs,
		RunE: withContext(func(ctx context.Context, _ []string) error { return a.eventVerify(ctx, files) }),
	}
	cmd.Flags().StringArrayVar(&files, "anchor", nil, "`file` with what was noted outside; may be repeated")
	return cmd
}

func (a *app) eventVerify(ctx context.Context, files []string) error {
	var anchors []journal.Head
	for _, name := range files {
		heads, err := readAnchors(name)
		if err != nil {
			return err
		}
		anchors = append(anchors, heads...)
	}
	var verdict *journal.Verdict
	if err := a.withClient(ctx, func(c *admin.Client) (err error) {
		verdict, err = verifyAll(ctx, c, anchors)
		return err
	}); err != nil {
		return err
	}
	var err error
	if a.json {
		err = a.printJSON(verdict)
	} else {
		_, err = a.stdout.WriteString(verdictText(verdict, len(files) > 0))
	}
	if err == nil && !verdict.Consistent() {
		return &exitError{code: exitLook}
	}
	return err
}

// readAnchors reads a file of --anchor, which must hold one at least.
func readAnchors(name string) ([]journal.Head, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, usagef("--anchor: %w", err)
	}
	defer f.Close()
	heads, err := journal.ReadAnchors(f)
	if err != nil {
		return nil, usagef("--anchor %s: %w", name, err)
	}
	if len(heads) == 0 {
		return nil, usagef("--anchor %s: there is no anchor in it", name)
	}
	return heads, nil
}

// verifyAll verifies with any number of anchors.
func verifyAll(ctx context.Context, c *admin.Client, anchors []journal.Head) (*journal.Verdict, error) {
	verdict, err := c.VerifyEvents(ctx, anchors[:min(len(anchors), admin.MaxAnchors)])
	if err != nil || len(anchors) <= admin.MaxAnchors {
		return verdict, err
	}
	for part := range slices.Chunk(anchors[admin.MaxAnchors:], admin.MaxAnchors) {
		more, err := c.VerifyEvents(ctx, part)
		if err != nil {
			return nil, err
		}
		for _, p := range more.Problems {
			if !slices.Contains(verdict.Problems, p) {
				verdict.Problems = append(verdict.Problems, p)
			}
		}
		verdict.First, verdict.Last = more.First, more.Last
		verdict.Anchored = max(verdict.Anchored, more.Anchored)
		verdict.Anchors, verdict.Older = verdict.Anchors+more.Anchors, verdict.Older+more.Older
	}
	return verdict, nil
}

// verdictText is the verdict for people. anchors says whether there were any.
func verdictText(v *journal.Verdict, anchors bool) string {
	records := fmt.Sprintf("records %d to %d", v.First, v.Last)
	if v.First == 0 {
		records = "no records"
	}
	if !v.Consistent() {
		var b strings.Builder
		fmt.Fprintf(&b, "altered: %s of log %s\n", records, escape(v.Log))
		for _, p := range v.Problems {
			fmt.Fprintf(&b, "%-9s %s\n", p.What, escape(p.Text))
		}
		return b.String()
	}
	switch {
	case v.Anchored > 0 && v.Anchored == v.Last:
		return fmt.Sprintf("consistent and anchored: %s\n", records)
	case v.Anchored > 0:
		return fmt.Sprintf("consistent, anchored up to record %d: %s\n", v.Anchored, records)
	case anchors && v.Anchors == 0:
		return fmt.Sprintf("internally consistent, not anchored: %s, the anchors are of older ones\n", records)
	}
	return fmt.Sprintf("internally consistent, not anchored: %s\n", records)
}
