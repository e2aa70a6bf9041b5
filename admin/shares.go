package admin

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"

	"github.com/signet-smb/signet/event"
)

// Shares are the folders that are shared, wherever that was said. It is safe
// for concurrent use. A change is in force when the call returns, if a server
// runs: from the next tree connect on.
//
// Errors: fs.ErrExist for a name that is taken, fs.ErrNotExist for one that is
// not there, an *[Error] for a value that is refused. Names are compared
// without regard to case.
type Shares interface {
	List(ctx context.Context) ([]Share, error)
	Add(ctx context.Context, s NewShare) (Share, error)
	Update(ctx context.Context, name string, c ShareChange) (Share, error)
	Remove(ctx context.Context, name string) error
	Grant(ctx context.Context, name, account, access string) (Share, error)
	Revoke(ctx context.Context, name, account string) (Share, error)
}

// Share is a folder that is shared. Of the lists of accounts, Everyone stands
// for all.
type Share struct {
	Name                     string   `json:"Name"`
	Path                     string   `json:"Path"`
	ReadOnly                 bool     `json:"ReadOnly" doc:"whatever else is granted"`
	RunAs                    string   `json:"RunAs" doc:"the system user as whom it is used; empty: as the server was started"`
	EncryptData              bool     `json:"EncryptData" doc:"every message about it is encrypted"`
	RequireSecuritySignature bool     `json:"RequireSecuritySignature" doc:"every message about it is signed or encrypted"`
	FolderEnumerationMode    string   `json:"FolderEnumerationMode" enum:"AccessBased,Unrestricted" doc:"AccessBased: listings show what the user may read"`
	LeasingMode              string   `json:"LeasingMode" enum:"Full,Shared,None" doc:"what clients may cache; Shared: what they read; None: nothing"`
	EnableGuestAccess        bool     `json:"EnableGuestAccess" doc:"False: guests may not use it, even where the server lets them in"`
	FullAccess               []string `json:"FullAccess" nullable:"false"`
	ChangeAccess             []string `json:"ChangeAccess" nullable:"false"`
	ReadAccess               []string `json:"ReadAccess" nullable:"false"`
	NoAccess                 []string `json:"NoAccess" nullable:"false" doc:"whatever else is granted to them"`
	SecurityDescriptor       string   `json:"SecurityDescriptor" doc:"the lists of accounts, in SDDL"`
	Description              string   `json:"Description" doc:"what it holds, for people"`
	ConcurrentUserLimit      uint32   `json:"ConcurrentUserLimit" doc:"how many may be connected to it at a time; 0: as many as come"`
	CurrentUsers             uint32   `json:"CurrentUsers" doc:"how many are connected to it"`
	ShareState               string   `json:"ShareState" enum:"Online,Offline" doc:"Online: a server serves it now"`
	Source                   string   `json:"Source" enum:"CommandLine,File,Store" doc:"where it is from; only those of the store can be changed here"`
}

// ShareList is the answer of GET /api/v1/shares.
type ShareList struct {
	Shares []Share `json:"Shares" nullable:"false"`
}

// NewShare is the body of POST /api/v1/shares. Without a list of accounts,
// Everyone has full access.
type NewShare struct {
	Name                     string   `json:"Name" minLength:"1" maxLength:"256"`
	Path                     string   `json:"Path" minLength:"1" maxLength:"4096" doc:"absolute"`
	ReadOnly                 bool     `json:"ReadOnly,omitempty"`
	RunAs                    string   `json:"RunAs,omitempty" maxLength:"256"`
	EncryptData              bool     `json:"EncryptData,omitempty"`
	RequireSecuritySignature bool     `json:"RequireSecuritySignature,omitempty"`
	FolderEnumerationMode    string   `json:"FolderEnumerationMode,omitempty" enum:"AccessBased,Unrestricted" doc:"default: Unrestricted"`
	LeasingMode              string   `json:"LeasingMode,omitempty" enum:"Full,Shared,None" doc:"what clients may cache; default: Full"`
	EnableGuestAccess        *bool    `json:"EnableGuestAccess,omitempty" default:"true" doc:"False: guests may not use it, even where the server lets them in"`
	FullAccess               []string `json:"FullAccess,omitempty" maxItems:"1024"`
	ChangeAccess             []string `json:"ChangeAccess,omitempty" maxItems:"1024"`
	ReadAccess               []string `json:"ReadAccess,omitempty" maxItems:"1024"`
	NoAccess                 []string `json:"NoAccess,omitempty" nullable:"false" maxItems:"1024" doc:"accounts that may not use it, whatever else is granted"`
	SecurityDescriptor       string   `json:"SecurityDescriptor,omitempty" maxLength:"65536" doc:"SDDL, instead of lists of accounts; refused if they cannot say the same"`
	Description              string   `json:"Description,omitempty" maxLength:"256" doc:"what it holds, for people"`
	ConcurrentUserLimit      uint32   `json:"ConcurrentUserLimit,omitempty" doc:"how many may be connected to it at a time; 0: as many as come"`
}

