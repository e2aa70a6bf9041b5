package fsa

import (
	"testing"

	"github.com/signet-smb/signet/dtyp"
)

var (
	machine = dtyp.NewSID(5, 21, 1, 2, 3)
	ann     = machine.Child(1001)
	bob     = machine.Child(1002)
	staff   = machine.Child(2000)
)

// parse reads SDDL, in which ANN, BOB and STAFF stand for their SIDs.
func parse(t testing.TB, text string) dtyp.SecurityDescriptor {
	t.Helper()
	sd, err := dtyp.ParseSDDL(named.Replace(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return sd
}

// TestEveryRightIsDecidedByTheFirstEntryThatSpeaksOfIt is [MS-DTYP] 2.5.3.2
// asked for all rights at once. Ann is the owner.
func TestEveryRightIsDecidedByTheFirstEntryThatSpeaksOfIt(t *testing.T) {
	const (
		all   = dtyp.FileAllAccess
		owner = dtyp.ReadControl | dtyp.WriteDAC
		r, w  = dtyp.FileReadData, dtyp.FileWriteData
	)
	for _, c := range []struct {
		what, dacl string
		ann, bob   dtyp.AccessMask
	}{
		{"no list", "", all, all},
		{"an empty list", "D:", owner, 0},
		{"one is allowed", "D:(A;;0x1;;;BOB)", owner, r},
		{"a group of his", "D:(A;;0x1;;;STAFF)", owner, r},
		{"everybody", "D:(A;;0x1;;;WD)", owner | r, r},
		{"generic rights", "D:(A;;GR;;;BOB)", owner, dtyp.FileGenericRead},
		{"denied first", "D:(D;;0x1;;;BOB)(A;;0x3;;;WD)", owner | r | w, w},
		{"denied too late", "D:(A;;0x3;;;WD)(D;;0x1;;;BOB)", owner | r | w, r | w},
		{"denied by a group, allowed after", "D:(D;;0x1;;;STAFF)(A;;0x1;;;BOB)", owner, 0},
		{"for heirs only", "D:(A;OICIIO;0x1;;;BOB)(D;OICIIO;0x2;;;BOB)(A;;0x2;;;BOB)", owner, w},
		{"the owner keeps the list though denied", "D:(D;;RCWD;;;ANN)(A;;RC;;;BOB)", owner, dtyp.ReadControl},
		{"unless owner rights are spoken of", "D:(A;;0x1;;;OW)", r, 0},
		{"owner rights that deny", "D:(D;;0x1;;;OW)(A;;0x3;;;WD)", w, r | w},
		{"owner rights for heirs", "D:(A;OICIIO;0x1;;;OW)", owner, 0},
		{"a condition allows nothing", `D:(XA;;0x1;;;BOB;(a==1))`, owner, 0},
		{"a condition denies", `D:(XD;;0x1;;;BOB;(a==1))(A;;0x3;;;BOB)`, owner, w},
		{"an object allows nothing", "D:(OA;;0x1;;;BOB)", owner, 0},
		{"an object denies", "D:(OD;;0x1;;;BOB)(A;;0x3;;;BOB)", owner, w},
		{"auditing grants nothing", "D:(AU;;0x1;;;BOB)", owner, 0},
		{"the system's rights are no entry's to give", "D:(A;;0x011F01FF;;;BOB)", owner, all},
	} {
		sd, err := dtyp.ParseSDDL(named.Replace("O:ANN" + c.dacl))
		if err != nil {
			// Conditions are not text here; the entry is what counts.
			sd = parse(t, "O:ANN"+withoutConditions.Replace(c.dacl))
			for i := range sd.DACL.ACEs[:1] {
				sd.DACL.ACEs[i].Type += dtyp.AccessAllowedCallbackACE
				sd.DACL.ACEs[i].Data = make([]byte, 4)
			}
		}
		for who, row := range map[*Token]dtyp.AccessMask{
			{User: ann, Groups: []dtyp.SID{dtyp.SIDEveryone}}:        c.ann,
			{User: bob, Groups: []dtyp.SID{dtyp.SIDEveryone, staff}}: c.bob,
		} {
			if got := who.allowed(&sd); got != row {
				t.Errorf("%s: %s: %v has %#x, want %#x", c.what, c.dacl, who.User, got, row)
			}
		}
	}
}

func TestPrivilegesGiveWhatIsAskedForByName(t *testing.T) {
	admin := &Token{User: ann, Privileges: AdministratorPrivileges}
	for _, c := range []struct {
		who          *Token
		wanted, want dtyp.AccessMask
		backup       bool
	}{
		{&Token{}, dtyp.WriteOwner | dtyp.AccessSystemSecurity | dtyp.FileReadData, 0, true},
		{admin, dtyp.WriteOwner | dtyp.ReadControl, dtyp.WriteOwner, false},
		{admin, dtyp.AccessSystemSecurity, dtyp.AccessSystemSecurity, false},
		{admin, dtyp.MaximumAllowed, 0, false},
		{admin, dtyp.FileReadData | dtyp.WriteDAC, 0, false},
		{admin, dtyp.FileReadData | dtyp.WriteDAC, dtyp.FileReadData | dtyp.WriteDAC, true},
		{&Token{Privileges: PrivilegeBackup}, dtyp.FileReadData | dtyp.WriteDAC, dtyp.FileReadData, true},
		{&Token{Privileges: PrivilegeRestore}, dtyp.FileReadData | dtyp.WriteDAC, dtyp.WriteDAC, true},
	} {
		if got := c.who.privileged(c.wanted, c.backup); got != c.want {
			t.Errorf("privileges %b, backup %v, %#x wanted: %#x, want %#x", c.who.Privileges, c.backup, c.wanted, got, c.want)
		}
	}
}
