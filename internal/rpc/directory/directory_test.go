package directory_test

import (
	"context"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc/directory"
)

var machine = dtyp.NewSID(5, 21, 1, 2, 3)

// accounts are two, one of them called as a built-in group, and one Unix user.
type accounts struct{}

func (accounts) MachineSID() dtyp.SID { return machine }

func (accounts) List(context.Context) ([]directory.Account, error) {
	return []directory.Account{
		{Name: "Änne", SID: machine.Child(1000), Administrator: true},
		{Name: "users", SID: machine.Child(1001)},
	}, nil
}

func (accounts) UnixName(sid dtyp.SID) string {
	if sid == dtyp.SIDOfUID(0) {
		return "root"
	}
	return ""
}

func (accounts) UnixSID(name string, group bool) dtyp.SID {
	if name == "root" && !group {
		return dtyp.SIDOfUID(0)
	}
	return dtyp.SID{}
}

func view(t *testing.T) *directory.View {
	t.Helper()
	v, err := (&directory.Directory{Name: "HOST", Accounts: accounts{}}).View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestNamesAndSIDsFindEachOther(t *testing.T) {
	v := view(t)
	for _, c := range []struct {
		name, sid, is string // is: what the SID is called
		use           directory.Use
	}{
		{"änne", "S-1-5-21-1-2-3-1000", `HOST\Änne`, directory.User},
		{`host\ÄNNE`, "S-1-5-21-1-2-3-1000", `HOST\Änne`, directory.User},
		{`.\änne`, "S-1-5-21-1-2-3-1000", `HOST\Änne`, directory.User},
		{"änne@host", "S-1-5-21-1-2-3-1000", `HOST\Änne`, directory.User},
		{"Users", "S-1-5-21-1-2-3-1001", `HOST\users`, directory.User},
		{`BUILTIN\Users`, "S-1-5-32-545", `BUILTIN\Users`, directory.Alias},
		{"everyone", "S-1-1-0", `\Everyone`, directory.WellKnownGroup},
		{"NT AUTHORITY\\SYSTEM", "S-1-5-18", `NT AUTHORITY\SYSTEM`, directory.WellKnownGroup},
		{"BUILTIN", "S-1-5-32", `BUILTIN\`, directory.Domain},
		{"host", "S-1-5-21-1-2-3", `HOST\`, directory.Domain},
		{`HOST\None`, "S-1-5-21-1-2-3-513", `HOST\None`, directory.Group},
		{`Unix User\root`, "S-1-22-1-0", `Unix User\root`, directory.User},
	} {
		p, ok := v.ByName(c.name)
		if !ok || p.SID.String() != c.sid || p.Use != c.use {
			t.Errorf("ByName(%q) = %+v, %v; want %s, %d", c.name, p, ok, c.sid, c.use)
			continue
		}
		if back, ok := v.BySID(p.SID); !ok || back.Domain+`\`+back.Name != c.is || back.Use != c.use {
			t.Errorf("BySID(%s) = %+v, %v; want %s", c.sid, back, ok, c.is)
		}
	}
	for _, name := range []string{"", "nobody", `HOST\Administrators`, `BUILTIN\Änne`, `Unix Group\root`, `\\`, "@"} {
		if p, ok := v.ByName(name); ok {
			t.Errorf("ByName(%q) = %+v, want nobody", name, p)
		}
	}
	for sid, want := range map[string]string{"S-1-22-1-77": `Unix User\S-1-22-1-77`, "S-1-22-2-5": `Unix Group\S-1-22-2-5`, "S-1-5-21-1-2-3-1002": `\`, "S-1-22-3-5": `\`} {
		s, err := dtyp.ParseSID(sid)
		if err != nil {
			t.Fatal(err)
		}
		if p, _ := v.BySID(s); p.Domain+`\`+p.Name != want {
			t.Errorf("BySID(%s) = %+v, want %s", sid, p, want)
		}
	}
}

func TestAdministratorsAreWhoHasTheRole(t *testing.T) {
	v := view(t)
	for rid, want := range map[uint32]int{544: 1, 545: 2, 546: 0} {
		if got := v.Members(rid); len(got) != want {
			t.Errorf("members of %d: %+v, want %d", rid, got, want)
		}
	}
}