// ShareChange is the body of PATCH /api/v1/shares/{name}. What is absent stays
// as it is.
type ShareChange struct {
	Path                     *string `json:"Path,omitempty" minLength:"1" maxLength:"4096" doc:"absolute"`
	ReadOnly                 *bool   `json:"ReadOnly,omitempty"`
	RunAs                    *string `json:"RunAs,omitempty" maxLength:"256"`
	EncryptData              *bool   `json:"EncryptData,omitempty"`
	RequireSecuritySignature *bool   `json:"RequireSecuritySignature,omitempty"`
	FolderEnumerationMode    *string `json:"FolderEnumerationMode,omitempty" enum:"AccessBased,Unrestricted"`
	LeasingMode              *string `json:"LeasingMode,omitempty" enum:"Full,Shared,None" doc:"what clients may cache; Shared: what they read; None: nothing"`
	EnableGuestAccess        *bool   `json:"EnableGuestAccess,omitempty" doc:"False: guests may not use it, even where the server lets them in"`
	SecurityDescriptor       *string `json:"SecurityDescriptor,omitempty" maxLength:"65536" doc:"SDDL, in place of all that was granted; refused if lists of accounts cannot say the same"`
	Description              *string `json:"Description,omitempty" maxLength:"256" doc:"what it holds, for people"`
	ConcurrentUserLimit      *uint32 `json:"ConcurrentUserLimit,omitempty" doc:"how many may be connected to it at a time; 0: as many as come"`
}

// ShareAccess is the body of PUT /api/v1/shares/{name}/access/{account}.
type ShareAccess struct {
	Access string `json:"Access" enum:"Read,Change,Full"`
}

// sharesOutput is what huma takes for the reply of GET /api/v1/shares.
type sharesOutput struct{ Body ShareList }

// shareOutput is what huma takes for a reply about one share.
type shareOutput struct{ Body Share }

// addShareInput is the request of POST /api/v1/shares.
type addShareInput struct{ Body NewShare }

// shareInput is a request about one share.
type shareInput struct {
	Name string `path:"name" minLength:"1" maxLength:"256"`
}

// updateShareInput is the request of PATCH /api/v1/shares/{name}.
type updateShareInput struct {
	Name string `path:"name" minLength:"1" maxLength:"256"`
	Body ShareChange
}

// grantInput is the request of PUT /api/v1/shares/{name}/access/{account}.
type grantInput struct {
	Name    string `path:"name" minLength:"1" maxLength:"256"`
	Account string `path:"account" minLength:"1" maxLength:"256"`
	Body    ShareAccess
}

// revokeInput is the request of DELETE
// /api/v1/shares/{name}/access/{account}.
type revokeInput struct {
	Name    string `path:"name" minLength:"1" maxLength:"256"`
	Account string `path:"account" minLength:"1" maxLength:"256"`
}

func (h *handlers) listShares(ctx context.Context, _ *struct{}) (*sharesOutput, error) {
	shares, err := h.shares.List(ctx)
	if err != nil {
		return nil, h.fail(ctx, "list shares", err)
	}
	list := make([]Share, len(shares))
	for i, s := range shares {
		list[i] = s.withoutNull()
	}
	return &sharesOutput{Body: ShareList{Shares: list}}, nil
}

// withoutNull makes every list that is empty [] in JSON.
func (s Share) withoutNull() Share {
	for _, list := range []*[]string{&s.FullAccess, &s.ChangeAccess, &s.ReadAccess, &s.NoAccess} {
		*list = append([]string{}, *list...)
	}
	return s
}

func (h *handlers) addShare(ctx context.Context, in *addShareInput) (*shareOutput, error) {
	return h.changeShare(ctx, "share added", in.Body.Name, func() (Share, error) { return h.shares.Add(ctx, in.Body) })
}

