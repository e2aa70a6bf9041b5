package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"net/http"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/auth/localuser"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/directory"
	"github.com/signet-smb/signet/internal/rpc/srvsvc"
	"github.com/signet-smb/signet/server"
)

// procedures is the administration as remote procedures see it: each call of
// theirs becomes a request to the same handler that commands and browsers come
// to, in the caller's name. So what is refused there is refused here, and what
// is recorded there is recorded here. Safe for concurrent use.
type procedures struct {
	accounts *accountStore
	log      *slog.Logger
	handler  atomic.Pointer[http.Handler] // nil until attach
	closing  sync.WaitGroup               // of what closeSoon began
}

// errNotYet tells a caller that came before the administration stands.
var errNotYet = fmt.Errorf("the server is starting: %w", srvsvc.ErrNotSupported)

// attach makes handler the one that is asked.
func (p *procedures) attach(handler http.Handler) { p.handler.Store(&handler) }

// offer is all of it, as the server takes it.
func (p *procedures) offer() server.Procedures {
	return server.Procedures{Role: p.role, Accounts: localDirectory{p.accounts}, Registry: registry{p}, Administration: p}
}

// roles are those of the administration in the words of remote procedures.
var roles = map[admin.Role]rpc.Role{
	admin.Nobody: rpc.User, admin.Viewer: rpc.Viewer, admin.Operator: rpc.Operator, admin.Administrator: rpc.Administrator,
}

// role is what an account may do now. It must still be the one that signed in,
// and its role be in force: a role counts from the next password on.
func (p *procedures) role(ctx context.Context, who *auth.Identity) rpc.Role {
	acc, err := p.accounts.store.Lookup(ctx, who.Account)
	if err != nil || acc.SID != who.SID || acc.Disabled || acc.Role != localuser.NoRole && !acc.Verifiable {
		return rpc.User
	}
	return roles[roleOf(acc)]
}

// client is the administration for a caller; means is the word for the way.
func (p *procedures) client(ctx context.Context, c *rpc.Caller, means string) (*admin.Client, error) {
	handler := p.handler.Load()
	if handler == nil {
		return nil, errNotYet
	}
	role := admin.Nobody
	for r, same := range roles {
		if c.Role != nil && same == c.Role(ctx) {
			role = r
		}
	}
	return admin.InProcessAs(*handler, admin.SignedInElsewhere(means, c.Account, role, c.Address)), nil
}

// procedureError is an error of the administration in the words of [srvsvc.Administration].
func procedureError(err error) error {
	e, ok := errors.AsType[*admin.Error](err)
	if !ok {
		return err
	}
	switch e.Status {
	case http.StatusForbidden, http.StatusUnauthorized:
		return fmt.Errorf("%w: %w", fs.ErrPermission, err)
	case http.StatusNotFound:
		return fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	case http.StatusConflict:
		return fmt.Errorf("%w: %w", fs.ErrExist, err)
	case http.StatusUnprocessableEntity, http.StatusBadRequest:
		if member, ok := shareMembers[e.Property]; ok {
			return &srvsvc.MemberError{Member: member, Err: err}
		}
		return fmt.Errorf("%w: %w", srvsvc.ErrInvalid, err)
	}
	return err
}

// shareMembers are the properties of shares as remote procedures have them.
var shareMembers = map[string]srvsvc.Member{
	"Name": srvsvc.MemberName, "Path": srvsvc.MemberPath, "Description": srvsvc.MemberRemark,
	"ConcurrentUserLimit": srvsvc.MemberMaxUses, "SecurityDescriptor": srvsvc.MemberSecurity,
}

// refusedShare makes of an error of a change of a share one that remote
// procedures can tell; what they cannot, why, is in the log.
func (p *procedures) refusedShare(ctx context.Context, caller *rpc.Caller, name string, err error) error {
	if err == nil {
		return nil
	}
	err = procedureError(err)
	if wrong, ok := errors.AsType[*srvsvc.MemberError](err); ok {
		p.log.WarnContext(ctx, "a share was not changed by remote procedure", "share", name, "user", caller.Account, "client", caller.Address, "err", wrong.Err)
	}
	return err
}

