package fscc_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/wire"
)

// unhex decodes hexadecimal text with blanks and line ends.
func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Times of the conversations in [MS-SMB2] 4.5 and 4.6, and two more.
const (
	created  dtyp.FileTime = 0x01C6A6C24D51DF20
	accessed dtyp.FileTime = 0x01C6A6C1CC0B9280
	written  dtyp.FileTime = 0x01C6A6C2AD36A380
	changed  dtyp.FileTime = 0x01D0FACE0B00B1E5
)

// times are the four of them on the wire.
const times = "20df514dc2a6c601 80920bccc1a6c601 80a336adc2a6c601 e5b1000bcefad001 "

var (
	basic = fscc.BasicInformation{
		CreationTime: created, LastAccessTime: accessed, LastWriteTime: written, ChangeTime: changed,
		FileAttributes: fscc.FileAttributeArchive | fscc.FileAttributeHidden,
	}
	standard = fscc.StandardInformation{AllocationSize: 0x1000, EndOfFile: 0xABC, NumberOfLinks: 3, DeletePending: true}
)

const (
	basicBytes    = times + "22000000 00000000"
	standardBytes = "0010000000000000 bc0a000000000000 03000000 01 00 0000"
)

// vector is an information structure and its bytes, laid out by hand after the
// section of the class, each field with a value of its own.
type vector struct {
	info  fscc.Information
	bytes string
}

// legalPrefixes are the lengths at which a vector may be cut: padding that
// peers leave away, and a list behind any of its elements, because there are
// peers whose last element points to the end.
var legalPrefixes = map[string][]int{
	"FileRenameInformation":   {22, 23},
	"FileRenameInformationEx": {22, 23},
	"FileStreamInformation":   {0, 40},
	"FileFullEaInformation":   {0, 16},
	"FileQuotaInformation":    {0, 56},
}