func (h *handlers) updateShare(ctx context.Context, in *updateShareInput) (*shareOutput, error) {
	return h.changeShare(ctx, "share changed", in.Name, func() (Share, error) {
		if h.authorOf(ctx).Stale && in.Body.lowers(h.storedShare(ctx, in.Name)) {
			return Share{}, errSignInAgain(ctx, h, "change "+in.Name)
		}
		return h.shares.Update(ctx, in.Name, in.Body)
	})
}

func (h *handlers) removeShare(ctx context.Context, in *shareInput) (*struct{}, error) {
	_, err := h.changeShare(ctx, "share removed", in.Name, func() (Share, error) { return Share{}, h.shares.Remove(ctx, in.Name) })
	return nil, err
}

func (h *handlers) grant(ctx context.Context, in *grantInput) (*shareOutput, error) {
	return h.changeShare(ctx, "share access granted", in.Name, func() (Share, error) {
		return h.shares.Grant(ctx, in.Name, in.Account, in.Body.Access)
	})
}

func (h *handlers) revoke(ctx context.Context, in *revokeInput) (*shareOutput, error) {
	return h.changeShare(ctx, "share access revoked", in.Name, func() (Share, error) {
		return h.shares.Revoke(ctx, in.Name, in.Account)
	})
}

// lowers reports whether the change takes protection from a share, as far as
// that is known.
func (c *ShareChange) lowers(before *Share, err error) bool {
	off := func(was bool, is *bool) bool { return was && is != nil && !*is }
	on := func(was bool, is *bool) bool { return !was && is != nil && *is }
	return err == nil && before != nil && (off(before.RequireSecuritySignature, c.RequireSecuritySignature) ||
		off(before.EncryptData, c.EncryptData) || on(before.EnableGuestAccess, c.EnableGuestAccess))
}

// errSignInAgain refuses who has signed in so long ago that somebody else may
// sit there by now, and tells so.
func errSignInAgain(ctx context.Context, h *handlers, what string) *Error {
	refused := &Error{
		Code: "SignInAgain", Status: http.StatusForbidden, Message: "this lowers protection: sign in again first",
		Hint: "a sign-in is good for that for ten minutes",
	}
	h.refused(ctx, what, refused.Message)
	return refused
}

// changeShare makes a change of the stored share of that name, which may come
// or go by it, and tells of it; or makes the answer to the error.
func (h *handlers) changeShare(ctx context.Context, what, name string, change func() (Share, error)) (*shareOutput, error) {
	h.changing.Lock()
	defer h.changing.Unlock()
	before, err := h.storedShare(ctx, name)
	if err != nil {
		return nil, h.fail(ctx, "list shares", err)
	}
	after, err := change()
	if err != nil {
		return nil, h.shareRefused(ctx, name, err)
	}
	caller, _ := callerOf(ctx)
	e := eventBy(caller, event.ShareChanged)
	var was, is []property
	if e.Share = name; before != nil {
		e.Share, was = before.Name, before.properties()
	}
	if after.Name != "" {
		e.Share, is = after.Name, after.properties()
	}
	h.tell(ctx, what, changes(e, was, is)...)
	return &shareOutput{Body: after.withoutNull()}, nil
}

// storedShare returns the stored share of that name, or nil.
func (h *handlers) storedShare(ctx context.Context, name string) (*Share, error) {
	list, err := h.shares.List(ctx)
	for i := range list {
		if list[i].Source == "Store" && strings.EqualFold(list[i].Name, name) {
			return &list[i], err
		}
	}
	return nil, err
}

// shareRefused makes the answer to an error of a change of a share.
func (h *handlers) shareRefused(ctx context.Context, name string, err error) error {
	refused, isRefusal := errors.AsType[*Error](err)
	switch {
	case isRefusal:
		if refused.Status == 0 {
			refused.Status = http.StatusUnprocessableEntity
		}
		return refused
	case errors.Is(err, fs.ErrExist):
		return &Error{
			Code: "AlreadyExists", Status: http.StatusConflict, Property: "Name",
			Message: fmt.Sprintf("a share %q exists already", name), Hint: "signet share set changes it",
		}
	case errors.Is(err, fs.ErrNotExist):
		return &Error{
			Code: "NotFound", Status: http.StatusNotFound, Property: "Name",
			Message: fmt.Sprintf("no share %q is stored", name), Hint: "signet share list shows them",
		}
	}
	return h.fail(ctx, "change share", err)
}
