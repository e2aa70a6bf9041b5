package dtyp_test

import (
	"bytes"
	"math"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/signet-smb/signet/dtyp"
)

// exampleText is the text of [MS-DTYP] 2.5.1.4, whose bytes are exampleBytes.
const exampleText = "O:BAG:BAD:P(A;CIOI;GRGX;;;BU)(A;CIOI;GA;;;BA)(A;CIOI;GA;;;SY)(A;CIOI;GA;;;CO)S:P(AU;FA;GR;;;WD)"

func TestTextOfTheSpecificationGivesItsBytes(t *testing.T) {
	got, err := dtyp.ParseSDDL(exampleText)
	if err != nil || !reflect.DeepEqual(got, example()) {
		t.Fatalf("ParseSDDL(%q)\ngot  %+v, %v\nwant %+v", exampleText, got, err, example())
	}
	if b, err := got.AppendBinary(nil); err != nil || !bytes.Equal(b, unhex(t, exampleBytes)) {
		t.Errorf("%q\ngot  %x, %v\nwant %x", exampleText, b, err, unhex(t, exampleBytes))
	}
	// Flags and rights come in Windows' order.
	const want = "O:BAG:BAD:P(A;OICI;GXGR;;;BU)(A;OICI;GA;;;BA)(A;OICI;GA;;;SY)(A;OICI;GA;;;CO)S:P(AU;FA;GR;;;WD)"
	if text, err := example().SDDL(); text != want || err != nil {
		t.Errorf("SDDL()\ngot  %q, %v\nwant %q", text, err, want)
	}
}

// texts are canonical: SDDL gives the very text back. "windows" are those
// that Windows shows for its own files and services; the rest are by hand
// after [MS-DTYP] 2.5.1.1.
var texts = []struct{ name, text string }{
	{"nothing", ""},
	{"owner", "O:SY"},
	{"owner and group by number", "O:S-1-5-21-1-2-3-1000G:S-1-5-21-1-2-3-513"},
	{"owner with a wide authority", "O:S-1-0x00FFFFFFFFFF-1D:"},
	{"empty list", "D:"},
	{"null list", "D:NO_ACCESS_CONTROL"},
	{"null list, protected", "D:PNO_ACCESS_CONTROL"},
	{"both lists empty", "D:PARAIS:PARAI"},
	{"windows, root of a volume", "O:S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464" +
		"G:S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464" +
		"D:PAI(A;;LC;;;AU)(A;OICIIO;SDGXGWGR;;;AU)(A;;FA;;;SY)(A;OICIIO;GA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)"},
	{"windows, a service", "D:(A;;CCLCSWRPWPDTLOCRRC;;;SY)(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;BA)(A;;CCLCSWLOCRRC;;;IU)" +
		"S:(AU;SAFA;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;WD)"},
	{"inherited", "O:BAG:SYD:AI(A;ID;FA;;;SY)(D;OICIID;FW;;;BG)(A;NPIOID;FR;;;WD)(A;ID;FX;;;AN)"},
	{"mask of zero", "D:(A;;;;;BA)"},
	{"label", "S:(ML;;NW;;;LW)(ML;OICI;NWNRNX;;;HI)(ML;;0x8;;;SI)"},
	{"central policy", "S:(SP;;;;;S-1-17-3260955821-1180564752-550833841-1617862776)"},
	{"objects", "D:(OA;;CR;" + typeGUID + ";;SY)(OD;CI;RPWP;" + typeGUID + ";" + inheritedGUID + ";PS)" +
		"(OA;;CC;;" + inheritedGUID + ";AU)(OA;;FA;;;ED)S:(OU;SA;WP;" + typeGUID + ";;WD)"},
	{"GUID of zeros, which is present", "D:(OA;;CR;00000000-0000-0000-0000-000000000000;;SY)"},
	{"high numbers", "D:(A;;0xffffffff;;;S-1-5-4294967295)(A;;0x1000000;;;WD)"},
}

