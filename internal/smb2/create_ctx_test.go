package smb2

import (
	"bytes"
	"encoding/hex"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/wire"
	"github.com/signet-smb/signet/ntstatus"
)

// contextCase is a create context in one direction: its data, laid out by
// hand after the section unless said otherwise, and what it means.
type contextCase struct {
	name    string
	tag     string
	data    string
	decode  func(CreateContext) (any, error)
	want    any
	encoded CreateContext
	legal   []int // lengths at which the data may be cut
	open    bool  // may be longer
}

// anyOf makes a reader of a context one of any type.
func anyOf[T any](read func(CreateContext) (T, error)) func(CreateContext) (any, error) {
	return func(c CreateContext) (any, error) { return read(c) }
}

// noneOf makes a reader that finds nothing one of any type.
func noneOf(read func(CreateContext) error) func(CreateContext) (any, error) {
	return func(c CreateContext) (any, error) { return nil, read(c) }
}

func contextCases() []contextCase {
	var parent LeaseKey
	copy(parent[:], leaseV2[32:])
	eas := fscc.FullEaInformation{EAs: []fscc.EA{{Flags: fscc.NeedEA, Name: "A", Value: []byte{1, 2}}, {Name: "B"}}}
	sd := dtyp.SecurityDescriptor{Control: dtyp.SelfRelative | dtyp.DACLPresent, Owner: dtyp.SIDLocalSystem}
	id := FileID{0x1112131415161718, 0x2122232425262728}
	guid := dtyp.GUID(ramp(16, 0x30))
	lease := Lease{LeaseKey: LeaseKey(ramp(16, 0x40)), LeaseState: LeaseReadCaching | LeaseWriteCaching, Flags: LeaseBreakInProgress}
	leaseOf49 := Lease{V2: true, LeaseKey: leaseKey, LeaseState: 7, Flags: LeaseParentLeaseKeySet, ParentLeaseKey: parent, Epoch: 1}
	durableOf49 := DurableHandleRequestV2{CreateGUID: dtyp.GUID(durableV2[16:])}
	request := DurableHandleRequestV2{Timeout: 0x01020304, Flags: DurableHandlePersistent, CreateGUID: guid}
	response := DurableHandleResponseV2{Timeout: 60000, Flags: DurableHandlePersistent}
	reconnect := DurableHandleReconnectV2{FileID: id, CreateGUID: guid, Flags: DurableHandlePersistent}
	access := MaximalAccess{QueryStatus: ntstatus.AccessDenied, MaximalAccess: dtyp.FileAllAccess}
	onDisk := OnDiskID{DiskFileID: 0x0102030405060708, VolumeID: 0x1112131415161718}
	version := AppInstanceVersion{High: 0x0102030405060708, Low: 0x1112131415161718}
	query := AAPLRequest{RequestBitmap: 7, Capabilities: AAPLSupportsReadDirAttr | AAPLSupportsOSXCopyfile}
	answer := AAPLResponse{ReplyBitmap: 7, ServerCapabilities: AAPLUnixBased, VolumeCapabilities: AAPLSupportsFullSync, Model: "Mac"}
	part := AAPLResponse{ReplyBitmap: AAPLVolumeCapabilities, VolumeCapabilities: AAPLCaseSensitive}
	const idBytes, guidBytes = "1817161514131211 2827262524232221", "303132333435363738393a3b3c3d3e3f"
	const zeros8 = "0000000000000000"
	return []contextCase{
		{
			name: "2.2.13.2.1", tag: "ExtA", data: "0c000000 80 01 0200 41 00 0102 00000000 00 01 0000 42 00",
			decode: anyOf(CreateContext.EABuffer), want: eas, encoded: EABufferContext(eas), legal: []int{0, 12}, open: true,
		},
		{
			name: "2.2.13.2.2", tag: "SecD", data: "01 00 0480 14000000 00000000 00000000 00000000 01 01 000000000005 12000000",
			decode: anyOf(CreateContext.SDBuffer), want: sd, encoded: SDBufferContext(sd), open: true,
		},
		{
			name: "2.2.13.2.3", tag: "DHnQ", data: zeros8 + zeros8,
			decode: noneOf(CreateContext.DurableHandleRequest), encoded: DurableHandleRequestContext(),
		},
		{
			name: "2.2.14.2.3", tag: "DHnQ", data: zeros8,
			decode: noneOf(CreateContext.DurableHandleResponse), encoded: DurableHandleResponseContext(),
		},
		{
			name: "2.2.13.2.4", tag: "DHnC", data: idBytes,
			decode: anyOf(CreateContext.DurableHandleReconnect), want: id, encoded: DurableHandleReconnectContext(id),
		},
		{
			name: "2.2.13.2.5", tag: "MxAc", data: "20df514dc2a6c601",
			decode: anyOf(CreateContext.QueryMaximalAccess), want: dtyp.FileTime(0x01C6A6C24D51DF20), encoded: QueryMaximalAccessContext(0x01C6A6C24D51DF20), legal: []int{0},
		},
		{
			name: "2.2.13.2.5 without a time", tag: "MxAc", data: "",
			decode: anyOf(CreateContext.QueryMaximalAccess), want: dtyp.FileTime(0), encoded: QueryMaximalAccessContext(0),
		},
		{
			name: "2.2.14.2.5", tag: "MxAc", data: "220000c0 ff011f00",
			decode: anyOf(CreateContext.MaximalAccess), want: access, encoded: MaximalAccessContext(access),
		},
		{
			name: "2.2.13.2.6", tag: "AlSi", data: "0807060504030201",
			decode: anyOf(CreateContext.AllocationSize), want: uint64(0x0102030405060708), encoded: AllocationSizeContext(0x0102030405060708),
		},
		{
			name: "2.2.13.2.7", tag: "TWrp", data: "20df514dc2a6c601",
			decode: anyOf(CreateContext.TimewarpToken), want: dtyp.FileTime(0x01C6A6C24D51DF20), encoded: TimewarpTokenContext(0x01C6A6C24D51DF20),
		},
		{
			name: "2.2.14.2.9", tag: "QFid", data: "0807060504030201 1817161514131211" + zeros8 + zeros8,
			decode: anyOf(CreateContext.OnDiskID), want: onDisk, encoded: OnDiskIDContext(onDisk),
		},
		{
			name: "2.2.14.2.10", tag: "RqLs", data: "404142434445464748494a4b4c4d4e4f 05000000 02000000" + zeros8,
			decode: anyOf(CreateContext.Lease), want: lease, encoded: LeaseContext(lease),
		},
		{
			name: "2.2.14.2.11, the CREATE response of 4.9", tag: "RqLs", data: hex.EncodeToString(leaseV2[:48]) + "01000000",
			decode: anyOf(CreateContext.Lease), want: leaseOf49, encoded: LeaseContext(leaseOf49), legal: []int{leaseV1Size},
		},
		{
			name: "2.2.13.2.11, the CREATE request of 4.9", tag: "DH2Q", data: hex.EncodeToString(durableV2),
			decode: anyOf(CreateContext.DurableHandleRequestV2), want: durableOf49, encoded: DurableHandleRequestV2Context(durableOf49),
		},
		{
			name: "2.2.13.2.11", tag: "DH2Q", data: "04030201 02000000" + zeros8 + guidBytes,
			decode: anyOf(CreateContext.DurableHandleRequestV2), want: request, encoded: DurableHandleRequestV2Context(request),
		},
		{
			name: "2.2.14.2.12", tag: "DH2Q", data: "60ea0000 02000000",
			decode: anyOf(CreateContext.DurableHandleResponseV2), want: response, encoded: DurableHandleResponseV2Context(response),
		},
		{
			name: "2.2.13.2.12", tag: "DH2C", data: idBytes + guidBytes + "02000000",
			decode: anyOf(CreateContext.DurableHandleReconnectV2), want: reconnect, encoded: DurableHandleReconnectV2Context(reconnect),
		},
		{
			name: "2.2.13.2.13", tag: "\x45\xBC\xA6\x6A\xEF\xA7\xF7\x4A\x90\x08\xFA\x46\x2E\x14\x4D\x74", data: "1400 0000" + guidBytes,
			decode: anyOf(CreateContext.AppInstanceID), want: guid, encoded: AppInstanceIDContext(guid),
		},
		{
			name: "2.2.13.2.15", tag: "\xB9\x82\xD0\xB7\x3B\x56\x07\x4F\xA0\x7B\x52\x4A\x81\x16\xA0\x10", data: "1800 0000 00000000 0807060504030201 1817161514131211",
			decode: anyOf(CreateContext.AppInstanceVersion), want: version, encoded: AppInstanceVersionContext(version),
		},
		{
			name: "Apple's server query, by hand after Samba's vfs_fruit", tag: "AAPL", data: "01000000 00000000 0700000000000000 0300000000000000",
			decode: anyOf(CreateContext.AAPLRequest), want: query, encoded: AAPLRequestContext(query),
		},
		{
			name: "and its answer", tag: "AAPL", data: "01000000 00000000 0700000000000000 0400000000000000 0400000000000000 00000000 06000000 4d0061006300",
			decode: anyOf(CreateContext.AAPLResponse), want: answer, encoded: AAPLResponseContext(answer),
		},
		{
			name: "and part of it", tag: "AAPL", data: "01000000 00000000 0200000000000000 0200000000000000",
			decode: anyOf(CreateContext.AAPLResponse), want: part, encoded: AAPLResponseContext(part),
		},
	}
}

