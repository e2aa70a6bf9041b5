package admin

import (
	"context"

	"github.com/signet-smb/signet/event"
)

// UserImport is the body of POST /api/v1/users/import: accounts of another
// system, with the hashes of their passwords.
type UserImport struct {
	Accounts []ImportedUser `json:"Accounts" nullable:"false" maxItems:"32768"`
	Replace  bool           `json:"Replace,omitempty" doc:"also change accounts that exist; else they stay as they are"`
	DryRun   bool           `json:"DryRun,omitempty" doc:"change nothing, say what would become of each"`
}

// ImportedUser is an account of another system.
type ImportedUser struct {
	Name    string `json:"Name" minLength:"1" maxLength:"256"`
	NTHash  string `json:"NTHash" minLength:"32" maxLength:"32" writeOnly:"true" doc:"of the password, in hexadecimal: as good as the password"`
	Enabled bool   `json:"Enabled"`
}

// UserImportResult is the answer to an import: what became of each account, in
// their order.
type UserImportResult struct {
	Accounts []UserImportOutcome `json:"Accounts" nullable:"false"`
}

// UserImportOutcome is what became of one account.
type UserImportOutcome struct {
	Name  string `json:"Name"`
	Taken bool   `json:"Taken" doc:"False: the name is taken, and the account stays as it is"`
}

// userImportInput is the request of POST /api/v1/users/import.
type userImportInput struct{ Body UserImport }

// userImportOutput is what huma takes for the reply to it.
type userImportOutput struct{ Body UserImportResult }

func (h *handlers) importUsers(ctx context.Context, in *userImportInput) (*userImportOutput, error) {
	h.changing.Lock()
	defer h.changing.Unlock()
	res, err := h.accounts.Import(ctx, in.Body)
	if err != nil {
		return nil, h.failUser(ctx, "import users", "", err)
	}
	if !in.Body.DryRun {
		caller, _ := callerOf(ctx)
		for _, u := range res.Accounts {
			if u.Taken {
				e := eventBy(caller, event.AccountChanged)
				e.Object, e.Property = u.Name, "Password" // which is never told
				h.tell(ctx, "user imported", e)
			}
		}
		h.recheckSignIns(ctx)
	}
	res.Accounts = append([]UserImportOutcome{}, res.Accounts...)
	return &userImportOutput{Body: res}, nil
}
