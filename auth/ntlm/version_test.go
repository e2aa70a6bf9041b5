package ntlm

import "testing"

func TestTheVersionOfAServerIsReadWhereItIs(t *testing.T) {
	genuine := challenge{Flags: flagVersion | flagUnicode | flagRequestTarget, TargetName: "FS1"}.encode()
	put := func(msg []byte) []byte {
		copy(msg[48:], []byte{10, 0, 0xF4, 0x65}) // 10.0.26100
		return msg
	}
	without := challenge{Flags: flagUnicode | flagRequestTarget, TargetName: "FS1"}.encode()
	for _, c := range []struct {
		name string
		msg  []byte
		want Version
	}{
		{"Windows", put(genuine), Version{10, 0, 26100}},
		{"no flag: bytes of something else", put(without), Version{}},
		{"cut off before it", challenge{Flags: flagVersion}.encode()[:48], Version{}},
	} {
		got, err := decodeChallenge(c.msg)
		if err != nil || got.Version != c.want {
			t.Errorf("%s: %+v, %v, want %+v", c.name, got.Version, err, c.want)
		}
	}
}