// dataOf decodes the hexadecimal text of a case; nil if it is empty.
func dataOf(t testing.TB, c contextCase) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(c.data), ""))
	if err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	return b
}

func TestCreateContextsHaveTheirLayout(t *testing.T) {
	for _, c := range contextCases() {
		t.Run(c.name, func(t *testing.T) {
			data := dataOf(t, c)
			if c.encoded.Name != c.tag || !bytes.Equal(c.encoded.Data, data) {
				t.Errorf("encoded\n got %q % x\nwant %q % x", c.encoded.Name, c.encoded.Data, c.tag, data)
			}
			got, err := c.decode(CreateContext{c.tag, data})
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("decoded % x: %v\n got %+v\nwant %+v", data, err, got, c.want)
			}
			for n := range data {
				_, err := c.decode(CreateContext{c.tag, data[:n:n]})
				if legal := slices.Contains(c.legal, n); legal && err != nil || !legal && !isWireError(err) {
					t.Errorf("cut to %d bytes of %d: error %v, want a *wire.Error: %v", n, len(data), err, !legal)
				}
			}
			if _, err := c.decode(CreateContext{c.tag, append(slices.Clone(data), 0)}); c.open != (err == nil) {
				t.Errorf("with a byte more: error %v, want one: %v", err, !c.open)
			}
		})
	}
}

