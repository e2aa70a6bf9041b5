package fscc_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/wire"
)

// bufferVector is a buffer of an FSCTL and its bytes, laid out by hand after
// its section, with the lengths at which it may be cut.
type bufferVector struct {
	vector
	legal []int
}

// sourceID has a value of its own in each byte.
var sourceID = fscc.SourceFileID{Persistent: 0x0102030405060708, Volatile: 0x1112131415161718}

const sourceIDBytes = "0807060504030201 1817161514131211 "

// symlink is a link to the file "b" beside it, shown as "B".
var symlink = fscc.SymbolicLink{SubstituteName: "b", PrintName: "B", Flags: fscc.SymlinkFlagRelative}

const symlinkBytes = "0c0000a0 1000 0000 0000 0200 0200 0200 01000000 6200 4200"

var (
	objectIDVector = bufferVector{vector{&objectID, objectIDBytes}, nil}
	symlinkVector  = bufferVector{vector{func() *fscc.ReparseData { d := symlink.ReparseData(); return &d }(), symlinkBytes}, nil}
	stateVector    = bufferVector{vector{&fscc.CompressionState{CompressionState: fscc.CompressionFormatLZNT1}, "0200"}, nil}
	duplicate      = fscc.DuplicateExtents{SourceFileID: sourceID, SourceFileOffset: 0x10000, TargetFileOffset: 0x20000, ByteCount: 0x30000}
	duplicateBytes = sourceIDBytes + "0000010000000000 0000020000000000 0000030000000000"
)

// inputs and outputs are the buffers of each row of the table.
var (
	inputs = map[fscc.FSCTL]bufferVector{
		fscc.FSCTLDFSGetReferrals: {
			vector{&fscc.GetDFSReferral{MaxReferralLevel: 4, RequestFileName: `\a\b`}, "0400 5c0061005c006200 0000"},
			[]int{2, 4, 6, 8, 10, 12},
		},
		fscc.FSCTLDuplicateExtentsToFile: {vector{&duplicate, duplicateBytes}, nil},
		fscc.FSCTLDuplicateExtentsToFileEx: {vector{
			&fscc.DuplicateExtentsEx{DuplicateExtents: duplicate, Flags: fscc.DuplicateExtentsSourceAtomic},
			"3000000000000000" + duplicateBytes + "01000000 00000000",
		}, nil},
		fscc.FSCTLDeleteReparsePoint: symlinkVector,
		fscc.FSCTLFileLevelTrim: {vector{
			&fscc.FileLevelTrim{Key: 7, Ranges: []fscc.TrimRange{{Offset: 0x0102030405060708, Length: 0x11}, {Length: 0x22}}},
			"07000000 02000000 0807060504030201 1100000000000000 0000000000000000 2200000000000000",
		}, nil},
		fscc.FSCTLPipeWait: {vector{
			&fscc.PipeWait{Timeout: 0x0102030405060708, TimeoutSpecified: true, Name: "srvsvc"},
			"0807060504030201 0c000000 01 00 730072007600730076006300",
		}, nil},
		fscc.FSCTLQueryAllocatedRanges: {vector{&fscc.AllocatedRange{FileOffset: 0x0102030405060708, Length: 0x11}, "0807060504030201 1100000000000000"}, nil},
		fscc.FSCTLSetCompression:       stateVector,
		fscc.FSCTLSetIntegrityInformation: {vector{
			&fscc.SetIntegrityInformation{ChecksumAlgorithm: fscc.ChecksumUnchanged, Flags: fscc.IntegrityEnforcementOff},
			"ffff 0000 01000000",
		}, nil},
		fscc.FSCTLSetIntegrityInformationEx: {vector{
			&fscc.SetIntegrityInformationEx{EnableIntegrity: true, Flags: fscc.IntegrityEnforcementOff},
			"01 00 0000 01000000 01 00000000000000",
		}, nil},
		fscc.FSCTLSetObjectID:     objectIDVector,
		fscc.FSCTLSetReparsePoint: symlinkVector,
		fscc.FSCTLSetSparse:       {vector{&fscc.SetSparse{}, "00"}, []int{0}},
		fscc.FSCTLSetZeroData:     {vector{&fscc.ZeroData{FileOffset: 0x0102030405060708, BeyondFinalZero: 0x1112131415161718}, "0807060504030201 1817161514131211"}, nil},
	}
	outputs = map[fscc.FSCTL]bufferVector{
		fscc.FSCTLCreateOrGetObjectID: objectIDVector,
		fscc.FSCTLFileLevelTrim:       {vector{&fscc.FileLevelTrimOutput{NumRangesProcessed: 0x01020304}, "04030201"}, nil},
		fscc.FSCTLGetCompression:      stateVector,
		fscc.FSCTLGetIntegrityInformation: {vector{&fscc.GetIntegrityInformation{
			ChecksumAlgorithm: fscc.ChecksumCRC64, Flags: fscc.IntegrityEnforcementOff,
			ChecksumChunkSizeInBytes: 0x10000, ClusterSizeInBytes: 0x1000,
		}, "0200 0000 01000000 00000100 00100000"}, nil},
		fscc.FSCTLGetObjectID:     objectIDVector,
		fscc.FSCTLGetReparsePoint: symlinkVector,
		fscc.FSCTLPipePeek: {vector{
			&fscc.PipePeek{NamedPipeState: fscc.PipeClosing, ReadDataAvailable: 3, NumberOfMessages: 1, MessageLength: 3, Data: []byte{1, 2, 3}},
			"04000000 03000000 01000000 03000000 010203",
		}, []int{16, 17, 18}},
		fscc.FSCTLQueryAllocatedRanges: {vector{
			&fscc.AllocatedRanges{Ranges: []fscc.AllocatedRange{{FileOffset: 0x10000, Length: 0x1000}, {FileOffset: 0x30000, Length: 0x2000}}},
			"0000010000000000 0010000000000000 0000030000000000 0020000000000000",
		}, []int{0, 16}},
	}
)

