package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

func (a *app) catCommand() *cobra.Command {
	return remoteCommand("cat PLACE ...", "Print files of a server", cobra.MinimumNArgs(1), func(ctx context.Context, args []string, f *clientFlags) error {
		for _, arg := range args {
			if err := a.printFile(ctx, arg, f); err != nil {
				return err
			}
		}
		return nil
	})
}

func (a *app) printFile(ctx context.Context, arg string, f *clientFlags) error {
	sh, l, err := a.shareOf(ctx, arg, f)
	if err == nil {
		err = needPath(l)
	}
	if err != nil {
		return err
	}
	file, err := sh.Open(ctx, l.path)
	if err != nil {
		return err
	}
	defer file.Close()
	var w io.Writer = a.stdout
	if term.IsTerminal(int(a.stdout.Fd())) {
		w = &plainWriter{w: a.stdout}
	}
	_, err = file.WithContext(ctx).WriteTo(w)
	return err
}

// plainWriter lets text through to a terminal, and no control character but
// tabs and line ends: what a file holds is a stranger's, too.
type plainWriter struct{ w io.Writer }

func (p *plainWriter) Write(b []byte) (int, error) {
	out := make([]byte, len(b))
	for i, c := range b {
		out[i] = c
		if c < ' ' && c != '\n' && c != '\t' || c == 0x7F {
			out[i] = '?'
		}
	}
	return p.w.Write(out)
}

var _ io.Writer = (*plainWriter)(nil)
