package transform

import (
	"errors"
	"math"
	"testing"

	"github.com/signet-smb/signet/internal/smb2"
)

func TestSealerStopsWhenItsNoncesAreUsed(t *testing.T) {
	s, err := NewSealer(smb2.CipherAES128GCM, make([]byte, 16), 1)
	if err != nil {
		t.Fatal(err)
	}
	s.last.Store(math.MaxUint64 - 1)
	if _, err := s.Seal(make([]byte, HeaderSize+10)); err != nil {
		t.Fatalf("the last nonce: %v", err)
	}
	for range 3 {
		if _, err := s.Seal(make([]byte, HeaderSize+10)); !errors.Is(err, ErrNoncesExhausted) {
			t.Errorf("after the last nonce: got %v, want ErrNoncesExhausted", err)
		}
	}
}

func TestNoncesHaveTheirPublishedForm(t *testing.T) {
	request := smb2.Header{Command: smb2.CommandRead, MessageID: 0x0807060504030201}
	cancel := smb2.Header{Command: smb2.CommandCancel, MessageID: 0x0807060504030201}
	for _, v := range []struct {
		name      string
		got, want [12]byte
	}{
		{"request", signingNonce(&request, Client), [12]byte{1, 2, 3, 4, 5, 6, 7, 8, 0}},
		{"response", signingNonce(&request, Server), [12]byte{1, 2, 3, 4, 5, 6, 7, 8, 1}},
		{"cancel", signingNonce(&cancel, Client), [12]byte{1, 2, 3, 4, 5, 6, 7, 8, 2}},
		{"sealed", sealingNonce(0x0807060504030201), [12]byte{1, 2, 3, 4, 5, 6, 7, 8, 0}},
	} {
		if v.got != v.want {
			t.Errorf("%s: got %x, want %x", v.name, v.got, v.want)
		}
	}
}
