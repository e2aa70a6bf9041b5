package admin

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/signet-smb/signet/event"
)

// Activity is what goes on at the SMB server, and the way to end it. It is
// safe for concurrent use.
//
// Closing returns when all is freed; the error wraps fs.ErrNotExist if nothing
// of that id is there.
type Activity interface {
	Sessions() []Session
	Connections() []Connection
	OpenFiles() []OpenFile
	CloseSession(id SessionID) error
	CloseOpenFile(id FileID) error
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
	NumChannels        int       `json:"NumChannels" doc:"connections that it uses"`
	NumOpens           int       `json:"NumOpens"`
	SecondsExists      int64     `json:"SecondsExists"`
	SecondsIdle        int64     `json:"SecondsIdle" doc:"since the last request"`
}

// Connection is one transport connection. It may carry several sessions, or
// none yet.
type Connection struct {
	ClientComputerName string `json:"ClientComputerName" doc:"the peer's network address or name"`
	ServerAddress      string `json:"ServerAddress" doc:"the address that it came to"`
	Dialect            string `json:"Dialect" doc:"empty until it is negotiated"`
	SigningAlgorithm   string `json:"SigningAlgorithm" doc:"that its sessions sign with; empty until it is negotiated"`
	Cipher             string `json:"Cipher" doc:"empty if none was negotiated"`
	NumSessions        int    `json:"NumSessions" doc:"that are signed in"`
	SecondsExists      int64  `json:"SecondsExists"`
}

// OpenFile is a file or folder that a session has open.
type OpenFile struct {
	FileID             FileID    `json:"FileId"`
	SessionID          SessionID `json:"SessionId"`
	Path               string    `json:"Path" doc:"of the shared folder on the server, and below it ShareRelativePath"`
	ShareName          string    `json:"ShareName"`
	ShareRelativePath  string    `json:"ShareRelativePath" doc:"components separated by backslashes; empty for the shared folder itself"`
	ClientComputerName string    `json:"ClientComputerName" doc:"the peer's network address or name"`
	ClientUserName     string    `json:"ClientUserName"`
	Permissions        uint32    `json:"Permissions" doc:"the access granted, an ACCESS_MASK of [MS-DTYP]"`
	Locks              int       `json:"Locks" doc:"how many byte ranges it has locked"`
}

// Sessions is the answer of GET /api/v1/sessions.
type Sessions struct {
	Sessions []Session `json:"Sessions" nullable:"false"`
}

// Connections is the answer of GET /api/v1/connections.
type Connections struct {
	Connections []Connection `json:"Connections" nullable:"false"`
}

// OpenFiles is the answer of GET /api/v1/openfiles.
type OpenFiles struct {
	OpenFiles []OpenFile `json:"OpenFiles" nullable:"false"`
}

// SessionID is a 64-bit session id, in JSON the string 0x and 16 digits: a
// number would lose bits in programs that read numbers as floating point.
type SessionID uint64

func (id SessionID) String() string { return hex64(uint64(id)) }

// MarshalText implements encoding.TextMarshaler.
func (id SessionID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (id *SessionID) UnmarshalText(text []byte) error { return parseHex64((*uint64)(id), text) }

// Schema implements huma.SchemaProvider.
func (SessionID) Schema(huma.Registry) *huma.Schema { return hex64Schema() }

// FileID is the 64-bit id of an open file, in JSON as a SessionID is.
type FileID uint64

func (id FileID) String() string { return hex64(uint64(id)) }

// MarshalText implements encoding.TextMarshaler.
func (id FileID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (id *FileID) UnmarshalText(text []byte) error { return parseHex64((*uint64)(id), text) }

// Schema implements huma.SchemaProvider.
func (FileID) Schema(huma.Registry) *huma.Schema { return hex64Schema() }

func hex64(v uint64) string { return fmt.Sprintf("0x%016x", v) }

func parseHex64(v *uint64, text []byte) error {
	digits, ok := strings.CutPrefix(string(text), "0x")
	parsed, err := strconv.ParseUint(digits, 16, 64)
	if !ok || err != nil || len(digits) != 16 {
		return fmt.Errorf("%q is not 0x and 16 digits", text)
	}
	*v = parsed
	return nil
}

func hex64Schema() *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: "^0x[0-9a-fA-F]{16}$"}
}

// sessionsOutput is what huma takes for the reply of GET /api/v1/sessions.
type sessionsOutput struct{ Body Sessions }

// connectionsOutput is what huma takes for the reply of GET
// /api/v1/connections.
type connectionsOutput struct{ Body Connections }

// openFilesOutput is what huma takes for the reply of GET /api/v1/openfiles.
type openFilesOutput struct{ Body OpenFiles }

// idInput is a request about one session or open file.
type idInput struct {
	ID string `path:"id" pattern:"^0x[0-9a-fA-F]{16}$" doc:"as it is listed"`
}

func (h *handlers) listSessions(context.Context, *struct{}) (*sessionsOutput, error) {
	return &sessionsOutput{Body: Sessions{Sessions: append([]Session{}, h.activity.Sessions()...)}}, nil
}

func (h *handlers) listConnections(context.Context, *struct{}) (*connectionsOutput, error) {
	return &connectionsOutput{Body: Connections{Connections: append([]Connection{}, h.activity.Connections()...)}}, nil
}

func (h *handlers) listOpenFiles(context.Context, *struct{}) (*openFilesOutput, error) {
	return &openFilesOutput{Body: OpenFiles{OpenFiles: append([]OpenFile{}, h.activity.OpenFiles()...)}}, nil
}

func (h *handlers) closeSession(ctx context.Context, in *idInput) (*struct{}, error) {
	var id SessionID
	err := id.UnmarshalText([]byte(in.ID))
	if err == nil {
		err = h.activity.CloseSession(id)
	}
	return nil, h.closed(ctx, "session", in.ID, err)
}

func (h *handlers) closeOpenFile(ctx context.Context, in *idInput) (*struct{}, error) {
	var id FileID
	err := id.UnmarshalText([]byte(in.ID))
	if err == nil {
		err = h.activity.CloseOpenFile(id)
	}
	return nil, h.closed(ctx, "openfile", in.ID, err)
}

// closed records that something was closed, or makes the answer to err. what
// is the command that lists such things.
func (h *handlers) closed(ctx context.Context, what, id string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &Error{
			Code: "NotFound", Status: http.StatusNotFound, Property: "Id",
			Message: fmt.Sprintf("no %s %s", what, id), Hint: "signet " + what + " list shows them",
		}
	case err != nil:
		return h.fail(ctx, "close "+what, err)
	}
	caller, _ := callerOf(ctx)
	e := eventBy(caller, event.ActivityEnded)
	e.Object = what + " " + id
	h.tell(ctx, what+" closed", e)
	return nil
}

// nothing is the Activity where no server runs.
type nothing struct{}

func (nothing) Sessions() []Session          { return nil }
func (nothing) Connections() []Connection    { return nil }
func (nothing) OpenFiles() []OpenFile        { return nil }
func (nothing) CloseSession(SessionID) error { return fs.ErrNotExist }
func (nothing) CloseOpenFile(FileID) error   { return fs.ErrNotExist }
