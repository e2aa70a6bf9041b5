//go:build linux

package main

import (
	"crypto/fips140"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestVersionSaysByWhatItComputes(t *testing.T) {
	for _, mode := range []struct{ godebug, want, words string }{
		{"fips140=off", "Off", "FIPS 140-3  off\n"},
		{"fips140=on", "On", "FIPS 140-3  on: "},
		{"fips140=only", "Only", "FIPS 140-3  only: "},
	} {
		t.Run(mode.godebug, func(t *testing.T) {
			dir := t.TempDir()
			env := []string{"GODEBUG=" + mode.godebug}
			r := run(t, signet(t, dir, os.Geteuid(), env, "version", "--crypto"))
			if r.code != exitDone || !strings.Contains(r.stdout, mode.words) || !strings.Contains(r.stdout, "no validation is claimed\nAES") {
				t.Errorf("version --crypto: %+v, want %q", r, mode.words)
			}
			r = run(t, signet(t, dir, os.Geteuid(), env, "version", "--crypto", "--json"))
			var v versionInfo
			if err := json.Unmarshal([]byte(r.stdout), &v); err != nil || v.Crypto == nil {
				t.Fatalf("version --crypto --json: %+v: %v", r, err)
			}
			if c := v.Crypto; c.Mode != mode.want || c.Module != fips140.Version() || (c.NTLM == "") != (mode.want != "Only") {
				t.Errorf("version --crypto --json: %+v", c)
			}
			for name, by := range map[string]string{"AES": v.Crypto.AES, "GHASH": v.Crypto.GHASH, "SHA256": v.Crypto.SHA256} {
				if !slices.Contains([]string{byProcessor, bySoftware, notKnown}, by) {
					t.Errorf("%s: by %q", name, by)
				}
			}
			if r := run(t, signet(t, dir, os.Geteuid(), env, "version", "--json")); strings.Contains(r.stdout, "Crypto") {
				t.Errorf("version --json: %s", r.stdout)
			}
		})
	}
}

func TestTheProcessorsFlagsAreReadFromItsFirstLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cpuinfo")
	text := "processor\t: 0\nflags\t\t: fpu aes sha_ni\nbugs\t\t: flags\n\nprocessor\t: 1\nflags\t\t: fpu\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, ok := processorFlags(path); !ok || !slices.Equal(got, []string{"fpu", "aes", "sha_ni"}) {
		t.Errorf("flags %q, %v", got, ok)
	}
	if got, ok := processorFlags(path + " that is not there"); ok {
		t.Errorf("flags %q of no file", got)
	}
}