var fileVectors = map[fscc.FileInformationClass]vector{
	fscc.FileBasicInformation:    {&basic, basicBytes},
	fscc.FileStandardInformation: {&standard, standardBytes},
	fscc.FileInternalInformation: {&fscc.InternalInformation{IndexNumber: 0x0102030405060708}, "0807060504030201"},
	fscc.FileEaInformation:       {&fscc.EaInformation{EaSize: 0x01020304}, "04030201"},
	fscc.FileAccessInformation:   {&fscc.AccessInformation{AccessFlags: dtyp.FileAllAccess}, "ff011f00"},
	fscc.FileNameInformation:     {&fscc.NameInformation{FileName: `\dir\ä`}, "0c000000 5c00640069007200 5c00e400"},
	fscc.FileRenameInformation: {
		&fscc.RenameInformation{ReplaceIfExists: true, RootDirectory: 0x0102030405060708, FileName: "x"},
		"01 00000000000000 0807060504030201 02000000 7800 0000",
	},
	fscc.FileDispositionInformation: {&fscc.DispositionInformation{DeletePending: true}, "01"},
	fscc.FilePositionInformation:    {&fscc.PositionInformation{CurrentByteOffset: 0x0102030405060708}, "0807060504030201"},
	fscc.FileModeInformation:        {&fscc.ModeInformation{Mode: fscc.OptionWriteThrough | fscc.OptionSynchronousIONonAlert}, "22000000"},
	fscc.FileAlignmentInformation:   {&fscc.AlignmentInformation{AlignmentRequirement: 511}, "ff010000"},
	fscc.FileAllInformation: {&fscc.AllInformation{
		BasicInformation:     basic,
		StandardInformation:  standard,
		InternalInformation:  fscc.InternalInformation{IndexNumber: 0x11},
		EaInformation:        fscc.EaInformation{EaSize: 0x22},
		AccessInformation:    fscc.AccessInformation{AccessFlags: 0x33},
		PositionInformation:  fscc.PositionInformation{CurrentByteOffset: 0x44},
		ModeInformation:      fscc.ModeInformation{Mode: 0x55},
		AlignmentInformation: fscc.AlignmentInformation{AlignmentRequirement: 0x66},
		NameInformation:      fscc.NameInformation{FileName: `\a`},
	}, basicBytes + standardBytes + "1100000000000000 22000000 33000000 4400000000000000 55000000 66000000 04000000 5c006100"},
	fscc.FileAllocationInformation:    {&fscc.AllocationInformation{AllocationSize: 0x0102030405060708}, "0807060504030201"},
	fscc.FileEndOfFileInformation:     {&fscc.EndOfFileInformation{EndOfFile: 0x0102030405060708}, "0807060504030201"},
	fscc.FileAlternateNameInformation: {&fscc.NameInformation{FileName: "A~1"}, "06000000 41007e003100"},
	fscc.FileStreamInformation: {&fscc.StreamInformation{Streams: []fscc.Stream{
		{StreamSize: 0xABC, StreamAllocationSize: 0x1000, StreamName: "::$DATA"},
		{StreamSize: 5, StreamAllocationSize: 8, StreamName: ":x:$DATA"},
	}}, "28000000 0e000000 bc0a000000000000 0010000000000000 3a003a00240044004100540041000000" +
		"00000000 10000000 0500000000000000 0800000000000000 3a0078003a0024004400410054004100"},
	fscc.FileCompressionInformation: {&fscc.CompressionInformation{
		CompressedFileSize: 0x0102030405060708, CompressionFormat: fscc.CompressionFormatLZNT1, CompressionUnitShift: 16, ChunkShift: 12, ClusterShift: 9,
	}, "0807060504030201 0200 10 0c 09 000000"},
	fscc.FileNetworkOpenInformation: {&fscc.NetworkOpenInformation{
		CreationTime: created, LastAccessTime: accessed, LastWriteTime: written, ChangeTime: changed,
		AllocationSize: 0x1000, EndOfFile: 0xABC, FileAttributes: fscc.FileAttributeArchive,
	}, times + "0010000000000000 bc0a000000000000 20000000 00000000"},
	fscc.FileAttributeTagInformation: {
		&fscc.AttributeTagInformation{FileAttributes: fscc.FileAttributeReparsePoint, ReparseTag: 0xA000000C},
		"00040000 0c0000a0",
	},
	fscc.FileNormalizedNameInformation: {&fscc.NameInformation{FileName: `dir\x`}, "0a000000 6400690072005c007800"},
	fscc.FileIDInformation: {
		&fscc.IDInformation{VolumeSerialNumber: 0x0102030405060708, FileID: [16]byte{0xf0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}},
		"0807060504030201 f00102030405060708090a0b0c0d0e0f",
	},
	fscc.FileDispositionInformationEx: {
		&fscc.DispositionInformationEx{Flags: fscc.DispositionDelete | fscc.DispositionPOSIXSemantics | fscc.DispositionIgnoreReadonlyAttribute},
		"13000000",
	},
	fscc.FileLinkInformation: {
		&fscc.LinkInformation{ReplaceIfExists: true, RootDirectory: 0x0102030405060708, FileName: `a\b`},
		"01 00000000000000 0807060504030201 06000000 61005c006200",
	},
	fscc.FileFullEaInformation: {&fscc.FullEaInformation{EAs: []fscc.EA{
		{Flags: fscc.NeedEA, Name: "A", Value: []byte{1, 2, 3}}, {Name: "BC"},
	}}, "10000000 80 01 0300 41 00 010203 000000  00000000 00 02 0000 4243 00"},
	fscc.FilePipeInformation: {&fscc.PipeInformation{ReadMode: fscc.PipeMessageMode, CompletionMode: 0x01020304}, "01000000 04030201"},
	fscc.FilePipeLocalInformation: {&fscc.PipeLocalInformation{
		NamedPipeType: fscc.PipeMessageType, NamedPipeConfiguration: fscc.PipeFullDuplex, MaximumInstances: 0xFFFFFFFF, CurrentInstances: 0x11,
		InboundQuota: 0x22, ReadDataAvailable: 0x33, OutboundQuota: 0x44, WriteQuotaAvailable: 0x55,
		NamedPipeState: fscc.PipeConnected, NamedPipeEnd: fscc.PipeServerEnd,
	}, "01000000 02000000 ffffffff 11000000 22000000 33000000 44000000 55000000 03000000 01000000"},
	fscc.FilePipeRemoteInformation: {
		&fscc.PipeRemoteInformation{CollectDataTime: 0x0102030405060708, MaximumCollectionCount: 0x11121314},
		"0807060504030201 14131211",
	},
	fscc.FileObjectIDInformation: {
		&fscc.ObjectIDInformation{FileReferenceNumber: 0x0102030405060708, ObjectID: objectID},
		"0807060504030201" + objectIDBytes,
	},
	fscc.FileQuotaInformation: {&fscc.QuotaInformation{Quotas: []fscc.Quota{
		{ChangeTime: changed, QuotaUsed: 0x11, QuotaThreshold: fscc.NoQuota, QuotaLimit: 0x33, SID: dtyp.SIDLocalSystem},
		{QuotaLimit: fscc.DeleteQuota, SID: dtyp.SIDBuiltinUsers},
	}}, "38000000 0c000000 e5b1000bcefad001 1100000000000000 ffffffffffffffff 3300000000000000 0101000000000005 12000000 00000000" +
		"00000000 10000000 0000000000000000 0000000000000000 0000000000000000 feffffffffffffff 0102000000000005 20000000 21020000"},
	fscc.FileValidDataLengthInformation: {&fscc.ValidDataLengthInformation{ValidDataLength: 0x0102030405060708}, "0807060504030201"},
	fscc.FileShortNameInformation:       {&fscc.NameInformation{FileName: "A~1"}, "06000000 41007e003100"},
	fscc.FileStandardLinkInformation: {
		&fscc.StandardLinkInformation{NumberOfAccessibleLinks: 0x11, TotalNumberOfLinks: 0x22, Directory: true},
		"11000000 22000000 00 01 0000",
	},
	fscc.FileRenameInformationEx: {&fscc.RenameInformationEx{
		Flags:         fscc.RenameReplaceIfExists | fscc.RenamePOSIXSemantics | fscc.RenameForceResizeSourceStorageReserve,
		RootDirectory: 0x0102030405060708, FileName: "x",
	}, "03010000 00000000 0807060504030201 02000000 7800 0000"},
}

