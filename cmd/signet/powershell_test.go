//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/internal/powershell"
	"github.com/signet-smb/signet/ntstatus"
)

// asker asks a running server what the module asks: as somebody who has signed in
// over TCP.
type asker struct {
	t     *testing.T
	url   string
	api   *powershell.API
	known map[string]string // the $names of requests
	in    http.Header
}

// as signs an account in.
func (a asker) as(account string) asker {
	a.t.Helper()
	resp, body := post(a.t, &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}, "POST", a.url, "/api/v1/sign-in",
		`{"Name":"`+account+`","Password":"tulip-raven-4817"}`, http.Header{})
	var in admin.NewSignIn
	if err := json.Unmarshal([]byte(body), &in); err != nil || resp.StatusCode != http.StatusOK {
		a.t.Fatalf("%s signs in: %s %s", account, resp.Status, body)
	}
	a.in = http.Header{"X-Signet-Token": {in.Token}, "Cookie": {resp.Cookies()[0].Name + "=" + resp.Cookies()[0].Value}}
	return a
}

// ask sends one request of a cmdlet.
func (a asker) ask(r powershell.Request) (status int, body string) {
	a.t.Helper()
	op, err := a.api.Operation(r.Operation)
	if err != nil {
		a.t.Fatal(err)
	}
	path := op.Path
	for name, value := range r.Path {
		path = strings.ReplaceAll(path, "{"+name+"}", a.fill(value).(string))
	}
	send := io.Reader(http.NoBody)
	if r.Body != nil {
		data, err := json.Marshal(a.fill(r.Body))
		if err != nil {
			a.t.Fatal(err)
		}
		send = strings.NewReader(string(data))
	}
	req, err := http.NewRequestWithContext(a.t.Context(), op.Method, a.url+path, send)
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header = a.in.Clone()
	if r.Body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return resp.StatusCode, string(data)
}

// fill puts what is known in place of $names.
func (a asker) fill(value any) any {
	switch v := value.(type) {
	case string:
		if name, ok := strings.CutPrefix(v, "$"); ok {
			return a.known[name]
		}
	case map[string]any:
		filled := make(map[string]any)
		for name, inner := range v {
			filled[name] = a.fill(inner)
		}
		return filled
	}
	return value
}

