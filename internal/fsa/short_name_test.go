package fsa

import (
	"testing"

	"github.com/signet-smb/signet/vfs"
)

func TestShortNamesFollowFromNames(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"Annual report.docx", "A~470988.DOC"},
		{"annual REPORT.DOCX", "A~470988.DOC"},
		{".bashrc", "B~KL7EYW"},
		{"a.b.c", "A~R9WPGJ.C"},
		{"long file name", "L~IZ60IX"},
		{"ÄÖÜ über.text", "B~DW920E.TEX"},
		{"a+b=c.x+y", "A~ZRKQJZ.XY"},
		{"name.", "N~SV8359"},
		{"日本語.文書", "_~DYKPLA"},
		{"file.jpeg", "F~5C8Y3X.JPE"},

		// These are short themselves.
		{"a", ""},
		{"ReadMe.TxT", ""},
		{"12345678.123", ""},
		{"{a}~$-_.!#", ""},
		{"A~470988.DOC", ""},
		{".", ""},
		{"..", ""},
	} {
		if got := ShortName(c.name); got != c.want {
			t.Errorf("ShortName(%q) = %q, want %q", c.name, got, c.want)
		}
	}
}

func TestOnlyWhatLooksGeneratedIsLookedFor(t *testing.T) {
	for name, want := range map[string]bool{
		"A~470988.DOC": true, "a~470988.doc": true, "_~DYKPLA": true, "x~abcdef.j": true,
		"A~470988.DOCX": false, "A~47098.DOC": false, "A~4709888.DOC": false, "A~470-88.DOC": false,
		"AB~47098.DOC": false, "~~": false, "": false, "a": false, "A~470988.": false, "REPORT~1.DOC": false,
	} {
		if got := looksGenerated(name); got != want {
			t.Errorf("looksGenerated(%q) = %v, want %v", name, got, want)
		}
	}
}

func FuzzShortName(f *testing.F) {
	for _, name := range []string{"Annual report.docx", ".bashrc", "日本語.文書", "name.", "a\xffb", "ß.ß.ß", "a"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		short := ShortName(name)
		if short == "" {
			return
		}
		if !isShort(short) || !looksGenerated(short) || !validComponent(short) {
			t.Errorf("ShortName(%q) = %q, which is none", name, short)
		}
		if again := ShortName(vfs.Fold(name)); again != short {
			t.Errorf("ShortName(%q) = %q, in capital letters %q", name, short, again)
		}
		if vfs.Fold(short) != short {
			t.Errorf("ShortName(%q) = %q, which has small letters", name, short)
		}
	})
}
