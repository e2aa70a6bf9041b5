package admin

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/signet-smb/signet/event"
)

// signInPath is where one signs in, finds out who one is, and signs out.
const signInPath = "/api/v1/sign-in"

// SignInRequest is the body of POST /api/v1/sign-in: name and password, or the
// token of a link.
type SignInRequest struct {
	Name     string `json:"Name,omitempty" maxLength:"256"`
	Password string `json:"Password,omitempty" maxLength:"1024" writeOnly:"true"`
	Token    string `json:"Token,omitempty" maxLength:"128" writeOnly:"true" doc:"what stands behind #token= in a link of signet admin link"`
}

// SignIn is an administrator who has signed in over TCP, or a local one who
// asks who it is.
type SignIn struct {
	ID       string    `json:"Id" doc:"in lists; it is no secret; empty for a local process"`
	Account  string    `json:"Account"`
	Role     Role      `json:"Role"`
	Address  string    `json:"Address" doc:"where it came from; empty for a local process"`
	Began    time.Time `json:"Began" doc:"RFC 3339, UTC"`
	LastUsed time.Time `json:"LastUsed"`
	Ends     time.Time `json:"Ends" doc:"unless it is used before, and in any case 12 hours after it began"`
}

// NewSignIn is the answer of POST /api/v1/sign-in. The cookie that comes with
// it names the sign-in.
type NewSignIn struct {
	SignIn
	Token string `json:"Token" doc:"to be sent as X-Signet-Token with every request but GET; it is told once"`
}

// SignInList is the answer of GET /api/v1/sign-ins.
type SignInList struct {
	SignIns []SignIn `json:"SignIns" nullable:"false"`
}

// SignInLink is the answer of POST /api/v1/sign-in-links.
type SignInLink struct {
	URL         string    `json:"URL"`
	Until       time.Time `json:"Until" doc:"RFC 3339, UTC"`
	Fingerprint string    `json:"Fingerprint,omitempty" doc:"SHA-256 of the certificate that the browser will be shown; absent without TLS"`
}

// signInInput is the request of POST /api/v1/sign-in.
type signInInput struct{ Body SignInRequest }

// newSignInOutput is what huma takes for its reply.
type newSignInOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      NewSignIn
}

// signInOutput is what huma takes for the reply of GET /api/v1/sign-in.
type signInOutput struct{ Body SignIn }

// signOutOutput is what huma takes for the reply of DELETE /api/v1/sign-in.
type signOutOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

// signInsOutput is what huma takes for the reply of GET /api/v1/sign-ins.
type signInsOutput struct{ Body SignInList }

// linkOutput is what huma takes for the reply of POST /api/v1/sign-in-links.
type linkOutput struct{ Body SignInLink }

// endSignInInput is the request of DELETE /api/v1/sign-ins/{id}.
type endSignInInput struct {
	ID string `path:"id" pattern:"^[0-9a-f]{16}$" doc:"as it is listed"`
}

// registerSignIns is the part of the table that is about administrators.
func registerSignIns(api huma.API, h *handlers) {
	huma.Register(api, onlyBy(byTCP, operation(Nobody, "sign-in", http.MethodPost, signInPath, "Sign in, with a new cookie")), h.signIn)
	huma.Register(api, operation(Viewer, "get-sign-in", http.MethodGet, signInPath, "Who asks, and what that may do"), h.whoAsks)
	huma.Register(api, onlyBy(byTCP, operation(Viewer, "sign-out", http.MethodDelete, signInPath, "Sign out")), h.signOut)
	huma.Register(api, operation(Operator, "list-sign-ins", http.MethodGet, "/api/v1/sign-ins", "Which administrators are signed in over TCP"), h.listSignIns)
	huma.Register(api, operation(Administrator, "end-sign-in", http.MethodDelete, "/api/v1/sign-ins/{id}", "Sign an administrator out"), h.endSignIn)
	huma.Register(api, onlyBy(bySocket, created(operation(Operator, "make-sign-in-link", http.MethodPost, "/api/v1/sign-in-links", "Make a link that signs in once, as who asks for it"))), h.makeLink)
}

func (h *handlers) signIn(ctx context.Context, in *signInInput) (*newSignInOutput, error) {
	came := tcpOf(ctx)
	if h.signIns == nil || came == nil {
		return nil, errNotRunning()
	}
	caller, _ := callerOf(ctx)
	var token, page string
	var who *signIn
	var err error
	if in.Body.Token != "" {
		token, page, who, err = h.signIns.byLink(ctx, caller.Address, in.Body.Token)
	} else {
		token, page, who, err = h.signIns.byPassword(ctx, caller.Address, in.Body.Name, in.Body.Password)
	}
	if refused, ok := err.(*Error); ok { //nolint:errorlint // SignIns returns it unwrapped
		return nil, refused
	}
	if err != nil {
		h.log.ErrorContext(ctx, "admin: sign in", "err", err)
		return nil, &Error{Code: "InternalError", Status: http.StatusInternalServerError, Message: "the server's log says what went wrong"}
	}
	if caller.signIn != nil { // the browser forgets it now
		h.signIns.end(caller.signIn, "signed in again")
	}
	return &newSignInOutput{SetCookie: came.newCookie(token), Body: NewSignIn{SignIn: h.signIns.show(who), Token: page}}, nil
}

func (h *handlers) whoAsks(ctx context.Context, _ *struct{}) (*signInOutput, error) {
	caller, _ := callerOf(ctx)
	if caller.signIn != nil {
		return &signInOutput{Body: h.signIns.show(caller.signIn)}, nil
	}
	return &signInOutput{Body: SignIn{Account: caller.Account(), Role: h.roleOf(caller)}}, nil
}

func (h *handlers) signOut(ctx context.Context, _ *struct{}) (*signOutOutput, error) {
	caller, _ := callerOf(ctx)
	h.signIns.end(caller.signIn, "signed out")
	return &signOutOutput{SetCookie: tcpOf(ctx).noCookie()}, nil
}

func (h *handlers) listSignIns(context.Context, *struct{}) (*signInsOutput, error) {
	out := &signInsOutput{Body: SignInList{SignIns: []SignIn{}}}
	if h.signIns != nil {
		out.Body.SignIns = h.signIns.list()
	}
	return out, nil
}

func (h *handlers) endSignIn(ctx context.Context, in *endSignInInput) (*struct{}, error) {
	caller, _ := callerOf(ctx)
	if h.signIns != nil {
		if who := h.signIns.byID(in.ID); who != nil && h.signIns.end(who, fmt.Sprintf("signed out by %s (%s)", caller.Account(), caller.By())) {
			return nil, nil
		}
	}
	return nil, &Error{
		Code: "NotFound", Status: http.StatusNotFound, Property: "Id",
		Message: "no administrator is signed in under " + in.ID, Hint: "signet admin list shows them",
	}
}

func (h *handlers) makeLink(ctx context.Context, _ *struct{}) (*linkOutput, error) {
	if h.signIns == nil {
		return nil, errNotRunning()
	}
	caller, _ := callerOf(ctx)
	l, ok := h.signIns.makeLink(caller.Account(), h.roleOf(caller))
	if !ok {
		return nil, &Error{
			Code: "NotServed", Status: http.StatusConflict, Message: "the administration is not served over TCP",
			Hint: "signet serve --admin ADDR; its log says why not",
		}
	}
	e := eventBy(caller, event.SignInLinkMade)
	e.Reason = "as " + h.roleOf(caller).String()
	h.tell(ctx, "sign-in link made", e)
	return &linkOutput{Body: l}, nil
}
