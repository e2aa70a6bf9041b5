package interop

import (
	"context"
	"encoding/xml"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// nmapValue is a value that a script of nmap reported: a text with an optional
// name, or a table of such.
type nmapValue struct {
	Key    string      `xml:"key,attr"`
	Text   string      `xml:",chardata"`
	Elems  []nmapValue `xml:"elem"`
	Tables []nmapValue `xml:"table"`
}

// texts are the unnamed texts of a table.
func (v nmapValue) texts() (all []string) {
	for _, e := range v.Elems {
		all = append(all, e.Text)
	}
	return all
}

// testNmap lets nmap's scripts look at the server, as who audits a network
// does, checks what they say, and answers it in their words.
func testNmap(t *testing.T) string {
	need(t, "nmap")
	s := startServer(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	started := time.Now()
	// "+" runs a script although the port is not one of those that it knows.
	cmd := exec.CommandContext(ctx, "nmap", "-n", "-Pn", "-sT", "-p", s.port, "--script-args", "smbport="+s.port,
		"--script", "+smb-protocols,+smb2-security-mode,+smb2-capabilities,+smb2-time", "-oX", "-", s.host)
	out, err := cmd.Output()
	must(t, err)
	var report struct {
		Scripts []struct {
			ID     string `xml:"id,attr"`
			Output string `xml:"output,attr"`
			nmapValue
		} `xml:"host>hostscript>script"`
	}
	must(t, xml.Unmarshal(out, &report))

	dialects := []string{"202", "210", "300", "302", "311"}
	var said []string
	var printed strings.Builder
	for _, script := range report.Scripts {
		said = append(said, script.ID)
		printed.WriteString("nmap " + script.ID + ":" + script.Output + "\n")
		switch script.ID {
		case "smb-protocols": // SMB1 would be "NT LM 0.12 (SMBv1) [dangerous, but default]"
			if len(script.Tables) != 1 || !slices.Equal(spelledAlike(script.Tables[0].texts()), dialects) {
				t.Errorf("nmap sees the dialects %+v, want %q", script.Tables, dialects)
			}
		case "smb2-security-mode":
			if len(script.Tables) == 0 {
				t.Error("smb2-security-mode names no dialect")
			}
			for _, dialect := range script.Tables {
				if got := dialect.texts(); !slices.Equal(got, []string{"Message signing enabled and required"}) {
					t.Errorf("nmap says of %s: %q, want signing enabled and required", dialect.Key, got)
				}
			}
		case "smb2-capabilities":
			var seen []string
			for _, dialect := range script.Tables {
				seen = append(seen, dialect.Key)
				multiCredit := slices.Contains(dialect.texts(), "Multi-credit operations")
				if want := spelledAlike([]string{dialect.Key})[0] != "202"; multiCredit != want {
					t.Errorf("nmap says of %s: %q; multi-credit is %v, want %v", dialect.Key, dialect.texts(), multiCredit, want)
				}
			}
			if !slices.Equal(spelledAlike(seen), dialects) {
				t.Errorf("nmap sees capabilities of the dialects %q, want %q", seen, dialects)
			}
		case "smb2-time":
			for _, e := range script.Elems {
				if e.Key != "date" {
					continue
				}
				at, err := time.ParseInLocation("2006-01-02T15:04:05", e.Text, time.Local)
				if now := time.Now(); err != nil || at.Before(started.Add(-time.Minute)) || at.After(now.Add(time.Minute)) {
					t.Errorf("nmap read the server's time as %q (%v), between %v and %v", e.Text, err, started, now)
				}
			}
		}
	}
	slices.Sort(said)
	if want := []string{"smb-protocols", "smb2-capabilities", "smb2-security-mode", "smb2-time"}; !slices.Equal(said, want) {
		t.Errorf("scripts that said something: %q, want %q\n%s", said, want, out)
	}
	s.expectNobodySignedIn(t)
	return printed.String()
}

// spelledAlike strips dialects to three digits: versions of nmap write 2.1,
// 2:1:0 and 210.
func spelledAlike(dialects []string) (all []string) {
	for _, d := range dialects {
		d = strings.NewReplacer(".", "", ":", "").Replace(d)
		all = append(all, (d + "00")[:max(3, len(d))])
	}
	return all
}
