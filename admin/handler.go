package admin

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/signet-smb/signet/event"
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
	Rules         Rules     // nil: there are none
	Foresight     Foresight // nil: nobody was seen
	Activity      Activity  // nil: no server runs
	Events        Events    // nil: there are none
	// SignIns are the administrators who have signed in over TCP; nil: nobody
	// can.
	SignIns *SignIns
	// Audit is told of changes and refusals; nil: the log is.
	Audit Recorder
	// IsOperator reports whether a local caller may see everything, and end
	// sessions. nil: nobody is only that.
	IsOperator func(Caller) bool
	// Reload lets the server read its configuration again; an error is the
	// administrator's, and then nothing has changed. nil: no server runs.
	Reload func(ctx context.Context) error
	Peers  Peers // nil: there are none
	// Metrics answers with the metrics; nil: no server runs.
	Metrics http.Handler
	// Ready tells why the server is not ready, or nil; nil: no server runs.
	Ready  func(ctx context.Context) error
	Logger *slog.Logger // nil discards
}

// Recorder takes events. *journal.Journal is one. Safe for concurrent use.
type Recorder interface {
	// Record takes an event and does not wait.
	Record(e event.Event)
	// RecordAll takes events that belong together, and returns when they are
	// kept, or that they may not be.
	RecordAll(ctx context.Context, events ...event.Event) error
}

// handlers holds what the operations work on. Immutable but for changing.
type handlers struct {
	// changing is held over a look at a share or an account, its change, and
	// the event that tells of both.
	changing   sync.Mutex
	signIns    *SignIns
	audit      Recorder
	streams    streams
	inspector  Inspector
	accounts   Accounts
	shares     Shares
	config     Configuration
	rules      Rules
	foresight  Foresight
	isOperator func(Caller) bool
	activity   Activity
	events     Events
	reload     func(ctx context.Context) error
	peers      Peers
	metricsOf  http.Handler
	ready      func(ctx context.Context) error
	log        *slog.Logger
}

// NewHandler returns the API. It answers only callers it knows: give it to
// [Serve] or [InProcess], which say who asks.
func NewHandler(c Config) http.Handler {
	h := &handlers{signIns: c.SignIns, audit: c.Audit, inspector: c.Inspector, accounts: c.Accounts, shares: c.Shares, config: c.Configuration, rules: c.Rules, foresight: c.Foresight, isOperator: c.IsOperator, activity: c.Activity, events: c.Events, reload: c.Reload, peers: c.Peers, metricsOf: c.Metrics, ready: c.Ready, log: c.Logger}
	if h.log == nil {
		h.log = slog.New(slog.DiscardHandler)
	}
	if h.activity == nil {
		h.activity = nothing{}
	}
	if h.rules == nil {
		h.rules = noRules{}
	}
	if h.peers == nil {
		h.peers = noPeers{}
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
	return h.onlyKnown(jsonErrors(mux))
}

// register is the table of operations, each with the role that it needs.
func register(api huma.API, h *handlers) {
	huma.Register(api, operation(Viewer, "get-status", http.MethodGet, "/api/v1/status", "What is in force, and who is signed in"), h.status)
	huma.Register(api, operation(Operator, "reload", http.MethodPost, "/api/v1/reload", "Read the configuration file again"), h.reloadConfig)
	registerActivity(api, h)
	registerUsers(api, h)
	registerShares(api, h)
	registerConfig(api, h)
	registerRules(api, h)
	registerForesight(api, h)
	registerEvents(api, h)
	registerSignIns(api, h)
	registerPeers(api, h)
	registerObservation(api, h)
}

// registerActivity is the part of the table that is about what goes on.
func registerActivity(api huma.API, h *handlers) {
	huma.Register(api, operation(Viewer, "list-sessions", http.MethodGet, "/api/v1/sessions", "Who is signed in"), h.listSessions)
	huma.Register(api, streaming(operation(Viewer, "follow-sessions", http.MethodGet, "/api/v1/sessions/stream", "Who is signed in, again whenever that changes, as server-sent events"), "data is the list as JSON"), h.followSessions)
	huma.Register(api, operation(Operator, "close-session", http.MethodDelete, "/api/v1/sessions/{id}", "End a session, and close what it has open"), h.closeSession)
	huma.Register(api, operation(Viewer, "list-connections", http.MethodGet, "/api/v1/connections", "Who is connected, signed in or not"), h.listConnections)
	huma.Register(api, operation(Viewer, "list-open-files", http.MethodGet, "/api/v1/openfiles", "What the sessions have open"), h.listOpenFiles)
	huma.Register(api, operation(Operator, "close-open-file", http.MethodDelete, "/api/v1/openfiles/{id}", "Close a file that a session has open"), h.closeOpenFile)
}

// registerUsers is the part of the table that is about accounts.
func registerUsers(api huma.API, h *handlers) {
	huma.Register(api, operation(Viewer, "list-users", http.MethodGet, "/api/v1/users", "The accounts"), h.listUsers)
	huma.Register(api, created(operation(Administrator, "add-user", http.MethodPost, "/api/v1/users", "Add an account")), h.addUser)
	takeIn := operation(Administrator, "import-users", http.MethodPost, "/api/v1/users/import", "Add accounts of another system, with the hashes of their passwords")
	takeIn.MaxBodyBytes = maxImportBytes
	huma.Register(api, takeIn, h.importUsers)
	huma.Register(api, operation(Administrator, "update-user", http.MethodPatch, "/api/v1/users/{name}", "Enable or disable an account, or say its role or its Unix twin"), h.updateUser)
	huma.Register(api, operation(Administrator, "set-password", http.MethodPut, "/api/v1/users/{name}/password", "Set the password of an account"), h.setPassword)
	huma.Register(api, operation(Administrator, "remove-user", http.MethodDelete, "/api/v1/users/{name}", "Remove an account"), h.removeUser)
}

// registerShares is the part of the table that is about shares.
func registerShares(api huma.API, h *handlers) {
	huma.Register(api, operation(Viewer, "list-shares", http.MethodGet, "/api/v1/shares", "The shares, and who may use them"), h.listShares)
	huma.Register(api, created(operation(Administrator, "add-share", http.MethodPost, "/api/v1/shares", "Share a folder")), h.addShare)
	huma.Register(api, operation(Administrator, "update-share", http.MethodPatch, "/api/v1/shares/{name}", "Change a share"), h.updateShare)
	huma.Register(api, operation(Administrator, "remove-share", http.MethodDelete, "/api/v1/shares/{name}", "Share a folder no more"), h.removeShare)
	huma.Register(api, operation(Administrator, "grant-share-access", http.MethodPut, "/api/v1/shares/{name}/access/{account}", "Say how much of a share an account may use"), h.grant)
	huma.Register(api, operation(Administrator, "revoke-share-access", http.MethodDelete, "/api/v1/shares/{name}/access/{account}", "Take what was granted to an account away"), h.revoke)
}

// operation is a row of the table: who may call it is written beside it, in
// the OpenAPI document, too.
func operation(needs Role, id, method, path, summary string) huma.Operation {
	return huma.Operation{
		OperationID: id, Method: method, Path: path, Summary: summary,
		MaxBodyBytes: maxBodyBytes, BodyReadTimeout: bodyReadTimeout,
		Extensions: map[string]any{roleExtension: needs.String()},
	}
}

// created marks an operation that makes what was not there.
func created(op huma.Operation) huma.Operation {
	op.DefaultStatus = http.StatusCreated
	return op
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
