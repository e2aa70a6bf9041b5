package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/signet-smb/signet/policy/store"
)

func TestAConfigurationFileIsReadAsItIsMeant(t *testing.T) {
	got, err := decodeConfig([]byte(`
version: 1
listen: ["127.0.0.1:4445", ":445"]
shares:
  - Name: Docs
    Path: docs
  - {Name: pub, Path: /srv/pub, ReadOnly: true, RunAs: www-data}
  - Name: team
    Path: /srv/team
    FullAccess: [ann]
    ChangeAccess: [bob, carl]
    ReadAccess: [Everyone]
    NoAccess: [eve]
  - Name: closed
    Path: /srv/closed
    FullAccess: []
`), "/etc/signet")
	want := &configuration{
		listen: []string{"127.0.0.1:4445", ":445"},
		shares: []shareSpec{
			{name: "Docs", path: "/etc/signet/docs", source: fromFile},
			{name: "pub", path: "/srv/pub", readOnly: true, runAs: "www-data", source: fromFile},
			{name: "team", path: "/srv/team", restricted: true, source: fromFile, grants: []store.Grant{
				{Account: "ann", Access: store.Full},
				{Account: "bob", Access: store.Change},
				{Account: "carl", Access: store.Change},
				{Account: "Everyone", Access: store.Read},
				{Account: "eve", Access: store.None},
			}},
			{name: "closed", path: "/srv/closed", restricted: true, source: fromFile},
		},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("decoded %+v, %v\nwant    %+v", got, err, want)
	}
}

func TestAConfigurationFileWithAMistakeIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                                            "version is 0",
		"version: 2":                                  "version is 2",
		"version: one":                                "cannot unmarshal",
		"version: 1\nversion: 1":                      "already defined",
		"version: 1\nlisten: a":                       "string",
		"version: 1\nlisten: ['a:b:c']":               "is no address",
		"version: 1\nshare: []":                       "unknown field",
		"version: 1\nguest: true":                     "unknown field",
		"version: 1\n---\nversion: 1":                 "second document",
		"version: 1\nshares: [{}]":                    "has no name",
		"version: 1\nshares: [{Name: a}]":             "has no Path",
		"version: 1\nshares: [{Name: IPC$, Path: /}]": "taken by the protocol",
		"version: 1\nshares: [{Name: a, Path: /, EncryptData: true}]":                    "unknown field",
		"version: 1\nshares: [{Name: a, Path: /, path: /}]":                              "unknown field",
		"version: 1\nshares: [{Name: a, Path: /}, {Name: A, Path: /}]":                   "name is taken",
		"version: 1\nshares: [{Name: a, Path: /, ReadAccess: ['']}]":                     "without a name",
		"version: 1\nshares: [{Name: a, Path: /, ReadOnly: perhaps}]":                    "bool",
		"version: 1\nshares: [{Name: a, Path: /, FullAccess: [ann], FullAccess: [bob]}]": "already defined",
		"{": "",
	} {
		c, err := decodeConfig([]byte(text), "/")
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %+v, %v; want one line with %q", text, c, err, want)
		}
	}
}

func TestAHugeConfigurationFileIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "signet.yaml")
	if err := os.WriteFile(path, []byte("version: 1\n"+strings.Repeat("#\n", maxConfigBytes/2)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readConfig(path); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("readConfig = %v", err)
	}
}

// What looks like a file may be anything: it is decoded or refused.
func FuzzConfigFile(f *testing.F) {
	f.Add([]byte("version: 1\nlisten: [':445']\nshares:\n- Name: a\n  Path: b\n  ReadAccess: [ann]\n"))
	f.Add([]byte("version: 1\nshares: &a [*a]"))
	f.Add([]byte("a: &a [1]\nb: &b [*a,*a]\nversion: 1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := decodeConfig(data, "/etc")
		if (c == nil) == (err == nil) {
			t.Errorf("decodeConfig(%q) = %+v, %v", data, c, err)
		}
		if err == nil {
			for _, sh := range c.shares {
				if checkShareName(sh.name) != nil || !filepath.IsAbs(sh.path) {
					t.Errorf("decodeConfig(%q) has a share %+v", data, sh)
				}
			}
		}
	})
}
