package server_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

// control sends an FSCTL and returns its answer; the output is nil if that is
// an ERROR response.
func control(t *testing.T, p *smbtest.Peer, code fscc.FSCTL, id smb2.FileID, input []byte, maxOutput uint32) (ntstatus.Status, []byte) {
	t.Helper()
	r := p.Do(&smb2.IoctlRequest{CtlCode: code, FileID: id, Flags: smb2.IoctlIsFSCTL, Input: input, MaxOutputResponse: maxOutput})
	var res smb2.IoctlResponse
	if smb2.Decode(r.Raw, &res) != nil {
		return r.Header.Status, nil
	}
	if res.CtlCode != code || res.FileID != id {
		t.Errorf("answer to %v of %v: it is for %v of %v", code, id, res.CtlCode, res.FileID)
	}
	return r.Header.Status, res.Output
}

// resumeKey asks for the key of an open.
func resumeKey(t *testing.T, p *smbtest.Peer, id smb2.FileID) smb2.ResumeKey {
	t.Helper()
	status, out := control(t, p, fscc.FSCTLSrvRequestResumeKey, id, nil, 32)
	var res smb2.SrvRequestResumeKeyResponse
	if err := res.Decode(out); status != ntstatus.Success || err != nil || len(out) != 32 {
		t.Fatalf("resume key: %v, %v, % x", status, err, out)
	}
	return res.ResumeKey
}

// copychunk sends FSCTL_SRV_COPYCHUNK and returns what the answer says; with
// an ERROR response nothing.
func copychunk(t *testing.T, p *smbtest.Peer, key smb2.ResumeKey, to smb2.FileID, chunks ...smb2.SrvCopychunk) (ntstatus.Status, *smb2.SrvCopychunkResponse) {
	t.Helper()
	req := smb2.SrvCopychunkCopy{SourceKey: key, Chunks: chunks}
	status, out := control(t, p, fscc.FSCTLSrvCopychunk, to, req.Append(nil), 12)
	if out == nil {
		return status, nil
	}
	res := &smb2.SrvCopychunkResponse{}
	if err := res.Decode(out); err != nil || len(out) != 12 {
		t.Fatalf("copychunk: %v, % x, %v", status, out, err)
	}
	return status, res
}

// limits is the answer to a copy that is beyond them. [MS-SMB2] 3.3.3, <222>
// to <224>.
var limits = smb2.SrvCopychunkResponse{ChunksWritten: 256, ChunkBytesWritten: 1 << 20, TotalBytesWritten: 16 << 20}

func TestServerCopiesChunks(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	src, dst := p.Open("src"), p.Open("dst")
	p.Write(src, 0, "0123456789")
	p.Write(dst, 0, "abcdefghij")
	status, res := copychunk(t, p, resumeKey(t, p, src), dst,
		smb2.SrvCopychunk{SourceOffset: 2, TargetOffset: 0, Length: 3},
		smb2.SrvCopychunk{SourceOffset: 0, TargetOffset: 12, Length: 10},
		smb2.SrvCopychunk{SourceOffset: 9, TargetOffset: 0xFFFFFFFFFFFFFFFF, Length: 1},
	)
	want := smb2.SrvCopychunkResponse{ChunksWritten: 3, TotalBytesWritten: 14}
	if status != ntstatus.Success || res == nil || *res != want {
		t.Errorf("answered %v, %+v, want %+v", status, res, want)
	}
	if got, want := p.Read(dst, 0, 100), "234defghij\x00\x0001234567899"; got != want {
		t.Errorf("content %q, want %q", got, want)
	}
}

func TestCopiesBeyondTheLimitsAreAnsweredWithThem(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	src, dst := p.Open("src"), p.Open("dst")
	p.Write(src, 0, "0123456789")
	key := resumeKey(t, p, src)
	one := smb2.SrvCopychunk{Length: 1}
	mega := smb2.SrvCopychunk{Length: 1 << 20}
	for name, chunks := range map[string][]smb2.SrvCopychunk{
		"257 chunks":                {257: one},
		"a chunk of 1 MiB and 1":    {{Length: 1<<20 + 1}},
		"17 MiB":                    slices.Repeat([]smb2.SrvCopychunk{mega}, 17),
		"a chunk of nothing":        {one, {}},
		"a negative target":         {{TargetOffset: 1 << 63, Length: 1}},
		"a negative source":         {{SourceOffset: 1 << 63, Length: 1}},
		"a target beyond all files": {{TargetOffset: 1<<63 - 1, Length: 1}},
	} {
		status, res := copychunk(t, p, key, dst, chunks...)
		if status != ntstatus.InvalidParameter || res == nil || *res != limits {
			t.Errorf("%s: %v, %+v, want InvalidParameter, %+v", name, status, res, limits)
		}
	}
	req := smb2.SrvCopychunkCopy{SourceKey: key, Chunks: []smb2.SrvCopychunk{one, one}}
	input := req.Append(nil)
	status, out := control(t, p, fscc.FSCTLSrvCopychunk, dst, input[:len(input)-1], 12)
	var res smb2.SrvCopychunkResponse
	if err := res.Decode(out); status != ntstatus.InvalidParameter || err != nil || res != limits {
		t.Errorf("with half a chunk: %v, %+v, %v, want InvalidParameter, %+v", status, res, err, limits)
	}
	if got := p.Do(&smb2.ReadRequest{FileID: dst, Length: 1}).Header.Status; got != ntstatus.EndOfFile {
		t.Errorf("reading the target: %v, want EndOfFile: nothing was to be copied", got)
	}
}

