package server_test

import (
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

func TestHardLinksOnTheWire(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	id := p.Open("f")
	p.Write(id, 0, "content")
	setInformation(t, p, id, fscc.FileLinkInformation, &fscc.LinkInformation{FileName: "g"}, ntstatus.Success)
	setInformation(t, p, id, fscc.FileLinkInformation, &fscc.LinkInformation{FileName: "G"}, ntstatus.ObjectNameCollision)
	setInformation(t, p, id, fscc.FileLinkInformation, &fscc.LinkInformation{FileName: "h", RootDirectory: 1}, ntstatus.InvalidParameter)
	var standard fscc.StandardInformation
	queryFileInformation(t, p, p.Open("g"), fscc.FileStandardInformation, &standard)
	if standard.NumberOfLinks != 2 || standard.EndOfFile != 7 {
		t.Errorf("the other name: %+v, want 2 links, 7 bytes", standard)
	}
}

func TestExtendedRenameAndDispositionTakeTheFlagsTheyKnow(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	p.CloseFile(p.Open("taken"))
	id := p.Open("f")
	rename := func(flags fscc.RenameFlags, name string, want ntstatus.Status) {
		t.Helper()
		setInformation(t, p, id, fscc.FileRenameInformationEx, &fscc.RenameInformationEx{Flags: flags, FileName: name}, want)
	}
	rename(fscc.RenamePOSIXSemantics, "g", ntstatus.NotSupported)
	rename(fscc.RenameReplaceIfExists|fscc.RenameIgnoreReadonlyAttribute, "g", ntstatus.NotSupported)
	rename(0, "taken", ntstatus.ObjectNameCollision)
	rename(0, "g", ntstatus.Success)
	rename(fscc.RenameReplaceIfExists, "taken", ntstatus.Success)

	pending := func(want bool) {
		t.Helper()
		var standard fscc.StandardInformation
		queryFileInformation(t, p, id, fscc.FileStandardInformation, &standard)
		if standard.DeletePending != want {
			t.Errorf("delete pending %v, want %v", standard.DeletePending, want)
		}
	}
	dispose := func(flags fscc.DispositionFlags, want ntstatus.Status) {
		t.Helper()
		setInformation(t, p, id, fscc.FileDispositionInformationEx, &fscc.DispositionInformationEx{Flags: flags}, want)
	}
	for _, flag := range []fscc.DispositionFlags{fscc.DispositionOnClose, 0x20} {
		dispose(fscc.DispositionDelete|flag, ntstatus.NotSupported)
	}
	pending(false)
	dispose(fscc.DispositionDelete|fscc.DispositionForceImageSectionCheck, ntstatus.Success)
	pending(true)
	dispose(0, ntstatus.Success)
	pending(false)
}

func TestClassesThatNoFileHasAnythingFor(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	id := p.Open("f")
	r := p.Do(&smb2.QueryInfoRequest{
		InfoType: smb2.InfoFile, FileInfoClass: uint8(fscc.FileAlternateNameInformation), FileID: p.Open(""), OutputBufferLength: 100,
	})
	// Not OBJECT_NAME_NOT_FOUND, which [MS-FSA] 2.1.5.12.4 has for a file
	// without one: smbclient's allinfo takes it for the end of all.
	if r.Header.Status != ntstatus.NotSupported {
		t.Errorf("short name of the root: %v, want NotSupported", r.Header.Status)
	}
	setInformation(t, p, id, fscc.FileValidDataLengthInformation, &fscc.ValidDataLengthInformation{ValidDataLength: 1}, ntstatus.PrivilegeNotHeld)
}

// smbtorture's smb2.mangle.
func TestShortNamesAreToldAndUnderstood(t *testing.T) {
	const long, short = "Annual report.docx", "A~470988.DOC"
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	var res smb2.QueryInfoResponse
	p.MustDo(&smb2.QueryInfoRequest{
		InfoType: smb2.InfoFile, FileInfoClass: uint8(fscc.FileAlternateNameInformation), FileID: p.Open(long), OutputBufferLength: 100,
	}, &res)
	var name fscc.NameInformation
	if err := fscc.DecodeInformation(res.Output, &name); err != nil || name.FileName != short {
		t.Errorf("FileAlternateNameInformation = %q, %v, want %q", name.FileName, err, short)
	}
	p.MustDo(openExisting(short, dtyp.FileReadData), &smb2.CreateResponse{})
	var listed smb2.QueryDirectoryResponse
	p.MustDo(&smb2.QueryDirectoryRequest{
		FileInformationClass: fscc.FileIDBothDirectoryInformation, FileID: p.Open(""), FileName: short, OutputBufferLength: 1000,
	}, &listed)
	for e, err := range fscc.DirectoryEntries(fscc.FileIDBothDirectoryInformation, listed.Output) {
		if err != nil || e.FileName != long || e.ShortName != short {
			t.Errorf("listed %q, short name %q, %v, want %q, %q", e.FileName, e.ShortName, err, long, short)
		}
	}
}

func TestVolumeSaysWhatItCanDo(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	id := p.Open("f")
	query := func(class fscc.FSInformationClass, info fscc.Information) {
		t.Helper()
		var res smb2.QueryInfoResponse
		p.MustDo(&smb2.QueryInfoRequest{
			InfoType: smb2.InfoFileSystem, FileInfoClass: uint8(class), FileID: id, OutputBufferLength: 100,
		}, &res)
		if err := fscc.DecodeInformation(res.Output, info); err != nil {
			t.Fatal(err)
		}
	}
	var attributes fscc.FsAttributeInformation
	query(fscc.FileFsAttributeInformation, &attributes)
	const can = fscc.FileSupportsHardLinks | fscc.FileSupportsSparseFiles | fscc.FileSupportsExtendedAttributes |
		fscc.FileNamedStreams | fscc.FilePersistentACLs
	const cannot = fscc.FileSupportsReparsePoints |
		fscc.FileSupportsObjectIDs | fscc.FileFileCompression
	if got := attributes.FileSystemAttributes; got&can != can || got&cannot != 0 {
		t.Errorf("file system attributes %#x, want all of %#x and none of %#x", got, can, cannot)
	}
	// smbtorture's smb2.getinfo.qfs_buffercheck.
	expectStatus(t, "room for 15 bytes of FileFsAttributeInformation", p, element(&smb2.QueryInfoRequest{
		InfoType: smb2.InfoFileSystem, FileInfoClass: uint8(fscc.FileFsAttributeInformation), FileID: id, OutputBufferLength: 15,
	}), ntstatus.InfoLengthMismatch)
	var sector fscc.FsSectorSizeInformation
	query(fscc.FileFsSectorSizeInformation, &sector)
	if sector.LogicalBytesPerSector != 512 || sector.PhysicalBytesPerSectorForAtomicity != 4096 ||
		sector.FileSystemEffectivePhysicalBytesPerSectorForAtomicity != 4096 {
		t.Errorf("sectors %+v, want 512 and 4096 bytes", sector)
	}
}
