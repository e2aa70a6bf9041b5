package transfer

import "testing"

func TestNamesThatWindowsForbidsTravelAndComeBack(t *testing.T) {
	for plain, want := range map[string]string{
		"ordinary.txt": "ordinary.txt", "a:b": "a\uf022b", `q"*<>?|\`: "q\uf020\uf021\uf023\uf024\uf025\uf027\uf026",
		"dot.": "dot\uf029", "space ": "space\uf028", "...": "..\uf029", " . ": " .\uf028", "漢字": "漢字",
	} {
		got, err := wireName(plain)
		if err != nil || got != want {
			t.Errorf("wireName(%q) = %q, %v, want %q", plain, got, err, want)
		}
		if back, err := plainName(got); err != nil || back != plain {
			t.Errorf("plainName(%q) = %q, %v, want %q", got, back, err, plain)
		}
	}
	for _, name := range []string{"", ".", "..", "a/b", "a\x00b", "tab\t", "esc\x1b", "\xff", "c1\u0085"} {
		if got, err := wireName(name); err == nil {
			t.Errorf("wireName(%q) = %q, want an error", name, got)
		}
	}
}

func TestDevicesAndSeparatorsAreNoNamesHere(t *testing.T) {
	for _, c := range []struct {
		name, system string
		devices, ok  bool
	}{
		{"con", "linux", false, false},
		{"aux.c", "linux", true, true},
		{"aux.c", "windows", true, false},
		{"com0", "linux", false, false},
		{"COM10", "linux", false, true},
		{"lpt¹.txt", "darwin", false, false},
		{"console", "linux", false, true},
		{`a\b`, "linux", false, true},
		{`a\b`, "windows", false, false},
		{"a:b", "linux", false, true},
		{"a:b", "windows", false, false},
		{"a.", "windows", false, false},
		{"a.", "linux", false, true},
		{"x\u009by", "linux", false, false},
		{"..", "linux", true, false},
		{"a/b", "linux", true, false},
	} {
		if err := localName(c.name, c.system, c.devices); (err == nil) != c.ok {
			t.Errorf("localName(%q, %s, %v) = %v, want ok: %v", c.name, c.system, c.devices, err, c.ok)
		}
	}
}

func TestPatternsLeaveAlone(t *testing.T) {
	p := Patterns{"*.tmp", "cache/", "/only/here", "deep/*.o"}
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	if err := (Patterns{"[a"}).Check(); err == nil {
		t.Error("[a is a pattern")
	}
	for name, want := range map[string]bool{
		"a.tmp": true, "x/y/a.tmp": true, "a.tmpx": false, "only/here": true, "x/only/here": false, "deep/a.o": true, "x/deep/a.o": false,
	} {
		if got := p.Match(name, false); got != want {
			t.Errorf("%v matches %q: %v, want %v", p, name, got, want)
		}
	}
	if !p.Match("x/cache", true) || p.Match("x/cache", false) {
		t.Error("cache/ stands for directories only")
	}
}
