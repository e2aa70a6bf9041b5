package fsa

import (
	"strings"
	"testing"

	"github.com/signet-smb/signet/dtyp"
)

var (
	named = strings.NewReplacer("ANN", ann.String(), "BOB", bob.String(), "STAFF", staff.String())

	withoutConditions = strings.NewReplacer("XA", "A", "XD", "D", ";(a==1)", "")
)

// TestEntriesAreInheritedAsTheirFlagsSay has the table below
// [MS-DTYP] 2.5.3.4.4, with what Windows does of CREATOR OWNER and generic
// rights.
func TestEntriesAreInheritedAsTheirFlagsSay(t *testing.T) {
	for _, c := range []struct{ parent, directory, file string }{
		{"(A;;FR;;;BOB)", "", ""},
		{"(A;IO;FR;;;BOB)", "", ""},
		{"(A;NP;FR;;;BOB)", "", ""},
		{"(A;OI;FR;;;BOB)", "(A;OIIO;FR;;;BOB)", "(A;;FR;;;BOB)"},
		{"(A;OINP;FR;;;BOB)", "", "(A;;FR;;;BOB)"},
		{"(A;CI;FR;;;BOB)", "(A;CI;FR;;;BOB)", ""},
		{"(A;CINP;FR;;;BOB)", "(A;;FR;;;BOB)", ""},
		{"(A;OICI;FR;;;BOB)", "(A;OICI;FR;;;BOB)", "(A;;FR;;;BOB)"},
		{"(A;OICINP;FR;;;BOB)", "(A;;FR;;;BOB)", "(A;;FR;;;BOB)"},
		{"(A;OICIIO;FR;;;BOB)", "(A;OICI;FR;;;BOB)", "(A;;FR;;;BOB)"},
		{"(A;OICIID;FR;;;BOB)", "(A;OICI;FR;;;BOB)", "(A;;FR;;;BOB)"},
		{"(D;OICI;FR;;;BOB)(A;OI;FW;;;WD)", "(D;OICI;FR;;;BOB)(A;OIIO;FW;;;WD)", "(D;;FR;;;BOB)(A;;FW;;;WD)"},
		{"(A;OICIIO;FA;;;CO)", "(A;;FA;;;ANN)(A;OICIIO;FA;;;CO)", "(A;;FA;;;ANN)"},
		{"(A;OICIIO;FA;;;CG)", "(A;;FA;;;STAFF)(A;OICIIO;FA;;;CG)", "(A;;FA;;;STAFF)"},
		{"(A;CINP;FA;;;CO)", "(A;;FA;;;ANN)", ""},
		{"(A;OIIO;FA;;;CO)", "(A;OIIO;FA;;;CO)", "(A;;FA;;;ANN)"},
		{"(A;OICI;GA;;;BOB)", "(A;;FA;;;BOB)(A;OICIIO;GA;;;BOB)", "(A;;FA;;;BOB)"},
	} {
		for _, automatic := range []bool{false, true} {
			parent := parse(t, "D:"+c.parent)
			if automatic {
				parent.Control |= dtyp.DACLAutoInherited
			}
			for directory, want := range map[bool]string{true: c.directory, false: c.file} {
				made := creation{
					token:     &Token{User: ann, PrimaryGroup: staff},
					parent:    &parent,
					directory: directory,
				}
				got := made.descriptor(dtyp.SecurityDescriptor{})
				flags := ""
				switch {
				case want == "": // the default of a token
					want = "(A;;FA;;;ANN)(A;;FA;;;SY)"
				case automatic:
					flags, want = "AI", marked(want)
				}
				want = named.Replace("O:ANNG:STAFFD:" + flags + want)
				if got, want := text(t, got), text(t, parse(t, want)); got != want {
					t.Errorf("parent %s, automatic %v, directory %v:\n got %s\nwant %s", c.parent, automatic, directory, got, want)
				}
			}
		}
	}
}

// text is sd in SDDL.
func text(t testing.TB, sd dtyp.SecurityDescriptor) string {
	t.Helper()
	s, err := sd.SDDL()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// marked is entries with the flag that they are inherited.
func marked(entries string) string {
	var b strings.Builder
	for entry := range strings.SplitSeq(strings.TrimSuffix(entries, ")"), ")") {
		parts := strings.SplitN(entry, ";", 3)
		b.WriteString(parts[0] + ";" + parts[1] + "ID;" + parts[2] + ")")
	}
	return b.String()
}

func TestWhatTheCreatorSaysCountsMoreThanWhatTheDirectoryPassesOn(t *testing.T) {
	const parent = "O:BAG:BAD:AI(A;OICI;FR;;;BOB)S:AI(AU;OICISA;FA;;;WD)"
	const made = "O:BOBG:STAFFD:(A;;FW;;;WD)" // what the back end has made of it
	for _, c := range []struct{ what, parent, creator, want string }{
		{"an owner", parent, "O:BA", "O:BAG:STAFFD:AI(A;ID;FR;;;BOB)S:AI(AU;IDSA;FA;;;WD)"},
		{"a list", parent, "D:(A;;GR;;;WD)", "O:ANNG:STAFFD:(A;;FR;;;WD)S:AI(AU;IDSA;FA;;;WD)"},
		{"an empty list", parent, "D:", "O:ANNG:STAFFD:S:AI(AU;IDSA;FA;;;WD)"},
		{"a list that is to inherit", parent, "D:AR(A;;FW;;;WD)", "O:ANNG:STAFFD:AI(A;;FW;;;WD)(A;ID;FR;;;BOB)S:AI(AU;IDSA;FA;;;WD)"},
		{"a list that is to inherit but protected", parent, "D:PAR(A;;FW;;;WD)", "O:ANNG:STAFFD:P(A;;FW;;;WD)S:AI(AU;IDSA;FA;;;WD)"},
		{"auditing", parent, "S:(AU;FA;FA;;;BOB)", "O:ANNG:STAFFD:AI(A;ID;FR;;;BOB)S:(AU;FA;FA;;;BOB)"},
		{"a list, in a directory without a descriptor", "", "D:(A;;FR;;;WD)", "O:BOBG:STAFFD:(A;;FR;;;WD)"},
		{"an owner, in a directory without a descriptor", "", "O:BA", "O:BAG:STAFFD:(A;;FW;;;WD)"},
	} {
		creator := parse(t, c.creator)
		x := creation{token: &Token{User: ann, PrimaryGroup: staff}, creator: &creator}
		if c.parent != "" {
			sd := parse(t, c.parent)
			x.parent = &sd
		}
		got, want := text(t, x.descriptor(parse(t, made))), text(t, parse(t, c.want))
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", c.what, got, want)
		}
	}
}

func TestAnInheritedListIsBounded(t *testing.T) {
	aces := make([]dtyp.ACE, 3*mostInherited)
	for i := range aces {
		aces[i] = dtyp.ACE{Flags: inheritable, Mask: dtyp.GenericAll, SID: dtyp.SIDCreatorOwner}
	}
	c := creation{directory: true}
	if got := len(c.inherit(&dtyp.ACL{ACEs: aces}, true, &dtyp.SecurityDescriptor{Owner: ann})); got != mostInherited {
		t.Errorf("%d entries, want %d", got, mostInherited)
	}
}
