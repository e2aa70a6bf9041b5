package hostile_test

import (
	"bytes"
	"crypto/rand"
	"testing"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/ntstatus"
)

// plain encodes elements as p would sign them if it did not seal.
func plain(p *smbtest.Peer, elements ...smbtest.Element) []byte {
	p.Seal = false
	defer func() { p.Seal = true }()
	return p.Encode(elements...)
}

// inClear is a request of a sealed session that is signed instead, or left as
// it is.
func inClear(e func(*rig) smbtest.Element) func(*rig) ([]byte, smb2.MessageID) {
	return func(r *rig) ([]byte, smb2.MessageID) {
		return plain(r.Peer, e(r)), r.NextMessageID - 1
	}
}

// sealedBut is a sealed CREATE that was changed afterwards.
func sealedBut(change func(r *rig, msg []byte) []byte) func(*rig) ([]byte, smb2.MessageID) {
	return func(r *rig) ([]byte, smb2.MessageID) {
		msg := r.Encode(smbtest.Element{Message: smbtest.CreateFile("forged")})
		return change(r, msg), r.NextMessageID - 1
	}
}

// holding is anything sealed as it should be.
func holding(content func(*rig) []byte) func(*rig) ([]byte, smb2.MessageID) {
	return func(r *rig) ([]byte, smb2.MessageID) {
		return r.SealRaw(content(r)), r.NextMessageID - 1
	}
}

