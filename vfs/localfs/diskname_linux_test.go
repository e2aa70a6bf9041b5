package localfs

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestNamesThatClientsCannotBeShownAreMapped(t *testing.T) {
	for _, row := range []struct{ disk, shown string }{
		{"plain.txt", "plain.txt"},
		{"Größe 日本語 😀", "Größe 日本語 😀"},
		{"ｆｕｌｌ", "ｆｕｌｌ"}, // begins with the byte that private-use characters do
		{"\ufeffmark\ufffd", "\ufeffmark\ufffd"},
		{"\x01\x1f\x7f", "\uf001\uf01f\x7f"},
		{`"*:<>?\|`, "\uf020\uf021\uf022\uf023\uf024\uf025\uf026\uf027"},
		{"a b.c ", "a b.c\uf028"},
		{"a b.c.", "a b.c\uf029"},
		{"...", "..\uf029"},
		{".  ", ". \uf028"},
		{"\xe4\xff", "\uf0e4\uf0ff"},
		{"ä\xc3", "ä\uf0c3"},
		{"\xed\xa0\x80", "\uf0ed\uf0a0\uf080"}, // a surrogate
		{"a\uf021b", "a\uf0ef\uf080\uf0a1b"},
		{"\uf0c3", "\uf0ef\uf083\uf083"},
		{"\uf000\uf02a\uf07f\uf100\uf8ff", "\uf000\uf02a\uf07f\uf100\uf8ff"},
	} {
		if got := shownName(row.disk); got != row.shown {
			t.Errorf("%+q is shown as %+q, want %+q", row.disk, got, row.shown)
		}
		if got, err := diskName(row.shown); got != row.disk || err != nil {
			t.Errorf("%+q means %+q, %v, want %+q", row.shown, got, err, row.disk)
		}
	}
}

func TestASecondNameForAnEntryIsNotMade(t *testing.T) {
	for _, name := range []string{
		"a*", "a.", "a ", "\x01", "\xff", "x\uf029y", "\uf0c3\uf0a4", "\uf0e2\uf082\uf0ac", "\uf029", ".\uf029",
		"\uf0ef\uf081\uf080", // would mean U+F040, which is shown as it is
	} {
		if disk, err := diskName(name); err == nil {
			t.Errorf("%+q is stored as %+q, which is shown as %+q; want it refused", name, disk, shownName(disk))
		}
	}
}

func FuzzNamesAreShownOneToOne(f *testing.F) {
	for _, name := range []string{"plain", "a*b", "x.", " ", "\xff\xfe", "\uf021", "\uf0ef\uf080\uf0a1", "\xef\x80", "ä\x80\uf07f"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if checkName(name) != nil {
			return
		}
		// As a name on disk.
		shown := shownName(name)
		if got, err := diskName(shown); got != name || err != nil {
			t.Errorf("%+q is shown as %+q, which means %+q, %v", name, shown, got, err)
		}
		forbidden := func(c rune) bool { return c < 0x20 || strings.ContainsRune(`"*:<>?\|`, c) }
		if !utf8.ValidString(shown) || strings.ContainsFunc(shown, forbidden) || strings.HasSuffix(shown, " ") || strings.HasSuffix(shown, ".") {
			t.Errorf("%+q is shown as %+q", name, shown)
		}
		// As a name that a client gives.
		disk, err := diskName(name)
		if err != nil {
			return
		}
		if checkName(disk) != nil || shownName(disk) != name {
			t.Errorf("%+q is stored as %+q, which is shown as %+q", name, disk, shownName(disk))
		}
	})
}

func BenchmarkShownName(b *testing.B) {
	for _, name := range []string{"Some File Number 000500.docx", "Ein Bericht über Ärger.docx", "what?.txt"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				shownName(name)
			}
		})
	}
}
