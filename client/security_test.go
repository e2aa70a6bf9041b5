package client_test

import (
	"sync"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

func TestSecurityDescriptorsAreReadAndWritten(t *testing.T) {
	const text = "O:S-1-5-21-1-2-3-1000G:S-1-5-21-1-2-3-513D:P(A;;FA;;;WD)"
	var mu sync.Mutex
	var stored []byte
	var parts dtyp.SecurityInformation
	var access []dtyp.AccessMask
	s := &rogue{handle: func(q *question) bool {
		mu.Lock()
		defer mu.Unlock()
		switch q.Command {
		case smb2.CommandCreate:
			var req smb2.CreateRequest
			if err := smb2.Decode(q.message, &req); err != nil {
				q.t.Error(err)
			}
			access = append(access, req.DesiredAccess)
			return false
		case smb2.CommandSetInfo:
			var req smb2.SetInfoRequest
			if err := smb2.Decode(q.message, &req); err != nil || req.InfoType != smb2.InfoSecurity {
				q.t.Errorf("SET_INFO %+v, %v", req, err)
			}
			stored, parts = append([]byte(nil), req.Input...), req.AdditionalInformation
			q.reply(ntstatus.Success, &smb2.SetInfoResponse{})
		case smb2.CommandQueryInfo:
			q.reply(ntstatus.Success, &smb2.QueryInfoResponse{Output: stored})
		default:
			return false
		}
		return true
	}}
	share := rogueShare(t, s)
	sd, err := dtyp.ParseSDDL(text)
	if err != nil {
		t.Fatal(err)
	}
	const all = dtyp.OwnerSecurityInformation | dtyp.GroupSecurityInformation | dtyp.DACLSecurityInformation
	if err := share.SetSecurity(bounded(t), "f", all, sd); err != nil {
		t.Fatal(err)
	}
	got, err := share.Security(bounded(t), "f", all)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := got.SDDL(); err != nil || again != text {
		t.Errorf("read %q, %v, want %q", again, err, text)
	}
	mu.Lock()
	defer mu.Unlock()
	if parts != all || len(access) != 2 || access[0] != dtyp.WriteDAC|dtyp.WriteOwner || access[1] != dtyp.ReadControl {
		t.Errorf("parts %v, access %v: want no more and no less than it takes", parts, access)
	}
}