func TestCanonicalTextComesBackAsItWas(t *testing.T) {
	for _, c := range texts {
		sd, err := dtyp.ParseSDDL(c.text)
		if err != nil {
			t.Errorf("%s: ParseSDDL(%q): %v", c.name, c.text, err)
			continue
		}
		if got, err := sd.SDDL(); got != c.text || err != nil {
			t.Errorf("%s:\ngot  %q, %v\nwant %q", c.name, got, err, c.text)
		}
		b, err := sd.AppendBinary(nil)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var again dtyp.SecurityDescriptor
		if err := again.UnmarshalBinary(b); err != nil || !reflect.DeepEqual(again, sd) {
			t.Errorf("%s: through bytes\ngot  %+v, %v\nwant %+v", c.name, again, err, sd)
		}
	}
}

func TestTextMeansWhatItSays(t *testing.T) {
	one := func(a dtyp.ACE) dtyp.SecurityDescriptor {
		revision := dtyp.ACLRevision
		if a.Type == dtyp.AccessAllowedObjectACE {
			revision = dtyp.ACLRevisionDS
		}
		return dtyp.SecurityDescriptor{Control: dtyp.SelfRelative | dtyp.DACLPresent, DACL: &dtyp.ACL{Revision: revision, ACEs: []dtyp.ACE{a}}}
	}
	for text, want := range map[string]dtyp.SecurityDescriptor{
		"":                    {Control: dtyp.SelfRelative},
		"D:":                  {Control: dtyp.SelfRelative | dtyp.DACLPresent, DACL: &dtyp.ACL{Revision: 2, ACEs: []dtyp.ACE{}}},
		"D:NO_ACCESS_CONTROL": {Control: dtyp.SelfRelative | dtyp.DACLPresent},
		"S:P":                 {Control: dtyp.SelfRelative | dtyp.SACLPresent | dtyp.SACLProtected, SACL: &dtyp.ACL{Revision: 2, ACEs: []dtyp.ACE{}}},
		"d:aiarS:":            {Control: 0x8514 | dtyp.SACLPresent, DACL: &dtyp.ACL{Revision: 2, ACEs: []dtyp.ACE{}}, SACL: &dtyp.ACL{Revision: 2, ACEs: []dtyp.ACE{}}},
		"G:WDO:BA":            {Control: dtyp.SelfRelative, Owner: dtyp.SIDBuiltinAdministrators, Group: dtyp.SIDEveryone},
		"o:s-1-5-32-544g:co":  {Control: dtyp.SelfRelative, Owner: dtyp.SIDBuiltinAdministrators, Group: dtyp.SIDCreatorOwner},
		"D:(a;oici;fa;;;sy)":  one(dtyp.ACE{Flags: 3, Mask: dtyp.FileAllAccess, SID: dtyp.SIDLocalSystem}),
		"D:(D;ID;FRFWFX;;;BU)": one(dtyp.ACE{
			Type: dtyp.AccessDeniedACE, Flags: dtyp.InheritedACE,
			Mask: dtyp.FileGenericRead | dtyp.FileGenericWrite | dtyp.FileGenericExecute, SID: dtyp.SIDBuiltinUsers,
		}),
		"D:(A;;CCDCLCSWRPWPDTLOCR;;;BG)": one(dtyp.ACE{Mask: 0x1FF, SID: dtyp.SIDBuiltinGuests}),
		"D:(A;;RCSDWDWO;;;CG)":           one(dtyp.ACE{Mask: dtyp.ReadControl | dtyp.Delete | dtyp.WriteDAC | dtyp.WriteOwner, SID: dtyp.SIDCreatorGroup}),
		"D:(A;;KA;;;AN)":                 one(dtyp.ACE{Mask: 0xF003F, SID: dtyp.SIDAnonymous}),
		"D:(A;;KRKWKX;;;AN)":             one(dtyp.ACE{Mask: 0x2001F, SID: dtyp.SIDAnonymous}),
		"D:(A;;0X1F01FF;;;AU)":           one(dtyp.ACE{Mask: dtyp.FileAllAccess, SID: dtyp.SIDAuthenticatedUsers}),
		"D:(A;;0777;;;AU)":               one(dtyp.ACE{Mask: 0o777, SID: dtyp.SIDAuthenticatedUsers}),
		"D:(A;;4294967295;;;AU)":         one(dtyp.ACE{Mask: math.MaxUint32, SID: dtyp.SIDAuthenticatedUsers}),
		"D:(A;;0;;;AU)":                  one(dtyp.ACE{SID: dtyp.SIDAuthenticatedUsers}),
		"D:(OA;;RP;{" + typeGUID + "};;AU)": one(dtyp.ACE{
			Type: dtyp.AccessAllowedObjectACE, Mask: 0x10, SID: dtyp.SIDAuthenticatedUsers,
			ObjectFlags: dtyp.ObjectTypePresent, ObjectType: guid(t, typeGUID),
		}),
	} {
		if got, err := dtyp.ParseSDDL(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("ParseSDDL(%q)\ngot  %+v, %v\nwant %+v", text, got, err, want)
		}
	}
}

