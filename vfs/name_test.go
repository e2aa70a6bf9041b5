package vfs_test

import (
	"testing"

	"github.com/signet-smb/signet/vfs"
)

// The expectations follow the recommended up-case table of the exFAT
// specification (7.2.5.1), which Microsoft published; NTFS has the same rows.
func TestFoldComparesNamesAsWindowsDoes(t *testing.T) {
	for _, row := range []struct {
		a, b string
		same bool
	}{
		{"readme.TXT", "README.txt", true},
		{"äöü", "ÄÖÜ", true},
		{"ÿ", "Ÿ", true},
		{"σίγμας", "ΣΊΓΜΑΣ", true},
		{"привет", "ПРИВЕТ", true},
		{"ɐ", "Ɐ", true}, // newer than the table
		{"file", "fıle", false},
		{"I", "ı", false},
		{"İ", "i", false},
		{"s", "ſ", false},
		{"µ", "Μ", false},
		{"ß", "ẞ", false},
		{"ß", "SS", false},
		{"ǆ", "Ǆ", true},
		{"ǅ", "Ǆ", false},
		{"\u212a", "k", false},  // Kelvin sign
		{"é", "e\u0301", false}, // composed, decomposed
		{"𐐨", "𐐀", false},       // beyond the basic multilingual plane
		{"\xff", "\xfe", false}, // no UTF-8
		{"\xff", "\ufffd", false},
		{"a\xff", "A\xff", true},
		{"é\xe2\x82", "É\xe2\x82", true},
	} {
		if got := vfs.Fold(row.a) == vfs.Fold(row.b); got != row.same {
			t.Errorf("Fold(%q) = %q, Fold(%q) = %q: same is %v, want %v",
				row.a, vfs.Fold(row.a), row.b, vfs.Fold(row.b), got, row.same)
		}
	}
}

func FuzzFoldTwiceIsFoldOnce(f *testing.F) {
	for _, name := range []string{"", "Report.txt", "Ärger\xff", "ς\u0345ǅ", "\xed\xa0\x80"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		once := vfs.Fold(name)
		if twice := vfs.Fold(once); twice != once {
			t.Errorf("Fold(%q) = %q, folded again %q", name, once, twice)
		}
	})
}

func BenchmarkFold(b *testing.B) {
	for _, name := range []string{"A Report of 2024.docx", "Ein Bericht über Ärger.docx"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				vfs.Fold(name)
			}
		})
	}
}
