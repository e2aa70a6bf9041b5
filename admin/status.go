package admin

import (
	"context"
	"time"

	"github.com/signet-smb/signet/event"
)

// Inspector tells what is in force and what goes on. It is safe for concurrent
// use.
type Inspector interface {
	// Inspect returns the state of affairs now. UnsignedSessions and what is
	// about events is counted here and need not be set.
	Inspect(ctx context.Context) (Status, error)
}

// Status is the answer of GET /api/v1/status. Fields are only ever added.
type Status struct {
	Version          string      `json:"Version" doc:"of the program that answers"`
	Running          bool        `json:"Running" doc:"whether a server runs on this state directory"`
	Listen           []string    `json:"Listen" nullable:"false" doc:"addresses on which SMB is served"`
	Administration   string      `json:"Administration,omitempty" doc:"URL at which this is served over TCP; absent: it is not"`
	Inbound          string      `json:"Inbound" enum:"Required,NotRequired" doc:"signing of sessions with our server"`
	Outbound         string      `json:"Outbound" enum:"Required,NotRequired,NoClient" doc:"signing of our own client's sessions; NoClient: this build has no client"`
	Guest            string      `json:"Guest" enum:"Off,On"`
	Encryption       string      `json:"Encryption" enum:"Off,Offered,Required"`
	Dialects         []string    `json:"Dialects" nullable:"false" doc:"dialects spoken, lowest first"`
	SecretsKey       string      `json:"SecretsKey" doc:"how the key of the stored accounts is protected"`
	UnsignedSessions int         `json:"UnsignedSessions" doc:"sessions now that are neither signed nor encrypted"`
	Exceptions       []Exception `json:"Exceptions" nullable:"false" doc:"rules that lower protection, and when they end"`
	Pending          []Pending   `json:"Pending,omitempty" doc:"rules that warn, and refuse nobody before their date"`
	Sessions         []Session   `json:"Sessions" nullable:"false"`
	Settings         []Setting   `json:"Settings" nullable:"false" doc:"properties whose values are not those of the profile"`

	BadSignatures    int        `json:"BadSignatures" doc:"requests with a wrong signature in the last 24 hours"`
	LastBadSignature *Event     `json:"LastBadSignature,omitempty" doc:"the last record of one in the last 24 hours"`
	Events           []Occurred `json:"Events" nullable:"false" doc:"what has happened in the last 24 hours, by name"`
}

// Occurred is how often something has happened.
type Occurred struct {
	Channel string `json:"Channel"`
	ID      int    `json:"Id"`
	Name    string `json:"Name"`
	Count   int    `json:"Count"`
}

// Setting is a property that somebody has set.
type Setting struct {
	Name    string `json:"Name" doc:"Windows' name behind server. or client."`
	Value   string `json:"Value"`
	Origin  string `json:"Origin" doc:"who holds it: a layer, and which one of it"`
	Weakens bool   `json:"Weakens" doc:"whether the value lowers protection"`
}

// Exception is a rule that lowers protection for some.
type Exception struct {
	Name  string     `json:"Name"`
	Until *time.Time `json:"Until,omitempty" doc:"RFC 3339, UTC; absent: no end is set"`
}

// Pending is a rule that only warns so far.
type Pending struct {
	Name string    `json:"Name"`
	From time.Time `json:"From" doc:"RFC 3339, UTC; from when on it refuses"`
}

// statusOutput is what huma takes for the reply of GET /api/v1/status.
type statusOutput struct{ Body Status }

func (h *handlers) status(ctx context.Context, _ *struct{}) (*statusOutput, error) {
	s, err := h.inspector.Inspect(ctx)
	if err != nil {
		return nil, h.fail(ctx, "status", err)
	}
	s.UnsignedSessions = 0
	for _, session := range s.Sessions {
		if !session.Signed && !session.Encrypted {
			s.UnsignedSessions++
		}
	}
	// An empty list is [], never null.
	s.Listen, s.Dialects = append([]string{}, s.Listen...), append([]string{}, s.Dialects...)
	s.Exceptions, s.Sessions = append([]Exception{}, s.Exceptions...), append([]Session{}, s.Sessions...)
	s.Settings = append([]Setting{}, s.Settings...)
	s.Events = []Occurred{}
	for _, t := range h.events.Tallies() {
		s.Events = append(s.Events, Occurred{string(t.Channel), t.ID, t.Name, t.Count})
		if t.Name == event.BadSignature.Name {
			s.BadSignatures, s.LastBadSignature = t.Count, t.Last
		}
	}
	return &statusOutput{Body: s}, nil
}