// administeredSMB starts a server for the module: share Docs, where bob has a file
// open, and administrators ann (admin), olga (operator) and vera (viewer).
func administeredSMB(t *testing.T) (b *background, dir string, a asker, open func() (session, file string)) {
	t.Helper()
	dir = workDir(t, nobody)
	mkdir(t, dir, "docs")
	mkdir(t, dir, "fresh")
	for _, args := range [][]string{
		{"user", "add", "ann", "--role", "admin"},
		{"user", "add", "olga", "--role", "operator"},
		{"user", "add", "vera", "--role", "viewer"},
		{"user", "add", "bob"},
		{"user", "add", "eve"},
		{"share", "add", "Docs", "docs"},
	} {
		mustRun(t, dir, exitDone, args...)
	}
	cmd := signet(t, dir, nobody, nil, "serve", "--state", "state", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0")
	cmd.Env[0] = "SIGNET_TEST_MAIN=signet-smb"
	b = start(t, cmd)
	b.serving(t, filepath.Join(dir, "state"))
	s := status(t, dir, nobody)
	document, err := admin.OpenAPI(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	api, err := powershell.ReadAPI(document)
	if err != nil {
		t.Fatal(err)
	}
	a = asker{t: t, url: s.Administration, api: api, known: map[string]string{
		"folder": filepath.Join(dir, "fresh"), "soon": time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339),
	}}
	return b, dir, a, func() (session, file string) {
		t.Helper()
		before := a.as("vera").openFiles(t)
		p, logon, tree := signIn(t, s.Listen[0], "bob", "tulip-raven-4817", "Docs")
		if logon != ntstatus.Success || tree != ntstatus.Success {
			t.Fatalf("bob signs in: %v, %v", logon, tree)
		}
		// The file stays open: nobody closes it but the server.
		p.Open("held.txt")
		for _, f := range a.as("vera").openFiles(t) {
			if _, was := before[f.FileID]; !was {
				return f.SessionID.String(), f.FileID.String()
			}
		}
		t.Fatal("nothing is open")
		return "", ""
	}
}

// openFiles asks which files are open.
func (a asker) openFiles(t *testing.T) map[admin.FileID]admin.OpenFile {
	t.Helper()
	_, body := a.ask(powershell.Request{Operation: "list-open-files"})
	var list admin.OpenFiles
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	files := make(map[admin.FileID]admin.OpenFile)
	for _, f := range list.OpenFiles {
		files[f.FileID] = f
	}
	return files
}

// Each cmdlet's requests, with every field that it can send, are taken by the
// server from who has the role that its help names, and refused to who has a lower
// one.
func TestTheServerTakesWhatThePowerShellModuleAsks(t *testing.T) {
	b, dir, a, open := administeredSMB(t)
	accounts := map[string]asker{"viewer": a.as("vera"), "operator": a.as("olga"), "admin": a.as("ann")}
	cmdlets, err := powershell.Cmdlets()
	if err != nil {
		t.Fatal(err)
	}
	asked, want := 0, 0
	for _, c := range cmdlets {
		want += len(c.Requests)
		if c.Name == "Remove-SmbShare" {
			continue // last
		}
		asked += replay(t, c, accounts, open)
	}
	for _, c := range cmdlets {
		if c.Name == "Remove-SmbShare" {
			asked += replay(t, c, accounts, open)
		}
	}
	if asked != want || want < 24 {
		t.Errorf("%d of %d requests were made", asked, want)
	}
	if list := mustRun(t, dir, exitDone, "share", "list", "--json").stdout; strings.Contains(list, `"Docs"`) || !strings.Contains(list, `"Fresh"`) || !strings.Contains(list, `"eve"`) {
		t.Errorf("the shares are %s", list)
	}
	b.signal(t, syscall.SIGTERM)
	if r := b.wait(t); r.code != exitDone {
		t.Errorf("serve: %+v", r)
	}
}

// replay makes the requests of a cmdlet, as nobody who may not before who may.
func replay(t *testing.T, c powershell.Cmdlet, accounts map[string]asker, open func() (session, file string)) (asked int) {
	t.Helper()
	for _, r := range c.Requests {
		for _, value := range r.Path {
			if value == "$session" || value == "$file" {
				session, file := open()
				for _, a := range accounts {
					a.known["session"], a.known["file"] = session, file
				}
			}
		}
		op, err := accounts["viewer"].api.Operation(r.Operation)
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		for _, role := range []string{"viewer", "operator", "admin"} {
			status, body := accounts[role].ask(r)
			if role != op.Role {
				if status != http.StatusForbidden || !strings.Contains(body, "this needs the role "+op.Role) {
					t.Errorf("%s: %s by %s: %d %s, want 403", c.Name, r.Operation, role, status, body)
				}
				continue
			}
			if asked++; status < 200 || status > 299 {
				t.Errorf("%s: %s by %s: %d %s", c.Name, r.Operation, role, status, body)
			}
			break
		}
	}
	return asked
}

// Test-SmbMapping asks the program itself: what it passes is taken, and what it
// reads is there; a demand that is not met ends with 3.
func TestAMappingIsTriedByTheProgram(t *testing.T) {
	b, dir, a, _ := administeredSMB(t)
	addr := status(t, dir, nobody).Listen[0]
	text, err := os.ReadFile("../../powershell/Signet/Mapping.ps1")
	if err != nil {
		t.Fatal(err)
	}
	flags := []string{"--require-integrity", "--require-privacy", "--json", "--user", "bob", "--password-file", "-"}
	for _, flag := range append(flags, "--block-ntlm", "-k") {
		if strings.HasPrefix(flag, "-") && flag != "-" && !strings.Contains(string(text), "'"+flag+"'") {
			t.Errorf("Mapping.ps1 does not pass %s", flag)
		}
	}
	try := func(flags ...string) result {
		cmd := signet(t, dir, nobody, nil, append([]string{"info", "smb://" + addr + "/Docs"}, flags...)...)
		cmd.Env[0] = "SIGNET_TEST_MAIN=signet-smb"
		cmd.Stdin = strings.NewReader("tulip-raven-4817\r\n")
		return run(t, cmd)
	}
	r := try(flags...)
	var info map[string]any
	if err := json.Unmarshal([]byte(r.stdout), &info); err != nil || r.code != exitDone || info["Encrypted"] != true {
		t.Errorf("info: %+v, %v", r, err)
	}
	for line := range strings.Lines(string(text)) {
		if _, name, ok := strings.Cut(line, "$info."); ok {
			name = strings.Trim(strings.TrimSpace(name), ")")
			if _, there := info[name]; !there {
				t.Errorf("Mapping.ps1 reads %s, which signet info does not say: %s", name, r.stdout)
			}
		}
	}
	// A server that encrypts nothing does not meet the demand for it.
	if status, body := a.as("ann").ask(powershell.Request{Operation: "change-config", Body: map[string]any{
		"Set": map[string]string{"server.Smb2DialectMax": "SMB210"}, "Reason": "a test",
	}}); status != http.StatusOK {
		t.Fatal(fmt.Sprint(status), body)
	}
	if r := try(flags...); r.code != exitRefused {
		t.Errorf("info of a server that cannot encrypt: %+v, want exit %d", r, exitRefused)
	}
	b.signal(t, syscall.SIGTERM)
	b.wait(t)
}
