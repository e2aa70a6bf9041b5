package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/fscc"
)

// remoteCommand makes a command of the client: run gets its flags.
func (a *app) remoteCommand(use, short string, args cobra.PositionalArgs, run func(ctx context.Context, args []string, f *clientFlags) error) *cobra.Command {
	f := new(clientFlags)
	cmd := &cobra.Command{
		Use: use, Short: short, Args: usageArgs(args),
		RunE: func(cmd *cobra.Command, args []string) error { return run(cmd.Context(), args, f) },
	}
	addClientFlags(cmd, f)
	cmd.ValidArgsFunction = func(cmd *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
		return a.completePlace(cmd.Context(), word, f)
	}
	return cmd
}

// usageArgs makes what a command says of its arguments an error of usage.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usagef("%w: signet %s", err, cmd.Use)
		}
		return nil
	}
}

// remoteFile is a file of a server in JSON.
type remoteFile struct {
	Name           string
	Path           string `json:",omitempty"`
	Type           string // File, Directory or Link
	Size           int64
	LastWriteTime  time.Time
	LastAccessTime time.Time
	CreationTime   time.Time
	ChangeTime     time.Time
	Attributes     []string
	AllocationSize uint64 // bytes that it takes on the server
	NumberOfLinks  uint32 `json:",omitempty"` // a listing does not tell
	FileID         string `json:"FileId,omitempty"`
}

// describeFile puts what is known of a file into the shape of JSON.
func describeFile(i *client.FileInfo) remoteFile {
	f := remoteFile{
		Name: i.Name(), Type: "File", Size: i.Size(), LastWriteTime: i.LastWriteTime.UTC(), LastAccessTime: i.LastAccessTime.UTC(),
		CreationTime: i.CreationTime.UTC(), ChangeTime: i.ChangeTime.UTC(), Attributes: []string{},
		AllocationSize: i.AllocationSize, NumberOfLinks: i.NumberOfLinks,
	}
	if i.FileID != 0 {
		f.FileID = fmt.Sprintf("%#x", i.FileID)
	}
	switch {
	case i.IsDir():
		f.Type = "Directory"
	case entryOf(i).Special != "":
		f.Type = "Link"
	}
	for _, a := range attributeWords {
		if i.FileAttributes&a.bit != 0 {
			f.Attributes = append(f.Attributes, a.word)
		}
	}
	return f
}

// attributeWords are Windows' words for attributes, with the letters of its
// attrib.
var attributeWords = []struct {
	bit    fscc.FileAttributes
	word   string
	letter string
}{
	{fscc.FileAttributeReadonly, "ReadOnly", "R"},
	{fscc.FileAttributeHidden, "Hidden", "H"},
	{fscc.FileAttributeSystem, "System", "S"},
	{fscc.FileAttributeArchive, "Archive", "A"},
	{fscc.FileAttributeTemporary, "Temporary", "T"},
	{fscc.FileAttributeSparseFile, "Sparse", "P"},
	{fscc.FileAttributeCompressed, "Compressed", "C"},
	{fscc.FileAttributeEncrypted, "Encrypted", "E"},
	{fscc.FileAttributeOffline, "Offline", "O"},
}

func letters(attributes []string) string {
	var b strings.Builder
	for _, a := range attributeWords {
		if slices.Contains(attributes, a.word) {
			b.WriteString(a.letter)
		}
	}
	return cmp.Or(b.String(), "-")
}

// listFlags say what signet ls shows.
type listFlags struct {
	long      bool // times, sizes and attributes, not names only
	all       bool // what is hidden, too
	recursive bool
}

func (a *app) lsCommand() *cobra.Command {
	var list listFlags
	cmd := a.remoteCommand("ls [-laR] PLACE", "List a directory on a server, or the server's shares", a.atMost(1), func(ctx context.Context, args []string, f *clientFlags) error {
		l, err := a.remotePlace(first(args))
		if err != nil {
			return err
		}
		if l.share == "" {
			return a.listShares(ctx, l, f, list)
		}
		sh, err := a.share(ctx, l, f)
		if err != nil {
			return err
		}
		return a.listDirectory(ctx, sh, l, list)
	})
	flags := cmd.Flags()
	flags.BoolVarP(&list.long, "long", "l", false, "type, size, time of the last write and attributes, too")
	flags.BoolVarP(&list.all, "all", "a", false, "files that are hidden, and the server's own shares, too")
	flags.BoolVarP(&list.recursive, "recursive", "R", false, "what is in the directories below, too, each with its path")
	return cmd
}

