package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
)

func (a *app) catCommand() *cobra.Command {
	var from, length int64
	cmd := a.remoteCommand("cat [--offset N] [--length N] PLACE ...", "Print files of a server", cobra.MinimumNArgs(1), func(ctx context.Context, args []string, f *clientFlags) error {
		if from < 0 || length < -1 {
			return usagef("--offset and --length are bytes, from 0 on")
		}
		for _, arg := range args {
			if err := a.printFile(ctx, arg, f, from, length); err != nil {
				return err
			}
		}
		return nil
	})
	cmd.Flags().Int64Var(&from, "offset", 0, "begin at this `byte`")
	cmd.Flags().Int64Var(&length, "length", -1, "print so many `bytes`; -1: to the end")
	return cmd
}

// printFile prints length bytes of a file from an offset on, or all of them if
// length is negative.
func (a *app) printFile(ctx context.Context, arg string, f *clientFlags, from, length int64) error {
	sh, l, err := a.shareOf(ctx, arg, f)
	if err == nil {
		err = needPath(l)
	}
	if err != nil {
		return err
	}
	file, err := sh.OpenFile(ctx, l.path, client.OpenOptions{Access: dtyp.GenericRead, Options: fscc.OptionNonDirectoryFile})
	if err != nil {
		return err
	}
	defer file.Close()
	var w io.Writer = a.stdout
	if term.IsTerminal(int(a.stdout.Fd())) {
		w = &plainWriter{w: a.stdout}
	}
	file = file.WithContext(ctx)
	if length >= 0 {
		_, err = io.Copy(w, io.NewSectionReader(file, from, length))
		return err
	}
	if _, err := file.Seek(from, io.SeekStart); err != nil {
		return err
	}
	_, err = file.WriteTo(w)
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
