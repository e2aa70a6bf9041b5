package admin

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Limits of one request. What is asked here fits many times over.
const (
	maxBodyBytes    = 64 << 10
	maxHeaderBytes  = 16 << 10
	bodyReadTimeout = 5 * time.Second
)

// Config is what the API is made of. Inspector, Accounts, Shares and
// Configuration are needed.
type Config struct {
	Version       string // of the program
	Inspector     Inspector
	Accounts      Accounts
	Shares        Shares
	Configuration Configuration
	Activity      Activity // nil: no server runs
	Events        Events   // nil: there are none
	// IsOperator reports whether a local caller may see everything, and change
	// what lowers no protection. nil: nobody is only that.
	IsOperator func(Caller) bool
	// Reload lets the server read its configuration again; an error is the
	// administrator's, and then nothing has changed. nil: no server runs.
	Reload func(ctx context.Context) error
	Logger *slog.Logger // nil discards
}

// handlers holds what the operations work on. Immutable.
type handlers struct {
	inspector  Inspector
	accounts   Accounts
	shares     Shares
	config     Configuration
	isOperator func(Caller) bool
	activity   Activity
	events     Events
	reload     func(ctx context.Context) error
	log        *slog.Logger
}

// NewHandler returns the API. It answers only callers it knows: give it to
// [Serve] or [InProcess], which say who asks.
func NewHandler(c Config) http.Handler {
	h := &handlers{inspector: c.Inspector, accounts: c.Accounts, shares: c.Shares, config: c.Configuration, isOperator: c.IsOperator, activity: c.Activity, events: c.Events, reload: c.Reload, log: c.Logger}
	if h.log == nil {
		h.log = slog.New(slog.DiscardHandler)
	}
	if h.activity == nil {
		h.activity = nothing{}
	}
	if h.events == nil {
		h.events = noEvents{}
	}
	shapeErrors()
	mux := http.NewServeMux()
	// Not huma.DefaultConfig: that adds $schema to every document, and a page
	// that loads its script from the internet.
	api := humago.New(mux, huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    &huma.Info{Title: "Signet", Version: c.Version},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
			},
		},
		OpenAPIPath:                  "/openapi",
		Formats:                      huma.DefaultFormats,
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
	})
	api.UseMiddleware(h.checkRole(api))
	register(api, h)
	return h.onlyKnown(jsonErrors(mux), h.log)
}

// register is the table of operations.
func register(api huma.API, h *handlers) {
	huma.Register(api, operation("get-status", http.MethodGet, "/api/v1/status", "What is in force, and who is signed in"), h.status)
	huma.Register(api, forOperators(operation("reload", http.MethodPost, "/api/v1/reload", "Read the configuration file again")), h.reloadConfig)
	huma.Register(api, operation("list-sessions", http.MethodGet, "/api/v1/sessions", "Who is signed in"), h.listSessions)
	huma.Register(api, forOperators(operation("close-session", http.MethodDelete, "/api/v1/sessions/{id}", "End a session, and close what it has open")), h.closeSession)
	huma.Register(api, operation("list-connections", http.MethodGet, "/api/v1/connections", "Who is connected, signed in or not"), h.listConnections)
	huma.Register(api, operation("list-open-files", http.MethodGet, "/api/v1/openfiles", "What the sessions have open"), h.listOpenFiles)
	huma.Register(api, forOperators(operation("close-open-file", http.MethodDelete, "/api/v1/openfiles/{id}", "Close a file that a session has open")), h.closeOpenFile)
	huma.Register(api, operation("list-users", http.MethodGet, "/api/v1/users", "The accounts"), h.listUsers)

	add := operation("add-user", http.MethodPost, "/api/v1/users", "Add an account")
	add.DefaultStatus = http.StatusCreated
	huma.Register(api, add, h.addUser)
	huma.Register(api, operation("update-user", http.MethodPatch, "/api/v1/users/{name}", "Enable or disable an account, or name its Unix twin"), h.updateUser)
	huma.Register(api, operation("set-password", http.MethodPut, "/api/v1/users/{name}/password", "Set the password of an account"), h.setPassword)
	imported := operation("import-users", http.MethodPost, "/api/v1/users/import", "Add accounts of another system, with the hashes of their passwords")
	imported.MaxBodyBytes = maxImportBytes
	huma.Register(api, imported, h.importUsers)
	registerShares(api, h)
	registerConfig(api, h)
	registerEvents(api, h)
	huma.Register(api, operation("remove-user", http.MethodDelete, "/api/v1/users/{name}", "Remove an account"), h.removeUser)
}

// registerShares is the part of the table that is about shares.
func registerShares(api huma.API, h *handlers) {
	huma.Register(api, operation("list-shares", http.MethodGet, "/api/v1/shares", "The shares, and who may use them"), h.listShares)
	add := operation("add-share", http.MethodPost, "/api/v1/shares", "Share a folder")
	add.DefaultStatus = http.StatusCreated
	huma.Register(api, add, h.addShare)
	huma.Register(api, operation("update-share", http.MethodPatch, "/api/v1/shares/{name}", "Change a share"), h.updateShare)
	huma.Register(api, operation("remove-share", http.MethodDelete, "/api/v1/shares/{name}", "Share a folder no more"), h.removeShare)
	huma.Register(api, operation("grant-share-access", http.MethodPut, "/api/v1/shares/{name}/access/{account}", "Say how much of a share an account may use"), h.grant)
	huma.Register(api, operation("revoke-share-access", http.MethodDelete, "/api/v1/shares/{name}/access/{account}", "Take what was granted to an account away"), h.revoke)
}

func operation(id, method, path, summary string) huma.Operation {
	return huma.Operation{
		OperationID: id, Method: method, Path: path, Summary: summary,
		MaxBodyBytes: maxBodyBytes, BodyReadTimeout: bodyReadTimeout,
	}
}

// jsonErrors answers what the router does not know in the shape of all errors.
func jsonErrors(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		reply := replyBuffer{header: w.Header()}
		mux.ServeHTTP(&reply, r)
		writeError(w, newError(reply.status, http.StatusText(reply.status)))
	})
}

func writeError(w http.ResponseWriter, e huma.StatusError) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Del("Content-Length")
	w.WriteHeader(e.GetStatus())
	_ = json.NewEncoder(w).Encode(e) // the peer went away if this fails: nobody to tell
}
