package server_test

import (
	"testing"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
)

// What a request costs from the client's call to the reply, over loopback,
// signed, on memory. The allocations are those of both ends: only compare.

// benchPeer is a client of a server that writes nothing down.
func benchPeer(b *testing.B) *smbtest.Peer {
	b.Helper()
	return smbtest.StartServer(b, smbtest.Options{Quiet: true, Unlogged: true}).Login()
}

func BenchmarkRead4KiB(b *testing.B) {
	p := benchPeer(b)
	id := p.Open("file")
	p.Write(id, 0, string(make([]byte, 4<<10)))
	b.SetBytes(4 << 10)
	b.ReportAllocs()
	for b.Loop() {
		var res smb2.ReadResponse
		p.MustDo(&smb2.ReadRequest{FileID: id, Length: 4 << 10}, &res)
	}
	p.CloseFile(id)
}

func BenchmarkWrite4KiB(b *testing.B) {
	p := benchPeer(b)
	id := p.Open("file")
	data := make([]byte, 4<<10)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var res smb2.WriteResponse
		p.MustDo(&smb2.WriteRequest{FileID: id, Data: data}, &res)
	}
	p.CloseFile(id)
}

func BenchmarkCreateAndClose(b *testing.B) {
	p := benchPeer(b)
	makeFile(p, "file", "")
	b.ReportAllocs()
	for b.Loop() {
		var res smb2.CreateResponse
		p.MustDo(create("file", fscc.DispositionOpen, readAccess, 0), &res)
		p.CloseFile(res.FileID)
	}
}

// BenchmarkEcho is the share of what every request pays.
func BenchmarkEcho(b *testing.B) {
	p := benchPeer(b)
	b.ReportAllocs()
	for b.Loop() {
		p.MustDo(&smb2.EchoRequest{}, &smb2.EchoResponse{})
	}
}
