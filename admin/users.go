package admin

import (
	"context"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/event"
)

// Accounts is the store of accounts. It is safe for concurrent use.
//
// Errors: fs.ErrExist for a name that is taken, fs.ErrNotExist for one that is
// not there, an *[Error] for a value that is refused. Names are compared
// without regard to case.
type Accounts interface {
	List(ctx context.Context) ([]User, error)
	Add(ctx context.Context, u NewUser) error
	Update(ctx context.Context, name string, c UserChange) (User, error)
	SetPassword(ctx context.Context, name, password string) error
	// Import adds accounts whose passwords are known by their hashes: all of
	// them, or none. The answer has one outcome for each.
	Import(ctx context.Context, in UserImport) (UserImportResult, error)
	Remove(ctx context.Context, name string) error
}

// User is an account, without its secrets.
type User struct {
	Name     string `json:"Name"`
	Enabled  bool   `json:"Enabled"`
	UnixUser string `json:"UnixUser" doc:"the system user that a server run by root uses files as; empty: the one of the account's name; none: nobody"`
	Role     Role   `json:"Role" doc:"in the administration"`
	// NeedsPassword is whether the account has a role and cannot sign in with
	// it, because its password is older.
	NeedsPassword bool `json:"NeedsPassword,omitempty" doc:"the role counts from the next password on"`
}

// Users is the answer of GET /api/v1/users.
type Users struct {
	Users []User `json:"Users" nullable:"false"`
}

// NewUser is the body of POST /api/v1/users. Each length is a bound on what is
// read; the store knows what it accepts.
type NewUser struct {
	Name     string `json:"Name" minLength:"1" maxLength:"256"`
	Password string `json:"Password" minLength:"1" maxLength:"1024" writeOnly:"true"`
	UnixUser string `json:"UnixUser,omitempty" maxLength:"256"`
	Role     Role   `json:"Role,omitempty" doc:"in the administration; default: none"`
}

// UserChange is the body of PATCH /api/v1/users/{name}. What is absent stays as
// it is.
type UserChange struct {
	Enabled  *bool   `json:"Enabled,omitempty"`
	UnixUser *string `json:"UnixUser,omitempty" maxLength:"256"`
	Role     *Role   `json:"Role,omitempty" doc:"in the administration; it counts from the next password on"`
}

// NewPassword is the body of PUT /api/v1/users/{name}/password.
type NewPassword struct {
	Password string `json:"Password" minLength:"1" maxLength:"1024" writeOnly:"true"`
}

// usersOutput is what huma takes for the reply of GET /api/v1/users.
type usersOutput struct{ Body Users }

// userOutput is what huma takes for a reply about one account.
type userOutput struct{ Body User }

// addUserInput is the request of POST /api/v1/users.
type addUserInput struct{ Body NewUser }

// userInput is a request about one account.
type userInput struct {
	Name string `path:"name" minLength:"1" maxLength:"256"`
}

// updateUserInput is the request of PATCH /api/v1/users/{name}.
type updateUserInput struct {
	Name string `path:"name" minLength:"1" maxLength:"256"`
	Body UserChange
}

// passwordInput is the request of PUT /api/v1/users/{name}/password.
type passwordInput struct {
	Name string `path:"name" minLength:"1" maxLength:"256"`
	Body NewPassword
}

func (h *handlers) listUsers(ctx context.Context, _ *struct{}) (*usersOutput, error) {
	users, err := h.accounts.List(ctx)
	if err != nil {
		return nil, h.fail(ctx, "list users", err)
	}
	return &usersOutput{Body: Users{Users: append([]User{}, users...)}}, nil
}

func (h *handlers) addUser(ctx context.Context, in *addUserInput) (*userOutput, error) {
	return h.changeUser(ctx, "user added", "add user", in.Body.Name, func() error { return h.accounts.Add(ctx, in.Body) })
}

func (h *handlers) updateUser(ctx context.Context, in *updateUserInput) (*userOutput, error) {
	return h.changeUser(ctx, "user changed", "update user", in.Name, func() error {
		_, err := h.accounts.Update(ctx, in.Name, in.Body)
		return err
	})
}

func (h *handlers) setPassword(ctx context.Context, in *passwordInput) (*struct{}, error) {
	if err := h.accounts.SetPassword(ctx, in.Name, in.Body.Password); err != nil {
		return nil, h.failUser(ctx, "set password", in.Name, err)
	}
	caller, _ := callerOf(ctx)
	e := eventBy(caller, event.AccountChanged)
	e.Object, e.Property = in.Name, "Password" // which is never told
	h.tell(ctx, "password changed", e)
	h.recheckSignIns(ctx)
	return nil, nil
}

func (h *handlers) removeUser(ctx context.Context, in *userInput) (*struct{}, error) {
	_, err := h.changeUser(ctx, "user removed", "remove user", in.Name, func() error { return h.accounts.Remove(ctx, in.Name) })
	return nil, err
}

// changeUser makes a change of the account of that name, which may come or go
// by it, and tells of it; or makes the answer to the error. Administrators who
// lose by it what they signed in with are signed out before it returns.
func (h *handlers) changeUser(ctx context.Context, what, doing, name string, change func() error) (*userOutput, error) {
	h.changing.Lock()
	defer h.changing.Unlock()
	before, err := h.account(ctx, name)
	if err != nil {
		return nil, h.fail(ctx, doing, err)
	}
	if err := change(); err != nil {
		return nil, h.failUser(ctx, doing, name, err)
	}
	after, err := h.account(ctx, name)
	if err != nil {
		return nil, h.fail(ctx, doing, err)
	}
	caller, _ := callerOf(ctx)
	e := eventBy(caller, event.AccountChanged)
	out := &userOutput{}
	var was, is []property
	if e.Object = name; before != nil {
		e.Object, was = before.Name, before.properties()
	}
	if after != nil {
		e.Object, is, out.Body = after.Name, after.properties(), *after
	}
	h.tell(ctx, what, changes(e, was, is)...)
	h.recheckSignIns(ctx)
	return out, nil
}

// account returns the account of that name, or nil.
func (h *handlers) account(ctx context.Context, name string) (*User, error) {
	users, err := h.accounts.List(ctx)
	for i := range users {
		if auth.Upcase(users[i].Name) == auth.Upcase(name) {
			return &users[i], err
		}
	}
	return nil, err
}

// recheckSignIns signs out who has lost what it signed in with.
func (h *handlers) recheckSignIns(ctx context.Context) {
	if h.signIns != nil {
		h.signIns.recheck(ctx)
	}
}