func TestTextThatIsNoDescriptorIsRefused(t *testing.T) {
	for _, text := range []string{
		"x", "O", ":", "O:", "O:D:", "X:BA", "O:BAO:BA", "D:S:D:", "BA", " O:BA", "O:BA ", "O:XX", "O:BAD", "O:B", "O:S-1-5", "O:S-1-5-0x20",
		"O:DA", "G:DU", "D:(A;;FA;;;DA)",
		"D:X", "D:PX", "D:A", "D:NO_ACCESS_CONTROL(A;;FA;;;SY)", "D:NO_ACCESS", "D:NO_ACCESS_CONTROLP",
		"D:(", "D:)", "D:()", "D:(A;;FA;;;SY", "D:(A;;FA;;;SY))", "D:(A;;FA;;;SY)P", "D:(A;;FA;;;SY) (A;;FA;;;SY)", "D:A;;FA;;;SY",
		"D:(A;;FA;;SY)", "D:(A;;FA;;;SY;)", "D:(A;;FA;;;)", "D:(A;;FA;;;SY;(x))", "D:(Q;;FA;;;SY)", "D:(;;FA;;;SY)",
		"D:(A;XX;FA;;;SY)", "D:(A;O;FA;;;SY)", "D:(A;;F;;;SY)", "D:(A;;QQ;;;SY)", "D:(A;;NW;;;SY)", "S:(ML;;FA;;;LW)",
		"D:(A;;0x;;;SY)", "D:(A;;0x100000000;;;SY)", "D:(A;;08;;;SY)", "D:(A;;1_0;;;SY)", "D:(A;;0x_1;;;SY)", "D:(A;;0b1;;;SY)", "D:(A;;-1;;;SY)", "D:(A;;1FA;;;SY)",
		"D:(A;;FA;" + typeGUID + ";;SY)", "D:(A;;FA;;" + typeGUID + ";SY)", "D:(OA;;FA;1;;SY)", "D:(OA;;FA;;" + typeGUID + "0;SY)",
		"D:(\u017fP;;;;;SY)", "D:(A;;F\u0251;;;SY)",
		`D:(XA;;FX;;;WD;(@User.Title=="PM"))`, `S:(RA;;;;;WD;("Project",TS,0,"Windows"))`, "D:(XD;;FX;;;WD)",
	} {
		if sd, err := dtyp.ParseSDDL(text); err == nil || !reflect.DeepEqual(sd, dtyp.SecurityDescriptor{}) {
			t.Errorf("ParseSDDL(%q) = %+v, %v; want an error", text, sd, err)
		}
	}
}

func TestNothingThatDecidesAccessIsLeftOutOfTheText(t *testing.T) {
	for name, a := range map[string]dtyp.ACE{
		"reserved type":              {Type: 4, Data: []byte{1, 2, 3, 4}},
		"type without a name":        {Type: dtyp.AccessDeniedCallbackObjectACE, SID: dtyp.SIDEveryone},
		"conditional":                {Type: dtyp.AccessDeniedCallbackACE, SID: dtyp.SIDEveryone, Data: unhex(t, title)},
		"callback without data":      {Type: dtyp.AccessDeniedCallbackACE, SID: dtyp.SIDEveryone},
		"resource attribute":         {Type: dtyp.SystemResourceAttributeACE, SID: dtyp.SIDEveryone, Data: []byte{1, 2, 3, 4}},
		"flag without a name":        {Flags: 0x20, SID: dtyp.SIDEveryone},
		"object flag without a name": {Type: dtyp.AccessAllowedObjectACE, ObjectFlags: 4, SID: dtyp.SIDEveryone},
		"no SID":                     {Mask: 1},
	} {
		sd := dtyp.SecurityDescriptor{DACL: &dtyp.ACL{ACEs: []dtyp.ACE{a}}}
		if text, err := sd.SDDL(); err == nil || text != "" {
			t.Errorf("%s: SDDL() = %q, %v; want an error", name, text, err)
		}
	}
}

