package main

import (
	"testing"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/policy/store"
)

func TestGrantsToTheAccountAndToEveryoneAddUp(t *testing.T) {
	const read, change, full = 0x001200A9, 0x001301BF, 0x001F01FF // as Windows' own shares have them
	ann := &auth.Identity{Kind: auth.User, Account: "Ann"}
	for _, c := range []struct {
		restricted bool
		grants     []store.Grant
		id         *auth.Identity
		want       dtyp.AccessMask
	}{
		{false, nil, ann, full},
		{false, nil, &auth.Identity{Kind: auth.Guest}, full},
		{true, nil, ann, 0},
		{true, []store.Grant{{Account: "bob", Access: store.Full}}, ann, 0},
		{true, []store.Grant{{Account: "ANN", Access: store.Read}}, ann, read},
		{true, []store.Grant{{Account: "ann", Access: store.Change}}, ann, change},
		{true, []store.Grant{{Account: "ann", Access: store.Read}, {Account: "everyone", Access: store.Full}}, ann, full},
		{true, []store.Grant{{Account: "ann", Access: store.Change}, {Account: "Everyone", Access: store.Read}}, ann, change},
		{true, []store.Grant{{Account: "Everyone", Access: store.Full}, {Account: "ann", Access: store.None}}, ann, 0},
		{true, []store.Grant{{Account: "ann", Access: store.Full}, {Account: "Everyone", Access: store.None}}, ann, 0},
		{true, []store.Grant{{Account: "Everyone", Access: store.Full}}, &auth.Identity{Kind: auth.Guest, Account: "ann"}, 0},
		{true, []store.Grant{{Account: "", Access: store.Full}}, &auth.Identity{Kind: auth.Anonymous}, 0},
	} {
		s := shareSpec{restricted: c.restricted, grants: c.grants}
		if got := s.accessOf(c.id); got != c.want {
			t.Errorf("restricted %v, %v, %+v: %v, want %v", c.restricted, c.grants, c.id, got, c.want)
		}
	}
}
