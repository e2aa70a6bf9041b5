package interop

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// systemPython is the interpreter that Debian's packages of Python modules
// belong to.
const systemPython = "/usr/bin/python3"

// impacketAt is the client of the Python library impacket, at one dialect. It
// signs because the server requires it; at 3.0 it seals all behind a tree
// connect because the server can.
type impacketAt struct{ dialect string }

func (c impacketAt) need(t *testing.T) {
	t.Helper()
	if err := exec.Command(systemPython, "-c", "import impacket.smb3").Run(); err != nil {
		missing(t, "impacket")
	}
}

// prepare makes a smaller tree, for each file costs this client six requests
// and two tree connects. A name with a character beyond the BMP is not in it:
// impacket 0.10 counts that as one UTF-16 unit, so that the name loses its end.
func (c impacketAt) prepare(t *testing.T, out string) tree {
	t.Helper()
	made := makeTreeOf(t, out, 30)
	for name := range made {
		if strings.ContainsFunc(name, func(r rune) bool { return r > 0xFFFF }) {
			must(t, os.Remove(filepath.Join(out, name)))
			delete(made, name)
		}
	}
	return made
}

func (c impacketAt) work(t *testing.T, s *server, out, back string) (tree, status) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	args := append([]string{"testdata/impacket_client.py", s.host, s.port, account, c.dialect, shareName, out, back}, s.statusCommand()...)
	cmd := exec.CommandContext(ctx, systemPython, args...)
	cmd.Stdin = strings.NewReader(password + "\n")
	var problem bytes.Buffer
	cmd.Stderr = &problem
	printed, err := cmd.Output()
	if err != nil {
		t.Fatalf("impacket: %v\n%s", err, problem.Bytes())
	}
	var result struct {
		Tree   tree            `json:"tree"`
		Status json.RawMessage `json:"status"`
	}
	must(t, json.Unmarshal(printed, &result))
	st, err := parseStatus(result.Status)
	must(t, err)
	return result.Tree, st
}
