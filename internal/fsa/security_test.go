package fsa_test

import (
	"errors"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

var (
	machine = dtyp.NewSID(5, 21, 1, 2, 3)
	ann     = &fsa.Token{User: machine.Child(1001), PrimaryGroup: dtyp.SIDBuiltinUsers, Groups: []dtyp.SID{dtyp.SIDEveryone}}
	bob     = &fsa.Token{User: machine.Child(1002), PrimaryGroup: dtyp.SIDBuiltinUsers, Groups: []dtyp.SID{dtyp.SIDEveryone}}
	admin   = &fsa.Token{
		User: machine.Child(500), PrimaryGroup: dtyp.SIDBuiltinUsers,
		Groups: []dtyp.SID{dtyp.SIDEveryone, dtyp.SIDBuiltinAdministrators}, Privileges: fsa.AdministratorPrivileges,
	}
)

const wholeDescriptor = dtyp.OwnerSecurityInformation | dtyp.GroupSecurityInformation | dtyp.DACLSecurityInformation

func as(t *fsa.Token) func(*fsa.OpenRequest) { return func(r *fsa.OpenRequest) { r.Token = t } }

func descriptor(sd dtyp.SecurityDescriptor) func(*fsa.OpenRequest) {
	return func(r *fsa.OpenRequest) { r.Descriptor = &sd }
}

// owned is a descriptor of an owner with these entries.
func owned(owner *fsa.Token, aces ...dtyp.ACE) dtyp.SecurityDescriptor {
	return dtyp.SecurityDescriptor{
		Control: dtyp.DACLPresent, Owner: owner.User, Group: dtyp.SIDBuiltinUsers, DACL: &dtyp.ACL{ACEs: aces},
	}
}

func allow(who *fsa.Token, mask dtyp.AccessMask, flags ...dtyp.ACEFlags) dtyp.ACE {
	ace := dtyp.ACE{SID: who.User, Mask: mask}
	for _, f := range flags {
		ace.Flags |= f
	}
	return ace
}

// makeOwned creates a file, or a directory with a backslash behind its name, as
// ann with a descriptor.
func (f *fixture) makeOwned(name string, sd dtyp.SecurityDescriptor) {
	f.Helper()
	r := request(name, disposition(fscc.DispositionCreate), as(ann), descriptor(sd))
	if name[len(name)-1] == '\\' {
		r.Options = fscc.OptionDirectoryFile
	}
	f.close(f.open(r))
}

func TestAFileIsOpenedAsItsDescriptorSays(t *testing.T) {
	f := newFixture(t)
	f.makeOwned("file", owned(ann, allow(bob, dtyp.FileGenericRead)))
	f.refuse(request("file", as(bob), access(dtyp.FileWriteData)), ntstatus.AccessDenied)
	f.refuse(request("file", as(bob), access(dtyp.WriteDAC)), ntstatus.AccessDenied)
	f.refuse(request("file", as(bob), access(dtyp.FileReadData), disposition(fscc.DispositionOverwrite)), ntstatus.AccessDenied)
	f.refuse(request("file", as(ann), access(dtyp.FileReadData)), ntstatus.AccessDenied)
	f.refuse(request("file", as(bob), access(dtyp.AccessSystemSecurity)), ntstatus.PrivilegeNotHeld)
	for _, c := range []struct {
		who           *fsa.Token
		desired, want dtyp.AccessMask
		options       fscc.CreateOptions
	}{
		{bob, dtyp.GenericRead, dtyp.FileGenericRead, 0},
		// The directory has no descriptor: who may write it may remove what is in it.
		{bob, dtyp.MaximumAllowed, dtyp.FileGenericRead | dtyp.Delete, 0},
		{ann, dtyp.MaximumAllowed, dtyp.ReadControl | dtyp.WriteDAC | dtyp.Delete | dtyp.FileReadAttributes, 0},
		{admin, dtyp.WriteOwner, dtyp.WriteOwner, 0},
		{admin, dtyp.AccessSystemSecurity, dtyp.AccessSystemSecurity, 0},
		{admin, dtyp.FileReadData, dtyp.FileReadData, fscc.OptionOpenForBackupIntent},
		{nil, dtyp.FileWriteData, dtyp.FileWriteData, 0},
	} {
		h := f.open(request("file", as(c.who), access(c.desired), options(c.options)))
		if got := h.GrantedAccess(); got != c.want {
			t.Errorf("%+v of %#x: granted %#x, want %#x", c.who, c.desired, got, c.want)
		}
		f.close(h)
	}
	f.refuse(request("file", as(admin), access(dtyp.FileReadData)), ntstatus.AccessDenied)
}

func TestMaximalAccessIsWhatTheDescriptorGives(t *testing.T) {
	f := newFixture(t)
	f.makeOwned("file", owned(ann, allow(bob, dtyp.FileGenericRead)))
	h := f.open(request("file", as(bob), access(dtyp.FileReadAttributes), maximal(dtyp.FileAllAccess&^dtyp.Delete)))
	defer f.close(h)
	if got, err := h.MaximalAccess(t.Context()); got != dtyp.FileGenericRead || err != nil {
		t.Errorf("%#x, %v; want %#x", got, err, dtyp.FileGenericRead)
	}
}

func TestADirectoryDecidesWhatIsMadeInItAndRemovedFromIt(t *testing.T) {
	const list = dtyp.FileGenericRead | dtyp.FileGenericExecute
	f := newFixture(t)
	f.makeOwned(`dir\`, owned(ann,
		allow(ann, dtyp.FileAllAccess), allow(bob, list|dtyp.FileAddFile),
		allow(ann, dtyp.FileAllAccess, dtyp.ObjectInheritACE, dtyp.InheritOnlyACE),
		allow(bob, list, dtyp.ObjectInheritACE, dtyp.InheritOnlyACE)))
	f.close(f.open(request(`dir\ann's`, as(ann), disposition(fscc.DispositionCreate))))
	f.close(f.open(request(`dir\bob's`, as(bob), disposition(fscc.DispositionCreate))))
	f.make("bob's own")

	create := disposition(fscc.DispositionCreate)
	f.refuse(request(`dir\sub`, as(bob), create, options(fscc.OptionDirectoryFile)), ntstatus.AccessDenied)
	f.refuse(request(`dir\ann's`, as(bob), access(dtyp.Delete)), ntstatus.AccessDenied)
	f.refuse(request(`dir\bob's`, as(bob), access(dtyp.FileWriteData)), ntstatus.AccessDenied) // he inherits the right to read
	f.close(f.open(request(`dir\bob's`, as(ann), access(dtyp.Delete))))

	// Moving and linking are making an entry, and removing one.
	h := f.open(request("bob's own", as(bob)))
	if err := h.Rename(t.Context(), `dir\moved`, false); err != nil {
		t.Errorf("bob moves a file to where he may add one: %v", err)
	}
	if err := h.AddLink(t.Context(), `dir\ann's`, true); err != ntstatus.AccessDenied {
		t.Errorf("bob replaces ann's file: %v, want %v", err, ntstatus.AccessDenied)
	}
	f.close(h)
	f.makeOwned(`closed\`, owned(ann, allow(bob, list)))
	h = f.open(request(`dir\moved`, as(bob), access(dtyp.FileReadData)))
	if err := h.AddLink(t.Context(), `closed\link`, false); err != ntstatus.AccessDenied {
		t.Errorf("bob links a file to where he may add none: %v, want %v", err, ntstatus.AccessDenied)
	}
	f.close(h)
	// A file without a descriptor of its own goes by that of its directory.
	f.refuse(request(`dir\moved`, as(bob), access(dtyp.Delete)), ntstatus.AccessDenied)
	f.close(f.open(request(`dir\moved`, as(ann), access(dtyp.Delete))))
}

func TestANewFileHasADescriptorOnlyIfThereIsOneToInherit(t *testing.T) {
	f := newFixture(t)
	f.makeOwned(`dir\`, owned(ann, allow(ann, dtyp.FileAllAccess, dtyp.ObjectInheritACE)))
	for name, want := range map[string]bool{"plain": false, `dir\heir`: true} {
		stored := 0
		f.hooks.before = func(op, _ string, _ *vfs.Cred) error {
			if op == "setdescriptor" {
				stored++
			}
			return nil
		}
		f.close(f.open(request(name, as(ann), disposition(fscc.DispositionCreate))))
		f.hooks.before = nil
		if (stored == 1) != want || stored > 1 {
			t.Errorf("%s: %d descriptors stored, want one: %v", name, stored, want)
		}
	}
}

func TestAFileThatCannotBeProtectedIsNotCreated(t *testing.T) {
	f := newFixture(t)
	f.hooks.before = func(op, _ string, _ *vfs.Cred) error {
		if op == "setdescriptor" {
			return ntstatus.DiskFull
		}
		return nil
	}
	f.refuse(request("file", as(ann), disposition(fscc.DispositionCreate), descriptor(owned(ann))), ntstatus.DiskFull)
	f.hooks.before = nil
	f.refuse(request("file", as(ann)), ntstatus.ObjectNameNotFound)
}

func TestADescriptorThatCannotBeReadRefusesTheOpen(t *testing.T) {
	f := newFixture(t)
	f.makeOwned("file", owned(ann, allow(bob, dtyp.FileAllAccess)))
	broken := errors.New("broken")
	f.hooks.before = func(op, _ string, _ *vfs.Cred) error {
		if op == "storeddescriptor" {
			return broken
		}
		return nil
	}
	f.refuse(request("file", as(bob)), broken)
	f.refuse(request("file", as(bob), access(dtyp.FileReadAttributes)), broken)
	f.hooks.before = nil
}

func TestPartsOfADescriptorAreReadAndSetByWhoMay(t *testing.T) {
	f := newFixture(t)
	f.makeOwned("file", owned(ann, allow(bob, dtyp.FileReadData)))
	const sacl, label = dtyp.SACLSecurityInformation, dtyp.LabelSecurityInformation
	for parts, right := range map[dtyp.SecurityInformation]dtyp.AccessMask{
		dtyp.OwnerSecurityInformation: dtyp.ReadControl, dtyp.GroupSecurityInformation: dtyp.ReadControl,
		dtyp.DACLSecurityInformation: dtyp.ReadControl, label: dtyp.ReadControl, sacl: dtyp.AccessSystemSecurity,
	} {
		const others = dtyp.ReadControl | dtyp.WriteOwner | dtyp.WriteDAC | dtyp.AccessSystemSecurity
		h := f.open(request("file", as(admin), options(fscc.OptionOpenForBackupIntent), access(others&^right)))
		if _, err := h.Security(t.Context(), parts); err != ntstatus.AccessDenied {
			t.Errorf("part %#x read without %#x: %v, want %v", parts, right, err, ntstatus.AccessDenied)
		}
		f.close(h)
	}
	for parts, right := range map[dtyp.SecurityInformation]dtyp.AccessMask{
		dtyp.OwnerSecurityInformation: dtyp.WriteOwner, dtyp.GroupSecurityInformation: dtyp.WriteOwner, label: dtyp.WriteOwner,
		dtyp.DACLSecurityInformation: dtyp.WriteDAC, sacl: dtyp.AccessSystemSecurity,
	} {
		const others = dtyp.ReadControl | dtyp.WriteOwner | dtyp.WriteDAC | dtyp.AccessSystemSecurity
		h := f.open(request("file", as(admin), options(fscc.OptionOpenForBackupIntent), access(others&^right)))
		sd := owned(ann)
		if err := h.SetSecurity(t.Context(), parts, &sd); err != ntstatus.AccessDenied {
			t.Errorf("part %#x set without %#x: %v, want %v", parts, right, err, ntstatus.AccessDenied)
		}
		f.close(h)
	}
}

func TestSettingOnePartLeavesTheOthers(t *testing.T) {
	f := newFixture(t)
	f.makeOwned("file", owned(ann, allow(bob, dtyp.FileReadData)))
	all := f.open(request("file", as(admin), options(fscc.OptionOpenForBackupIntent),
		access(dtyp.ReadControl|dtyp.WriteOwner|dtyp.WriteDAC|dtyp.AccessSystemSecurity)))
	defer f.close(all)
	audit := dtyp.ACE{Type: dtyp.SystemAuditACE, Flags: dtyp.FailedAccessACEFlag, Mask: dtyp.FileAllAccess, SID: dtyp.SIDEveryone}
	low := dtyp.ACE{Type: dtyp.SystemMandatoryLabelACE, Mask: 1, SID: dtyp.NewSID(16, 4096)}
	for _, step := range []struct {
		parts dtyp.SecurityInformation
		set   dtyp.SecurityDescriptor
	}{
		{dtyp.SACLSecurityInformation, dtyp.SecurityDescriptor{SACL: &dtyp.ACL{ACEs: []dtyp.ACE{audit, low}}}},
		{dtyp.LabelSecurityInformation, dtyp.SecurityDescriptor{SACL: &dtyp.ACL{ACEs: []dtyp.ACE{low, audit}}}},
		{dtyp.OwnerSecurityInformation, dtyp.SecurityDescriptor{Owner: dtyp.SIDBuiltinAdministrators}},
		{dtyp.GroupSecurityInformation, dtyp.SecurityDescriptor{Group: dtyp.SIDEveryone}},
		{dtyp.DACLSecurityInformation, owned(bob, allow(bob, dtyp.GenericAll))},
	} {
		if err := all.SetSecurity(t.Context(), step.parts, &step.set); err != nil {
			t.Fatalf("part %#x: %v", step.parts, err)
		}
	}
	sd, err := all.Security(t.Context(), wholeDescriptor|dtyp.SACLSecurityInformation|dtyp.LabelSecurityInformation)
	got, _ := sd.SDDL()
	const want = "O:BAG:WDD:(A;;FA;;;S-1-5-21-1-2-3-1002)S:(AU;FA;FA;;;WD)(ML;;0x1;;;S-1-16-4096)"
	if wanted, parseErr := dtyp.ParseSDDL(want); parseErr != nil {
		t.Fatal(parseErr)
	} else if text, _ := wanted.SDDL(); got != text || err != nil {
		t.Errorf("got %s, %v\nwant %s", got, err, text)
	}
	// The label alone, and the audit list without it.
	for parts, want := range map[dtyp.SecurityInformation]int{dtyp.LabelSecurityInformation: 0x11, dtyp.SACLSecurityInformation: 0x02} {
		sd, err := all.Security(t.Context(), parts)
		if err != nil || sd.SACL == nil || len(sd.SACL.ACEs) != 1 || int(sd.SACL.ACEs[0].Type) != want || sd.DACL != nil || !sd.Owner.IsZero() {
			t.Errorf("part %#x: %+v, %v; want one entry of type %#x", parts, sd, err, want)
		}
	}
}

func TestAnOwnerIsWhoTheUserMayMakeOne(t *testing.T) {
	f := newFixture(t)
	f.makeOwned("file", owned(ann, allow(bob, dtyp.WriteOwner), allow(admin, dtyp.WriteOwner)))
	for _, c := range []struct {
		who  *fsa.Token
		to   dtyp.SID
		want error
	}{
		{bob, dtyp.SID{}, ntstatus.InvalidOwner},
		{bob, admin.User, ntstatus.InvalidOwner},
		{bob, dtyp.SIDEveryone, ntstatus.InvalidOwner},
		{bob, dtyp.SIDBuiltinAdministrators, ntstatus.InvalidOwner},
		{bob, bob.User, nil},
		{admin, dtyp.SIDBuiltinAdministrators, nil},
		{admin, ann.User, nil}, // the privilege to restore
	} {
		h := f.open(request("file", as(c.who), access(dtyp.WriteOwner)))
		err := h.SetSecurity(t.Context(), dtyp.OwnerSecurityInformation, &dtyp.SecurityDescriptor{Owner: c.to})
		if err != c.want {
			t.Errorf("%v makes %v the owner: %v, want %v", c.who.User, c.to, err, c.want)
		}
		f.close(h)
	}
	f.refuse(request("new", as(bob), disposition(fscc.DispositionCreate), descriptor(owned(ann))), ntstatus.InvalidOwner)
	f.refuse(request("new", as(bob)), ntstatus.ObjectNameNotFound)
}

func TestListingsByRightsAskTheDescriptors(t *testing.T) {
	f := newFixture(t)
	f.makeOwned("bob's", owned(ann, allow(bob, dtyp.FileGenericRead)))
	f.makeOwned("ann's", owned(ann, allow(ann, dtyp.FileGenericRead)))
	f.makeOwned("half", owned(ann, allow(bob, dtyp.FileGenericRead&^dtyp.FileReadAttributes)))
	h := f.open(request("", as(bob), access(dtyp.FileListDirectory)))
	defer f.close(h)
	var names []string
	err := h.ReadDir(t.Context(), fsa.ReadDirRequest{Pattern: "*", Readable: true}, func(e fsa.DirEntry) bool {
		names = append(names, e.Name)
		return true
	})
	if err != nil || len(names) != 3 || names[2] != "bob's" {
		t.Errorf("bob sees %q, %v; want bob's", names, err)
	}
}

func TestABackEndWithoutDescriptorsHasNone(t *testing.T) {
	store := fsa.NewStore()
	f := newFixture(t)
	plain, err := store.Mount(t.Context(), struct{ vfs.FS }{f.fs})
	if err != nil {
		t.Fatal(err)
	}
	if plain.Security() || !f.volume.Security() {
		t.Errorf("Security: %v without, %v with; want false, true", plain.Security(), f.volume.Security())
	}
	h, _, err := plain.Open(t.Context(), request("file", as(bob), disposition(fscc.DispositionCreate), descriptor(owned(ann))))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Security(t.Context(), wholeDescriptor); err != ntstatus.InvalidDeviceRequest {
		t.Errorf("Security: %v", err)
	}
	if err := h.SetSecurity(t.Context(), wholeDescriptor, &dtyp.SecurityDescriptor{}); err != ntstatus.InvalidDeviceRequest {
		t.Errorf("SetSecurity: %v", err)
	}
	f.close(h)
	if err := plain.Unmount(); err != nil {
		t.Error(err)
	}
}