func TestQueryOnDiskIDHasNoData(t *testing.T) {
	if c := QueryOnDiskIDContext(); c.Name != "QFid" || c.Data != nil {
		t.Errorf("got %+v", c)
	}
}

func TestReservedFieldsOfCreateContextsAreIgnored(t *testing.T) {
	ones := bytes.Repeat([]byte{0xFF}, 16)
	if err := (CreateContext{CreateDurableHandle, ones}).DurableHandleRequest(); err != nil {
		t.Error(err)
	}
	if err := (CreateContext{CreateDurableHandle, ones[:8]}).DurableHandleResponse(); err != nil {
		t.Error(err)
	}
	id, err := CreateContext{CreateQueryOnDiskID, slices.Concat(make([]byte, 16), ones)}.OnDiskID()
	if err != nil || id != (OnDiskID{}) {
		t.Errorf("QFid: %+v, %v", id, err)
	}
	d, err := CreateContext{CreateDurableHandleV2, slices.Concat(make([]byte, 8), ones[:8], make([]byte, 16))}.DurableHandleRequestV2()
	if err != nil || d != (DurableHandleRequestV2{}) {
		t.Errorf("DH2Q: %+v, %v", d, err)
	}
	l, err := CreateContext{CreateLease, slices.Concat(make([]byte, 24), ones[:8], make([]byte, 18), ones[:2])}.Lease()
	if err != nil || l != (Lease{V2: true}) {
		t.Errorf("RqLs: %+v, %v", l, err)
	}
}

