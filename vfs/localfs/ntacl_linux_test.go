package localfs

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/signet-smb/signet/dtyp"
)

// sambaACL is a file with an ACL of smbd 4.17.12-Debian, vfs objects =
// acl_xattr, on ext4: what getxattr(2) and stat(2) gave after smbcacls 4.17.12
// had worked on it.
type sambaACL struct {
	what              string
	mode              uint16
	uid, gid          uint32
	access, byDefault string
	ntacl             string
	sddl              string
}

var samba = dtyp.NewSID(5, 21, 3642223697, 2161676166, 1517128903)

const sambaHead = "0400040000000200040002000100"

var sambaACLs = []sambaACL{
	{
		what: "put, and read allowed to another", mode: 0o100775, uid: 20001, gid: 20001,
		access: "0200000001000700ffffffff02000700214e000002000500224e000004000500ffffffff08000500214e000010000700ffffffff20000500ffffffff",
		ntacl: sambaHead + "696b6f17777ad0db039e9daa1dc56ba949382bfa1cce6b8fea9247ab94f1f42b" + zeros32 +
			"706f7369785f61636c00febbc274047bdd010cce94069b7b3616af4f63c0612d12be418f052300bce23611b1aa33bf2a2926" + zeros32 +
			"01000480b4000000d000000000000000ec00000001050000000000051500000051ec17d9868fd880c78c6d5ae803000001050000000000051500000051ec17d9868fd880c78c6d5a0102000002008800040000000000" +
			"1400a900120001010000000000010000000000002400a900120001050000000000051500000051ec17d9868fd880c78c6d5a0102000000002400ff011f0001050000000000051500000051ec17d9868fd880c78c6d5ae803000000002400a900120001050000000000051500000051ec17d9868fd880c78c6d5ae9030000",
		sddl: "O:%-1000G:%-513D:(A;;0x1200a9;;;WD)(A;;0x1200a9;;;%-513)(A;;FA;;;%-1000)(A;;0x1200a9;;;%-1001)",
	},
	{
		what: "put", mode: 0o100775, uid: 20001, gid: 20001,
		access: "0200000001000700ffffffff02000700214e000004000500ffffffff08000500214e000010000700ffffffff20000500ffffffff",
		ntacl: sambaHead + "0ded29a9615f47f65a2c95d8a4aea091030d75cb412662c3be1cdbd5f3e60c1a" + zeros32 +
			"706f7369785f61636c0062bb4174047bdd010fbd61920572e141cb3e0baaf4d97966a69df1127ca3dea0d9aa6ce2d8469a25" + zeros32 +
			"01000480b4000000d000000000000000ec00000001050000000000051500000051ec17d9868fd880c78c6d5ae803000001050000000000051500000051ec17d9868fd880c78c6d5a01020000020064000300000000002400ff011f0001050000000000051500000051ec17d9868fd880c78c6d5ae803000000002400a900120001050000000000051500000051ec17d9868fd880c78c6d5a0102000000001400a9001200010100000000000100000000",
		sddl: "O:%-1000G:%-513D:(A;;FA;;;%-1000)(A;;0x1200a9;;;%-513)(A;;0x1200a9;;;WD)",
	},
	{
		what: "a directory, with what is passed on", mode: 0o40775, uid: 20001, gid: 20001,
		access:    "0200000001000700ffffffff02000700214e000002000700224e000004000500ffffffff08000500214e000010000700ffffffff20000500ffffffff",
		byDefault: "0200000001000700ffffffff02000700214e000002000700224e000004000500ffffffff08000500214e000010000700ffffffff20000500ffffffff",
		ntacl: sambaHead + "ab82ca519e95ee51b0149103bfc6a5b994def294142b7188eaf0d310ebc3315c" + zeros32 +
			"706f7369785f61636c000624d074047bdd012962c7bdea3b0b738329640065649d6c5fb688ac2a6e5bf5b59d943614aed526" + zeros32 +
			"01000480b4000000d000000000000000ec00000001050000000000051500000051ec17d9868fd880c78c6d5ae803000001050000000000051500000051ec17d9868fd880c78c6d5a010200000200b0000600000000031400a9001200010100000000000100000000000b1400ff011f00010100000000000300000000000b1400a900120001010000000000030100000000002400a900120001050000000000051500000051ec17d9868fd880c78c6d5a0102000000002400ff011f0001050000000000051500000051ec17d9868fd880c78c6d5ae803000000032400ff01130001050000000000051500000051ec17d9868fd880c78c6d5ae9030000",
		sddl: "O:%-1000G:%-513D:(A;OICI;0x1200a9;;;WD)(A;OICIIO;FA;;;CO)(A;OICIIO;0x1200a9;;;CG)(A;;0x1200a9;;;%-513)(A;;FA;;;%-1000)(A;OICI;0x1301ff;;;%-1001)",
	},
}

const zeros32 = "0000000000000000000000000000000000000000000000000000000000000000"

func (s *sambaACL) kernelSays(t testing.TB) kernelSays {
	t.Helper()
	k := kernelSays{mode: s.mode, uid: s.uid, gid: s.gid}
	var err error
	if k.access, err = decodePOSIXACL(unhex(t, s.access)); err != nil {
		t.Fatal(err)
	}
	if s.byDefault != "" {
		if k.byDefault, err = decodePOSIXACL(unhex(t, s.byDefault)); err != nil {
			t.Fatal(err)
		}
	}
	return k
}

