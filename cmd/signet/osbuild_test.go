package main

import (
	"strings"
	"testing"

	"github.com/signet-smb/signet/auth/ntlm"
)

func TestWhatABuildDemandsIsKnown(t *testing.T) {
	for _, c := range []struct {
		version       ntlm.Version
		name, demands string // parts; "": nothing
	}{
		{ntlm.Version{Major: 10, Build: 26100}, "24H2", "demands signing of every server"},
		{ntlm.Version{Major: 10, Build: 26200}, "24H2", "demands signing of every server"},
		{ntlm.Version{Major: 10, Build: 22631}, "Windows 11 before 24H2", "SYSVOL and NETLOGON only"},
		{ntlm.Version{Major: 10, Build: 20348}, "Server 2022", "only if it is a domain controller"},
		{ntlm.Version{Major: 10, Build: 17763}, "2019", "SYSVOL"},
		{ntlm.Version{Major: 10}, "tells no build", ""},
		{ntlm.Version{Major: 6, Minor: 1}, "Samba", ""},
		{ntlm.Version{Major: 5, Minor: 1, Build: 2600}, "", ""},
		{ntlm.Version{}, "", ""},
	} {
		b := systemOf(c.version)
		if b == nil {
			b = new(systemBuild)
		}
		if !strings.Contains(b.name, c.name) || (c.name == "") != (b.name == "") || !strings.Contains(b.demands, c.demands) || (c.demands == "") != (b.demands == "") {
			t.Errorf("%+v is %q, %q; want %q, %q", c.version, b.name, b.demands, c.name, c.demands)
		}
	}
}