func TestCommandsOfAppleThatAreNotKnownAreRefused(t *testing.T) {
	data := append([]byte{2, 0, 0, 0}, make([]byte, 20)...) // resolve ID
	if got, err := (CreateContext{CreateAAPL, data}).AAPLRequest(); !isWireError(err) {
		t.Errorf("got %+v, %v, want a *wire.Error", got, err)
	}
}

// FuzzCreateContexts reads arbitrary bytes as the list of contexts and as the
// data of each typed one.
func FuzzCreateContexts(f *testing.F) {
	var all []CreateContext
	for _, c := range contextCases() {
		f.Add(dataOf(f, c))
		all = append(all, CreateContext{c.tag, dataOf(f, c)})
	}
	w := wire.NewWriter(nil)
	createContextsHole(w).append(w, all)
	f.Add(w.Finish()[8:])
	f.Fuzz(func(t *testing.T, b []byte) {
		contexts := decodeCreateContexts(wire.NewReader(b), 0, uint32(len(b)))
		if len(contexts) > MaxCreateContexts {
			t.Fatalf("%d contexts", len(contexts))
		}
		for _, c := range append(contexts, CreateContext{Data: b}) {
			again(t, c, CreateContext.EABuffer, EABufferContext)
			again(t, c, CreateContext.DurableHandleReconnect, DurableHandleReconnectContext)
			again(t, c, CreateContext.AllocationSize, AllocationSizeContext)
			again(t, c, CreateContext.QueryMaximalAccess, QueryMaximalAccessContext)
			again(t, c, CreateContext.MaximalAccess, MaximalAccessContext)
			again(t, c, CreateContext.TimewarpToken, TimewarpTokenContext)
			again(t, c, CreateContext.OnDiskID, OnDiskIDContext)
			again(t, c, CreateContext.Lease, LeaseContext)
			again(t, c, CreateContext.DurableHandleRequestV2, DurableHandleRequestV2Context)
			again(t, c, CreateContext.DurableHandleResponseV2, DurableHandleResponseV2Context)
			again(t, c, CreateContext.DurableHandleReconnectV2, DurableHandleReconnectV2Context)
			again(t, c, CreateContext.AppInstanceID, AppInstanceIDContext)
			again(t, c, CreateContext.AppInstanceVersion, AppInstanceVersionContext)
			again(t, c, CreateContext.AAPLRequest, AAPLRequestContext)
			again(t, c, CreateContext.AAPLResponse, AAPLResponseContext)
			c.SDBuffer() // dtyp fuzzes its round trip
		}
	})
}

// again reads c, writes what was read, and wants to read the same.
func again[T any](t *testing.T, c CreateContext, read func(CreateContext) (T, error), write func(T) CreateContext) {
	t.Helper()
	first, err := read(c)
	if err != nil {
		return
	}
	written := write(first)
	if second, err := read(written); err != nil || !reflect.DeepEqual(first, second) {
		t.Errorf("%T, % x, written % x: %v\n got %+v\nwant %+v", first, c.Data, written.Data, err, second, first)
	}
}