func TestFailedCopySaysHowFarItCame(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	src, dst := p.Open("src"), p.Open("dst")
	p.Write(src, 0, "0123456789")
	status, res := copychunk(t, p, resumeKey(t, p, src), dst,
		smb2.SrvCopychunk{Length: 4}, smb2.SrvCopychunk{SourceOffset: 8, TargetOffset: 4, Length: 3})
	want := smb2.SrvCopychunkResponse{ChunksWritten: 1, TotalBytesWritten: 4}
	if status != ntstatus.InvalidViewSize || res == nil || *res != want {
		t.Errorf("answered %v, %+v, want InvalidViewSize, %+v", status, res, want)
	}
}

func TestCopiesWithoutTheirRightsAreRefused(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	p.Write(p.Open("src"), 0, "0123456789")
	p.Write(p.Open("dst"), 0, "abc")
	open := func(name string, rights dtyp.AccessMask) smb2.FileID {
		req := smbtest.CreateFile(name)
		req.DesiredAccess = rights
		var res smb2.CreateResponse
		p.MustDo(req, &res)
		return res.FileID
	}
	const read, write, look = dtyp.FileReadData, dtyp.FileWriteData, dtyp.FileReadAttributes
	for _, c := range []struct {
		name     string
		code     fscc.FSCTL
		src, dst dtyp.AccessMask
		want     ntstatus.Status
	}{
		{"copy", fscc.FSCTLSrvCopychunk, read, read | write, ntstatus.Success},
		{"copy to what cannot be read", fscc.FSCTLSrvCopychunk, read, write, ntstatus.AccessDenied},
		{"copy for writing to what cannot be read", fscc.FSCTLSrvCopychunkWrite, read, write, ntstatus.Success},
		{"copy from what cannot be read", fscc.FSCTLSrvCopychunk, look, read | write, ntstatus.AccessDenied},
		{"copy to what cannot be written", fscc.FSCTLSrvCopychunkWrite, read, read, ntstatus.AccessDenied},
	} {
		src, dst := open("src", c.src), open("dst", c.dst)
		req := smb2.SrvCopychunkCopy{SourceKey: resumeKey(t, p, src), Chunks: []smb2.SrvCopychunk{{Length: 2}}}
		status, out := control(t, p, c.code, dst, req.Append(nil), 12)
		if status != c.want || (out != nil) != (c.want == ntstatus.Success) {
			t.Errorf("%s: %v, output % x, want %v", c.name, status, out, c.want)
		}
	}
}

func TestKeysOfNoOpenOfTheSessionCopyNothing(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	src, dst := p.Open("src"), p.Open("dst")
	p.Write(src, 0, "0123456789")
	good := resumeKey(t, p, src)
	closed := p.Open("closed")
	stale := resumeKey(t, p, closed)
	p.CloseFile(closed)
	stranger := s.Login()
	theirs := resumeKey(t, stranger, stranger.Open("src"))
	altered := good
	altered[23] ^= 1
	for name, key := range map[string]smb2.ResumeKey{
		"no key": {}, "of a closed file": stale, "of another session": theirs, "altered": altered,
	} {
		if status, res := copychunk(t, p, key, dst, smb2.SrvCopychunk{Length: 1}); status != ntstatus.ObjectNameNotFound || res != nil {
			t.Errorf("key %s: %v, %+v, want ObjectNameNotFound", name, status, res)
		}
	}
	for name, want := range map[uint32]ntstatus.Status{11: ntstatus.InvalidParameter, 12: ntstatus.Success} {
		req := smb2.SrvCopychunkCopy{SourceKey: good, Chunks: []smb2.SrvCopychunk{{Length: 1}}}
		status, out := control(t, p, fscc.FSCTLSrvCopychunk, dst, req.Append(nil), name)
		if status != want || want != ntstatus.Success && out != nil {
			t.Errorf("room for %d bytes: %v, % x, want %v", name, status, out, want)
		}
	}
	if status, out := control(t, p, fscc.FSCTLSrvRequestResumeKey, src, nil, 31); status != ntstatus.InvalidParameter || out != nil {
		t.Errorf("a key with room for 31 bytes: %v, % x, want InvalidParameter", status, out)
	}
}

func TestCopyBetweenSharesOfOneSession(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	dst := p.Open("dst")
	p.Write(p.Open("src"), 0, strings.Repeat("x", 100))
	data := p.TreeID
	p.TreeConnect(smbtest.ReadOnlyShareName)
	req := smbtest.CreateFile("src")
	req.DesiredAccess, req.CreateDisposition = dtyp.FileGenericRead, fscc.DispositionOpen
	var res smb2.CreateResponse
	p.MustDo(req, &res)
	key := resumeKey(t, p, res.FileID)
	p.TreeID = data
	if status, _ := copychunk(t, p, key, dst, smb2.SrvCopychunk{Length: 100}); status != ntstatus.Success {
		t.Errorf("copy: %v", status)
	}
	if got := p.Read(dst, 0, 200); got != strings.Repeat("x", 100) {
		t.Errorf("content %q", got)
	}
}
