package hostile_test

import (
	"slices"
	"testing"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/ntstatus"
)

// becomeAnonymous renews the log-on of p as nobody's.
func (r *rig) becomeAnonymous(p *smbtest.Peer) {
	r.t.Helper()
	if reply := p.SessionSetup(smbtest.InitiatorFor("", "")); reply.Header.Status != ntstatus.Success || !reply.Signed && !reply.Sealed {
		r.t.Fatalf("re-authentication as anonymous: %v, signed %v, sealed %v", reply.Header.Status, reply.Signed, reply.Sealed)
	}
}

// TestNothingForgedIsObeyedInASessionThatBecameAnonymous: a session that a user
// has begun goes on under his keys when it becomes an anonymous one's. What was open
// still is, so whoever could leave out its signatures would have the user's files.
func TestNothingForgedIsObeyedInASessionThatBecameAnonymous(t *testing.T) {
	requests := []struct {
		name string
		make func(*rig) smb2.Message
	}{
		{"WRITE", func(r *rig) smb2.Message { return &smb2.WriteRequest{FileID: r.file, Data: []byte("forged")} }},
		{"READ", func(r *rig) smb2.Message { return &smb2.ReadRequest{FileID: r.file, Length: 4} }},
		{"SET_INFO", func(r *rig) smb2.Message {
			size := &fscc.EndOfFileInformation{}
			return &smb2.SetInfoRequest{
				InfoType: smb2.InfoFile, FileInfoClass: uint8(fscc.FileEndOfFileInformation), FileID: r.file,
				Input: fscc.AppendInformation(nil, size),
			}
		}},
		{"QUERY_DIRECTORY", func(r *rig) smb2.Message {
			return &smb2.QueryDirectoryRequest{FileInformationClass: fscc.FileNamesInformation, FileID: r.dir, FileName: "*", OutputBufferLength: 4096}
		}},
		{"CREATE", func(*rig) smb2.Message { return smbtest.CreateFile("forged") }},
		{"CLOSE", func(r *rig) smb2.Message { return &smb2.CloseRequest{FileID: r.file} }},
		{"ECHO", func(*rig) smb2.Message { return &smb2.EchoRequest{} }},
		{"LOGOFF", func(*rig) smb2.Message { return &smb2.LogoffRequest{} }},
		{"TREE_DISCONNECT", func(*rig) smb2.Message { return &smb2.TreeDisconnectRequest{} }},
	}
	forgeries := []struct {
		name  string
		forge func(*rig, smbtest.Element) smbtest.Element
	}{
		{"unsigned", func(_ *rig, e smbtest.Element) smbtest.Element { e.Unsigned = true; return e }},
		{"flag stripped", func(_ *rig, e smbtest.Element) smbtest.Element {
			e.Forge = func(m []byte) { m[flagsAt] &^= byte(smb2.FlagSigned) }
			return e
		}},
		{"signature of zeros", func(_ *rig, e smbtest.Element) smbtest.Element {
			e.Forge = func(m []byte) { clear(signature(m)) }
			return e
		}},
		{"body changed", func(_ *rig, e smbtest.Element) smbtest.Element {
			e.Forge = func(m []byte) { m[smb2.HeaderSize+3] ^= 1 }
			return e
		}},
		{"key that anybody knows", func(r *rig, e smbtest.Element) smbtest.Element {
			e.Forge = func(m []byte) { signedWith(r.Algorithm, make([]byte, 16), m, transform.Client) }
			return e
		}},
	}
	for _, w := range slices.Concat(signedWays, sealedWays) {
		t.Run(w.name, func(t *testing.T) {
			parallel(t)
			r := newRig(t, w, false)
			r.becomeAnonymous(r.Peer)
			r.alive("as anonymous") // what is asked rightly is answered
			sealed := r.Seal
			for _, q := range requests {
				for _, f := range forgeries {
					what := q.name + ", " + f.name
					r.RepeatMessageIDs()
					id := r.NextMessageID
					r.Seal = false
					msg := r.Encode(f.forge(r, smbtest.Element{Message: q.make(r)}))
					r.Seal = sealed
					if got := r.outcome(msg, id, false); got != denied {
						t.Errorf("%s: %s, want %s", what, got, denied)
					}
					r.untouched(what)
				}
			}
			r.alive("after all of them")
			if reply := r.SessionSetup(smbtest.Initiator()); reply.Header.Status != ntstatus.Success {
				t.Errorf("the user, again: %v", reply.Header.Status)
			}
		})
	}
}
