package main

import (
	"errors"
	"fmt"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/client"
)

// forgedText is what is said when an answer of a server is not rightly signed;
// "" if err is something else.
func forgedText(err error) string {
	if !client.Altered(err) {
		return ""
	}
	what := "the negotiation was not what it said"
	if e, ok := errors.AsType[*client.SignatureError](err); ok {
		problem := "bad signature"
		if e.Want == "sealed" {
			problem = "not encrypted"
		}
		what = fmt.Sprintf("%s, %s, message %#x", problem, e.Command, e.MessageID)
	} else if e, ok := errors.AsType[*client.DecryptError](err); ok {
		what = fmt.Sprintf("cannot be decrypted, session %#x", e.SessionID)
	}
	server := "the server"
	if lost, ok := errors.AsType[*client.ConnectionError](err); ok {
		server = lost.Server
	}
	return fmt.Sprintf("a reply from %s was altered or forged (%s). Nothing of it was written. "+
		"Someone may be in the path, or the server is faulty: signet doctor smb://%s", server, what, server)
}

// apiError puts an error of the client into the shape that every error has in
// JSON; nil if it is none of the client's.
func apiError(err error, code int) *admin.Error {
	if refusal, ok := peerRefusal(err); ok {
		e := &admin.Error{Code: "RefusedByPolicy", Message: err.Error()}
		if len(refusal.Remedies) > 0 {
			r := refusal.Remedies[0]
			e.Property, e.Hint = r.Setting, fmt.Sprintf("set %s to %s on %s", r.Setting, r.Value, r.On)
		}
		return e
	}
	if text := forgedText(err); text != "" {
		return &admin.Error{Code: "BadSignature", Message: text}
	}
	if e, ok := errors.AsType[*client.Error](err); ok {
		word := exitWords[code]
		if status, ok := e.Status(); ok {
			word = status.String()
		}
		return &admin.Error{Code: word, Message: err.Error()}
	}
	return nil
}

// isConnectionLost reports whether nothing more can be asked of the server.
func isConnectionLost(err error) bool {
	_, ok := errors.AsType[*client.ConnectionError](err)
	return ok
}
