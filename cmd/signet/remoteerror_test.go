package main

import (
	"fmt"
	"testing"

	"github.com/signet-smb/signet/client"
)

func TestWhatWasForgedIsSaidWithOperationAndMessage(t *testing.T) {
	const after = " Nothing of it was written. Someone may be in the path, or the server is faulty: signet doctor smb://FS1"
	lost := func(err error) error {
		return fmt.Errorf("get: %w", &client.Error{Op: "read", Path: "f", Err: &client.ConnectionError{Server: "FS1", Err: err}})
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{lost(&client.SignatureError{Command: "READ", MessageID: 0x1c, Want: "signed"}), "a reply from FS1 was altered or forged (bad signature, READ, message 0x1c)." + after},
		{lost(&client.SignatureError{Command: "CLOSE", MessageID: 7, Want: "sealed"}), "a reply from FS1 was altered or forged (not encrypted, CLOSE, message 0x7)." + after},
		{lost(&client.DecryptError{SessionID: 0x11}), "a reply from FS1 was altered or forged (cannot be decrypted, session 0x11)." + after},
		{lost(&client.ProtocolError{Problem: "odd"}), ""},
		{nil, ""},
	} {
		if got := forgedText(c.err); got != c.want {
			t.Errorf("%v:\n got %s\nwant %s", c.err, got, c.want)
		}
		if e := apiError(c.err, exitFailed); c.want != "" && (e == nil || e.Code != "BadSignature" || e.Message != c.want) {
			t.Errorf("%v: %+v in JSON", c.err, e)
		}
	}
}
