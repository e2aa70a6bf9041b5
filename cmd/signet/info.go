package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/auth/ntlm"
	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/policy"
)

// remoteInfo is how a session on a server stands, in JSON.
type remoteInfo struct {
	Server               string
	Name                 string
	Dialect              string
	Signed               bool
	SigningAlgorithm     string
	SigningRequiredBy    []string // client, server
	Encrypted            bool
	Cipher               string
	EncryptionRequiredBy []string
	Authentication       string
	SystemVersion        string `json:",omitempty"` // as the server says, unproved
	System               string `json:",omitempty"`
	SystemDemands        string `json:",omitempty"` // of signing, unless set otherwise
	User                 string
	Identity             string
	MaxReadSize          int
	MaxWriteSize         int
	DFS                  bool
	MultiChannel         bool
	Leasing              bool
}

func (a *app) infoCommand() *cobra.Command {
	return a.remoteCommand("info PLACE", "Show how a session on a server is protected, and who requires it", a.atMost(1), func(ctx context.Context, args []string, f *clientFlags) error {
		l, err := a.remotePlace(first(args))
		if err != nil {
			return err
		}
		s, err := a.session(ctx, l, f)
		if err != nil {
			return err
		}
		i := describeSession(s)
		i.takeSystem(a.pool.system(s))
		if l.share != "" {
			snapshot, err := a.clientPolicy(f)
			if err != nil {
				return err
			}
			sh, err := a.share(ctx, l, f)
			if err != nil {
				return err
			}
			if sh.Sealed() && !i.Encrypted {
				by := "share"
				if policy.Hardened(policy.Get(snapshot, policy.HardenedPaths), l.host, l.share).Privacy {
					by = "client" // for this path
				}
				i.Encrypted, i.EncryptionRequiredBy = true, append(i.EncryptionRequiredBy, by)
			}
		}
		if a.json {
			return a.printJSON(i)
		}
		yes := func(b bool, by []string) string {
			if b && len(by) > 0 {
				return "True, required by " + strings.Join(by, " and ")
			}
			return truth(b)
		}
		rows := [][2]string{
			{"Server", i.Server},
			{"Name", i.Name},
			{"Dialect", i.Dialect},
			{"Signed", yes(i.Signed, i.SigningRequiredBy)},
			{"SigningAlgorithm", i.SigningAlgorithm},
			{"Encrypted", yes(i.Encrypted, i.EncryptionRequiredBy)},
			{"Cipher", cmp.Or(i.Cipher, "none")},
			{"Authentication", i.Authentication},
			{"User", i.User},
			{"Identity", i.Identity},
			{"MaxReadSize", fmt.Sprint(i.MaxReadSize)},
			{"MaxWriteSize", fmt.Sprint(i.MaxWriteSize)},
			{"DFS", truth(i.DFS)},
			{"MultiChannel", truth(i.MultiChannel)},
			{"Leasing", truth(i.Leasing)},
		}
		for _, row := range [][2]string{{"SystemVersion", i.SystemVersion}, {"System", i.System}, {"SystemDemands", i.SystemDemands}} {
			if row[1] != "" {
				rows = append(rows, row)
			}
		}
		return a.printRows(rows)
	})
}

// takeSystem enters what is known of the server's system by its version.
func (i *remoteInfo) takeSystem(v ntlm.Version) {
	i.SystemVersion = versionText(v)
	if b := systemOf(v); b != nil {
		i.System, i.SystemDemands = b.name, b.demands
	}
}

func describeSession(s *client.Session) remoteInfo {
	i := s.Info()
	by := func(ours, theirs bool) []string {
		who := []string{}
		if ours {
			who = append(who, "client")
		}
		if theirs {
			who = append(who, "server")
		}
		return who
	}
	return remoteInfo{
		Server: s.Server(), Name: i.Server.Name, Dialect: i.Server.Dialect,
		Signed: i.Signed, SigningAlgorithm: i.Server.Signing, SigningRequiredBy: by(i.SigningRequiredByClient, i.SigningRequiredByServer),
		Encrypted: i.Sealed, Cipher: i.Server.Cipher, EncryptionRequiredBy: by(i.EncryptionRequiredByClient, i.EncryptionRequiredByServer),
		Authentication: i.Mechanism, User: i.User, Identity: i.Identity.String(),
		MaxReadSize: i.Server.MaxRead, MaxWriteSize: i.Server.MaxWrite,
		DFS: i.Server.DFS, MultiChannel: i.Server.MultiChannel, Leasing: i.Server.Leasing,
	}
}
