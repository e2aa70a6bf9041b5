package smb2

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
)

// buffer is the input or output of an FSCTL.
type buffer interface {
	Decode([]byte) error
	Append([]byte) []byte
}

// bufferCase is such a buffer, its bytes and an empty one of its kind.
type bufferCase struct {
	name  string
	value buffer
	bytes []byte
	new   func() buffer
	legal []int // lengths at which it may be cut
}

// snapshotOf is a time to the second, as a @GMT token gives it.
func snapshotOf(day int) dtyp.FileTime {
	return dtyp.FileTimeOf(time.Date(2024, 2, day, 13, 4, 59, 0, time.UTC))
}

// bufferCases are laid out by hand after the sections, but for the first
// interface, which is that of [MS-SMB2] 4.8.
func bufferCases() []bufferCase {
	key := ResumeKey(ramp(24, 0x10))
	interface48 := slices.Concat(
		[]byte{0x98, 0, 0, 0, 12, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0x00, 0xE4, 0x0B, 0x54, 2, 0, 0, 0},
		[]byte{2, 0, 0, 0, 172, 25, 220, 21}, make([]byte, 120))
	second := slices.Concat(
		[]byte{0, 0, 0, 0, 13, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0x00, 0xCA, 0x9A, 0x3B, 0, 0, 0, 0},
		[]byte{0x17, 0, 0, 0, 0, 0, 0, 0, 0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, make([]byte, 104))
	token := func(text string) []byte { return append(wire.AppendUTF16(nil, text), 0, 0) }
	return []bufferCase{
		{
			"2.2.31.1", &SrvCopychunkCopy{SourceKey: key, Chunks: []SrvCopychunk{
				{SourceOffset: 0x0102030405060708, TargetOffset: 0x1112131415161718, Length: 0x21222324}, {Length: 1},
			}}, slices.Concat(ramp(24, 0x10), []byte{2, 0, 0, 0, 0, 0, 0, 0},
				[]byte{8, 7, 6, 5, 4, 3, 2, 1, 0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11, 0x24, 0x23, 0x22, 0x21, 0, 0, 0, 0},
				make([]byte, 16), []byte{1, 0, 0, 0, 0, 0, 0, 0}),
			func() buffer { return new(SrvCopychunkCopy) }, nil,
		},
		{
			"2.2.31.1 without chunks", &SrvCopychunkCopy{SourceKey: key}, append(ramp(24, 0x10), make([]byte, 8)...),
			func() buffer { return new(SrvCopychunkCopy) }, nil,
		},
		{
			"2.2.32.1", &SrvCopychunkResponse{ChunksWritten: 0x11, ChunkBytesWritten: 0x22, TotalBytesWritten: 0x33},
			[]byte{0x11, 0, 0, 0, 0x22, 0, 0, 0, 0x33, 0, 0, 0},
			func() buffer { return new(SrvCopychunkResponse) }, nil,
		},
		{
			"2.2.32.3", &SrvRequestResumeKeyResponse{ResumeKey: key}, append(ramp(24, 0x10), make([]byte, 8)...),
			func() buffer { return new(SrvRequestResumeKeyResponse) },
			[]int{28, 29, 30, 31},
		},
		{
			"2.2.32.2", &SrvSnapshotArray{NumberOfSnapshots: 3, Snapshots: []dtyp.FileTime{snapshotOf(28), snapshotOf(29)}},
			slices.Concat([]byte{3, 0, 0, 0, 2, 0, 0, 0, 102, 0, 0, 0}, token("@GMT-2024.02.28-13.04.59"), token("@GMT-2024.02.29-13.04.59"), []byte{0, 0}),
			func() buffer { return new(SrvSnapshotArray) },
			[]int{112, 113},
		},
		{
			"2.2.32.2 that does not fit", &SrvSnapshotArray{NumberOfSnapshots: 3, SnapshotArraySize: 152},
			[]byte{3, 0, 0, 0, 0, 0, 0, 0, 152, 0, 0, 0},
			func() buffer { return new(SrvSnapshotArray) }, nil,
		},
		{"2.2.32.5", &NetworkInterfaceInfo{Interfaces: []NetworkInterface{
			{IfIndex: 12, Capability: RSSCapable, LinkSpeed: 10000000000, Address: netip.MustParseAddr("172.25.220.21")},
			{IfIndex: 13, Capability: RDMACapable, LinkSpeed: 1000000000, Address: netip.MustParseAddr("2001:db8::1")},
		}}, slices.Concat(interface48, second), func() buffer { return new(NetworkInterfaceInfo) }, []int{0, 152}},
	}
}

func TestBuffersOfFSCTLsHaveTheirLayout(t *testing.T) {
	for _, c := range bufferCases() {
		t.Run(c.name, func(t *testing.T) {
			if got := c.value.Append([]byte{0xEE}); got[0] != 0xEE || !bytes.Equal(got[1:], c.bytes) {
				t.Errorf("encoded %+v\n got % x\nwant ee % x", c.value, got, c.bytes)
			}
			got := c.new()
			if err := got.Decode(c.bytes); err != nil || !reflect.DeepEqual(got, c.value) {
				t.Errorf("decoded % x: %v\n got %+v\nwant %+v", c.bytes, err, got, c.value)
			}
			for n := range c.bytes {
				err := c.new().Decode(c.bytes[:n:n])
				if legal := slices.Contains(c.legal, n); legal && err != nil || !legal && !isWireError(err) {
					t.Errorf("cut to %d bytes of %d: error %v, want a *wire.Error: %v", n, len(c.bytes), err, !legal)
				}
			}
			if err := got.Decode(append(slices.Clone(c.bytes), 1, 2, 3)); err != nil || !reflect.DeepEqual(got, c.value) {
				t.Errorf("with 3 bytes more, over what was there: %v\n got %+v\nwant %+v", err, got, c.value)
			}
		})
	}
}

func TestCountsOfFSCTLsBeyondTheirBufferAreRefused(t *testing.T) {
	chunks := func(count uint32, size int) []byte {
		b := make([]byte, 32+size)
		binary.LittleEndian.PutUint32(b[24:], count)
		return b
	}
	snapshots := func(count, size uint32, b string) []byte {
		head := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32([]byte{9, 0, 0, 0}, count), size)
		return append(head, wire.AppendUTF16(nil, b)...)
	}
	const token = "@GMT-2024.02.28-13.04.59\x00"
	for name, c := range map[string]struct {
		b    []byte
		into buffer
	}{
		"a chunk more than there is":  {chunks(2, 47), new(SrvCopychunkCopy)},
		"4 billion chunks":            {chunks(0xFFFFFFFF, 48), new(SrvCopychunkCopy)},
		"chunks of 4 GiB and 24":      {chunks(178956971, 48), new(SrvCopychunkCopy)}, // times 24 is 8 more than 1<<32
		"more chunks than the limit":  {chunks(MaxCopychunks+1, (MaxCopychunks+1)*copychunkSize), new(SrvCopychunkCopy)},
		"a snapshot more than size":   {snapshots(2, 98, token+token), new(SrvSnapshotArray)},
		"a snapshot more than bytes":  {snapshots(2, 102, token), new(SrvSnapshotArray)},
		"4 billion snapshots":         {snapshots(0xFFFFFFFF, 0xFFFFFFFF, token), new(SrvSnapshotArray)},
		"a snapshot that is no token": {snapshots(1, 52, "@GMT-2024.02.30-13.04.59\x00\x00"), new(SrvSnapshotArray)},
		"a token in small letters":    {snapshots(1, 52, "@gmt-2024.02.28-13.04.59\x00\x00"), new(SrvSnapshotArray)},
		"interfaces that overlap":     {append([]byte{8, 0, 0, 0}, make([]byte, 160)...), new(NetworkInterfaceInfo)},
	} {
		if err := c.into.Decode(c.b); !isWireError(err) {
			t.Errorf("%s: %+v, %v, want a *wire.Error", name, c.into, err)
		}
	}
	var most SrvCopychunkCopy
	if err := most.Decode(chunks(MaxCopychunks, MaxCopychunks*copychunkSize)); err != nil || len(most.Chunks) != MaxCopychunks {
		t.Errorf("%d chunks: %v", MaxCopychunks, err)
	}
}