// viaRPC is the word for the way of remote procedures.
const viaRPC = "RPC"

// ShareDetails implements srvsvc.Administration.
func (p *procedures) ShareDetails(ctx context.Context, caller *rpc.Caller) (map[string]srvsvc.ShareDetails, error) {
	c, err := p.client(ctx, caller, viaRPC)
	if err != nil {
		return nil, err
	}
	list, err := c.Shares(ctx)
	if err != nil {
		return nil, procedureError(err)
	}
	details := make(map[string]srvsvc.ShareDetails)
	for _, sh := range list.Shares {
		sd, err := dtyp.ParseSDDL(sh.SecurityDescriptor)
		if err != nil {
			return nil, err
		}
		security, err := sd.AppendBinary(nil)
		if err != nil {
			return nil, err
		}
		details[strings.ToUpper(sh.Name)] = srvsvc.ShareDetails{Path: sh.Path, Security: security}
	}
	return details, nil
}

// sddlOf is a self-relative security descriptor as the administration takes it.
func sddlOf(security []byte) (string, error) {
	var sd dtyp.SecurityDescriptor
	if err := sd.UnmarshalBinary(security); err != nil {
		return "", &srvsvc.MemberError{Member: srvsvc.MemberSecurity, Err: err}
	}
	text, err := sd.SDDL()
	if err != nil {
		return "", &srvsvc.MemberError{Member: srvsvc.MemberSecurity, Err: err}
	}
	return text, nil
}

// AddShare implements srvsvc.Administration.
func (p *procedures) AddShare(ctx context.Context, caller *rpc.Caller, n srvsvc.NewShare) error {
	c, err := p.client(ctx, caller, viaRPC)
	if err != nil {
		return err
	}
	if !filepath.IsAbs(n.Path) {
		return &srvsvc.MemberError{Member: srvsvc.MemberPath, Err: fmt.Errorf("%q is not absolute", n.Path)}
	}
	list, err := c.Shares(ctx)
	if err != nil {
		return procedureError(err)
	}
	// A server whose shares the command line names does not serve stored ones.
	if slices.ContainsFunc(list.Shares, func(s admin.Share) bool { return s.Source == "CommandLine" }) {
		return fmt.Errorf("shares are named by the command line: %w", srvsvc.ErrNotSupported)
	}
	add := admin.NewShare{Name: n.Name, Path: n.Path, Description: n.Remark, ConcurrentUserLimit: n.MaxUses}
	if len(n.Security) > 0 {
		add.SecurityDescriptor, err = sddlOf(n.Security)
	}
	if err == nil {
		_, err = c.AddShare(ctx, add)
	}
	return p.refusedShare(ctx, caller, n.Name, err)
}

// SetShare implements srvsvc.Administration.
func (p *procedures) SetShare(ctx context.Context, caller *rpc.Caller, name string, change srvsvc.ShareChange) error {
	c, err := p.client(ctx, caller, viaRPC)
	if err != nil {
		return err
	}
	if err := storeHolds(ctx, c, name); err != nil {
		return err
	}
	set := admin.ShareChange{
		Path: change.Path, EncryptData: change.EncryptData, Description: change.Remark, ConcurrentUserLimit: change.MaxUses,
	}
	if change.AccessBasedEnumeration != nil {
		mode := "Unrestricted"
		if *change.AccessBasedEnumeration {
			mode = "AccessBased"
		}
		set.FolderEnumerationMode = &mode
	}
	if len(change.Security) > 0 {
		text, err := sddlOf(change.Security)
		if err != nil {
			return p.refusedShare(ctx, caller, name, err)
		}
		set.SecurityDescriptor = &text
	}
	_, err = c.UpdateShare(ctx, name, set)
	return p.refusedShare(ctx, caller, name, err)
}