// objectID has a value of its own in each byte.
var objectID = func() fscc.ObjectID {
	var id fscc.ObjectID
	for i := range id.ObjectID {
		id.ObjectID[i] = byte(0x10 + i)
	}
	for i := range id.ExtendedInfo {
		id.ExtendedInfo[i] = byte(0x80 + i)
	}
	return id
}()

const objectIDBytes = "101112131415161718191a1b1c1d1e1f" +
	"808182838485868788898a8b8c8d8e8f 909192939495969798999a9b9c9d9e9f a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"

var fsVectors = map[fscc.FSInformationClass]vector{
	fscc.FileFsVolumeInformation: {
		&fscc.FsVolumeInformation{VolumeCreationTime: created, VolumeSerialNumber: 0x01020304, SupportsObjects: true, VolumeLabel: "Data"},
		"20df514dc2a6c601 04030201 08000000 01 00 4400610074006100",
	},
	fscc.FileFsSizeInformation: {
		&fscc.FsSizeInformation{TotalAllocationUnits: 0x11, AvailableAllocationUnits: 0x22, SectorsPerAllocationUnit: 8, BytesPerSector: 512},
		"1100000000000000 2200000000000000 08000000 00020000",
	},
	fscc.FileFsDeviceInformation: {
		&fscc.FsDeviceInformation{DeviceType: fscc.DeviceDisk, Characteristics: fscc.DeviceIsMounted | fscc.ReadOnlyDevice},
		"07000000 22000000",
	},
	fscc.FileFsAttributeInformation: {&fscc.FsAttributeInformation{
		FileSystemAttributes:       fscc.FileCaseSensitiveSearch | fscc.FileCasePreservedNames | fscc.FileUnicodeOnDisk | fscc.FileNamedStreams,
		MaximumComponentNameLength: 255, FileSystemName: "NTFS",
	}, "07000400 ff000000 08000000 4e00540046005300"},
	fscc.FileFsFullSizeInformation: {
		&fscc.FsFullSizeInformation{
			TotalAllocationUnits: 0x11, CallerAvailableAllocationUnits: 0x22,
			ActualAvailableAllocationUnits: 0x33, SectorsPerAllocationUnit: 8, BytesPerSector: 512,
		},
		"1100000000000000 2200000000000000 3300000000000000 08000000 00020000",
	},
	fscc.FileFsSectorSizeInformation: {&fscc.FsSectorSizeInformation{
		LogicalBytesPerSector: 512, PhysicalBytesPerSectorForAtomicity: 4096, PhysicalBytesPerSectorForPerformance: 8192,
		FileSystemEffectivePhysicalBytesPerSectorForAtomicity: 2048, Flags: fscc.SectorSizeAlignedDevice | fscc.SectorSizeTrimEnabled,
		ByteOffsetForSectorAlignment: 0x11, ByteOffsetForPartitionAlignment: fscc.SectorOffsetUnknown,
	}, "00020000 00100000 00200000 00080000 09000000 11000000 ffffffff"},
	fscc.FileFsLabelInformation: {&fscc.FsLabelInformation{VolumeLabel: "Data"}, "08000000 4400610074006100"},
	fscc.FileFsControlInformation: {&fscc.FsControlInformation{
		FreeSpaceStartFiltering: 0x11, FreeSpaceThreshold: 0x22, FreeSpaceStopFiltering: 0x33, DefaultQuotaThreshold: 0x44,
		DefaultQuotaLimit: fscc.NoQuota, FileSystemControlFlags: fscc.QuotaTrack | fscc.QuotasRebuilding,
	}, "1100000000000000 2200000000000000 3300000000000000 4400000000000000 ffffffffffffffff 01020000 00000000"},
	fscc.FileFsObjectIDInformation: {&objectID, objectIDBytes},
}