// bufferCase is a buffer with the maker of its kind.
type bufferCase struct {
	bufferVector
	new func() fscc.Information
}

// buffers joins the table of the package with the vectors here, so that a
// row without a vector fails.
func buffers(t testing.TB) map[string]bufferCase {
	all := make(map[string]bufferCase)
	rows := 0
	for code, row := range fscc.FSCTLs() {
		rows++
		for _, d := range []struct {
			name    string
			new     func() fscc.Information
			vectors map[fscc.FSCTL]bufferVector
		}{{"input", row.NewInput, inputs}, {"output", row.NewOutput, outputs}} {
			v, ok := d.vectors[code]
			if ok != (d.new != nil) {
				t.Errorf("%v, %s: has a constructor: %v, has a vector: %v", code, d.name, d.new != nil, ok)
				continue
			}
			if ok {
				all[fmt.Sprintf("%v %s", code, d.name)] = bufferCase{v, d.new}
			}
		}
		if again, ok := code.Row(); !ok || again.Section != row.Section {
			t.Errorf("%v: looked up as %+v, %v", code, again, ok)
		}
	}
	if rows == 0 || len(all) != len(inputs)+len(outputs) {
		t.Errorf("%d rows and %d buffers for %d vectors", rows, len(all), len(inputs)+len(outputs))
	}
	all["FILE_NOTIFY_INFORMATION"] = bufferCase{bufferVector{notifyVector, []int{0, 16, 36}}, func() fscc.Information { return new(fscc.NotifyInformation) }}
	return all
}

// notifyVector is a rename and the change of a stream. [MS-FSCC] 2.7.1.
var notifyVector = vector{&fscc.NotifyInformation{Changes: []fscc.Change{
	{Action: fscc.NotifyRenamedOldName, FileName: "a"},
	{Action: fscc.NotifyRenamedNewName, FileName: `d\b`},
	{Action: fscc.NotifyModifiedStream, FileName: "ab"},
}}, "10000000 04000000 02000000 6100 0000" + "14000000 05000000 06000000 64005c006200 0000" + "00000000 08000000 04000000 61006200"}

