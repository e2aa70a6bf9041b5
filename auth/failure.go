package auth

import (
	"fmt"

	"github.com/signet-smb/signet/ntstatus"
)

// Failure is the error of a logon that was refused: the status to answer and,
// for the event log only, who tried and why it failed. Immutable.
//
// The peer learns nothing but Status. Names are the peer's own, unproved
// words; whoever prints them by other means than Error escapes them.
type Failure struct {
	Status      ntstatus.Status
	Mechanism   string // "NTLMv2", "SPNEGO"
	Account     string // as sent; empty if the exchange ended before a name came
	Domain      string // as sent
	Workstation string // as sent
	Reason      string // our words, for administrators
	Err         error  // a cause of ours, such as a failed look-up; or nil
}

func (f *Failure) Error() string {
	who := ""
	if f.Account != "" {
		who = fmt.Sprintf(" of %q", f.Account)
		if f.Domain != "" {
			who = fmt.Sprintf(" of %q in %q", f.Account, f.Domain)
		}
	}
	text := fmt.Sprintf("%s logon%s: %s: %v", f.Mechanism, who, f.Reason, f.Status)
	if f.Err != nil {
		text += ": " + f.Err.Error()
	}
	return text
}

// Unwrap gives the status first: it is what [errors.AsType] finds.
func (f *Failure) Unwrap() []error {
	if f.Err == nil {
		return []error{f.Status}
	}
	return []error{f.Status, f.Err}
}
