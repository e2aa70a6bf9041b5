package powershell_test

import (
	"encoding/xml"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/internal/powershell"
)

// moduleDir is where the module is.
const moduleDir = "../../powershell/Signet"

var update = flag.Bool("update", false, "write "+moduleDir+" and testdata/*.golden anew")

// api is what the administration says of itself.
func api(t *testing.T) *powershell.API {
	t.Helper()
	document, err := admin.OpenAPI(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a, err := powershell.ReadAPI(document)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// golden compares a generated text with the file that is committed, or writes it.
func golden(t *testing.T, path, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%s is not what the API, the properties and the cmdlets say (%v); write it anew with: make generate\nwant:\n%s", path, err, want)
	}
}

func TestTheModuleIsCurrent(t *testing.T) {
	files, err := powershell.Files(api(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		golden(t, filepath.Join(moduleDir, name), text)
	}
}

func TestTheListOfDifferencesIsCurrent(t *testing.T) {
	document, err := powershell.DifferencesDocument()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "../../powershell/DIFFERENCES.md", document)
}

func TestAnOperationThatIsGoneIsNoticed(t *testing.T) {
	empty, err := powershell.ReadAPI([]byte(`{"paths":{}}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := powershell.Files(empty); err == nil || !strings.Contains(err.Error(), "the API has no operation") {
		t.Errorf("the module of an API without operations: %v", err)
	}
	if _, err := powershell.ReadAPI([]byte("no JSON")); err == nil {
		t.Error("what is no JSON was taken for an OpenAPI document")
	}
}

// listed are the properties that a list of an object of that kind shows, as the
// format file says.
func listed(t *testing.T, kind string) (names []string) {
	t.Helper()
	var format struct {
		Views []struct {
			Type  string   `xml:"ViewSelectedBy>TypeName"`
			Items []string `xml:"ListControl>ListEntries>ListEntry>ListItems>ListItem>PropertyName"`
		} `xml:"ViewDefinitions>View"`
	}
	data, err := os.ReadFile(filepath.Join(moduleDir, "Signet.format.ps1xml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal(data, &format); err != nil {
		t.Fatal(err)
	}
	for _, v := range format.Views {
		if v.Type == kind {
			names = append(names, v.Items...)
		}
	}
	return names
}

// windows is what Windows prints of a side, in its order.
func windows(t *testing.T, side string) (names []string) {
	t.Helper()
	data, err := os.ReadFile("windows.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if row := strings.Split(line, "\t"); row[0] == side {
			names = append(names, row[1])
		}
	}
	return names
}

func TestAListShowsEveryPropertyOfWindowsInItsOrder(t *testing.T) {
	for _, row := range []struct {
		side, kind string
		count      int
	}{{"server", "Signet.SmbServerConfiguration", 59}, {"client", "Signet.SmbClientConfiguration", 45}} {
		got, want := strings.Join(listed(t, row.kind), "\n"), windows(t, row.side)
		if got != strings.Join(want, "\n") || len(want) != row.count {
			t.Errorf("a list of %s shows\n%s\nwant %d of %d\n%s", row.kind, got, row.count, len(want), strings.Join(want, "\n"))
		}
	}
}

// What Format-List prints of the defaults, by the Go model of it: PowerShell
// itself is not asked.
func TestListsOfTheDefaults(t *testing.T) {
	for _, side := range []string{"server", "client"} {
		shown, err := powershell.Shown(side)
		if err != nil {
			t.Fatal(err)
		}
		values := make(map[string]string)
		for _, p := range shown {
			values[p.Name] = p.Default
		}
		golden(t, filepath.Join("testdata", side+"-list.golden"), powershell.List(shown, values))
	}
}
