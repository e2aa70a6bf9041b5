package srvsvc

import (
	"context"
	"errors"
	"io/fs"

	"github.com/signet-smb/signet/internal/rpc"
)

// Administration is what is told to, and done for, a caller who has a role. It
// looks at the role once more, and records who did what. Safe for concurrent
// use.
//
// Errors: fs.ErrExist for a share that is there, fs.ErrNotExist for what is
// not, fs.ErrPermission for a caller who may not, [ErrInvalid], or a
// [*MemberError], for a value that cannot be, [ErrNotSupported] for what cannot
// be done here.
type Administration interface {
	// ShareDetails is what is not for everybody of each share, by its name in
	// upper case.
	ShareDetails(ctx context.Context, caller *rpc.Caller) (map[string]ShareDetails, error)
	AddShare(ctx context.Context, caller *rpc.Caller, s NewShare) error
	SetShare(ctx context.Context, caller *rpc.Caller, name string, c ShareChange) error
	RemoveShare(ctx context.Context, caller *rpc.Caller, name string) error
	Sessions(ctx context.Context, caller *rpc.Caller) ([]Session, error)
	// CloseSession and CloseFile return when it is closed, or when it cannot be
	// waited for any longer.
	CloseSession(ctx context.Context, caller *rpc.Caller, id uint64) error
	Files(ctx context.Context, caller *rpc.Caller) ([]File, error)
	CloseFile(ctx context.Context, caller *rpc.Caller, f File) error
	SetServer(ctx context.Context, caller *rpc.Caller, c ServerChange) error
}

// ErrInvalid is wrapped by errors about a value that cannot be.
var ErrInvalid = errors.New("no such value")

// ErrNotSupported is wrapped by errors about what cannot be done here.
var ErrNotSupported = errors.New("not supported here")

// Member is the index of a member of the SHARE_INFO structures, as ParmErr has it.
// [MS-SRVS] 2.2.2.11.
type Member uint32

// Members that may be wrong.
const (
	MemberName     Member = 1
	MemberRemark   Member = 4
	MemberMaxUses  Member = 6
	MemberPath     Member = 8
	MemberSecurity Member = 501
)

// MemberError says which member has a value that cannot be.
type MemberError struct {
	Member Member
	Err    error
}

func (e *MemberError) Error() string { return e.Err.Error() }

// Unwrap makes it an [ErrInvalid], too.
func (e *MemberError) Unwrap() []error { return []error{ErrInvalid, e.Err} }

// memberOf is the member that err is about; 0: none.
func memberOf(err error) Member {
	if e, ok := errors.AsType[*MemberError](err); ok {
		return e.Member
	}
	return 0
}

// ShareDetails is what only who has a role is told of a share.
type ShareDetails struct {
	Path     string // as the host writes it
	Security []byte // a security descriptor, self-relative; nil: everybody may do everything
}

// NewShare is a folder to be shared.
type NewShare struct {
	Name     string
	Path     string // as the host writes it
	Remark   string
	MaxUses  uint32 // 0: as many as come
	Security []byte // a security descriptor, self-relative; nil: everybody may do everything
}

// ShareChange is what is changed of a share. What is nil stays.
type ShareChange struct {
	Path                   *string // as the host writes it
	AccessBasedEnumeration *bool
	EncryptData            *bool
	Remark                 *string
	MaxUses                *uint32 // 0: as many as come
	Security               []byte  // a security descriptor, self-relative
}

// isNone reports whether c changes nothing.
func (c *ShareChange) isNone() bool {
	return c.Path == nil && c.AccessBasedEnumeration == nil && c.EncryptData == nil && c.Remark == nil && c.MaxUses == nil && c.Security == nil
}

// ServerChange is what is changed of the server. What is nil stays.
type ServerChange struct {
	Comment     *string
	IdleMinutes *uint32 // 0xFFFFFFFF: never
	Hidden      *bool
}

// Session is the ADM's session, as far as it is told. [MS-SRVS] 3.1.1.1.
type Session struct {
	ID      uint64
	Client  string // its address
	User    string
	Opens   uint32
	Seconds uint32 // since it began
	Idle    uint32 // seconds since its last request
	Guest   bool
}

// File is the ADM's open, as far as it is told. [MS-SRVS] 3.1.1.1.
type File struct {
	ID      uint64
	Access  uint32 // an ACCESS_MASK of [MS-DTYP]
	Path    string // as the host writes it
	Share   string
	User    string
	Client  string // its address
	Session uint64
	Locks   uint32 // byte ranges that it has locked
}

// nobody is the Administration of a server that has none.
type nobody struct{}

func (nobody) ShareDetails(context.Context, *rpc.Caller) (map[string]ShareDetails, error) {
	return nil, nil
}

func (nobody) AddShare(context.Context, *rpc.Caller, NewShare) error { return ErrNotSupported }

func (nobody) SetShare(context.Context, *rpc.Caller, string, ShareChange) error {
	return ErrNotSupported
}

func (nobody) RemoveShare(context.Context, *rpc.Caller, string) error { return ErrNotSupported }

func (nobody) Sessions(context.Context, *rpc.Caller) ([]Session, error) { return nil, ErrNotSupported }

func (nobody) CloseSession(context.Context, *rpc.Caller, uint64) error { return ErrNotSupported }

func (nobody) Files(context.Context, *rpc.Caller) ([]File, error) { return nil, ErrNotSupported }

func (nobody) CloseFile(context.Context, *rpc.Caller, File) error { return ErrNotSupported }

func (nobody) SetServer(context.Context, *rpc.Caller, ServerChange) error { return ErrNotSupported }

// statusOf is the status for an error of an [Administration]; an error that the
// client is told nothing about comes back. missing and taken are for what is
// not there, and is there already.
func statusOf(err error, missing, taken status) (status, error) {
	switch {
	case err == nil:
		return success, nil
	case errors.Is(err, fs.ErrNotExist):
		return missing, nil
	case errors.Is(err, fs.ErrExist):
		return taken, nil
	case errors.Is(err, fs.ErrPermission):
		return accessDenied, nil
	case errors.Is(err, ErrInvalid):
		return invalidParameter, nil
	case errors.Is(err, ErrNotSupported):
		return notSupported, nil
	}
	return 0, err
}