func TestEveryBufferIsLaidOutAsSpecified(t *testing.T) {
	for name, c := range buffers(t) {
		t.Run(name, func(t *testing.T) {
			raw := unhex(t, c.bytes)
			if got := fscc.AppendInformation([]byte("abc"), c.info); !bytes.Equal(got, append([]byte("abc"), raw...)) {
				t.Errorf("encoded %+v\ngot  %x\nwant %x", c.info, got[3:], raw)
			}
			got := c.new()
			if err := fscc.DecodeInformation(raw, got); err != nil || !reflect.DeepEqual(got, c.info) {
				t.Errorf("decoded %x\ngot  %+v, %v\nwant %+v", raw, got, err, c.info)
			}
			empty := fscc.AppendInformation(nil, c.new())
			if err := fscc.DecodeInformation(empty, got); err != nil || !reflect.DeepEqual(got, c.new()) {
				t.Errorf("decoding an empty structure over another leaves %+v, %v", got, err)
			}
		})
	}
}

func TestEveryPrefixOfEveryBufferIsRefused(t *testing.T) {
	for name, c := range buffers(t) {
		raw := unhex(t, c.bytes)
		for n := range raw {
			err := fscc.DecodeInformation(raw[:n], c.new())
			_, refused := errors.AsType[*wire.Error](err)
			if want := !slices.Contains(c.legal, n); refused != want {
				t.Errorf("%s: %d bytes of %d: err = %v, want a *wire.Error: %v", name, n, len(raw), err, want)
			}
		}
	}
}

func TestSetSparseWithoutDataIsTrue(t *testing.T) {
	for raw, want := range map[string]bool{"": true, "\x00": false, "\x01": true, "\xff": true} {
		var info fscc.SetSparse
		if err := fscc.DecodeInformation([]byte(raw), &info); err != nil || info.SetSparse != want {
			t.Errorf("%q: %v, %v; want %v", raw, info.SetSparse, err, want)
		}
	}
}

func TestMalformedBuffersAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		bytes string
		info  fscc.Information
	}{
		"a trim range more than there is":  {"00000000 02000000 0000000000000000 0000000000000000", new(fscc.FileLevelTrim)},
		"4 billion trim ranges":            {"00000000 ffffffff 0000000000000000 0000000000000000", new(fscc.FileLevelTrim)},
		"trim ranges that wrap 32 bits":    {"00000000 01000010 0000000000000000 0000000000000000", new(fscc.FileLevelTrim)},
		"half a range":                     {"0000000000000000 0000000000000000 0000000000000000", new(fscc.AllocatedRanges)},
		"duplicate extents of wrong size":  {"2f00000000000000" + duplicateBytes + "00000000 00000000", new(fscc.DuplicateExtentsEx)},
		"integrity of another version":     {"01 00 0000 00000000 02 00000000000000", new(fscc.SetIntegrityInformationEx)},
		"pipe name beyond the end":         {"0000000000000000 0e000000 01 00 730072007600730076006300", new(fscc.PipeWait)},
		"pipe name of odd length":          {"0000000000000000 01000000 01 00 7300", new(fscc.PipeWait)},
		"DFS name of odd length":           {"0400 5c0061", new(fscc.GetDFSReferral)},
		"reparse data beyond the end":      {"0c0000a0 0500 0000 01020304", new(fscc.ReparseData)},
		"reparse data without its GUID":    {"01000000 0400 0000 01020304", new(fscc.ReparseData)},
		"notify, name beyond its record":   {"10000000 01000000 06000000 6100 0000 00000000 01000000 02000000 6100 0000", new(fscc.NotifyInformation)},
		"notify, next not aligned":         {"0e000000 01000000 02000000 6100 00000000 01000000 02000000 6100 0000", new(fscc.NotifyInformation)},
		"notify, record inside the former": {"08000000 01000000 02000000 6100 0000", new(fscc.NotifyInformation)},
	} {
		if err := fscc.DecodeInformation(unhex(t, c.bytes), c.info); err == nil {
			t.Errorf("%s: %s decoded to %+v", name, c.bytes, c.info)
		}
	}
}

