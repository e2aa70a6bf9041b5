package admin

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/signet-smb/signet/event"
)

// Role is how much a caller may do, from low to high.
type Role uint8

// The roles, each with all that the one before it has.
const (
	Nobody        Role = iota
	Viewer             // sees everything, changes nothing
	Operator           // ends sessions, too, and closes files
	Administrator      // does everything
)

// roleNames are the words for roles.
var roleNames = []string{"none", "viewer", "operator", "admin"}

func (r Role) String() string {
	if int(r) < len(roleNames) {
		return roleNames[r]
	}
	return fmt.Sprintf("Role(%d)", uint8(r))
}

// ParseRole reads the word for a role.
func ParseRole(word string) (Role, error) {
	i := slices.Index(roleNames, word)
	if i < 0 {
		return Nobody, fmt.Errorf("%q is no role: viewer, operator, admin or none", word)
	}
	return Role(i), nil
}

// MarshalText implements encoding.TextMarshaler.
func (r Role) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *Role) UnmarshalText(text []byte) (err error) {
	*r, err = ParseRole(string(text))
	return err
}

// Schema implements huma.SchemaProvider.
func (Role) Schema(huma.Registry) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString}
	for _, name := range roleNames {
		s.Enum = append(s.Enum, name)
	}
	return s
}

// Extensions of an operation in the OpenAPI document: who may call it, and by
// which way. An operation without them is refused to everybody.
const (
	roleExtension = "x-signet-role" // a Role; "none": also who has not signed in
	wayExtension  = "x-signet-way"  // a way; absent: by all of them
)

// way is how a request comes.
type way string

// The ways. A command in its own process counts as the socket.
const (
	bySocket way = "socket"
	byTCP    way = "tcp"
)

// onlyBy lets an operation be called by one way alone.
func onlyBy(w way, op huma.Operation) huma.Operation {
	op.Extensions[wayExtension] = string(w)
	return op
}

// roleOf returns the role of a caller: of who has signed in the role that was
// found then, of a local process what the kernel's word for it is worth.
func (h *handlers) roleOf(c Caller) Role {
	switch {
	case c.signIn != nil:
		return c.signIn.role
	case c.Remote():
		return Nobody
	case c.administers():
		return Administrator
	case h.isOperator != nil && h.isOperator(c):
		return Operator
	}
	return Nobody
}

// checkRole is the middleware that refuses a caller whose role is too low for
// the operation, before its body is read.
func (h *handlers) checkRole(api huma.API) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		if refused := h.mayCall(ctx.Context(), ctx.Operation()); refused != nil {
			if !asksOnly(refused, ctx.Header("Cookie"), ctx.Header("Authorization")) {
				h.refused(ctx.Context(), ctx.Operation().OperationID, refused.Message)
			}
			ctx.SetStatus(refused.Status)
			ctx.SetHeader("Content-Type", "application/json")
			_ = api.Marshal(ctx.BodyWriter(), "application/json", refused) // the peer went away if this fails
			return
		}
		next(ctx)
	}
}

// mayCall returns why the caller may not do an operation; nil: it may.
func (h *handlers) mayCall(ctx context.Context, op *huma.Operation) *Error {
	caller, known := callerOf(ctx)
	word, _ := op.Extensions[roleExtension].(string)
	needed, err := ParseRole(word)
	only, _ := op.Extensions[wayExtension].(string)
	came := bySocket
	if caller.Remote() {
		came = byTCP
	}
	switch {
	case !known:
		return &Error{Code: "AccessDenied", Status: http.StatusForbidden, Message: "nobody knows who asks"}
	case err != nil:
		return &Error{Code: "AccessDenied", Status: http.StatusForbidden, Message: "nobody may do this"}
	case only != "" && only != string(came):
		return &Error{Code: "AccessDenied", Status: http.StatusForbidden, Message: "this is done by way of " + only + " alone"}
	case needed == Nobody, caller.scrapes && op.OperationID == metricsID:
		return nil
	case caller.Remote() && caller.signIn == nil:
		return errSignIn()
	case h.roleOf(caller) < needed:
		return &Error{
			Code: "AccessDenied", Status: http.StatusForbidden,
			Message: "this needs the role " + needed.String(), Hint: "yours is " + h.roleOf(caller).String(),
		}
	}
	return nil
}

// errSignIn refuses who has not signed in.
func errSignIn() *Error {
	return &Error{Code: "SignInRequired", Status: http.StatusUnauthorized, Message: "sign in first, or again"}
}

// onlyKnown refuses who has no role at all before anything of the request but
// its header is read. Who comes over TCP may get as far as the operations,
// which tell whether they want somebody signed in.
func (h *handlers) onlyKnown(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, ok := callerOf(r.Context())
		var refused *Error
		switch {
		case ok && h.roleOf(caller) != Nobody:
		case ok && caller.Remote() && (needsNobody(r.URL.Path) || caller.scrapes && r.URL.Path == metricsPath):
		case ok && caller.Remote():
			refused = errSignIn()
		default:
			refused = &Error{
				Code: "AccessDenied", Status: http.StatusForbidden,
				Message: "only root, the user that Signet runs as, and operators may administer it",
			}
		}
		if refused != nil {
			if !asksOnly(refused, r.Header.Get("Cookie"), r.Header.Get("Authorization")) {
				h.refused(r.Context(), r.Method+" "+r.URL.Path, refused.Message)
			}
			w.Header().Set("Connection", "close")
			writeError(w, refused)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// asksOnly reports whether a refusal is of who has tried nothing yet: a page
// asks whether it is signed in.
func asksOnly(refused *Error, cookie, token string) bool {
	return refused.Status == http.StatusUnauthorized && cookie == "" && token == ""
}

// refused tells that a request was refused: as an event, or else in the log.
func (h *handlers) refused(ctx context.Context, what, why string) {
	caller, _ := callerOf(ctx)
	if h.audit == nil {
		h.log.WarnContext(ctx, "admin: refused", append([]any{"operation", what, "reason", why}, caller.attrs()...)...)
		return
	}
	e := eventBy(caller, event.AdministrationRefused)
	e.Object, e.Reason = what, why
	h.audit.Record(e)
}