// testCase is a vector with the row it belongs to.
type testCase struct {
	vector
	row fscc.Row
}

// cases joins both tables of the package with the vectors here, so that a row
// without a vector fails.
func cases(t testing.TB) map[string]testCase {
	all := make(map[string]testCase)
	add := func(row fscc.Row, v vector, ok bool) {
		if ok != (row.New != nil) {
			t.Errorf("%s: has a constructor: %v, has a vector: %v", row.Name, row.New != nil, ok)
			return
		}
		if ok {
			all[row.Name] = testCase{v, row}
		}
	}
	for class, row := range fscc.FileInformationClasses() {
		v, ok := fileVectors[class]
		add(row, v, ok)
	}
	for class, row := range fscc.FSInformationClasses() {
		v, ok := fsVectors[class]
		add(row, v, ok)
	}
	return all
}

func TestEveryClassIsLaidOutAsSpecified(t *testing.T) {
	for name, c := range cases(t) {
		t.Run(name, func(t *testing.T) {
			raw := unhex(t, c.bytes)
			if got := fscc.AppendInformation([]byte("abc"), c.info); !bytes.Equal(got, append([]byte("abc"), raw...)) {
				t.Errorf("encoded %+v\ngot  %x\nwant %x", c.info, got[3:], raw)
			}
			got := c.row.New()
			if err := fscc.DecodeInformation(raw, got); err != nil || !reflect.DeepEqual(got, c.info) {
				t.Errorf("decoded %x\ngot  %+v, %v\nwant %+v", raw, got, err, c.info)
			}
		})
	}
}

func TestEveryPrefixOfEveryClassIsRefused(t *testing.T) {
	for name, c := range cases(t) {
		t.Run(name, func(t *testing.T) {
			raw := unhex(t, c.bytes)
			for n := range raw {
				info := c.row.New()
				err := fscc.DecodeInformation(raw[:n], info)
				want := !slices.Contains(legalPrefixes[name], n)
				if _, ok := errors.AsType[*wire.Error](err); ok != want {
					t.Errorf("%d bytes of %d: err = %v, want a *wire.Error: %v", n, len(raw), err, want)
				}
			}
		})
	}
}

func TestSizeIsThatOfTheFixedPart(t *testing.T) {
	for name, c := range cases(t) {
		var size int
		switch info := c.row.New().(type) {
		case *fscc.RenameInformation:
			size = 20 // [MS-FSCC] 2.4.42.2: what follows is FileName or padding
		case *fscc.RenameInformationEx:
			size = 20 // [MS-FSCC] 2.4.43: as above
		case *fscc.FullEaInformation:
			size = 8 // [MS-FSCC] 2.4.16: up to EaName
		case *fscc.QuotaInformation:
			size = 40 // [MS-FSCC] 2.4.41: up to Sid
		case *fscc.StreamInformation:
			info.Streams = make([]fscc.Stream, 1)
			size = len(fscc.AppendInformation(nil, info))
		default:
			size = len(fscc.AppendInformation(nil, info))
		}
		if c.row.Size != size {
			t.Errorf("%s: Size = %d, the fixed part is %d bytes", name, c.row.Size, size)
		}
		if asked := c.row.Uses&fscc.UseQuery != 0; asked && c.row.MinimumOutput < c.row.Size {
			t.Errorf("%s: MinimumOutput %d is less than Size %d", name, c.row.MinimumOutput, c.row.Size)
		}
	}
}

