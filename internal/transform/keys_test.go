package transform_test

import (
	"bytes"
	"testing"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/transform"
)

// checkKey compares a derived key with its published value in hex.
func checkKey(t *testing.T, name string, got []byte, want string) {
	t.Helper()
	if !bytes.Equal(got, unhex(t, want)) {
		t.Errorf("%s:\n got %X\nwant %s", name, got, want)
	}
}

// Source: Microsoft Open Specifications blog, "the anatomy of signing and
// cryptographic keys", key derivation example for SMB 3.0 multichannel.
func TestSMB300KeysAreThePublishedOnes(t *testing.T) {
	for _, dialect := range []smb2.Dialect{smb2.Dialect300, smb2.Dialect302} {
		first := transform.DeriveKeys(dialect, smb2.CipherAES128CCM,
			unhex(t, "7CD451825D0450D235424E44BA6E78CC"), transform.PreauthHash{1, 2, 3})
		checkKey(t, "first channel, signing", first.Signing[:], "0B7E9C5CAC36C0F6EA9AB275298CEDCE")
		checkKey(t, "first channel, client to server", first.ClientToServer, "FAD27796665B313EBB578F388632B4F7")
		checkKey(t, "first channel, server to client", first.ServerToClient, "B0F0427F7CEB416D1D9DCC0CD4F99447")
		checkKey(t, "first channel, application", first.Application[:], "BB23A4575AA26C721AF525AF15A87B4F")

		second := transform.DeriveKeys(dialect, smb2.CipherAES128CCM,
			unhex(t, "4E01A2B313BCF660CC250BEF021AEDE6"), transform.PreauthHash{})
		checkKey(t, "second channel, signing", second.Signing[:], "BA1A17DBBFEC349BCA105563D598952F")
	}
}

// The walk-through follows two channels of one session from the first byte to
// the last signature.
func TestSMB311WalkThroughGivesThePublishedHashesKeysAndSignatures(t *testing.T) {
	var (
		channel     string
		hash        transform.PreauthHash
		messages    [][]byte
		final       []byte
		keys        *transform.Keys
		sessionSign *transform.Signer // Session.SigningKey, of the first channel
		verified    int
	)
	verify := func(s *transform.Signer, msg []byte, sender transform.Role) {
		t.Helper()
		verified++
		if !s.Verify(msg, sender) {
			t.Errorf("%s channel: signature of the %s's message refused: %x", channel, sender, msg)
		}
	}
	for _, f := range readVectors(t, "anatomy-311.txt") {
		switch f.name {
		case "channel":
			channel, hash, messages, final, keys = f.value, transform.PreauthHash{}, nil, nil, nil
		case "message":
			messages = append(messages, unhex(t, f.value))
			hash.Update(messages[len(messages)-1])
		case "hash":
			checkKey(t, channel+" channel, hash", hash[:], f.value)
		case "final":
			final = unhex(t, f.value)
		case "sessionKey":
			keys = transform.DeriveKeys(smb2.Dialect311, smb2.CipherAES128GCM, unhex(t, f.value), hash)
		case "signingKey":
			checkKey(t, channel+" channel, signing", keys.Signing[:], f.value)
			s, err := transform.NewSigner(smb2.SigningAESCMAC, keys.Signing[:])
			if err != nil {
				t.Fatal(err)
			}
			// The last leg is signed with the channel's own key, the legs of
			// a binding before it with the session's. [MS-SMB2] 3.3.5.5.3.
			verify(s, final, transform.Server)
			if sessionSign == nil {
				sessionSign = s
				continue
			}
			verify(sessionSign, messages[2], transform.Client)
			verify(sessionSign, messages[3], transform.Server)
			verify(sessionSign, messages[4], transform.Client)
		case "clientToServer":
			checkKey(t, channel+" channel, client to server", keys.ClientToServer, f.value)
		case "serverToClient":
			checkKey(t, channel+" channel, server to client", keys.ServerToClient, f.value)
		case "applicationKey":
			checkKey(t, channel+" channel, application", keys.Application[:], f.value)
		default:
			t.Errorf("unknown field %q", f.name)
		}
	}
	if verified != 5 {
		t.Errorf("verified %d signatures, want 5", verified)
	}
}