// atMost wants a place, and inside signet shell perhaps none: then it is the
// current directory.
func (a *app) atMost(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if a.here != nil {
			return cobra.MaximumNArgs(n)(cmd, args)
		}
		return cobra.RangeArgs(1, n)(cmd, args)
	}
}

// first is the first of args, or the current directory.
func first(args []string) string {
	if len(args) == 0 {
		return "."
	}
	return args[0]
}

func (a *app) listShares(ctx context.Context, l location, f *clientFlags, list listFlags) error {
	s, err := a.session(ctx, l, f)
	if err != nil {
		return err
	}
	shares, err := s.Shares(ctx)
	if err != nil {
		return err
	}
	if !list.all {
		shares = slices.DeleteFunc(shares, func(s client.ShareInfo) bool { return s.Special })
	}
	slices.SortFunc(shares, func(a, b client.ShareInfo) int { return cmp.Compare(a.Name, b.Name) })
	if a.json {
		type share struct{ Name, Type, Description string }
		list := struct{ Shares []share }{[]share{}}
		for _, s := range shares {
			list.Shares = append(list.Shares, share{s.Name, s.Kind.String(), s.Remark})
		}
		return a.printJSON(list)
	}
	t := a.newTable("SHARE", "TYPE", "DESCRIPTION")
	for _, s := range shares {
		t.row(s.Name, s.Kind.String(), s.Remark)
	}
	return t.flush()
}

func (a *app) listDirectory(ctx context.Context, sh *client.Share, l location, list listFlags) error {
	files, problems, err := collect(ctx, sh, l, list)
	if err != nil {
		return err
	}
	if a.json {
		err = a.printJSON(struct {
			Path  string
			Files []remoteFile
		}{l.String(), files})
	} else {
		err = a.printFiles(files, list)
	}
	if err != nil {
		return err
	}
	return a.leftOut(problems)
}

// collect lists what is at l. What lies deeper has its path in its name.
func collect(ctx context.Context, sh *client.Share, l location, list listFlags) (files []remoteFile, problems []error, err error) {
	files = []remoteFile{}
	add := func(i *client.FileInfo, name string) error {
		if !list.all && i.FileAttributes&fscc.FileAttributeHidden != 0 {
			return nil
		}
		if len(files) == maxListed {
			return fmt.Errorf("there are more than %d files", maxListed)
		}
		d := describeFile(i)
		d.Name = name
		files = append(files, d)
		return nil
	}
	i, err := sh.Stat(ctx, l.path)
	switch {
	case err != nil:
		return nil, nil, err
	case !i.IsDir():
		list.all = true // somebody named it
		return files, nil, add(i, i.Name())
	case list.recursive:
		problems, err = walkPlaces(ctx, sh, l, 0, func(at location, i *client.FileInfo, _ int) error {
			return add(i, strings.TrimPrefix(at.path[len(l.path):], "/"))
		})
		return files, problems, err
	}
	entries, problems, err := readDirectory(ctx, sh, l.path)
	for _, e := range entries {
		if err := add(e, e.Name()); err != nil {
			return nil, nil, err
		}
	}
	return files, problems, err
}

func (a *app) printFiles(files []remoteFile, list listFlags) error {
	if !list.long {
		for _, f := range files {
			if f.Type == "Directory" {
				f.Name += "/"
			}
			if _, err := fmt.Fprintln(a.stdout, escape(f.Name)); err != nil {
				return err
			}
		}
		return nil
	}
	t := a.newTable("TYPE", "SIZE", "MODIFIED", "ATTRIBUTES", "NAME")
	for _, f := range files {
		t.row(f.Type, strconv.FormatInt(f.Size, 10), f.LastWriteTime.Format(time.RFC3339), letters(f.Attributes), f.Name)
	}
	return t.flush()
}

// readDirectory lists a directory, sorted by name. problems are names that no
// file can have.
func readDirectory(ctx context.Context, sh *client.Share, path string) (entries []*client.FileInfo, problems []error, err error) {
	for e, err := range sh.ReadDir(ctx, path) {
		if _, ok := errors.AsType[*client.NameError](err); ok {
			if len(problems) < 1000 {
				problems = append(problems, err)
			}
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		if len(entries) == maxListed {
			return nil, nil, fmt.Errorf("the directory has more than %d entries", maxListed)
		}
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b *client.FileInfo) int { return cmp.Compare(a.Name(), b.Name()) })
	return entries, problems, nil
}

// leftOut tells what a server sent that was not used: exit code 4.
func (a *app) leftOut(problems []error) error {
	if len(problems) == 0 {
		return nil
	}
	for _, err := range problems {
		fmt.Fprintf(a.stderr, "signet: %s\n", escape(err.Error()))
	}
	return &exitError{code: exitLook}
}
