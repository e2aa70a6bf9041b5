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

func TestNegativeCodesAreNoFlags(t *testing.T) {
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
