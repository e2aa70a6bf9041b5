package fsa_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/ntstatus"
)

const (
	report      = "Annual report.docx"
	shortReport = "A~470988.DOC"
)

// nameOf opens name and returns what it is called.
func nameOf(f *fixture, name string) string {
	f.Helper()
	h := f.open(request(name))
	defer f.close(h)
	return h.Name()
}

func TestShortNamesLeadToTheFile(t *testing.T) {
	f := newFixture(t)
	f.make(report, `my documents\`, `my documents\`+report)
	dir := fsa.ShortName("my documents")
	for name, want := range map[string]string{
		shortReport:             report,
		"a~470988.doc":          report,
		dir:                     "my documents",
		dir + `\` + shortReport: `my documents\` + report,
		`MY DOCUMENTS\` + shortReport + "::$DATA": `my documents\` + report,
	} {
		if got := nameOf(f, name); got != want {
			t.Errorf("%q leads to %q, want %q", name, got, want)
		}
	}
	f.refuse(request("A~470989.DOC"), ntstatus.ObjectNameNotFound)
	f.refuse(request(shortReport, disposition(fscc.DispositionCreate)), ntstatus.ObjectNameCollision)
}

func TestHandlesTellTheirShortName(t *testing.T) {
	f := newFixture(t)
	f.make(report, "plain.txt")
	for name, want := range map[string]string{report: shortReport, "PLAIN.TXT": "plain.txt", "": ""} {
		h := f.open(request(name))
		if got := h.ShortName(); got != want {
			t.Errorf("short name of %q is %q, want %q", name, got, want)
		}
		f.close(h)
	}
}

func TestAFileOfThatNameComesBeforeAShortName(t *testing.T) {
	f := newFixture(t)
	f.make(shortReport, report)
	if got := nameOf(f, "a~470988.doc"); got != shortReport {
		t.Errorf("leads to %q, want the file of that name", got)
	}
}

func TestAShortNameOfTwoFilesLeadsToNeither(t *testing.T) {
	const one, two = "twin number 20782", "twin number 119820"
	f := newFixture(t)
	short := fsa.ShortName(one)
	if short != fsa.ShortName(two) {
		t.Fatalf("%q and %q, want one short name", short, fsa.ShortName(two))
	}
	f.make(one, two)
	f.refuse(request(short), ntstatus.ObjectNameNotFound)
	h := f.open(request(two, options(fscc.OptionDeleteOnClose)))
	f.close(h)
	if got := nameOf(f, short); got != one {
		t.Errorf("leads to %q when the other is gone, want %q", got, one)
	}
}

func TestSearchForAShortNameFindsTheFile(t *testing.T) {
	f := newFixture(t)
	f.make(report, "other report.docx")
	for _, c := range []struct {
		pattern string
		want    []string
		err     error
	}{
		{"a~470988.doc", []string{report}, nil},
		{"A~470989.DOC", nil, ntstatus.NoSuchFile},
		{"*.doc", nil, ntstatus.NoSuchFile}, // short names would be in it
	} {
		h := f.open(request(""))
		var got []string
		err := h.ReadDir(t.Context(), fsa.ReadDirRequest{Pattern: c.pattern, NeedAttr: true}, func(e fsa.DirEntry) bool {
			got = append(got, e.Name)
			return true
		})
		if len(got) != len(c.want) || len(got) > 0 && got[0] != c.want[0] || err != c.err {
			t.Errorf("search for %q: %q, %v, want %q, %v", c.pattern, got, err, c.want, c.err)
		}
		f.close(h)
	}
}

func TestRenamingToAShortNameMeetsTheFile(t *testing.T) {
	f := newFixture(t)
	f.make(report, "new")
	h := f.open(request("new"))
	defer f.close(h)
	if err := h.Rename(t.Context(), shortReport, false); err != ntstatus.ObjectNameCollision {
		t.Errorf("Rename = %v, want a collision", err)
	}
	if err := h.AddLink(t.Context(), shortReport, false); err != ntstatus.ObjectNameCollision {
		t.Errorf("AddLink = %v, want a collision", err)
	}
	if err := h.Rename(t.Context(), shortReport, true); err != nil {
		t.Fatal(err)
	}
	if got := h.Name(); got != report {
		t.Errorf("renamed over the short name: %q, want %q", got, report)
	}
}

// smbtorture's smb2.mangle.
func TestAFileThatWasRemovedByItsShortNameGetsItsNameBack(t *testing.T) {
	for wait, want := range map[time.Duration]string{14 * time.Second: report, 15 * time.Second: shortReport} {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t)
			f.make(report)
			h := f.open(request(shortReport, options(fscc.OptionDeleteOnClose)))
			f.close(h)
			f.refuse(request(shortReport), ntstatus.ObjectNameNotFound)
			time.Sleep(wait)
			h = f.open(request(shortReport, disposition(fscc.DispositionCreate)))
			if got := h.Name(); got != want {
				t.Errorf("created again after %v: %q, want %q", wait, got, want)
			}
			f.close(h)
		})
	}
}
