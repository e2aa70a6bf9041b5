package gpo_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/policy/gpo"
)

// TestEveryEntryReadsWhatItWrites takes the default of each property through
// its registry value and back.
func TestEveryEntryReadsWhatItWrites(t *testing.T) {
	for _, e := range gpo.Entries() {
		d, err := policy.Find(e.Property)
		if err != nil {
			t.Fatal(err)
		}
		want := d.Format(d.Default)
		data := e.Format(want)
		text, err := e.Parse(e.Type, data)
		if err != nil {
			t.Errorf("%s\\%s: Parse(Format(%q) = %x): %v", e.Key, e.Name, want, data, err)
			continue
		}
		v, err := d.Parse(text)
		if err != nil || d.Format(v) != want {
			t.Errorf("%s\\%s: %q became %x and then %q, err %v", e.Key, e.Name, want, data, text, err)
		}
	}
}

func TestEntriesHaveTheirBytes(t *testing.T) {
	const server, client = `SYSTEM\currentcontrolset\Services\LanmanServer\Parameters`, `System\CurrentControlSet\Services\LanmanWorkstation\Parameters`
	for _, c := range []struct{ key, name, text, data string }{
		{server, "requiresecuritysignature", "True", "01000000"},
		{server, "RequireSecuritySignature", "False", "00000000"},
		{server, "DisableStrictNameChecking", "False", "01000000"},
		{server, "MinSmb2Dialect", "SMB311", "11030000"},
		{server, "AutoDisconnect", "900", "0f000000"},
		{server, "AutoDisconnect", "901", "10000000"},
		{server, "AutoDisconnect", "0", "9f860100"},
		{server, "srvcomment", "ä", "e4000000"},
		{server, "NullSessionPipes", "a, b", "6100000062000000" + "0000"},
		{server, "NullSessionPipes", "", "0000"},
		{client, "RequireSecuritySignature", "True", "01000000"},
	} {
		e, ok := gpo.FindEntry(c.key, c.name)
		want, err := hex.DecodeString(c.data)
		if err != nil || !ok {
			t.Fatalf("%s\\%s: found %v, %v", c.key, c.name, ok, err)
		}
		if got := e.Format(c.text); !bytes.Equal(got, want) {
			t.Errorf("%s = %q: %x, want %x", c.name, c.text, got, want)
		}
	}
	if _, ok := gpo.FindEntry(server, "SMB1"); ok {
		t.Error("SMB1 is a property; it is none")
	}
}