// Source: computed with OpenSSL 3 (KBKDF-HMAC-SHA256) through Python's
// cryptography 48.
func TestAES256TakesTheFullSessionKeyForCipherKeysOnly(t *testing.T) {
	var preauth transform.PreauthHash
	for i := range preauth {
		preauth[i] = byte(i)
	}
	sessionKey := make([]byte, 40)
	for i := range sessionKey {
		sessionKey[i] = byte(i)
	}
	for _, v := range []struct {
		full                           int // bytes of session key
		clientToServer, serverToClient string
	}{
		{
			16, "d09c44a545f554240ddf8ac2777570de0f590e402196d1006261f7448076384d",
			"7a55e2deed408102591fdea4192f54895bd7e4c879d11927493898b42c8a9ccd",
		},
		{
			32, "e568de865ae188f20138931c5423898fc0d5e94fa094b72d474fc56cf5703db6",
			"53f8b2fb513a90f5231f5ac12ba0a24b9eed8f6e80596136560f1b0003e8d2ae",
		},
		{
			40, "f4bdc6a77b6c8d5172107e3fcb42565e54d3c589bb35b2d70037470df4fc910a",
			"4bedb452c1c7fa24e02d08b4a33faaa4b5e9d7607806d3f1cc7c9fee76e26dbb",
		},
	} {
		for _, c := range []smb2.Cipher{smb2.CipherAES256GCM, smb2.CipherAES256CCM} {
			k := transform.DeriveKeys(smb2.Dialect311, c, sessionKey[:v.full], preauth)
			checkKey(t, "signing", k.Signing[:], "f7e5401ecc6e79ef9eab401b05004e4f")
			checkKey(t, "application", k.Application[:], "3b37360639dd593424d252bd73a0c0ff")
			checkKey(t, "client to server", k.ClientToServer, v.clientToServer)
			checkKey(t, "server to client", k.ServerToClient, v.serverToClient)
		}
	}
}

func TestSMB2DialectsSignWithTheSessionKeyPaddedOrCut(t *testing.T) {
	for _, v := range []struct{ sessionKey, signing string }{
		{"0102030405060708", "01020304050607080000000000000000"},
		{"000102030405060708090a0b0c0d0e0f", "000102030405060708090a0b0c0d0e0f"},
		{"000102030405060708090a0b0c0d0e0f1011", "000102030405060708090a0b0c0d0e0f"},
	} {
		for _, dialect := range []smb2.Dialect{smb2.Dialect202, smb2.Dialect210} {
			k := transform.DeriveKeys(dialect, smb2.CipherNone, unhex(t, v.sessionKey), transform.PreauthHash{})
			checkKey(t, "signing", k.Signing[:], v.signing)
			checkKey(t, "application", k.Application[:], v.signing)
			if k.ClientToServer != nil || k.ServerToClient != nil {
				t.Errorf("dialect %#x has cipher keys", uint16(dialect))
			}
		}
	}
}

func TestWipeLeavesZeros(t *testing.T) {
	k := transform.DeriveKeys(smb2.Dialect311, smb2.CipherAES256GCM, make([]byte, 32), transform.PreauthHash{})
	c2s, s2c := k.ClientToServer, k.ServerToClient
	k.Wipe()
	for name, b := range map[string][]byte{
		"signing": k.Signing[:], "application": k.Application[:], "client to server": c2s, "server to client": s2c,
	} {
		if !bytes.Equal(b, make([]byte, len(b))) {
			t.Errorf("%s key after Wipe: %x", name, b)
		}
	}
}
