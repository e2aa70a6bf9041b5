package admin

import (
	"context"
	"fmt"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Inspector tells what is in force and what goes on. It is safe for concurrent
// use.
type Inspector interface {
	// Inspect returns the state of affairs now. UnsignedSessions is counted
	// here and need not be set.
	Inspect(ctx context.Context) (Status, error)
}

// Status is the answer of GET /api/v1/status. Fields are only ever added.
type Status struct {
	Version          string      `json:"Version" doc:"of the program that answers"`
	Running          bool        `json:"Running" doc:"whether a server runs on this state directory"`
	Listen           []string    `json:"Listen" nullable:"false" doc:"addresses on which SMB is served"`
	Inbound          string      `json:"Inbound" enum:"Required,NotRequired" doc:"signing of sessions with our server"`
	Outbound         string      `json:"Outbound" enum:"Required,NotRequired,NoClient" doc:"signing of our own client's sessions; NoClient: this build has no client"`
	Guest            string      `json:"Guest" enum:"Off,On"`
	Encryption       string      `json:"Encryption" enum:"Off,Offered,Required"`
	Dialects         []string    `json:"Dialects" nullable:"false" doc:"dialects spoken, lowest first"`
	SecretsKey       string      `json:"SecretsKey" doc:"how the key of the stored accounts is protected"`
	UnsignedSessions int         `json:"UnsignedSessions" doc:"sessions now that are neither signed nor encrypted"`
	Exceptions       []Exception `json:"Exceptions" nullable:"false" doc:"rules that lower protection, and when they end"`
	Sessions         []Session   `json:"Sessions" nullable:"false"`
}

// Exception is a rule that lowers protection for some.
type Exception struct {
	Name  string     `json:"Name"`
	Until *time.Time `json:"Until,omitempty" doc:"RFC 3339, UTC; absent: no end is set"`
}

// Session is one signed-in session. What the peer said of itself is as it
// said it: escape it before showing it.
type Session struct {
	SessionID          SessionID `json:"SessionId"`
	ClientComputerName string    `json:"ClientComputerName" doc:"the peer's network address or name"`
	ClientUserName     string    `json:"ClientUserName"`
	Dialect            string    `json:"Dialect"`
	Signed             bool      `json:"Signed"`
	SigningAlgorithm   string    `json:"SigningAlgorithm" doc:"AES-128-GMAC, AES-128-CMAC or HMAC-SHA256; empty if not signed"`
	SigningRequiredBy  string    `json:"SigningRequiredBy"`
	Encrypted          bool      `json:"Encrypted"`
	Cipher             string    `json:"Cipher"`
	NumOpens           int       `json:"NumOpens"`
}

// SessionID is a 64-bit session id, in JSON the string 0x and 16 digits: a
// number would lose bits in programs that read numbers as floating point.
type SessionID uint64

func (id SessionID) String() string { return fmt.Sprintf("0x%016x", uint64(id)) }

// MarshalText implements encoding.TextMarshaler.
func (id SessionID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (id *SessionID) UnmarshalText(text []byte) error {
	var v uint64
	if len(text) != 18 {
		return fmt.Errorf("session id %q is not 0x and 16 digits", text)
	}
	if _, err := fmt.Sscanf(string(text), "0x%016x", &v); err != nil {
		return fmt.Errorf("session id %q is not 0x and 16 digits", text)
	}
	*id = SessionID(v)
	return nil
}

// Schema implements huma.SchemaProvider.
func (SessionID) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: "^0x[0-9a-f]{16}$"}
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
	return &statusOutput{Body: s}, nil
}