// RemoveShare implements srvsvc.Administration.
func (p *procedures) RemoveShare(ctx context.Context, caller *rpc.Caller, name string) error {
	c, err := p.client(ctx, caller, viaRPC)
	if err != nil {
		return err
	}
	if err := storeHolds(ctx, c, name); err != nil {
		return err
	}
	return procedureError(c.RemoveShare(ctx, name))
}

// storeHolds refuses a share that is there and not the store's: the command
// line and the configuration file change theirs.
func storeHolds(ctx context.Context, c *admin.Client, name string) error {
	list, err := c.Shares(ctx)
	if err != nil {
		return procedureError(err)
	}
	i := slices.IndexFunc(list.Shares, func(s admin.Share) bool { return strings.EqualFold(s.Name, name) })
	switch {
	case strings.EqualFold(name, "IPC$"):
		return fmt.Errorf("share %q: %w", name, srvsvc.ErrNotSupported)
	case i < 0:
		return fmt.Errorf("share %q: %w", name, fs.ErrNotExist)
	case list.Shares[i].Source != "Store":
		return fmt.Errorf("share %q is of %s: %w", name, list.Shares[i].Source, srvsvc.ErrNotSupported)
	}
	return nil
}

// Sessions implements srvsvc.Administration.
func (p *procedures) Sessions(ctx context.Context, caller *rpc.Caller) ([]srvsvc.Session, error) {
	c, err := p.client(ctx, caller, viaRPC)
	if err != nil {
		return nil, err
	}
	list, err := c.Sessions(ctx)
	if err != nil {
		return nil, procedureError(err)
	}
	sessions := make([]srvsvc.Session, len(list.Sessions))
	for i, s := range list.Sessions {
		sessions[i] = srvsvc.Session{
			ID: uint64(s.SessionID), Client: s.ClientComputerName, User: s.ClientUserName,
			Opens: uint32(s.NumOpens), Seconds: uint32(min(s.SecondsExists, math.MaxUint32)), Idle: uint32(min(s.SecondsIdle, math.MaxUint32)),
		}
	}
	return sessions, nil
}

// closePatience is for how long a call waits for what it closes.
const closePatience = 5 * time.Second

// closeSoon closes something by the administration. Closing waits for the
// requests at work there, and one of them may be the call itself (own), or one
// that closes the caller's session: so a call does not wait for ever, and for
// itself not at all.
func (p *procedures) closeSoon(ctx context.Context, own bool, end func(context.Context) error) error {
	done := make(chan error, 1)
	p.closing.Go(func() { done <- end(context.WithoutCancel(ctx)) })
	if own {
		return nil
	}
	patience, cancel := context.WithTimeout(ctx, closePatience)
	defer cancel()
	select {
	case err := <-done:
		return procedureError(err)
	case <-patience.Done():
		return nil // it has begun
	}
}

// CloseSession implements srvsvc.Administration.
func (p *procedures) CloseSession(ctx context.Context, caller *rpc.Caller, id uint64) error {
	c, err := p.client(ctx, caller, viaRPC)
	if err != nil {
		return err
	}
	return p.closeSoon(ctx, id == caller.Session, func(ctx context.Context) error { return c.CloseSession(ctx, admin.SessionID(id)) })
}

