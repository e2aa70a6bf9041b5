package smb2

import (
	"encoding/binary"
	"slices"
	"testing"
)

// patch is a number written over a vector: v at byte at, size bytes wide.
type patch struct {
	at, size int
	v        uint64
}

func patched(msg []byte, patches ...patch) []byte {
	msg = slices.Clone(msg)
	for _, p := range patches {
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], p.v)
		copy(msg[p.at:p.at+p.size], b[:])
	}
	return msg
}

func TestReferencesOutsideTheirMessageAreRefused(t *testing.T) {
	for _, tt := range []struct {
		vector, name string
		patches      []patch
	}{
		{"write_request", "data inside the header", []patch{{66, 2, 0}}},
		{"write_request", "data inside the fixed part", []patch{{66, 2, 111}}},
		{"write_request", "data beyond the end", []patch{{66, 2, 113}}},
		{"write_request", "4 GiB of data", []patch{{68, 4, 0xFFFFFFFF}}},
		{"read_response", "data inside the fixed part", []patch{{66, 1, 79}}},
		{"read_response", "data beyond the end", []patch{{68, 4, 99}}},
		{"session_setup_request", "token inside the fixed part", []patch{{76, 2, 87}}},
		{"session_setup_request", "token beyond the end", []patch{{78, 2, 75}}},
		{"session_setup_response", "token inside the fixed part", []patch{{68, 2, 70}}},
		{"tree_connect_request", "path inside the fixed part", []patch{{68, 2, 71}}},
		{"tree_connect_request", "path of odd length", []patch{{70, 2, 33}}},
		{"create_request", "name inside the fixed part", []patch{{108, 2, 119}}},
		{"create_request", "name beyond the end", []patch{{110, 2, 14}}},
		{"create_request", "name of odd length", []patch{{110, 2, 11}}},
		{"create_request.contexts", "contexts inside the fixed part", []patch{{112, 4, 119}}},
		{"create_request.contexts", "contexts beyond the end", []patch{{116, 4, 133}}},
		{"create_request.contexts", "4 GiB of contexts", []patch{{112, 4, 0xFFFFFFFF}, {116, 4, 0xFFFFFFFF}}},
		{"create_request.contexts", "Next of 4", []patch{{0x90, 4, 4}}},
		{"create_request.contexts", "Next not a multiple of 8", []patch{{0x90, 4, 52}}},
		{"create_request.contexts", "Next beyond the list", []patch{{0x90, 4, 136}}},
		{"create_request.contexts", "Next inside its context", []patch{{0x90, 4, 16}}},
		{"create_request.contexts", "tag inside the fixed part", []patch{{0x94, 2, 15}}},
		{"create_request.contexts", "tag in the next context", []patch{{0x94, 2, 56}}},
		{"create_request.contexts", "data inside the fixed part", []patch{{0x9A, 2, 8}}},
		{"create_request.contexts", "data into the next context", []patch{{0x9C, 4, 33}}},
		{"create_response.contexts", "contexts inside the fixed part", []patch{{144, 4, 151}}},
		{"negotiate_request", "more dialects than bytes", []patch{{66, 2, 2}}},
		{"negotiate_request.311", "contexts inside the dialects", []patch{{92, 4, 109}}},
		{"negotiate_request.311", "contexts beyond the end", []patch{{92, 4, 0xFFFFFFFF}}},
		{"negotiate_request.311", "a context more than there is", []patch{{96, 2, 7}}},
		{"negotiate_request.311", "context data beyond the end", []patch{{114, 2, 0xFFFF}}},
		{"negotiate_response.311", "contexts inside the fixed part", []patch{{124, 4, 127}}},
		{"negotiate_response.311", "token inside the fixed part", []patch{{120, 2, 127}}},
		{"ioctl_request", "input inside the fixed part", []patch{{88, 4, 119}}},
		{"ioctl_request", "input beyond the end", []patch{{92, 4, 69}}},
		{"ioctl_request", "output beyond the end", []patch{{104, 4, 69}}},
		{"ioctl_response", "output inside the fixed part", []patch{{96, 4, 111}}},
		{"ioctl_response", "output beyond the end", []patch{{100, 4, 113}}},
		{"query_directory_request", "pattern inside the fixed part", []patch{{88, 2, 95}}},
		{"query_directory_request", "pattern of odd length", []patch{{90, 2, 1}}},
		{"query_directory_response", "output inside the fixed part", []patch{{66, 2, 71}}},
		{"query_info_request.ea", "input inside the fixed part", []patch{{72, 2, 103}}},
		{"query_info_request.ea", "4 GiB of input", []patch{{76, 4, 0xFFFFFFFF}}},
		{"query_info_response", "output beyond the end", []patch{{68, 4, 9}}},
		{"set_info_request", "input inside the fixed part", []patch{{72, 2, 95}}},
		{"set_info_request", "input beyond the end", []patch{{68, 4, 9}}},
		{"change_notify_response", "output beyond the end", []patch{{68, 4, 0xFFFFFFFF}}},
		{"error_response.context", "data beyond the end", []patch{{68, 4, 11}}},
		{"lock_request", "no lock", []patch{{66, 2, 0}}},
		{"lock_request", "more locks than bytes", []patch{{66, 2, 2}}},
	} {
		t.Run(tt.vector+": "+tt.name, func(t *testing.T) {
			good := vectorNamed(t, tt.vector)
			m := messages[expected[tt.vector].id()].new()
			if err := Decode(good, m); err != nil {
				t.Fatalf("unpatched: %v", err)
			}
			if err := Decode(patched(good, tt.patches...), m); !isWireError(err) {
				t.Errorf("error %v, want a *wire.Error", err)
			}
		})
	}
}