func TestReservedFieldsAndBytesBehindAreIgnored(t *testing.T) {
	for name, c := range map[string]struct {
		bytes string
		info  fscc.Information
		want  fscc.Information
	}{
		"basic":    {times + "22000000 ffffffff ff", new(fscc.BasicInformation), &basic},
		"standard": {"0010000000000000 bc0a000000000000 03000000 ff 00 ffff", new(fscc.StandardInformation), &standard},
		"rename without padding": {
			"00 ffffffffffffff 0000000000000000 02000000 7800", new(fscc.RenameInformation),
			&fscc.RenameInformation{FileName: "x"},
		},
		"rename with a long name": {
			"00 ffffffffffffff 0000000000000000 06000000 780079007a00 0000", new(fscc.RenameInformation),
			&fscc.RenameInformation{FileName: "xyz"},
		},
		"disposition 255":         {"ff 00", new(fscc.DispositionInformation), &fscc.DispositionInformation{DeletePending: true}},
		"label with a terminator": {"0c000000 44006100 0000 41004100 0000", new(fscc.FsLabelInformation), &fscc.FsLabelInformation{VolumeLabel: "Da"}},
		"control": {
			"0000000000000000 0000000000000000 0000000000000000 0000000000000000 0000000000000000 01000000 ffffffff ff", new(fscc.FsControlInformation),
			&fscc.FsControlInformation{FileSystemControlFlags: fscc.QuotaTrack},
		},
		"no attributes": {"", new(fscc.FullEaInformation), new(fscc.FullEaInformation)},
		"no streams":    {"", new(fscc.StreamInformation), new(fscc.StreamInformation)},
	} {
		if err := fscc.DecodeInformation(unhex(t, c.bytes), c.info); err != nil || !reflect.DeepEqual(c.info, c.want) {
			t.Errorf("%s: %s decoded to %+v, %v; want %+v", name, c.bytes, c.info, err, c.want)
		}
	}
}

func TestNamesOfImpossibleLengthAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		bytes string
		info  fscc.Information
	}{
		"odd":                   {"03000000 61006200", new(fscc.NameInformation)},
		"longer than the rest":  {"06000000 61006200", new(fscc.NameInformation)},
		"negative":              {"feffffff 61006200", new(fscc.NameInformation)},
		"rename, odd":           {"00 00000000000000 0000000000000000 01000000 78000000", new(fscc.RenameInformation)},
		"rename, beyond":        {"00 00000000000000 0000000000000000 08000000 78007900", new(fscc.RenameInformation)},
		"volume label":          {"0000000000000000 00000000 feffffff 01 00", new(fscc.FsVolumeInformation)},
		"file system name":      {"00000000 ff000000 0a000000 4e00540046005300", new(fscc.FsAttributeInformation)},
		"link":                  {"00 00000000000000 0000000000000000 08000000 78007900", new(fscc.LinkInformation)},
		"rename ex, odd":        {"00000000 00000000 0000000000000000 01000000 78000000", new(fscc.RenameInformationEx)},
		"label":                 {"0a000000 4400610074006100", new(fscc.FsLabelInformation)},
		"stream beyond its own": {"18000000 02000000 0000000000000000 0000000000000000 00000000 00000000 0000000000000000 0000000000000000", new(fscc.StreamInformation)},
	} {
		if err := fscc.DecodeInformation(unhex(t, c.bytes), c.info); err == nil {
			t.Errorf("%s: %s decoded to %+v", name, c.bytes, c.info)
		}
	}
}

func TestDecodeForgetsWhatWasThereBefore(t *testing.T) {
	for name, c := range cases(t) {
		info := c.row.New()
		if err := fscc.DecodeInformation(unhex(t, c.bytes), info); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		empty := fscc.AppendInformation(nil, c.row.New())
		if err := fscc.DecodeInformation(empty, info); err != nil || !reflect.DeepEqual(info, c.row.New()) {
			t.Errorf("%s: decoding an empty structure over another leaves %+v, %v", name, info, err)
		}
	}
}

func TestEveryClassConstantHasARow(t *testing.T) {
	source, err := os.ReadFile("classes.go")
	if err != nil {
		t.Fatal(err)
	}
	names := make(map[string]int)
	for class, row := range fscc.FileInformationClasses() {
		names[strings.ToLower(row.Name)] = int(class)
	}
	for class, row := range fscc.FSInformationClasses() {
		names[strings.ToLower(row.Name)] = int(class)
	}
	constants := regexp.MustCompile(`(?m)^\t(File\w+) +(?:File|FS)InformationClass = 0x(\w\w)$`).FindAllStringSubmatch(string(source), -1)
	if len(constants) != len(names) {
		t.Errorf("%d constants, %d rows", len(constants), len(names))
	}
	for _, c := range constants {
		if got := fmt.Sprintf("%02X", names[strings.ToLower(c[1])]); got != c[2] {
			t.Errorf("%s is 0x%s, its row stands at 0x%s", c[1], c[2], got)
		}
	}
}