// Files implements srvsvc.Administration.
func (p *procedures) Files(ctx context.Context, caller *rpc.Caller) ([]srvsvc.File, error) {
	c, err := p.client(ctx, caller, viaRPC)
	if err != nil {
		return nil, err
	}
	list, err := c.OpenFiles(ctx)
	if err != nil {
		return nil, procedureError(err)
	}
	files := make([]srvsvc.File, len(list.OpenFiles))
	for i, f := range list.OpenFiles {
		files[i] = srvsvc.File{
			ID: uint64(f.FileID), Access: f.Permissions, Path: f.Path, Share: f.ShareName,
			User: f.ClientUserName, Client: f.ClientComputerName, Session: uint64(f.SessionID), Locks: uint32(f.Locks),
		}
		if strings.EqualFold(f.ShareName, "IPC$") {
			files[i].Path = `\PIPE\` + f.ShareRelativePath
		}
	}
	return files, nil
}

// CloseFile implements srvsvc.Administration.
func (p *procedures) CloseFile(ctx context.Context, caller *rpc.Caller, f srvsvc.File) error {
	c, err := p.client(ctx, caller, viaRPC)
	if err != nil {
		return err
	}
	own := f.Session == caller.Session && strings.EqualFold(f.Share, "IPC$")
	return p.closeSoon(ctx, own, func(ctx context.Context) error { return c.CloseOpenFile(ctx, admin.FileID(f.ID)) })
}

// SetServer implements srvsvc.Administration.
func (p *procedures) SetServer(ctx context.Context, caller *rpc.Caller, change srvsvc.ServerChange) error {
	c, err := p.client(ctx, caller, viaRPC)
	if err != nil {
		return err
	}
	set := make(map[string]string)
	if change.Comment != nil {
		set["server.AnnounceComment"] = *change.Comment
	}
	if change.Hidden != nil {
		set["server.ServerHidden"] = strconv.FormatBool(*change.Hidden)
	}
	if minutes := change.IdleMinutes; minutes != nil {
		seconds := uint64(*minutes) * 60
		if *minutes == math.MaxUint32 {
			seconds = 0
		}
		set["server.AutoDisconnectTimeoutInSecondsV2"] = strconv.FormatUint(seconds, 10)
	}
	if len(set) == 0 {
		return nil
	}
	_, err = c.ChangeConfig(ctx, admin.ConfigChange{Set: set, ChangeTerms: admin.ChangeTerms{Reason: "NetrServerSetInfo"}})
	return procedureError(err)
}

// localDirectory is the accounts as package directory wants to see them.
type localDirectory struct{ accounts *accountStore }

// MachineSID implements directory.Accounts.
func (d localDirectory) MachineSID() dtyp.SID { return d.accounts.store.MachineSID() }

// List implements directory.Accounts.
func (d localDirectory) List(ctx context.Context) ([]directory.Account, error) {
	accounts, err := d.accounts.store.List(ctx)
	list := make([]directory.Account, len(accounts))
	for i, a := range accounts {
		list[i] = directory.Account{
			Name: a.Name, SID: a.SID, Disabled: a.Disabled, Administrator: roleOf(a) == admin.Administrator, PasswordSet: a.PasswordSet,
		}
	}
	return list, err
}

// UnixName implements directory.Accounts.
func (d localDirectory) UnixName(sid dtyp.SID) string {
	if uid, ok := sid.UID(); ok {
		if u, err := user.LookupId(strconv.FormatUint(uint64(uid), 10)); err == nil {
			return u.Username
		}
	}
	if gid, ok := sid.GID(); ok {
		if g, err := user.LookupGroupId(strconv.FormatUint(uint64(gid), 10)); err == nil {
			return g.Name
		}
	}
	return ""
}

// UnixSID implements directory.Accounts.
func (d localDirectory) UnixSID(name string, group bool) dtyp.SID {
	var id string
	if group {
		if g, err := user.LookupGroup(name); err == nil {
			id = g.Gid
		}
	} else if u, err := user.Lookup(name); err == nil {
		id = u.Uid
	}
	n, err := strconv.ParseUint(cmp.Or(id, "-"), 10, 32)
	switch {
	case err != nil:
		return dtyp.SID{}
	case group:
		return dtyp.SIDOfGID(uint32(n))
	}
	return dtyp.SIDOfUID(uint32(n))
}