func TestListsOfBuffersAreBounded(t *testing.T) {
	const trims, ranges, changes = 4096, 1 << 16, 1 << 20 / 12
	trim := func(n int) []byte {
		b := make([]byte, 8+16*n)
		binary.LittleEndian.PutUint32(b[4:], uint32(n))
		return b
	}
	for name, c := range map[string]struct {
		limit int
		bytes func(n int) []byte
		info  fscc.Information
	}{
		"trim ranges":      {trims, trim, new(fscc.FileLevelTrim)},
		"allocated ranges": {ranges, func(n int) []byte { return make([]byte, 16*n) }, new(fscc.AllocatedRanges)},
		"changes":          {changes, func(n int) []byte { return chain(n, 12, nil) }, new(fscc.NotifyInformation)},
		"reparse data": {fscc.MaxReparseData, func(n int) []byte {
			b := make([]byte, n)
			binary.LittleEndian.PutUint32(b, fscc.ReparseTagNFS)
			binary.LittleEndian.PutUint16(b[4:], uint16(n-8))
			return b
		}, new(fscc.ReparseData)},
	} {
		if err := fscc.DecodeInformation(c.bytes(c.limit), c.info); err != nil {
			t.Errorf("%d %s: %v", c.limit, name, err)
		}
		if err := fscc.DecodeInformation(c.bytes(c.limit+1), c.info); err == nil {
			t.Errorf("%d %s were taken", c.limit+1, name)
		}
	}
}

// The bytes are laid out by hand after [MS-FSCC] 2.1.2.2 and 2.1.2.3.
func TestReparsePointsHaveTheirForms(t *testing.T) {
	for name, c := range map[string]struct {
		bytes string
		data  fscc.ReparseData
	}{
		"of Microsoft": {"14000080 0400 0000 01020304", fscc.ReparseData{ReparseTag: fscc.ReparseTagNFS, DataBuffer: []byte{1, 2, 3, 4}}},
		"of others": {
			"14000000 0400 0000 101112131415161718191a1b1c1d1e1f 01020304",
			fscc.ReparseData{ReparseTag: 0x14, ReparseGUID: objectID.ObjectID, DataBuffer: []byte{1, 2, 3, 4}},
		},
		"without data, to be deleted": {"0c0000a0 0000 0000", fscc.ReparseData{ReparseTag: fscc.ReparseTagSymlink}},
	} {
		raw := unhex(t, c.bytes)
		var got fscc.ReparseData
		if err := fscc.DecodeInformation(raw, &got); err != nil || !reflect.DeepEqual(got, c.data) || got.Size() != len(raw) {
			t.Errorf("%s: %x\ngot  %+v, Size %d, %v\nwant %+v", name, raw, got, got.Size(), err, c.data)
		}
		if got := fscc.AppendInformation(nil, &c.data); !bytes.Equal(got, raw) {
			t.Errorf("%s: encoded\ngot  %x\nwant %x", name, got, raw)
		}
	}
}

