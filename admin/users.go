package admin

import "context"

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
}

// UserChange is the body of PATCH /api/v1/users/{name}. What is absent stays as
// it is.
type UserChange struct {
	Enabled  *bool   `json:"Enabled,omitempty"`
	UnixUser *string `json:"UnixUser,omitempty" maxLength:"256"`
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
	if err := h.accounts.Add(ctx, in.Body); err != nil {
		return nil, h.failUser(ctx, "add user", in.Body.Name, err)
	}
	h.done(ctx, "user added", in.Body.Name)
	return &userOutput{Body: User{Name: in.Body.Name, Enabled: true, UnixUser: in.Body.UnixUser}}, nil
}

func (h *handlers) updateUser(ctx context.Context, in *updateUserInput) (*userOutput, error) {
	u, err := h.accounts.Update(ctx, in.Name, in.Body)
	if err != nil {
		return nil, h.failUser(ctx, "update user", in.Name, err)
	}
	caller, _ := callerOf(ctx)
	h.log.InfoContext(ctx, "user changed", "account", u.Name, "enabled", u.Enabled, "unix_user", u.UnixUser,
		"by_uid", caller.UID, "by_pid", caller.PID)
	return &userOutput{Body: u}, nil
}

func (h *handlers) setPassword(ctx context.Context, in *passwordInput) (*struct{}, error) {
	if err := h.accounts.SetPassword(ctx, in.Name, in.Body.Password); err != nil {
		return nil, h.failUser(ctx, "set password", in.Name, err)
	}
	h.done(ctx, "password changed", in.Name)
	return nil, nil
}

func (h *handlers) removeUser(ctx context.Context, in *userInput) (*struct{}, error) {
	if err := h.accounts.Remove(ctx, in.Name); err != nil {
		return nil, h.failUser(ctx, "remove user", in.Name, err)
	}
	h.done(ctx, "user removed", in.Name)
	return nil, nil
}

// done records a change: what, to whom, by whom.
func (h *handlers) done(ctx context.Context, what, name string) {
	caller, _ := callerOf(ctx)
	h.log.InfoContext(ctx, what, "account", name, "by_uid", caller.UID, "by_pid", caller.PID)
}