func TestDescriptorsThatSambaStoresAreRead(t *testing.T) {
	for _, row := range sambaACLs {
		blob := unhex(t, row.ntacl)
		a, err := decodeNTACL(blob)
		if err != nil {
			t.Errorf("%s: %v", row.what, err)
			continue
		}
		want := string(bytes.ReplaceAll([]byte(row.sddl), []byte("%"), []byte(samba.String())))
		wanted, err := dtyp.ParseSDDL(want)
		if err != nil {
			t.Fatal(err)
		}
		want, _ = wanted.SDDL()
		if got, err := a.sd.SDDL(); got != want || err != nil {
			t.Errorf("%s:\n got %s, %v\nwant %s", row.what, got, err, want)
		}
		k := row.kernelSays(t)
		if got := k.sysACLHash(); got != a.sysHash {
			t.Errorf("%s: hash %x, want %x", row.what, got, a.sysHash)
		}
		// And what is written is the same, but for the time and the order of the
		// parts of a descriptor.
		again, err := a.encode()
		if err != nil || !bytes.Equal(again[:88], blob[:88]) || !bytes.Equal(again[96:164], blob[96:164]) || len(again) != len(blob) {
			t.Errorf("%s: written\n     %x, %v\nwant %x", row.what, again, err, blob)
		}
		back, err := decodeNTACL(again)
		if got, _ := back.sd.SDDL(); got != want || err != nil || back.hash != a.hash || back.sysHash != a.sysHash {
			t.Errorf("%s: read again %s, %v, want %s", row.what, got, err, want)
		}
	}
}

func TestOlderDescriptorsOfSambaAreRead(t *testing.T) {
	sd, err := dtyp.ParseSDDL("O:BAG:BUD:(A;;FA;;;WD)")
	if err != nil {
		t.Fatal(err)
	}
	own, err := sd.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	for version, head := range map[uint16]string{
		1: "0100010000000200",
		2: "020002000000020004000200" + zeros32[:32],
		3: "0300030000000200040002000100" + zeros32 + zeros32 + "0000",
	} {
		blob := unhex(t, head)
		moved, err := moveOffsets(own, len(blob))
		if err != nil {
			t.Fatal(err)
		}
		a, err := decodeNTACL(append(blob, moved...))
		got, _ := a.sd.SDDL()
		want, _ := sd.SDDL()
		if err != nil || a.version != version || got != want {
			t.Errorf("version %d: %+v, %s, %v; want %s", version, a, got, err, want)
		}
	}
}

func TestMalformedDescriptorsAreErrors(t *testing.T) {
	good := unhex(t, sambaACLs[0].ntacl)
	for n := range len(good) {
		if a, err := decodeNTACL(good[:n]); err == nil {
			t.Errorf("the first %d of %d bytes: %+v, want an error", n, len(good), a)
		}
	}
	for what, change := range map[string]func(b []byte){
		"version 5":              func(b []byte) { b[0], b[2] = 5, 5 },
		"two versions":           func(b []byte) { b[2] = 3 },
		"no pointer":             func(b []byte) { clear(b[4:8]) },
		"no descriptor":          func(b []byte) { clear(b[8:12]) },
		"another hash":           func(b []byte) { b[12] = 2 },
		"an owner in the header": func(b []byte) { b[164] = 1; clear(b[165:168]) },
		"an owner far away":      func(b []byte) { b[167] = 0x7F },
		"no end of the name":     func(b []byte) { copy(b[78:], bytes.Repeat([]byte{1}, len(b))) },
	} {
		b := bytes.Clone(good)
		change(b)
		if a, err := decodeNTACL(b); err == nil {
			t.Errorf("%s: %+v, want an error", what, a)
		}
	}
}

func FuzzNTACL(f *testing.F) {
	for _, row := range sambaACLs {
		b, err := hex.DecodeString(row.ntacl)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte("\x01\x00\x01\x00\x00\x00\x02\x00\x01\x00\x04\x80"))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := decodeNTACL(b)
		if err != nil {
			return
		}
		a.version = ntACLVersion
		again, err := a.encode()
		if err != nil {
			return // a list that is too long once it is written without gaps
		}
		back, err := decodeNTACL(again)
		if err != nil {
			t.Fatalf("%x\nwritten\n%x\n%v", b, again, err)
		}
		third, err := back.encode()
		if err != nil || !bytes.Equal(again, third) {
			t.Errorf("written\n%x\nand again\n%x, %v", again, third, err)
		}
	})
}

func FuzzPOSIXACL(f *testing.F) {
	for _, row := range sambaACLs {
		b, err := hex.DecodeString(row.access)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := decodePOSIXACL(b)
		if err != nil {
			return
		}
		k := kernelSays{mode: 0o40755, access: l, byDefault: l}
		_ = k.sysACLHash()
		var host FS
		sd := host.shownDescriptor(&k)
		if next := host.rightsOf(&sd, &k); len(next.access) < 3 {
			t.Errorf("%x became %v", b, next.access)
		}
		if again, err := decodePOSIXACL(l.encode()); err != nil || len(again) != len(l) {
			t.Errorf("%v read again: %v, %v", l, again, err)
		}
	})
}

func TestTheHashOfADescriptorDependsOnAllOfIt(t *testing.T) {
	seen := make(map[[sha256.Size]byte]string)
	for _, text := range []string{"O:BAG:BAD:(A;;FA;;;WD)", "O:BUG:BAD:(A;;FA;;;WD)", "O:BAG:BAD:(A;;FR;;;WD)", "O:BAG:BAD:P(A;;FA;;;WD)"} {
		sd, err := dtyp.ParseSDDL(text)
		if err != nil {
			t.Fatal(err)
		}
		hash := hashOfDescriptor(&sd)
		if other, ok := seen[hash]; ok || hash == [sha256.Size]byte{} {
			t.Errorf("%s and %q have the hash %x", text, other, hash)
		}
		seen[hash] = text
	}
}