func TestLinksAreReadInAnyOrder(t *testing.T) {
	junction := fscc.SymbolicLink{MountPoint: true, SubstituteName: `\??\C:\`, PrintName: `C:\`}
	for name, c := range map[string]struct {
		tag  uint32
		data string
		want fscc.SymbolicLink
	}{
		"link":                                   {fscc.ReparseTagSymlink, "0000 0200 0200 0200 01000000 6200 4200", symlink},
		"link, print name first and terminators": {fscc.ReparseTagSymlink, "0400 0200 0000 0200 01000000 4200 0000 6200 0000", symlink},
		"link, one name for both":                {fscc.ReparseTagSymlink, "0000 0200 0000 0200 00000000 6200", fscc.SymbolicLink{SubstituteName: "b", PrintName: "b"}},
		"link without a print name":              {fscc.ReparseTagSymlink, "0000 0200 ffff 0000 00000000 6200", fscc.SymbolicLink{SubstituteName: "b"}},
		"mount point":                            {fscc.ReparseTagMountPoint, "0000 0e00 0e00 0600 5c003f003f005c0043003a005c00 43003a005c00", junction},
	} {
		d := fscc.ReparseData{ReparseTag: c.tag, DataBuffer: unhex(t, c.data)}
		if got, ok, err := d.SymbolicLink(); !ok || err != nil || got != c.want {
			t.Errorf("%s: got %+v, %v, %v; want %+v", name, got, ok, err, c.want)
		}
	}
	if d := junction.ReparseData(); d.ReparseTag != fscc.ReparseTagMountPoint ||
		!bytes.Equal(d.DataBuffer, unhex(t, "0000 0e00 0e00 0600 5c003f003f005c0043003a005c00 43003a005c00")) {
		t.Errorf("mount point encoded as %+v", d)
	}
	if got, ok, err := (&fscc.ReparseData{ReparseTag: fscc.ReparseTagNFS, DataBuffer: make([]byte, 64)}).SymbolicLink(); ok || err != nil {
		t.Errorf("a reparse point of another kind: %+v, %v, %v", got, ok, err)
	}
}

func TestLinksOutsideTheirBufferAreRefused(t *testing.T) {
	for name, data := range map[string]string{
		"cut off":                    "0000 0200 0200 0200 0100",
		"target beyond the end":      "0400 0200 0000 0200 01000000 6200 4200",
		"target of odd length":       "0000 0100 0200 0200 01000000 6200 4200",
		"target far beyond the end":  "feff 0200 0200 0200 01000000 6200 4200",
		"print name beyond the end":  "0000 0200 0200 0400 01000000 6200 4200",
		"offset and length wrap":     "ffff ffff 0000 0000 01000000 6200 4200",
		"names in front of the path": "0000 0200 0200 0200 01000000",
	} {
		d := fscc.ReparseData{ReparseTag: fscc.ReparseTagSymlink, DataBuffer: unhex(t, data)}
		got, ok, err := d.SymbolicLink()
		if _, refused := errors.AsType[*wire.Error](err); !refused || !ok {
			t.Errorf("%s: got %+v, %v, %v; want a *wire.Error", name, got, ok, err)
		}
	}
}

func TestSizeOfAChangeCountsItsPadding(t *testing.T) {
	changes := notifyVector.info.(*fscc.NotifyInformation).Changes
	var total int
	for i, c := range changes {
		total += c.Size()
		list := fscc.AppendInformation(nil, &fscc.NotifyInformation{Changes: changes[:i+1]})
		if len(list) != total {
			t.Errorf("%d changes are %d bytes, their sizes %d", i+1, len(list), total)
		}
	}
}

func TestNotifyWithoutPaddingAtTheEndIsUnderstood(t *testing.T) {
	var got fscc.NotifyInformation
	want := []fscc.Change{{Action: fscc.NotifyAdded, FileName: "a"}}
	if err := fscc.DecodeInformation(unhex(t, "00000000 01000000 02000000 6100"), &got); err != nil || !slices.Equal(got.Changes, want) {
		t.Errorf("got %+v, %v; want %+v", got.Changes, err, want)
	}
}

func TestFSCTLsWithoutKnownBuffersHaveNoRow(t *testing.T) {
	for _, c := range []fscc.FSCTL{0, fscc.FSCTLValidateNegotiateInfo, fscc.FSCTLGetNTFSVolumeData} {
		if row, ok := c.Row(); ok {
			t.Errorf("%v has the row %+v", c, row)
		}
	}
	n := 0
	for range fscc.FSCTLs() {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("walking the table stopped after %d rows", n)
	}
}

func FuzzFSCTLBuffers(f *testing.F) {
	all := buffers(f)
	for _, c := range all {
		f.Add(unhex(f, c.bytes))
	}
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, name := range names {
			first, second := all[name].new(), all[name].new()
			if fscc.DecodeInformation(b, first) != nil {
				continue
			}
			encoded := fscc.AppendInformation(nil, first)
			if err := fscc.DecodeInformation(encoded, second); err != nil || !reflect.DeepEqual(first, second) {
				t.Fatalf("%s: %x\nfirst  %+v\nsecond %+v, %v", name, b, first, second, err)
			}
			d, ok := first.(*fscc.ReparseData)
			if !ok {
				continue
			}
			link, ok, err := d.SymbolicLink()
			if !ok || err != nil {
				continue
			}
			again := link.ReparseData()
			if got, _, err := again.SymbolicLink(); err != nil || got != link {
				t.Fatalf("%x\nfirst  %+v\nsecond %+v, %v", b, link, got, err)
			}
		}
	})
}
