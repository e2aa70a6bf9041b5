package main

import (
	"bytes"
	"slices"
	"testing"

	"github.com/signet-smb/signet/internal/doctor"
)

func TestWhatTheDoctorShowsOfAServerIsEscaped(t *testing.T) {
	var out bytes.Buffer
	p := &printer{w: &out}
	p.report(&doctor.Report{
		Target: doctor.Target{Host: "nas\x1b[2J", Share: "a\u202eb"},
		Steps:  []doctor.Step{{Name: doctor.StepSpeak, Result: doctor.Failed, Detail: "evil\x1b]0;x\x07\n  ok         sign in"}},
		Look:   []string{"\x9b"},
	})
	if p.err != nil {
		t.Fatal(p.err)
	}
	if bytes.ContainsAny(out.Bytes(), "\x1b\x07\u202e") || bytes.IndexByte(out.Bytes(), 0x9b) >= 0 || bytes.Count(out.Bytes(), []byte("\n")) != 3 {
		t.Errorf("got %q, want three lines without control characters", out.String())
	}
}

func TestPlacesAndNegativeCodesAreTakenApart(t *testing.T) {
	for _, row := range []struct {
		text string
		want doctor.Target
		user string
	}{
		{"smb://nas/files", doctor.Target{Host: "nas", Share: "files"}, ""},
		{"smb://ann@nas:4445/files/a/b", doctor.Target{Host: "nas", Port: "4445", Share: "files", Path: "a/b"}, "ann"},
		{"smb://[::1]:4445/my%20files", doctor.Target{Host: "::1", Port: "4445", Share: "my files"}, ""},
		{"SMB://nas", doctor.Target{Host: "nas"}, ""},
		{`\\nas\files\a`, doctor.Target{Host: "nas", Share: "files", Path: "a"}, ""},
		{`\\nas:4445\files`, doctor.Target{Host: "nas", Port: "4445", Share: "files"}, ""},
		{"//nas/files", doctor.Target{Host: "nas", Share: "files"}, ""},
	} {
		got, user, err := doctorTarget(row.text)
		if err != nil || got != row.want || user != row.user || !isTarget(row.text) {
			t.Errorf("%s: %+v, %q, %v, want %+v and %q", row.text, got, user, err, row.want, row.user)
		}
	}
	for _, row := range []struct{ args, want []string }{
		{[]string{"doctor", "-5", "--json"}, []string{"doctor", "--json", "--", "-5"}},
		{[]string{"--json", "doctor", "-1073700864"}, []string{"--json", "doctor", "--", "-1073700864"}},
		{[]string{"doctor", "--", "-5"}, []string{"doctor", "--", "-5"}},
		{[]string{"user", "-5"}, []string{"user", "-5"}},
	} {
		if got := negativeCodes(row.args); !slices.Equal(got, row.want) {
			t.Errorf("negativeCodes(%q) = %q, want %q", row.args, got, row.want)
		}
	}
}