// sealedForgeries is the catalogue for sessions that are sealed as a whole.
var sealedForgeries = []forgery{
	{name: "not sealed, signed", forge: inClear(func(*rig) smbtest.Element {
		return smbtest.Element{Message: smbtest.CreateFile("forged")}
	}), allowed: []string{denied}},
	{name: "not sealed, not signed", forge: inClear(func(*rig) smbtest.Element {
		return smbtest.Element{Message: smbtest.CreateFile("forged"), Unsigned: true}
	}), allowed: []string{denied}},
	{name: "not sealed, wrong signature", forge: inClear(func(*rig) smbtest.Element {
		return smbtest.Element{Message: smbtest.CreateFile("forged"), Forge: func(msg []byte) { msg[60] ^= 1 }}
	}), allowed: []string{denied}},
	{name: "TREE_CONNECT, not sealed, signed", forge: inClear(func(*rig) smbtest.Element {
		return smbtest.Element{Message: &smb2.TreeConnectRequest{Path: `\\server\` + smbtest.ShareName}}
	}), allowed: []string{denied}},
	{name: "LOGOFF, not sealed, signed", forge: inClear(func(*rig) smbtest.Element {
		return smbtest.Element{Message: &smb2.LogoffRequest{}}
	}), allowed: []string{denied}},
	{name: "re-authentication, not sealed, signed", forge: inClear(func(*rig) smbtest.Element {
		return smbtest.Element{Message: &smb2.SessionSetupRequest{}}
	}), allowed: []string{denied}},
	{name: "re-authentication, not sealed, not signed", forge: inClear(func(*rig) smbtest.Element {
		return smbtest.Element{Message: &smb2.SessionSetupRequest{}, Unsigned: true}
	}), allowed: []string{denied}},
	{name: "chain, not sealed", forge: func(r *rig) ([]byte, smb2.MessageID) {
		return plain(r.Peer, smbtest.Element{Message: &smb2.EchoRequest{}, Unsigned: true},
			related(&smb2.WriteRequest{FileID: r.file, Data: []byte("forged")})), r.NextMessageID - 1
	}, allowed: []string{denied}},

	{name: "replay", forge: func(r *rig) ([]byte, smb2.MessageID) {
		msg := r.Encode(smbtest.Element{Message: &smb2.WriteRequest{FileID: r.file, Data: []byte("pay 100")}})
		if got := r.outcome(bytes.Clone(msg), r.NextMessageID-1, false); got != ntstatus.Success.String() {
			r.t.Fatalf("first time: %s", got)
		}
		r.s.Log.Reset()
		return msg, r.NextMessageID - 1
	}, allowed: []string{closed}},
	{name: "replay, sealed anew", forge: func(r *rig) ([]byte, smb2.MessageID) {
		write := plain(r.Peer, smbtest.Element{Message: &smb2.WriteRequest{FileID: r.file, Data: []byte("pay 100")}, Unsigned: true})
		if got := r.outcome(r.SealRaw(write), r.NextMessageID-1, false); got != ntstatus.Success.String() {
			r.t.Fatalf("first time: %s", got)
		}
		r.s.Log.Reset()
		return r.SealRaw(write), r.NextMessageID - 1
	}, allowed: []string{closed}},
	{name: "the server's reply, sent back", forge: func(r *rig) ([]byte, smb2.MessageID) {
		r.Send(smbtest.Element{Message: &smb2.EchoRequest{}})
		msg, _ := r.ReceiveRaw()
		return msg, r.NextMessageID - 1
	}, allowed: []string{closed}},

	{name: "tag of zeros", forge: sealedBut(func(_ *rig, m []byte) []byte { clear(m[4:20]); return m }), allowed: []string{closed}},
	{name: "tag cut short", forge: sealedBut(func(_ *rig, m []byte) []byte { clear(m[16:20]); return m }), allowed: []string{closed}},
	{name: "tag and nonce of another message", forge: sealedBut(func(r *rig, m []byte) []byte {
		r.NextMessageID--
		copy(m[4:36], r.another()[4:36])
		r.NextMessageID++
		return m
	}), allowed: []string{closed}},
	{name: "ciphertext of another message", forge: sealedBut(func(r *rig, m []byte) []byte {
		r.NextMessageID--
		copy(m[52:], r.another()[52:])
		r.NextMessageID++
		return m
	}), allowed: []string{closed}},
	{name: "transform Flags of zero", forge: sealedBut(func(_ *rig, m []byte) []byte { clear(m[42:44]); return m }), allowed: []string{closed}},
	{name: "OriginalMessageSize of zero", forge: sealedBut(func(_ *rig, m []byte) []byte { clear(m[36:40]); return m }), allowed: []string{closed}},
	{name: "bytes added behind", forge: sealedBut(func(_ *rig, m []byte) []byte { return append(m, 0) }), allowed: []string{closed}},
	{name: "bytes missing behind", forge: sealedBut(func(_ *rig, m []byte) []byte { return m[:len(m)-1] }), allowed: []string{closed}},
	{name: "cut to the transform header", forge: sealedBut(func(_ *rig, m []byte) []byte { return m[:52] }), allowed: []string{closed}},
	{name: "plaintext in a transform header", forge: sealedBut(func(r *rig, m []byte) []byte {
		r.NextMessageID--
		copy(m[52:], plain(r.Peer, smbtest.Element{Message: smbtest.CreateFile("forged")}))
		return m
	}), allowed: []string{closed}},
	{name: "SessionId of another session in the header", forge: sealedBut(func(r *rig, m []byte) []byte {
		other := r.session(smbtest.OtherUser)
		r.s.Log.Reset()
		copy(m[44:52], other.Encode(smbtest.Element{Message: &smb2.EchoRequest{}})[44:52])
		return m
	}), allowed: []string{closed}},
	{name: "random key", forge: func(r *rig) ([]byte, smb2.MessageID) {
		key := make([]byte, len(r.Keys.ClientToServer))
		rand.Read(key)
		return sealedUnder(r, key), r.NextMessageID - 1
	}, allowed: []string{closed}},
	{name: "signing key", forge: func(r *rig) ([]byte, smb2.MessageID) {
		key := make([]byte, len(r.Keys.ClientToServer))
		copy(key, r.Keys.Signing[:])
		return sealedUnder(r, key), r.NextMessageID - 1
	}, allowed: []string{closed}},

	{name: "sealed by another session, meant for this", forge: func(r *rig) ([]byte, smb2.MessageID) {
		other := r.session(smbtest.OtherUser)
		return other.SealRaw(plain(r.Peer, smbtest.Element{Message: smbtest.CreateFile("forged")})), r.NextMessageID - 1
	}, allowed: []string{closed}},
	{name: "chain sealed by one session, second element another's", forge: func(r *rig) ([]byte, smb2.MessageID) {
		other := r.session(smbtest.OtherUser)
		return r.SealRaw(plain(r.Peer, smbtest.Element{Message: &smb2.EchoRequest{}},
			smbtest.Element{Message: smbtest.CreateFile("forged"), Header: func(h *smb2.Header) {
				h.SessionID, h.TreeID = other.SessionID, other.TreeID
			}})), r.NextMessageID - 1
	}, allowed: []string{closed}},
	{name: "chain sealed by one session, first element another's", forge: func(r *rig) ([]byte, smb2.MessageID) {
		other := r.session(smbtest.OtherUser)
		return r.SealRaw(plain(r.Peer, smbtest.Element{Message: &smb2.EchoRequest{}, Header: func(h *smb2.Header) {
			h.SessionID, h.TreeID = other.SessionID, other.TreeID
		}}, related(smbtest.CreateFile("forged")))), r.NextMessageID - 1
	}, allowed: []string{closed}},
	{name: "session of another connection", forge: func(r *rig) ([]byte, smb2.MessageID) {
		other := r.peer()
		r.t.Cleanup(other.Close)
		other.NextMessageID = r.NextMessageID
		r.NextMessageID++
		return other.Encode(smbtest.Element{Message: smbtest.CreateFile("forged")}), r.NextMessageID - 1
	}, allowed: []string{closed}},
	{name: "session logged off", forge: func(r *rig) ([]byte, smb2.MessageID) {
		r.MustDo(&smb2.LogoffRequest{}, nil)
		return r.Encode(smbtest.Element{Message: smbtest.CreateFile("forged")}), r.NextMessageID - 1
	}, allowed: []string{closed}},
	{name: "SessionId of zero inside", forge: func(r *rig) ([]byte, smb2.MessageID) {
		return r.Encode(smbtest.Element{Message: &smb2.EchoRequest{}, Header: func(h *smb2.Header) { h.SessionID = 0 }}), r.NextMessageID - 1
	}, allowed: []string{closed}},
	{name: "RELATED and first", forge: func(r *rig) ([]byte, smb2.MessageID) {
		return r.Encode(related(smbtest.CreateFile("forged"))), r.NextMessageID - 1
	}, allowed: []string{closed}},
	{name: "sealed twice", forge: holding(func(r *rig) []byte {
		return r.Encode(smbtest.Element{Message: smbtest.CreateFile("forged")})
	}), allowed: []string{closed}},
	{name: "nothing inside", forge: holding(func(*rig) []byte { return nil }), allowed: []string{closed}},
	{name: "SMB1 inside", forge: holding(func(*rig) []byte {
		return append([]byte{0xFF, 'S', 'M', 'B', 0x72}, make([]byte, 32)...)
	}), allowed: []string{closed}},
	{name: "NEGOTIATE inside", forge: holding(func(r *rig) []byte {
		return plain(r.Peer, smbtest.Element{Message: r.NegotiateRequest(), Unsigned: true})
	}), allowed: []string{closed}},
	{name: "reply inside", forge: holding(func(r *rig) []byte {
		return plain(r.Peer, smbtest.Element{Message: &smb2.EchoRequest{}, Flags: smb2.FlagServerToRedir, Unsigned: true})
	}), allowed: []string{closed}},
}

// sealedUnder is a CREATE sealed with a key of the attacker's choice.
func sealedUnder(r *rig, key []byte) []byte {
	sealer, err := transform.NewSealer(r.w.cipher, key, r.SessionID)
	if err != nil {
		r.t.Fatal(err)
	}
	content := plain(r.Peer, smbtest.Element{Message: smbtest.CreateFile("forged"), Unsigned: true})
	msg, err := sealer.Seal(append(make([]byte, smb2.TransformHeaderSize), content...))
	if err != nil {
		r.t.Fatal(err)
	}
	return msg
}

// sealedCancels are CANCELs of a FLUSH that waits, outside the cipher.
func sealedCancels() (all []forgery) {
	for _, unsigned := range []bool{false, true} {
		for _, async := range []bool{false, true} {
			all = append(all, forgery{name: "CANCEL, not sealed", silent: true, allowed: []string{unheeded}, forge: func(r *rig) ([]byte, smb2.MessageID) {
				e := smbtest.Element{Message: &smb2.CancelRequest{}, Unsigned: unsigned, Header: func(h *smb2.Header) {
					h.MessageID = r.flushID
					if async {
						h.Flags |= smb2.FlagAsyncCommand
						h.AsyncID, h.TreeID = r.asyncID, 0
					}
				}}
				return plain(r.Peer, e), r.flushID
			}})
		}
	}
	return all
}

// TestNoForgedRequestOfASealedSessionIsObeyed runs the catalogue with every
// cipher.
func TestNoForgedRequestOfASealedSessionIsObeyed(t *testing.T) {
	runCatalogue(t, sealedWays, sealedForgeries, sealedCancels())
}
