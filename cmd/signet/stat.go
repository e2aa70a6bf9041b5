package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
)

// remoteStat is all that signet stat tells of a file, in JSON.
type remoteStat struct {
	remoteFile
	ShortName string         `json:",omitempty"`
	Streams   []remoteStream // named ones
	SDDL      string         `json:",omitempty"` // if it was asked for
}

// remoteStream is a named stream of a file, in JSON.
type remoteStream struct {
	Name string
	Size uint64 // bytes
}

func (a *app) statCommand() *cobra.Command {
	var sddl bool
	cmd := a.remoteCommand("stat [--sddl] PLACE", "Describe a file or directory on a server", a.atMost(1), func(ctx context.Context, args []string, f *clientFlags) error {
		sh, l, err := a.shareOf(ctx, first(args), f)
		if err != nil {
			return err
		}
		d, err := describeAll(ctx, sh, l, sddl)
		if err != nil {
			return err
		}
		if a.json {
			return a.printJSON(d)
		}
		return a.printStat(d)
	})
	cmd.Flags().BoolVar(&sddl, "sddl", false, "owner, group and access list, too, as Windows' security descriptor language has them")
	return cmd
}

// describeAll asks for what there is to know of a file.
func describeAll(ctx context.Context, sh *client.Share, l location, sddl bool) (*remoteStat, error) {
	i, err := sh.Stat(ctx, l.path)
	if err != nil {
		return nil, err
	}
	d := &remoteStat{remoteFile: describeFile(i), ShortName: i.ShortName, Streams: []remoteStream{}}
	d.Path = l.String()
	if d.NumberOfLinks, err = countLinks(ctx, sh, l.path); err != nil {
		return nil, err
	}
	// A file system without streams says so, one way or another: then there
	// are none.
	if streams, err := sh.Streams(ctx, l.path); err == nil {
		for _, s := range streams {
			if s.Name != "" {
				d.Streams = append(d.Streams, remoteStream(s))
			}
		}
	} else if sh.Session().Err() != nil {
		return nil, err
	}
	if sddl {
		sd, err := sh.Security(ctx, l.path, dtyp.OwnerSecurityInformation|dtyp.GroupSecurityInformation|dtyp.DACLSecurityInformation)
		if err != nil {
			return nil, err
		}
		if d.SDDL, err = sd.SDDL(); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// countLinks asks how many names a file has, which the answer to its opening
// does not tell.
func countLinks(ctx context.Context, sh *client.Share, path string) (uint32, error) {
	f, err := sh.OpenFile(ctx, path, client.OpenOptions{
		Access: dtyp.FileReadAttributes | dtyp.Synchronize, Options: fscc.OptionOpenReparsePoint,
	})
	if err != nil {
		return 0, err
	}
	defer f.Close()
	i, err := f.Stat(ctx)
	if err != nil {
		return 0, err
	}
	return i.NumberOfLinks, nil
}

func (a *app) printStat(d *remoteStat) error {
	moment := func(t time.Time) string {
		if t.IsZero() {
			return "unknown"
		}
		return t.Format("2006-01-02T15:04:05.0000000Z") // Windows counts 100 ns
	}
	rows := [][2]string{
		{"Name", d.Name},
		{"Path", d.Path},
		{"Type", d.Type},
		{"Size", fmt.Sprint(d.Size)},
		{"AllocationSize", fmt.Sprint(d.AllocationSize)},
		{"LastWriteTime", moment(d.LastWriteTime)},
		{"LastAccessTime", moment(d.LastAccessTime)},
		{"CreationTime", moment(d.CreationTime)},
		{"ChangeTime", moment(d.ChangeTime)},
		{"Attributes", strings.Join(d.Attributes, ", ")},
		{"NumberOfLinks", fmt.Sprint(d.NumberOfLinks)},
		{"FileId", d.FileID},
	}
	if d.ShortName != "" {
		rows = append(rows, [2]string{"ShortName", d.ShortName})
	}
	for _, s := range d.Streams {
		rows = append(rows, [2]string{"Stream", fmt.Sprintf("%s (%d bytes)", s.Name, s.Size)})
	}
	if d.SDDL != "" {
		rows = append(rows, [2]string{"SDDL", d.SDDL})
	}
	return a.printRows(rows)
}

// printRows prints names and values, one in a line.
func (a *app) printRows(rows [][2]string) error {
	widest := 0
	for _, row := range rows {
		widest = max(widest, len(row[0]))
	}
	for _, row := range rows {
		if _, err := fmt.Fprintf(a.stdout, "%-*s : %s\n", widest, row[0], escape(row[1])); err != nil {
			return err
		}
	}
	return nil
}
