package spnego

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/crypto/cryptobyte"
)

func loadVector(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/vectors/negtokeninit2.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, digits, _ := strings.Cut(string(text), "token: ")
	token, err := hex.DecodeString(strings.TrimSpace(digits))
	if err != nil || len(token) == 0 {
		t.Fatalf("%d bytes, %v", len(token), err)
	}
	return token
}

func TestTokenOfTheSpecificationDecodes(t *testing.T) {
	m, err := decodeInit(loadVector(t))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(m.MechTypes), "[1.3.6.1.4.1.311.2.2.30 1.3.6.1.4.1.311.2.2.10]"; got != want {
		t.Errorf("mechanisms %s, want %s", got, want)
	}
	if len(m.MechToken) != 254 || !bytes.HasPrefix(m.MechToken, []byte("NEGOEXTS")) || m.MechListMIC != nil {
		t.Errorf("token of %d bytes, MIC %x", len(m.MechToken), m.MechListMIC)
	}
	// Encoded with its hint it is the same token again.
	m.HintName = hintName
	again, err := m.encode()
	if err != nil || !bytes.Equal(again, loadVector(t)) {
		t.Errorf("encoded %v\n got %x\nwant %x", err, again, loadVector(t))
	}
	b := cryptobyte.NewBuilder(nil)
	addMechTypes(b, m.MechTypes)
	if list := b.BytesOrPanic(); !bytes.Equal(list, m.MechList) {
		t.Errorf("list to sign %x, want %x", m.MechList, list)
	}
}

func TestInitialTokenIsThatOfWindows(t *testing.T) {
	s := Server{Mechanisms: []Mechanism{{OID: NTLMSSP}}}
	want := "604806062b0601050502a03e303c" + // frame, SPNEGO, NegTokenInit2
		"a00e300c060a2b06010401823702020a" + // NTLMSSP
		"a32a3028a0261b24" + hex.EncodeToString([]byte("not_defined_in_RFC4178@please_ignore"))
	if got := hex.EncodeToString(s.InitialToken()); got != want {
		t.Errorf("initial token\n got %s\nwant %s", got, want)
	}
}

func TestRespIsEncodedAsRFC4178Shows(t *testing.T) {
	for _, tc := range []struct {
		m    negTokenResp
		want string
	}{
		{negTokenResp{State: acceptCompleted}, "a1073005a0030a0100"},
		{negTokenResp{State: rejected}, "a1073005a0030a0102"},
		{negTokenResp{State: requestMIC, SupportedMech: NTLMSSP}, "a1153013a0030a0103a10c060a2b06010401823702020a"},
		{
			negTokenResp{State: acceptIncomplete, SupportedMech: Kerberos, ResponseToken: []byte("tk"), MechListMIC: []byte("m")},
			"a11f301da0030a0101a10b06092a864886f712010202a2040402746ba30304016d",
		},
		{negTokenResp{State: stateAbsent, ResponseToken: []byte{}}, "a1063004a2020400"},
	} {
		got, err := tc.m.encode()
		if err != nil {
			t.Fatal(err)
		}
		if hex.EncodeToString(got) != tc.want {
			t.Errorf("%+v\n got %x\nwant %s", tc.m, got, tc.want)
		}
		if d, err := decodeResp(got); err != nil || fmt.Sprint(d) != fmt.Sprint(tc.m) {
			t.Errorf("%+v decodes to %+v, %v", tc.m, d, err)
		}
	}
}

func TestTruncatedTokensAreRefused(t *testing.T) {
	full := loadVector(t)
	for n := range full {
		if _, err := decodeInit(full[:n]); err == nil {
			t.Errorf("NegTokenInit of %d bytes of %d decodes", n, len(full))
		}
	}
	full, err := negTokenResp{State: acceptIncomplete, SupportedMech: NTLMSSP, ResponseToken: []byte("token"), MechListMIC: []byte("mic")}.encode()
	if err != nil {
		t.Fatal(err)
	}
	for n := range full {
		if _, err := decodeResp(full[:n]); err == nil {
			t.Errorf("NegTokenResp of %d bytes of %d decodes", n, len(full))
		}
	}
}

func TestMalformedTokensAreRefused(t *testing.T) {
	unhex := func(s string) []byte {
		b, err := hex.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for what, digits := range map[string]string{
		"another frame":         "600b06092a864886f712010202",
		"no mechanisms at all":  "600c06062b0601050502a0023000",
		"empty list":            "601006062b0601050502a0063004a0023000",
		"mechanism of 0 bytes":  "601206062b0601050502a0083006a00430020600",
		"list of numbers":       "601306062b0601050502a0093007a0053003020101",
		"length beyond the end": "607f06062b0601050502a0023000",
		"indefinite length":     "608006062b0601050502a0023000",
	} {
		if m, err := decodeInit(unhex(digits)); err == nil {
			t.Errorf("%s: decodes to %+v", what, m)
		}
	}
	long := negTokenInit{MechTypes: make([]OID, maxMechTypes+1)}
	for i := range long.MechTypes {
		long.MechTypes[i] = NTLMSSP
	}
	token, err := long.encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := decodeInit(token); err == nil {
		t.Errorf("%d mechanisms are read", len(long.MechTypes))
	}
	for what, digits := range map[string]string{
		"state 4":            "a1073005a0030a0104",
		"state of two bytes": "a1083006a0040a020001",
		"state no number":    "a1073005a003040100",
		"token no string":    "a1073005a203020100",
	} {
		if m, err := decodeResp(unhex(digits)); err == nil {
			t.Errorf("%s: decodes to %+v", what, m)
		}
	}
}

func TestIdentifiersPrintWithDots(t *testing.T) {
	for o, want := range map[OID]string{
		NTLMSSP: "1.3.6.1.4.1.311.2.2.10", NEGOEX: "1.3.6.1.4.1.311.2.2.30",
		Kerberos: "1.2.840.113554.1.2.2", MSKerberos: "1.2.840.48018.1.2.2", mechSPNEGO: "1.3.6.1.5.5.2",
		"": "invalid", "\x88\x37\x03": "2.999.3", "\x2a\x86": "invalid",
		OID(strings.Repeat("\xFF", 20)): "invalid",
	} {
		if got := o.String(); got != want {
			t.Errorf("%x = %s, want %s", string(o), got, want)
		}
	}
}
