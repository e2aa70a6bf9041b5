package client

import (
	"context"
	"io"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/signet-smb/signet/internal/bufpool"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/internal/transport"
	"github.com/signet-smb/signet/ntstatus"
)

func FuzzReferrals(f *testing.F) {
	f.Add([]byte("\x02\x00\x01\x00\x02\x00\x00\x00\x03\x00\x22\x00\x00\x00\x00\x00\x2c\x01\x00\x00\x22\x00\x22\x00\x22\x00"+
		"0123456789abcdef\\\x00a\x00\\\x00b\x00\x00\x00"), `\a\b`)
	f.Add([]byte("\x00\x00\x01\x00\x00\x00\x00\x00\x01\x00\x0c\x00\x00\x00\x00\x00a\x00\x00\x00"), `\a`)
	f.Add([]byte("\x00\x00\x01\x00\x00\x00\x00\x00\x02\x00\x16\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x16\x00\x16\x00\x16\x00a\x00\x00\x00"), `\a`)
	f.Fuzz(func(t *testing.T, b []byte, path string) {
		list, err := decodeReferrals(b, path)
		if err == nil && len(list) > maxReferrals {
			t.Errorf("%d referrals", len(list))
		}
	})
}

func FuzzNames(f *testing.F) {
	for _, s := range []string{"", ".", "a/b", `..\x`, "a\x00b", `a\\b/`, "x:stream"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		sent, err := wireName(name)
		if err != nil {
			return
		}
		again, err := wireName(sent)
		if err != nil || again != sent {
			t.Errorf("%q becomes %q, and that %q, %v", name, sent, again, err)
		}
		if sent != "" {
			if _, err := changedName(sent); err != nil && len(sent) < 200 {
				t.Errorf("%q becomes %q: %v", name, sent, err)
			}
		}
	})
}

// FuzzAnswers gives a connection what a server might send: whatever it is, the
// request is answered or the connection ends, and no buffer is lost.
func FuzzAnswers(f *testing.F) {
	answer := func(h smb2.Header, m smb2.Message) []byte {
		b := smb2.Append(make([]byte, smb2.HeaderSize), m)
		h.Put(b)
		return b
	}
	h := smb2.Header{Command: smb2.CommandEcho, Flags: smb2.FlagServerToRedir, SessionID: 7, Credits: 1}
	f.Add(answer(h, &smb2.EchoResponse{}))
	h.Status = ntstatus.UserSessionDeleted
	f.Add(answer(h, &smb2.ErrorResponse{}))
	h.Status = ntstatus.Pending
	h.Flags |= smb2.FlagAsyncCommand
	f.Add(answer(h, &smb2.ErrorResponse{}))
	f.Add(append([]byte("\xfdSMB"), make([]byte, 100)...))
	f.Add([]byte("\xfcSMB0123456789012345678901234567890"))
	f.Fuzz(func(t *testing.T, message []byte) {
		if len(message) > 60<<10 {
			return
		}
		bufpool.LeakCheck(t)
		near, far := net.Pipe()
		s := newSettings(nil)
		c := newConnection(transport.NewTCP(near), "fuzz", s, slog.New(slog.DiscardHandler), nil)
		c.negotiated = negotiated{dialect: smb2.Dialect311, algorithm: smb2.SigningAESCMAC, cipher: smb2.CipherAES128GCM}
		side, err := transform.NewSide(transform.Client, transform.Suite{
			Dialect: smb2.Dialect311, Algorithm: smb2.SigningAESCMAC, Cipher: smb2.CipherAES128GCM,
		}, 7, make([]byte, 16), transform.PreauthHash{})
		if err != nil {
			t.Fatal(err)
		}
		session := newSession(c, s, new(opens))
		session.id, session.signingRequired = 7, true
		session.keys.Store(side)
		c.session.Store(session)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			defer far.Close()
			io.ReadFull(far, make([]byte, 4+smb2.HeaderSize+4))
			frame := make([]byte, 4, 4+len(message))
			transport.PutFrameHeader(frame, len(message))
			far.Write(append(frame, message...))
		}()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		if err := session.echo(ctx); err == nil {
			t.Error("an unsigned answer is taken")
		}
		c.close()
		<-ended
	})
}
