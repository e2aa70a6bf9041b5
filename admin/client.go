package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
)

// maxReplyBytes bounds what the client reads of a reply: 100,000 sessions.
const maxReplyBytes = 64 << 20

// Client calls the API. It is safe for concurrent use.
type Client struct {
	http http.Client
}

// OverSocket returns a client of the server that dial connects to. A server of
// anyone but root or the user of this process is refused: it would be told
// passwords.
func OverSocket(dial func(ctx context.Context) (net.Conn, error)) *Client {
	return &Client{http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			conn, err := dial(ctx)
			if err != nil {
				return nil, err
			}
			peer, err := peerOf(conn)
			if err == nil && !peer.administers() {
				err = fmt.Errorf("the socket is served by uid %d, who is neither root nor you", peer.UID)
			}
			if err != nil {
				conn.Close()
				return nil, err
			}
			return conn, nil
		},
		MaxIdleConns: 1,
	}, CheckRedirect: refuseRedirect}}
}

// refuseRedirect takes a redirection for the error it is here: it is how the
// router answers a path that holds "..".
func refuseRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// InProcess returns a client that calls the handler directly, as this process.
func InProcess(handler http.Handler) *Client {
	return InProcessAs(handler, Self())
}

// InProcessAs returns a client that calls the handler directly, as somebody whom
// this process has let in by another door: see [SignedInElsewhere].
func InProcessAs(handler http.Handler, c Caller) *Client {
	return &Client{http.Client{Transport: inProcess{handler, c}, CheckRedirect: refuseRedirect}}
}

// Close closes idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Status returns what is in force and who is signed in.
func (c *Client) Status(ctx context.Context) (*Status, error) {
	var s Status
	return &s, c.do(ctx, http.MethodGet, "status", nil, &s)
}

// Reload lets the server read its configuration again.
func (c *Client) Reload(ctx context.Context) error {
	return c.do(ctx, http.MethodPost, "reload", nil, nil)
}

// Sessions returns who is signed in.
func (c *Client) Sessions(ctx context.Context) (*Sessions, error) {
	var s Sessions
	return &s, c.do(ctx, http.MethodGet, "sessions", nil, &s)
}

// CloseSession ends a session.
func (c *Client) CloseSession(ctx context.Context, id SessionID) error {
	return c.do(ctx, http.MethodDelete, "sessions/"+id.String(), nil, nil)
}

// Connections returns who is connected.
func (c *Client) Connections(ctx context.Context) (*Connections, error) {
	var s Connections
	return &s, c.do(ctx, http.MethodGet, "connections", nil, &s)
}

// OpenFiles returns what the sessions have open.
func (c *Client) OpenFiles(ctx context.Context) (*OpenFiles, error) {
	var s OpenFiles
	return &s, c.do(ctx, http.MethodGet, "openfiles", nil, &s)
}

// CloseOpenFile closes a file that a session has open.
func (c *Client) CloseOpenFile(ctx context.Context, id FileID) error {
	return c.do(ctx, http.MethodDelete, "openfiles/"+id.String(), nil, nil)
}

// Shares returns the shares.
func (c *Client) Shares(ctx context.Context) (*ShareList, error) {
	var s ShareList
	return &s, c.do(ctx, http.MethodGet, "shares", nil, &s)
}

// AddShare stores a share.
func (c *Client) AddShare(ctx context.Context, n NewShare) (*Share, error) {
	var s Share
	return &s, c.do(ctx, http.MethodPost, "shares", n, &s)
}

// UpdateShare changes a stored share, all that is asked or nothing.
func (c *Client) UpdateShare(ctx context.Context, name string, change ShareChange) (*Share, error) {
	var s Share
	return &s, c.do(ctx, http.MethodPatch, "shares/"+url.PathEscape(name), change, &s)
}

// RemoveShare forgets a stored share.
func (c *Client) RemoveShare(ctx context.Context, name string) error {
	return c.do(ctx, http.MethodDelete, "shares/"+url.PathEscape(name), nil, nil)
}

// GrantShare says how much of a stored share an account may use: Read, Change
// or Full.
func (c *Client) GrantShare(ctx context.Context, name, account, access string) (*Share, error) {
	var s Share
	return &s, c.do(ctx, http.MethodPut, "shares/"+url.PathEscape(name)+"/access/"+url.PathEscape(account), ShareAccess{Access: access}, &s)
}

// RevokeShare takes what was granted to an account away.
func (c *Client) RevokeShare(ctx context.Context, name, account string) (*Share, error) {
	var s Share
	return &s, c.do(ctx, http.MethodDelete, "shares/"+url.PathEscape(name)+"/access/"+url.PathEscape(account), nil, &s)
}

// Users returns the accounts.
func (c *Client) Users(ctx context.Context) (*Users, error) {
	var u Users
	return &u, c.do(ctx, http.MethodGet, "users", nil, &u)
}

// AddUser adds an account.
func (c *Client) AddUser(ctx context.Context, n NewUser) (*User, error) {
	var u User
	return &u, c.do(ctx, http.MethodPost, "users", n, &u)
}

// ImportUsers adds accounts of another system.
func (c *Client) ImportUsers(ctx context.Context, in UserImport) (*UserImportResult, error) {
	var out UserImportResult
	return &out, c.do(ctx, http.MethodPost, "users/import", in, &out)
}

// UpdateUser changes an account, all that is asked or nothing.
func (c *Client) UpdateUser(ctx context.Context, name string, change UserChange) (*User, error) {
	var u User
	return &u, c.do(ctx, http.MethodPatch, "users/"+url.PathEscape(name), change, &u)
}

// SetPassword sets the password of an account.
func (c *Client) SetPassword(ctx context.Context, name, password string) error {
	return c.do(ctx, http.MethodPut, "users/"+url.PathEscape(name)+"/password", NewPassword{Password: password}, nil)
}

// RemoveUser removes an account.
func (c *Client) RemoveUser(ctx context.Context, name string) error {
	return c.do(ctx, http.MethodDelete, "users/"+url.PathEscape(name), nil, nil)
}

// SignInLink makes a link that signs in to the administration once.
func (c *Client) SignInLink(ctx context.Context) (*SignInLink, error) {
	var l SignInLink
	return &l, c.do(ctx, http.MethodPost, "sign-in-links", nil, &l)
}

// SignIns returns the administrators who are signed in over TCP.
func (c *Client) SignIns(ctx context.Context) (*SignInList, error) {
	var l SignInList
	return &l, c.do(ctx, http.MethodGet, "sign-ins", nil, &l)
}

// EndSignIn signs an administrator out.
func (c *Client) EndSignIn(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodDelete, "sign-ins/"+url.PathEscape(id), nil, nil)
}

// do calls one operation. The error is an *Error if the API answered with one.
func (c *Client) do(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(data)
	}
	// The host is only for form: the transport knows one server.
	req, err := http.NewRequestWithContext(ctx, method, "http://signet/api/v1/"+path, body)
	if err != nil {
		return err
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxReplyBytes))
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		return errorOf(resp, data)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(data, out)
}

// errorOf reads the error out of a reply.
func errorOf(resp *http.Response, data []byte) error {
	e := &Error{Status: resp.StatusCode}
	if err := json.Unmarshal(data, e); err != nil || e.Code == "" {
		return &Error{Code: "Error", Status: resp.StatusCode, Message: "the server answered " + resp.Status}
	}
	return e
}
