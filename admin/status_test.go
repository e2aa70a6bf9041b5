//go:build linux

package admin_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/signet-smb/signet/admin"
)

func TestStatusHasThePromisedShape(t *testing.T) {
	handler, _, _ := setUp(t, admin.Status{
		Version: "1", Inbound: "Required", Outbound: "Required", Guest: "Off", Encryption: "Offered",
		Sessions: []admin.Session{
			{SessionID: 0xfedcba9876543210, Signed: true, SigningAlgorithm: "AES-128-GMAC"},
			{SessionID: 2, Encrypted: true},
			{SessionID: 3},
		},
	})
	path := serve(t, handler)
	code, body := raw(t, path, "GET", "/api/v1/status", "", "")
	if code != 200 {
		t.Fatalf("GET status = %d %s", code, body)
	}
	var doc map[string]any
	if err := json.Unmarshal([]byte(body), &doc); err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{"Version", "Listen", "Inbound", "Outbound", "Guest", "Encryption", "UnsignedSessions", "Exceptions", "Sessions"} {
		if _, ok := doc[field]; !ok {
			t.Errorf("status lacks %s: %s", field, body)
		}
	}
	if got := doc["UnsignedSessions"]; got != 1.0 {
		t.Errorf("UnsignedSessions = %v, want 1: neither the signed nor the encrypted session counts", got)
	}
	if !strings.Contains(body, `"Listen":[]`) || !strings.Contains(body, `"Exceptions":[]`) {
		t.Errorf("an empty list must be [], not null: %s", body)
	}
	session := doc["Sessions"].([]any)[0].(map[string]any)
	if got := session["SessionId"]; got != "0xfedcba9876543210" {
		t.Errorf("SessionId = %v, want the string 0xfedcba9876543210", got)
	}
	for _, field := range []string{"ClientComputerName", "ClientUserName", "Dialect", "Signed", "SigningAlgorithm", "SigningRequiredBy", "Encrypted", "Cipher", "NumOpens"} {
		if _, ok := session[field]; !ok {
			t.Errorf("session lacks %s: %s", field, body)
		}
	}
	client := admin.OverSocket(dialer(path))
	defer client.Close()
	s, err := client.Status(t.Context())
	if err != nil || s.Sessions[0].SessionID != 0xfedcba9876543210 {
		t.Errorf("Client.Status = %+v, %v: the session id did not survive", s, err)
	}
}