func TestListsOfInterfacesAreBounded(t *testing.T) {
	for n, want := range map[int]bool{MaxNetworkInterfaces: true, MaxNetworkInterfaces + 1: false} {
		info := NetworkInterfaceInfo{Interfaces: make([]NetworkInterface, n)}
		if err := new(NetworkInterfaceInfo).Decode(info.Append(nil)); (err == nil) != want {
			t.Errorf("%d interfaces: %v", n, err)
		}
	}
}

func TestAddressesOfUnknownFamiliesAreNone(t *testing.T) {
	b := make([]byte, 152)
	b[24] = 0x1E // AF_INET6 of other systems
	var info NetworkInterfaceInfo
	if err := info.Decode(b); err != nil || len(info.Interfaces) != 1 || info.Interfaces[0].Address.IsValid() {
		t.Errorf("%+v, %v", info, err)
	}
}

// FuzzFSCTLBuffers reads arbitrary bytes as every buffer.
func FuzzFSCTLBuffers(f *testing.F) {
	cases := bufferCases()
	for _, c := range cases {
		f.Add(c.bytes)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, c := range cases {
			first, second := c.new(), c.new()
			if first.Decode(b) != nil {
				continue
			}
			written := first.Append(nil)
			if err := second.Decode(written); err != nil || !reflect.DeepEqual(first, second) {
				t.Errorf("%T, % x: %v\n got %+v\nwant %+v", first, b, err, second, first)
			}
		}
	})
}
