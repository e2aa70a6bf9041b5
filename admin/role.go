package admin

import (
	"log/slog"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// role is how much a caller may do, from low to high.
type role uint8

const (
	nobody        role = iota
	operator           // sees everything, changes what lowers no protection
	administrator      // does everything
)

// neededRole is the key of an operation's metadata under which its role is.
const neededRole = "role"

// roleOf returns the role of a local caller.
func (h *handlers) roleOf(c Caller) role {
	switch {
	case c.administers():
		return administrator
	case h.isOperator != nil && h.isOperator(c):
		return operator
	}
	return nobody
}

// forOperators lets operators call an operation that changes something.
func forOperators(op huma.Operation) huma.Operation {
	op.Metadata = map[string]any{neededRole: operator}
	return op
}

// needs returns the role that an operation needs: reading needs an operator,
// all else an administrator, unless it says otherwise.
func needs(op *huma.Operation) role {
	if r, ok := op.Metadata[neededRole].(role); ok {
		return r
	}
	if op.Method == http.MethodGet {
		return operator
	}
	return administrator
}

// checkRole is the middleware that refuses a caller whose role is too low for
// the operation, before its body is read.
func (h *handlers) checkRole(api huma.API) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		caller, _ := callerOf(ctx.Context())
		if h.roleOf(caller) < needs(ctx.Operation()) {
			h.log.WarnContext(ctx.Context(), "admin: refused", "operation", ctx.Operation().OperationID, "uid", caller.UID, "pid", caller.PID)
			_ = huma.WriteErr(api, ctx, http.StatusForbidden, "only root and the user that Signet runs as may do this") // the peer went away if this fails
			return
		}
		next(ctx)
	}
}

// onlyKnown refuses who has no role at all before anything of the request but
// its header is read.
func (h *handlers) onlyKnown(next http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, ok := callerOf(r.Context())
		if !ok || h.roleOf(caller) == nobody {
			log.WarnContext(r.Context(), "admin: refused", "uid", caller.UID, "pid", caller.PID, "known", ok)
			w.Header().Set("Connection", "close")
			writeError(w, &Error{
				Code: "AccessDenied", Status: http.StatusForbidden,
				Message: "only root, the user that Signet runs as, and operators may administer it",
			})
			return
		}
		next.ServeHTTP(w, r)
	})
}
