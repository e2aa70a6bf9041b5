package main

import (
	"context"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/server"
	"github.com/signet-smb/signet/vfs"
)

// Sessions implements admin.Activity.
func (s *sharingServer) Sessions() []admin.Session {
	infos := s.smb.Sessions()
	sessions := make([]admin.Session, len(infos))
	for i, info := range infos {
		sessions[i] = admin.Session{
			SessionID:          admin.SessionID(info.SessionID),
			ClientComputerName: info.ClientComputerName,
			ClientUserName:     info.ClientUserName,
			Dialect:            info.Dialect,
			Signed:             info.Signed,
			SigningAlgorithm:   info.SigningAlgorithm,
			SigningRequiredBy:  info.SigningRequiredBy,
			Encrypted:          info.Encrypted,
			Cipher:             info.Cipher,
			NumChannels:        info.NumChannels,
			NumOpens:           info.NumOpens,
			SecondsExists:      info.SecondsExists,
			SecondsIdle:        info.SecondsIdle,
		}
	}
	return sessions
}

// Connections implements admin.Activity.
func (s *sharingServer) Connections() []admin.Connection {
	infos := s.smb.Connections()
	connections := make([]admin.Connection, len(infos))
	for i, info := range infos {
		connections[i] = admin.Connection(info)
	}
	return connections
}

// OpenFiles implements admin.Activity.
func (s *sharingServer) OpenFiles() []admin.OpenFile {
	infos := s.smb.OpenFiles()
	files := make([]admin.OpenFile, len(infos))
	paths := *s.paths.Load()
	for i, info := range infos {
		files[i] = admin.OpenFile{
			FileID:             admin.FileID(info.FileID),
			SessionID:          admin.SessionID(info.SessionID),
			Path:               filepath.Join(paths[vfs.Fold(info.ShareName)], strings.ReplaceAll(info.ShareRelativePath, `\`, "/")),
			ShareName:          info.ShareName,
			ShareRelativePath:  info.ShareRelativePath,
			ClientComputerName: info.ClientComputerName,
			ClientUserName:     info.ClientUserName,
			Permissions:        info.Permissions,
			Locks:              info.Locks,
		}
	}
	return files
}

// CloseSession implements admin.Activity.
func (s *sharingServer) CloseSession(id admin.SessionID) error { return s.smb.CloseSession(uint64(id)) }

// CloseOpenFile implements admin.Activity.
func (s *sharingServer) CloseOpenFile(id admin.FileID) error { return s.smb.CloseOpenFile(uint64(id)) }

// Metrics implements smbServer.
func (s *sharingServer) Metrics() server.Metrics { return s.smb.Metrics() }

// Noncomplying implements smbServer.
func (s *sharingServer) Noncomplying(p *policy.Snapshot, at time.Time) []admin.SessionID {
	var ids []admin.SessionID
	for _, id := range s.smb.Noncomplying(p, at) {
		ids = append(ids, admin.SessionID(id))
	}
	return ids
}

func (a *app) sessionCommand() *cobra.Command {
	return group("session", "List and end the sessions of clients",
		listCommand("List who is signed in", a.sessionList),
		closeCommand("End a session, and close what it has open", func(ctx context.Context, id uint64) error {
			return a.withClient(ctx, func(c *admin.Client) error { return c.CloseSession(ctx, admin.SessionID(id)) })
		}))
}

func (a *app) connectionCommand() *cobra.Command {
	return group("connection", "List the connections of clients",
		listCommand("List who is connected, signed in or not", a.connectionList))
}

func (a *app) openFileCommand() *cobra.Command {
	return group("openfile", "List and close what clients have open",
		listCommand("List the files and folders that sessions have open", a.openFileList),
		closeCommand("Close an open file; what the client has not yet sent is lost to it", func(ctx context.Context, id uint64) error {
			return a.withClient(ctx, func(c *admin.Client) error { return c.CloseOpenFile(ctx, admin.FileID(id)) })
		}))
}

// group is a command that only has commands.
func group(name, short string, commands ...*cobra.Command) *cobra.Command {
	names := make([]string, len(commands))
	for i, c := range commands {
		names[i] = c.Name()
	}
	cmd := &cobra.Command{
		Use:   name,
		Short: short,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usagef("which of %s %s?", cmd.CommandPath(), strings.Join(names, ", "))
		},
	}
	cmd.AddCommand(commands...)
	return cmd
}

func listCommand(short string, list func(context.Context) error) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: short,
		Args:  cobra.NoArgs,
		RunE:  withContext(func(ctx context.Context, _ []string) error { return list(ctx) }),
	}
}

// closeCommand closes what has a 64-bit id, as it is listed or in decimal.
func closeCommand(short string, closeIt func(ctx context.Context, id uint64) error) *cobra.Command {
	return &cobra.Command{
		Use:   "close ID",
		Short: short,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("%s ID: which one? %s list shows them", cmd.CommandPath(), cmd.Parent().CommandPath())
			}
			return nil
		},
		RunE: withContext(func(ctx context.Context, args []string) error {
			id, err := strconv.ParseUint(args[0], 0, 64)
			if err != nil {
				return usagef("%q is no id: give it as it is listed", args[0])
			}
			return closeIt(ctx, id)
		}),
	}
}

func (a *app) sessionList(ctx context.Context) error {
	return a.withClient(ctx, func(c *admin.Client) error {
		list, err := c.Sessions(ctx)
		if err != nil {
			return err
		}
		if a.json {
			return a.printJSON(list)
		}
		t := a.newTable("SESSION", "CLIENT", "USER", "DIALECT", "SIGNED", "ENCRYPTED", "CHANNELS", "OPENS", "EXISTS", "IDLE")
		for _, x := range list.Sessions {
			t.row(x.SessionID.String(), x.ClientComputerName, x.ClientUserName, x.Dialect,
				protection(x.Signed, x.SigningAlgorithm), protection(x.Encrypted, x.Cipher),
				strconv.Itoa(x.NumChannels), strconv.Itoa(x.NumOpens), seconds(x.SecondsExists), seconds(x.SecondsIdle))
		}
		return t.flush()
	})
}

func (a *app) connectionList(ctx context.Context) error {
	return a.withClient(ctx, func(c *admin.Client) error {
		list, err := c.Connections(ctx)
		if err != nil {
			return err
		}
		if a.json {
			return a.printJSON(list)
		}
		t := a.newTable("CLIENT", "SERVER", "DIALECT", "SIGNING", "CIPHER", "SESSIONS", "EXISTS")
		for _, x := range list.Connections {
			t.row(x.ClientComputerName, x.ServerAddress, x.Dialect, x.SigningAlgorithm, x.Cipher,
				strconv.Itoa(x.NumSessions), seconds(x.SecondsExists))
		}
		return t.flush()
	})
}

func (a *app) openFileList(ctx context.Context) error {
	return a.withClient(ctx, func(c *admin.Client) error {
		list, err := c.OpenFiles(ctx)
		if err != nil {
			return err
		}
		if a.json {
			return a.printJSON(list)
		}
		t := a.newTable("FILE", "SESSION", "CLIENT", "USER", "SHARE", "PATH")
		for _, x := range list.OpenFiles {
			t.row(x.FileID.String(), x.SessionID.String(), x.ClientComputerName, x.ClientUserName, x.ShareName, x.ShareRelativePath)
		}
		return t.flush()
	})
}

// seconds spells a number of seconds as people read it: 1h2m3s.
func seconds(n int64) string { return (time.Duration(n) * time.Second).String() }