// An empty reference may point anywhere: peers leave garbage there.
func TestEmptyReferencesMayPointAnywhere(t *testing.T) {
	for _, tt := range []struct {
		vector string
		offset patch
	}{
		{"write_request.empty", patch{66, 2, 0xFFFF}},
		{"session_setup_request.previous", patch{76, 2, 0xFFFF}},
		{"negotiate_response.wildcard", patch{120, 2, 1}},
		{"create_request.root", patch{108, 2, 0}},
		{"create_request", patch{112, 4, 0xFFFFFFFF}},
		{"create_response", patch{144, 4, 1}},
		{"ioctl_request.empty", patch{88, 4, 0xFFFFFFFF}},
		{"ioctl_response.empty", patch{96, 4, 1}},
		{"query_directory_request.empty", patch{88, 2, 3}},
		{"change_notify_response.enum", patch{66, 2, 0}},
		{"query_info_request", patch{72, 2, 0xFFFF}},
		{"set_info_request.empty", patch{72, 2, 0}},
	} {
		m := messages[expected[tt.vector].id()].new()
		if err := Decode(patched(vectorNamed(t, tt.vector), tt.offset), m); err != nil {
			t.Errorf("%s with %+v: %v", tt.vector, tt.offset, err)
		}
	}
}

func TestListsBeyondTheirLimitAreRefused(t *testing.T) {
	for _, tt := range []struct {
		name  string
		limit int
		of    func(n int) Message
	}{
		{"dialects", MaxDialects, func(n int) Message {
			return &NegotiateRequest{Dialects: slices.Repeat([]Dialect{Dialect202}, n)}
		}},
		{"negotiate contexts of a request", MaxNegotiateContexts, func(n int) Message {
			return &NegotiateRequest{Dialects: []Dialect{Dialect311}, Contexts: make([]NegotiateContext, n)}
		}},
		{"negotiate contexts of a response", MaxNegotiateContexts, func(n int) Message {
			return &NegotiateResponse{DialectRevision: Dialect311, Contexts: make([]NegotiateContext, n)}
		}},
		{"create contexts of a request", MaxCreateContexts, func(n int) Message {
			return &CreateRequest{Contexts: slices.Repeat([]CreateContext{{Name: "MxAc"}}, n)}
		}},
		{"create contexts of a response", MaxCreateContexts, func(n int) Message {
			return &CreateResponse{Contexts: slices.Repeat([]CreateContext{{Name: "MxAc"}}, n)}
		}},
		{"locks", MaxLocks, func(n int) Message { return &LockRequest{Locks: make([]LockElement, n)} }},
	} {
		for _, n := range []int{tt.limit, tt.limit + 1} {
			m := tt.of(n)
			msg := Append(make([]byte, HeaderSize), m)
			err := Decode(msg, messages[m.id()].new())
			if accepted := err == nil; accepted != (n <= tt.limit) || !accepted && !isWireError(err) {
				t.Errorf("%d %s, %d bytes: %v; the limit is %d", n, tt.name, len(msg), err, tt.limit)
			}
		}
	}
}

func TestLargestLogonFitsItsLimit(t *testing.T) {
	token := make([]byte, MaxSecurityBuffer)
	for _, m := range []Message{
		&SessionSetupRequest{SecurityBuffer: token},
		&SessionSetupResponse{SecurityBuffer: token},
		&NegotiateResponse{SecurityBuffer: token},
	} {
		msg := Append(make([]byte, HeaderSize), m)
		if err := Decode(msg, messages[m.id()].new()); err != nil {
			t.Errorf("%T, %d bytes: %v", m, len(msg), err)
		}
	}
}
