package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/event/journal"
)

// Limits of the operations on events.
const (
	// MaxAnchors is how many anchors one verification takes: 2 weeks of the
	// usual interval, many times over.
	MaxAnchors = 20_000
	// maxAnchorBytes is the length of that many, with room.
	maxAnchorBytes = 8 << 20
)

// Events is the log of events. *journal.Journal is one. Safe for concurrent
// use.
type Events interface {
	Read(ctx context.Context, f journal.Filter) (journal.Page, error)
	// Changed is closed when there is something new to read.
	Changed() <-chan struct{}
	Head() journal.Head
	Verify(ctx context.Context, anchors []journal.Head) (*journal.Verdict, error)
	// Tallies counts what has happened within 24 hours.
	Tallies() []journal.Tally
}

// Event is a record of the log. What a peer said is as it said it: escape it
// before showing it.
type Event = event.Record

// EventList is the answer of GET /api/v1/events: the first that are wanted.
type EventList struct {
	Events  []Event `json:"Events" nullable:"false"`
	Through uint64  `json:"Through" doc:"records up to this sequence were looked at"`
	More    bool    `json:"More" doc:"whether to ask again with After at Through"`
}

// EventFilter is what is wanted of the log.
type EventFilter struct {
	After   uint64    `query:"after" doc:"only behind this sequence"`
	Channel string    `query:"channel" maxLength:"64" doc:"SMBServer/Audit, or SMBServer for all of its channels"`
	ID      string    `query:"id" maxLength:"64" doc:"number or name"`
	Since   time.Time `query:"since" doc:"RFC 3339"`
	User    string    `query:"user" maxLength:"300"`
	Client  string    `query:"client" maxLength:"300" doc:"address, with or without port, or network"`
}

// eventStreamInput is the request of GET /api/v1/events/stream.
type eventStreamInput struct {
	EventFilter
	LastEventID string `header:"Last-Event-ID" maxLength:"20" doc:"go on behind this sequence"`
}

// filter is f in the journal's words.
func (f *EventFilter) filter() (journal.Filter, error) {
	if f.ID != "" {
		known := false
		for _, k := range event.Kinds() {
			known = known || k.IsCalled(f.ID)
		}
		if !known {
			return journal.Filter{}, &Error{
				Code: "InvalidValue", Status: http.StatusUnprocessableEntity, Property: "id",
				Message: fmt.Sprintf("no event is called %q", f.ID), Hint: "docs/events.md lists them",
			}
		}
	}
	return journal.Filter{After: f.After, Channel: f.Channel, Kind: f.ID, Since: f.Since, User: f.User, Client: f.Client}, nil
}

// Anchors is the body of POST /api/v1/events/verify.
type Anchors struct {
	Anchors []journal.Head `json:"Anchors" nullable:"false" maxItems:"20000" doc:"heads that were noted outside, in any order"`
}

// eventsOutput is what huma takes for the reply of GET /api/v1/events.
type eventsOutput struct{ Body EventList }

// verifyInput is the request of POST /api/v1/events/verify.
type verifyInput struct{ Body Anchors }

// verdictOutput is what huma takes for its reply.
type verdictOutput struct{ Body journal.Verdict }

// registerEvents is the part of the table of operations that is about events.
func registerEvents(api huma.API, h *handlers) {
	huma.Register(api, operation(Viewer, "list-events", http.MethodGet, "/api/v1/events", "What has happened, in its order"), h.listEvents)
	huma.Register(api, streaming(operation(Viewer, "follow-events", http.MethodGet, "/api/v1/events/stream", "What happens, as server-sent events; without after and since from now on"), "id is the sequence, data the event as JSON"), h.followEvents)
	// It is no GET for the length of what it takes; it changes nothing.
	verify := operation(Operator, "verify-events", http.MethodPost, "/api/v1/events/verify", "Whether somebody has altered the log")
	verify.MaxBodyBytes = maxAnchorBytes
	huma.Register(api, verify, h.verifyEvents)
}

func (h *handlers) listEvents(ctx context.Context, in *EventFilter) (*eventsOutput, error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	page, err := h.events.Read(ctx, f)
	if err != nil {
		return nil, h.fail(ctx, "read events", err)
	}
	return &eventsOutput{Body: EventList{Events: append([]Event{}, page.Records...), Through: page.Through, More: page.More}}, nil
}

func (h *handlers) verifyEvents(ctx context.Context, in *verifyInput) (*verdictOutput, error) {
	v, err := h.events.Verify(ctx, in.Body.Anchors)
	if err != nil {
		return nil, h.fail(ctx, "verify events", err)
	}
	return &verdictOutput{Body: *v}, nil
}

func (h *handlers) followEvents(ctx context.Context, in *eventStreamInput) (*huma.StreamResponse, error) {
	if h.reload == nil {
		return nil, errNotRunning()
	}
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	if in.LastEventID != "" {
		if f.After, err = strconv.ParseUint(in.LastEventID, 10, 64); err != nil {
			return nil, &Error{Code: "InvalidValue", Status: http.StatusUnprocessableEntity, Property: "Last-Event-ID", Message: "it is no sequence"}
		}
	} else if f.After == 0 && f.Since.IsZero() {
		f.After = h.events.Head().Sequence
	}
	return h.startStream(ctx, func(send func(format string, args ...any) error, ends <-chan struct{}) error {
		return h.sendEvents(ctx, f, send, ends)
	})
}

// sendEvents sends what f wants, until ends is closed.
func (h *handlers) sendEvents(ctx context.Context, f journal.Filter, send func(format string, args ...any) error, ends <-chan struct{}) error {
	alive := time.NewTicker(heartbeat)
	defer alive.Stop()
	for {
		changed := h.events.Changed()
		page, err := h.events.Read(ctx, f)
		if err != nil {
			return err
		}
		f.After = page.Through
		var text strings.Builder
		for i := range page.Records {
			data, err := json.Marshal(&page.Records[i])
			if err != nil {
				return err
			}
			fmt.Fprintf(&text, "id: %d\ndata: %s\n\n", page.Records[i].Sequence, data)
		}
		if text.Len() == 0 {
			text.WriteString(":\n\n")
		}
		if err := send("%s", text.String()); err != nil {
			return err
		}
		if page.More {
			continue
		}
		select {
		case <-changed:
		case <-alive.C:
		case <-ends:
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}

// noEvents is the Events where there are none.
type noEvents struct{}

func (noEvents) Read(context.Context, journal.Filter) (journal.Page, error) {
	return journal.Page{}, nil
}
func (noEvents) Changed() <-chan struct{} { return nil }
func (noEvents) Head() journal.Head       { return journal.Head{} }
func (noEvents) Tallies() []journal.Tally { return nil }
func (noEvents) Verify(context.Context, []journal.Head) (*journal.Verdict, error) {
	return &journal.Verdict{Problems: []journal.Problem{}}, nil
}
