package admin

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/signet-smb/signet/event"
)

// Peers are other servers, whatever they are, whose settings this one may ask
// for on behalf of an administrator. Safe for concurrent use.
type Peers interface {
	// Names are the peers that may be asked, as who runs this server has
	// configured them.
	Names() []string
	// Settings signs in at one of them, and reads what its registry says. as is
	// for this request alone: it is not kept. The error wraps fs.ErrNotExist
	// for a name that is not among Names, or is an *[Error].
	Settings(ctx context.Context, name string, as PeerCredentials) (PeerSettings, error)
}

// PeerCredentials are the body of POST /api/v1/peers/{name}/settings.
type PeerCredentials struct {
	User     string `json:"User" minLength:"1" maxLength:"512" doc:"NAME or DOMAIN\\NAME, with a role there that may read the registry"`
	Password string `json:"Password" minLength:"1" maxLength:"1024" writeOnly:"true" doc:"used for this request, and kept nowhere"`
}

// String hides the password.
func (c PeerCredentials) String() string { return c.User }

// GoString hides it, too.
func (c PeerCredentials) GoString() string { return c.User }

// PeerList is the answer of GET /api/v1/peers.
type PeerList struct {
	Peers []Peer `json:"Peers" nullable:"false"`
}

// Peer is another server that may be asked.
type Peer struct {
	Name string `json:"Name" doc:"host, or host and port, as it was configured"`
}

// PeerSettings is what a peer's registry says.
type PeerSettings struct {
	Peer       string         `json:"Peer"`
	At         time.Time      `json:"At" doc:"RFC 3339, UTC"`
	Properties []PeerProperty `json:"Properties" nullable:"false" doc:"those that its registry has a value of; Windows keeps its own defaults to itself"`
}

// PeerProperty is a property as a peer has it.
type PeerProperty struct {
	Side   string `json:"Side" enum:"server,client"`
	Name   string `json:"Name"`
	Value  string `json:"Value"`
	Source string `json:"Source" doc:"the registry value that says so, below HKEY_LOCAL_MACHINE"`
}

// peersOutput is what huma takes for the reply of GET /api/v1/peers.
type peersOutput struct{ Body PeerList }

// peerInput is the request of POST /api/v1/peers/{name}/settings.
type peerInput struct {
	Name string `path:"name" maxLength:"300" doc:"as it is listed"`
	Body PeerCredentials
}

// peerOutput is what huma takes for its reply.
type peerOutput struct{ Body PeerSettings }

// registerPeers is the part of the table that is about other servers. Asking one
// needs the highest role: it lets this server sign in elsewhere.
func registerPeers(api huma.API, h *handlers) {
	huma.Register(api, operation(Viewer, "list-peers", http.MethodGet, "/api/v1/peers", "Other servers whose settings may be asked for"), h.listPeers)
	huma.Register(api, operation(Administrator, "read-peer-settings", http.MethodPost, "/api/v1/peers/{name}/settings", "Sign in at another server, and read the settings in its registry"), h.readPeer)
}

func (h *handlers) listPeers(context.Context, *struct{}) (*peersOutput, error) {
	list := PeerList{Peers: []Peer{}}
	for _, name := range h.peers.Names() {
		list.Peers = append(list.Peers, Peer{name})
	}
	return &peersOutput{list}, nil
}

func (h *handlers) readPeer(ctx context.Context, in *peerInput) (*peerOutput, error) {
	settings, err := h.peers.Settings(ctx, in.Name, in.Body)
	if errors.Is(err, fs.ErrNotExist) {
		h.refused(ctx, "read-peer-settings", "no peer of this server: "+in.Name)
		return nil, &Error{
			Code: "NotFound", Status: http.StatusNotFound, Property: "name", Message: fmt.Sprintf("%q is no peer of this server", in.Name),
			Hint: "peers: in signet.yaml, or signet serve --peer",
		}
	}
	h.toldOfPeer(ctx, in, len(settings.Properties), err)
	if refused, ok := errors.AsType[*Error](err); ok {
		return nil, refused
	}
	if err != nil {
		return nil, h.fail(ctx, "read the settings of a peer", err)
	}
	settings.Properties = append([]PeerProperty{}, settings.Properties...)
	return &peerOutput{settings}, nil
}

// toldOfPeer tells who had a peer asked, from where and as whom, and what came of
// it: err, or so many settings.
func (h *handlers) toldOfPeer(ctx context.Context, in *peerInput, settings int, err error) {
	caller, _ := callerOf(ctx)
	e := eventBy(caller, event.PeerAsked)
	e.Object, e.Reason = in.Name, fmt.Sprintf("as %s: %d settings read", in.Body.User, settings)
	if err != nil {
		e.Reason = fmt.Sprintf("as %s: %v", in.Body.User, err)
	}
	h.tell(ctx, "admin: asked a peer for its settings", e)
}

// noPeers is the Peers where none are configured.
type noPeers struct{}

func (noPeers) Names() []string { return nil }

func (noPeers) Settings(context.Context, string, PeerCredentials) (PeerSettings, error) {
	return PeerSettings{}, fs.ErrNotExist
}
