package main

import (
	"strings"
	"testing"
)

func TestLocationsAreReadInBothForms(t *testing.T) {
	for _, test := range []struct {
		arg  string
		want location
	}{
		{"smb://fs1", location{host: "fs1"}},
		{"SMB://fs1/", location{host: "fs1"}},
		{"smb://fs1/pub", location{host: "fs1", share: "pub"}},
		{"smb://ann@fs1:4445/pub/a/b.txt", location{user: "ann", host: "fs1", port: "4445", share: "pub", path: "a/b.txt"}},
		{"smb://CORP;ann@fs1/pub", location{user: `CORP\ann`, host: "fs1", share: "pub"}},
		{"smb://ann%40corp.example@fs1/pub", location{user: "ann@corp.example", host: "fs1", share: "pub"}},
		{"smb://[fe80::1]:4445/pub", location{host: "fe80::1", port: "4445", share: "pub"}},
		{"smb://[::1]/pub//a/./b/", location{host: "::1", share: "pub", path: "a/b"}},
		{"smb://fs1/pub/50%25%20%23.txt", location{host: "fs1", share: "pub", path: "50% #.txt"}},
		{"smb://fs1/pub/a#b?c.txt", location{host: "fs1", share: "pub", path: "a#b?c.txt"}},
		{`\\fs1\pub\a\b.txt`, location{host: "fs1", share: "pub", path: "a/b.txt"}},
		{`\\fs1\pub\50%.txt`, location{host: "fs1", share: "pub", path: "50%.txt"}},
		{`\\fs1`, location{host: "fs1"}},
		{"//fs1/pub/a", location{host: "fs1", share: "pub", path: "a"}},
		{`\\fs1:4445\my files\größer`, location{host: "fs1", port: "4445", share: "my files", path: "größer"}},
		{`\\[::1]\pub`, location{host: "::1", share: "pub"}},
		{"smb://fs1/my%20files/%F0%9F%98%80.txt", location{host: "fs1", share: "my files", path: "😀.txt"}},
		{"smb://müller@fs1/größer/a b", location{user: "müller", host: "fs1", share: "größer", path: "a b"}},
	} {
		got, err := parseLocation(test.arg)
		if err != nil || got != test.want {
			t.Errorf("%s: %+v, %v; want %+v", test.arg, got, err, test.want)
		}
	}
}

func TestWhatIsNoLocationIsRefused(t *testing.T) {
	for _, arg := range []string{
		"", "pub", "/tmp/x", `\fs1\pub`, "http://fs1/pub", "smb:/fs1", "smb://", "smb:///pub", "smb://@fs1/pub", "smb://fs1:0/pub", "smb://fs1:99999/pub",
		"smb://fs1/pub/..", "smb://fs1/pub/a/../b", "smb://fs1/pub/%2e%2e/b", "smb://fs1/pub/a%5C..%5Cb", "smb://fs1/pub/a%00b", "smb://fs1/pub/50%",
		"smb://fs1/pub/%zz", "smb://fs1/..", "smb://f s1/pub", "smb://fs1\x1b[31m/pub", "smb://a:b:c/pub", `\\`, `\\fs1\pub\..\x`, "//", "///pub", "//fs1/pub/../x", "smb://fs1/\xff",
		"smb://" + strings.Repeat("a", maxLocation),
	} {
		if got, err := parseLocation(arg); err == nil {
			t.Errorf("%q: %+v, want an error", arg, got)
		}
	}
}

func TestAPasswordInAURLIsRefusedAndNotRepeated(t *testing.T) {
	_, err := parseLocation("smb://ann:tulip@fs1/pub")
	if err == nil || strings.Contains(err.Error(), "tulip") {
		t.Errorf("the error is %v, want one without the password", err)
	}
}

func FuzzLocation(f *testing.F) {
	for _, s := range []string{"smb://ann@fs1:4445/pub/a/b.txt", `\\fs1\pub\a`, "smb://[fe80::1%eth0]/x/50%25", "smb://C;u@h/s/%F0%9F%98%80"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, arg string) {
		l, err := parseLocation(arg)
		if err != nil {
			return
		}
		for part := range strings.SplitSeq(l.path, "/") {
			if part == ".." || part == "." || strings.ContainsAny(part, "\\\x00") {
				t.Fatalf("%q: the path %q has %q in it", arg, l.path, part)
			}
		}
		again, err := parseLocation(l.String())
		if err != nil || again != l {
			t.Fatalf("%q is %+v, written %q, which is %+v, %v", arg, l, l, again, err)
		}
	})
}
