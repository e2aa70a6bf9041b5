package hostile_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

// What becomes of a log-on through a proxy that alters it.
const (
	refused   = "refused by the server"
	noticed   = "noticed by the client"
	unnoticed = "unnoticed" // the log-on succeeds, and its first requests
)

// gaveUp is the panic of a careful client.
type gaveUp string

// givingUp is a test whose failures are a client's refusal to go on.
type givingUp struct{ quiet }

func (givingUp) Fatal(args ...any)                 { panic(gaveUp(fmt.Sprint(args...))) }
func (givingUp) Fatalf(format string, args ...any) { panic(gaveUp(fmt.Sprintf(format, args...))) }

// careful is a client that does all that the specification asks of one: it
// verifies the last SESSION_SETUP reply and every one after it, refuses to be
// a guest, and below 3.1.1 validates the negotiation. 3.2.5.2, 3.2.5.3.1,
// 3.2.5.5.
type careful struct {
	t     *testing.T
	s     *smbtest.Server
	offer func(*smbtest.Peer)
	// name is what it creates.
	name string
	// validates is unset for a client whose RequireSecureNegotiate is False.
	validates bool
}

// logOn signs in through proxy, connects to the share, and makes a file. It
// returns what becomes of it and why, in words.
func (c *careful) logOn(proxy smbtest.Proxy) (verdict, why string) {
	c.t.Helper()
	proxy.Conn = c.s.DialConn()
	defer proxy.Close()
	defer func() {
		switch p := recover().(type) {
		case nil:
		case gaveUp:
			verdict, why = classify(string(p))
		default:
			panic(p)
		}
	}()
	p := smbtest.NewPeer(givingUp{quiet{c.t}}, &proxy)
	c.offer(p)
	offered := *p.NegotiateRequest()
	res := p.Negotiate()
	if !slices.Contains(offered.Dialects, res.DialectRevision) {
		return noticed, "a dialect that was not offered"
	}
	r := p.SessionSetup(smbtest.Initiator())
	if r.Header.Status != ntstatus.Success {
		return refused, r.Header.Status.String()
	}
	var setup smb2.SessionSetupResponse
	r.Decode(givingUp{quiet{c.t}}, &setup)
	if !r.Signed {
		return noticed, "last SESSION_SETUP reply unsigned"
	}
	if setup.SessionFlags&(smb2.SessionIsGuest|smb2.SessionIsNull) != 0 {
		return noticed, "signed in as nobody"
	}
	p.Seal = setup.SessionFlags&smb2.SessionEncryptData != 0
	if r := p.TreeConnect(smbtest.ShareName); r.Header.Status != ntstatus.Success {
		return refused, "TREE_CONNECT " + r.Header.Status.String()
	}
	if c.validates && p.Dialect < smb2.Dialect311 {
		if why := validate(p, &offered, res); why != "" {
			return noticed, why
		}
	}
	if r := p.Do(smbtest.CreateFile(c.name)); r.Header.Status != ntstatus.Success || !r.Signed && !r.Sealed {
		return refused, "CREATE " + r.Header.Status.String()
	}
	return unnoticed, p.Dialect.String()
}

// validate asks whether the server saw what the client sent. 3.2.5.5,
// 3.2.5.14.12.
func validate(p *smbtest.Peer, sent *smb2.NegotiateRequest, got *smb2.NegotiateResponse) string {
	ask := smb2.ValidateNegotiateInfoRequest{Capabilities: sent.Capabilities, GUID: sent.ClientGUID, SecurityMode: sent.SecurityMode, Dialects: sent.Dialects}
	r := p.Do(&smb2.IoctlRequest{
		FileID: smb2.RelatedFileID, CtlCode: fscc.FSCTLValidateNegotiateInfo, Flags: smb2.IoctlIsFSCTL,
		Input: ask.Append(nil), MaxOutputResponse: 24,
	})
	var res smb2.IoctlResponse
	var answer smb2.ValidateNegotiateInfoResponse
	switch {
	case r.Header.Status != ntstatus.Success:
		return "VALIDATE_NEGOTIATE_INFO " + r.Header.Status.String()
	case !r.Signed && !r.Sealed:
		return "VALIDATE_NEGOTIATE_INFO unsigned"
	case smb2.Decode(r.Raw, &res) != nil || answer.Decode(res.Output) != nil:
		return "VALIDATE_NEGOTIATE_INFO malformed"
	case answer != smb2.ValidateNegotiateInfoResponse{Capabilities: got.Capabilities, GUID: got.ServerGUID, SecurityMode: got.SecurityMode, Dialect: got.DialectRevision}:
		return "VALIDATE_NEGOTIATE_INFO tells of another answer"
	}
	return ""
}

var statusName = regexp.MustCompile(`STATUS_[A-Z_0-9]+`)

// classify tells from a client's last words who ended the log-on.
func classify(words string) (verdict, why string) {
	switch status := statusName.FindString(words); {
	case strings.Contains(words, "bad signature on the answer"):
		return noticed, "wrong signature"
	case strings.HasPrefix(words, "NEGOTIATE refused") && status != "":
		return refused, "NEGOTIATE " + status
	case strings.HasPrefix(words, "NEGOTIATE refused"), strings.HasSuffix(words, "closed the connection"):
		return refused, closed
	case strings.Contains(words, "next token"):
		return noticed, "token malformed"
	}
	return noticed, words
}