func TestClassesAreSpelledAsMicrosoftDoes(t *testing.T) {
	for _, c := range []struct {
		got  fmt.Stringer
		want string
	}{
		{fscc.FileBasicInformation, "FileBasicInformation"},
		{fscc.FileIDBothDirectoryInformation, "FileIdBothDirectoryInformation"},
		{fscc.FileIDAllExtdBothDirectoryInformation, "FileIdAllExtdBothDirectoryInformation"},
		{fscc.FileInformationClass(0), "FileInformationClass 0x00"},
		{fscc.FileInformationClass(0x64), "FileInformationClass 0x64"},
		{fscc.FileFsSectorSizeInformation, "FileFsSectorSizeInformation"},
		{fscc.FSInformationClass(0xFF), "FSInformationClass 0xFF"},
		{fscc.FSCTLValidateNegotiateInfo, "FSCTL_VALIDATE_NEGOTIATE_INFO"},
		{fscc.FSCTLSrvCopychunk, "FSCTL_SRV_COPYCHUNK"},
		{fscc.FSCTL(0x11223344), "FSCTL 0x11223344"},
		{fscc.DispositionSupersede, "FILE_SUPERSEDE"},
		{fscc.DispositionOverwriteIf, "FILE_OVERWRITE_IF"},
		{fscc.CreateDisposition(6), "CreateDisposition 0x00000006"},
		{fscc.CreateDisposition(0xFFFFFFFF), "CreateDisposition 0xFFFFFFFF"},
	} {
		if c.got.String() != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestOnlyListedClassesHaveARow(t *testing.T) {
	for _, c := range []fscc.FileInformationClass{0, 0x1E, 0x52, 0x64, 0xFF} {
		if row, ok := c.Row(); ok {
			t.Errorf("class 0x%02X has the row %+v", uint8(c), row)
		}
	}
	if row, ok := fscc.FSInformationClass(0x0C).Row(); ok {
		t.Errorf("class 0x0C has the row %+v", row)
	}
}

func TestWalkingATableMayStop(t *testing.T) {
	var seen []fscc.FileInformationClass
	for class := range fscc.FileInformationClasses() {
		if seen = append(seen, class); len(seen) == 3 {
			break
		}
	}
	if want := []fscc.FileInformationClass{1, 2, 3}; !slices.Equal(seen, want) {
		t.Errorf("got %v, want %v", seen, want)
	}
}

// isList reports whether info is a list, which may be empty.
func isList(info fscc.Information) bool {
	switch info.(type) {
	case *fscc.StreamInformation, *fscc.FullEaInformation, *fscc.QuotaInformation:
		return true
	}
	return false
}

func FuzzFileInformation(f *testing.F) {
	for class, v := range fileVectors {
		f.Add(false, uint8(class), unhex(f, v.bytes))
	}
	for class, v := range fsVectors {
		f.Add(true, uint8(class), unhex(f, v.bytes))
	}
	f.Fuzz(func(t *testing.T, fs bool, class uint8, b []byte) {
		row, ok := fscc.FileInformationClass(class).Row()
		if fs {
			row, ok = fscc.FSInformationClass(class).Row()
		}
		if !ok || row.New == nil {
			return
		}
		first, second := row.New(), row.New()
		if fscc.DecodeInformation(b, first) != nil {
			return
		}
		if !isList(first) && len(b) < row.Size {
			t.Fatalf("%s: %d bytes were enough, Size is %d", row.Name, len(b), row.Size)
		}
		encoded := fscc.AppendInformation(nil, first)
		if err := fscc.DecodeInformation(encoded, second); err != nil || !reflect.DeepEqual(first, second) {
			t.Fatalf("%s: %x\nfirst  %+v\nsecond %+v, %v", row.Name, b, first, second, err)
		}
		if again := fscc.AppendInformation(nil, second); !bytes.Equal(again, encoded) {
			t.Fatalf("%s: written twice: %x and %x", row.Name, encoded, again)
		}
	})
}
