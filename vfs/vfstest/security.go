package vfstest

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/vfs"
)

var securityCases = map[string]func(*suite){
	"a file without a descriptor is shown with one": func(s *suite) {
		s.eachWithSecurity(func(what string, n vfs.Node, security vfs.Security) {
			stored, err := security.StoredDescriptor(s.t.Context(), n)
			s.ok(err, "StoredDescriptor")
			a := s.attr(n)
			if stored != nil || a.HasDescriptor {
				s.t.Errorf("%s: stored %+v, HasDescriptor %v, want none", what, stored, a.HasDescriptor)
			}
			sd, err := security.Descriptor(s.t.Context(), n)
			s.ok(err, "Descriptor")
			if sd.Owner.IsZero() || sd.Group.IsZero() || sd.DACL == nil || len(sd.DACL.ACEs) == 0 {
				s.t.Errorf("%s: shown %+v, want an owner, a group and entries", what, sd)
			}
		})
	},

	"a descriptor is kept whole, and replaced": func(s *suite) {
		s.eachWithSecurity(func(what string, n vfs.Node, _ vfs.Security) {
			s.secures(n, what, "O:BAG:BUD:PAI(D;OICI;FW;;;BG)(A;OICIIO;GA;;;CO)(A;;FA;;;WD)S:P(AU;SAFA;FA;;;WD)(ML;;0x1;;;S-1-16-4096)")
			s.secures(n, what, "O:BAD:")
			s.secures(n, what, "O:SYG:BAD:(A;ID;FA;;;WD)")
			s.secures(n, what, "O:BAG:BAD:NO_ACCESS_CONTROL")
		})
	},

	"a descriptor holds the longest lists": func(s *suite) {
		s.eachWithSecurity(func(what string, n vfs.Node, security vfs.Security) {
			aces := make([]dtyp.ACE, (dtyp.MaxACLSize-8)/20)
			for i := range aces {
				aces[i] = dtyp.ACE{Type: dtyp.AccessDeniedACE, Flags: dtyp.InheritOnlyACE | dtyp.ObjectInheritACE, Mask: 1, SID: dtyp.SIDBuiltinGuests.Parent()}
			}
			aces[0] = dtyp.ACE{Mask: dtyp.FileAllAccess, SID: dtyp.SIDEveryone}
			s.securesWith(n, what, &dtyp.SecurityDescriptor{
				Control: dtyp.DACLPresent, Owner: dtyp.SIDBuiltinAdministrators, Group: dtyp.SIDBuiltinUsers,
				DACL: &dtyp.ACL{ACEs: aces},
			})
			s.secures(n, what, "O:BAG:BAD:(A;;FA;;;WD)")
		})
	},

	"a descriptor stays with a file that is renamed and changed": func(s *suite) {
		s.needSecurity()
		const text = "O:BAG:BAD:(A;;FA;;;WD)"
		n := s.put(s.root, "file", "x")
		s.secures(n, "file", text)
		s.rename(s.root, "file", s.root, "renamed", false)
		file := s.open(n, vfs.ModeWrite)
		s.write(file, 0, "changed")
		s.ok(s.setAttributes(n, fscc.FileAttributeHidden), "SetAttr")
		again, _ := s.lookup(s.root, "renamed")
		s.isSecured(again, "renamed file", text)
		if a := s.attr(again); a.Attributes&fscc.FileAttributeHidden == 0 || a.Attributes&fscc.FileAttributeReadonly != 0 {
			s.t.Errorf("attributes %v, want hidden and not read-only", a.Attributes)
		}
	},

	"a new file does not get the descriptor of its directory": func(s *suite) {
		security := s.needSecurity()
		dir := s.mkdir(s.root, "dir")
		s.secures(dir, "directory", "O:BAG:BAD:(A;OICI;FA;;;WD)")
		n := s.put(dir, "file", "x")
		stored, err := security.StoredDescriptor(s.t.Context(), n)
		if a := s.attr(n); stored != nil || err != nil || a.HasDescriptor {
			s.t.Errorf("stored %+v, %v, HasDescriptor %v; want none", stored, err, a.HasDescriptor)
		}
	},
}

// needSecurity returns the file system as what keeps descriptors, or skips the
// case.
func (s *suite) needSecurity() vfs.Security {
	s.t.Helper()
	info, err := s.fs.Info(s.t.Context())
	s.ok(err, "Info")
	security, ok := s.fs.(vfs.Security)
	if !ok || !info.StoresDescriptors {
		s.t.Skip("this file system keeps no security descriptors")
	}
	return security
}

// eachWithSecurity runs check for a file and for a directory, each called by
// what it is, or skips the case.
func (s *suite) eachWithSecurity(check func(what string, n vfs.Node, security vfs.Security)) {
	s.t.Helper()
	security := s.needSecurity()
	check("file", s.put(s.root, "file", "x"), security)
	check("directory", s.mkdir(s.root, "directory"), security)
}

// secures sets a descriptor and wants it back.
func (s *suite) secures(n vfs.Node, what, text string) {
	s.t.Helper()
	sd, err := dtyp.ParseSDDL(text)
	s.ok(err, text)
	s.securesWith(n, what, &sd)
}

func (s *suite) securesWith(n vfs.Node, what string, sd *dtyp.SecurityDescriptor) {
	s.t.Helper()
	text, err := sd.SDDL()
	s.ok(err, "SDDL")
	s.ok(s.needSecurity().SetDescriptor(s.t.Context(), n, sd), "SetDescriptor")
	s.isSecured(n, what, text)
}

// isSecured wants a descriptor to be stored.
func (s *suite) isSecured(n vfs.Node, what, want string) {
	s.t.Helper()
	wanted, err := dtyp.ParseSDDL(want)
	s.ok(err, want)
	want, err = wanted.SDDL()
	s.ok(err, "SDDL")
	security := s.needSecurity()
	stored, err := security.StoredDescriptor(s.t.Context(), n)
	s.ok(err, "StoredDescriptor")
	shown, err := security.Descriptor(s.t.Context(), n)
	s.ok(err, "Descriptor")
	if a := s.attr(n); stored == nil || !a.HasDescriptor {
		s.t.Fatalf("%s: stored %v, HasDescriptor %v, want a descriptor", what, stored, a.HasDescriptor)
	}
	for kind, sd := range map[string]dtyp.SecurityDescriptor{"stored": *stored, "shown": shown} {
		if got, err := sd.SDDL(); got != want || err != nil {
			s.t.Errorf("%s: %s\n got %.300s, %v\nwant %.300s", what, kind, got, err, want)
		}
	}
}