func TestListsOfTextAreBounded(t *testing.T) {
	const entry = "(A;;;;;SY)" // 20 bytes
	n := (dtyp.MaxACLSize - 8) / 20
	if sd, err := dtyp.ParseSDDL("D:" + strings.Repeat(entry, n)); err != nil || len(sd.DACL.ACEs) != n {
		t.Errorf("%d entries: %v", n, err)
	}
	if _, err := dtyp.ParseSDDL("D:" + strings.Repeat(entry, n+1)); err == nil {
		t.Errorf("%d entries were taken, which no list can hold", n+1)
	}
}

// domainAliases are those of [MS-DTYP] 2.5.1.1 whose SIDs have a domain in
// them.
const domainAliases = "DA DG DU DD DC LA LG SA CA RS EA PA RO CN"

// TestEveryAliasOfTheSpecificationIsKnown: the list is the table of aliases
// in [MS-DTYP] 2.5.1.1.
func TestEveryAliasOfTheSpecificationIsKnown(t *testing.T) {
	const all = "DA DG DU ED DD DC BA BG BU LA LG AO BO PO SO AU PS CO CG SY PU WD RE IU NU SU RC WR AN SA CA RS EA PA RU " +
		"LS NS RD NO MU LU IS CY OW ER RO CD AC RA ES MS UD HA CN AA RM LW ME MP HI SI"
	sids := make(map[dtyp.SID]string)
	for alias := range strings.FieldsSeq(all) {
		sd, err := dtyp.ParseSDDL("O:" + alias)
		if strings.Contains(domainAliases, alias) {
			if err == nil || !strings.Contains(err.Error(), "domain") {
				t.Errorf("%s: %v, want an error that speaks of the domain", alias, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", alias, err)
			continue
		}
		if other, ok := sids[sd.Owner]; ok {
			t.Errorf("%s and %s are both %v", alias, other, sd.Owner)
		}
		sids[sd.Owner] = alias
		if text, err := (dtyp.SecurityDescriptor{Owner: sd.Owner}).SDDL(); text != "O:"+alias || err != nil {
			t.Errorf("%v: SDDL() = %q, %v; want O:%s", sd.Owner, text, err, alias)
		}
	}
	source, err := os.ReadFile("sddl_names.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(regexp.MustCompile(`(?m)^\t\{"..", (NewSID|SID)`).FindAll(source, -1)); n != len(sids) {
		t.Errorf("the table has %d aliases, the specification %d", n, len(sids))
	}
}

func FuzzParseSDDL(f *testing.F) {
	f.Add(exampleText)
	for _, c := range texts {
		f.Add(c.text)
	}
	f.Add("D:(A;;0777;;;AU)S:(ML;;NW;;;LW)G:BU")
	f.Fuzz(func(t *testing.T, text string) {
		sd, err := dtyp.ParseSDDL(text)
		if err != nil {
			return
		}
		first, err := sd.SDDL()
		if err != nil {
			t.Fatalf("%q was read as %+v, which cannot be written: %v", text, sd, err)
		}
		b, err := sd.AppendBinary(nil)
		if err != nil {
			t.Fatalf("%q has no bytes: %v", text, err)
		}
		var again dtyp.SecurityDescriptor
		if err := again.UnmarshalBinary(b); err != nil || !reflect.DeepEqual(again, sd) {
			t.Fatalf("%q through bytes %x:\ngot  %+v, %v\nwant %+v", text, b, again, err, sd)
		}
		if second, err := again.SDDL(); second != first || err != nil {
			t.Fatalf("%q: first %q, then %q, %v", text, first, second, err)
		}
		if reread, err := dtyp.ParseSDDL(first); err != nil || !reflect.DeepEqual(reread, sd) {
			t.Fatalf("%q: %q is read as %+v, %v", text, first, reread, err)
		}
	})
}
