package client_test

import (
	"os/exec"
	"strings"
	"testing"
)

// Other people's programs import this package: it must not bring them a server,
// a database or a web framework.
func TestWhoImportsTheClientGetsLittleElse(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	const us = "github.com/signet-smb/signet/"
	allowed := []string{
		us + "client", us + "auth", us + "auth/ntlm", us + "auth/spnego", us + "dtyp", us + "event", us + "fscc", us + "ntstatus", us + "policy",
		us + "internal/bufpool", us + "internal/crypto/", us + "internal/invariants", us + "internal/rpc", us + "internal/smb2",
		us + "internal/transform", us + "internal/transport", us + "internal/wire", "golang.org/x/crypto/", "golang.org/x/sys/",
	}
	for _, pkg := range strings.Fields(string(out)) {
		ok := false
		for _, a := range allowed {
			ok = ok || pkg == a || strings.HasPrefix(pkg, strings.TrimSuffix(a, "/")+"/")
		}
		if !ok {
			t.Errorf("it brings %s", pkg)
		}
	}
}
