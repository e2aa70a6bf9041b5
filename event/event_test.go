package event

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// The numbers are those of Windows' documents, by hand.
func TestKindsHaveWindowsChannelsAndNumbers(t *testing.T) {
	want := map[string]struct {
		channel Channel
		id      int
	}{
		"SMB1Access":                     {"SMBServer/Audit", 3000},
		"ClientDoesNotSupportSigning":    {"SMBServer/Audit", 3021},
		"ClientDoesNotSupportEncryption": {"SMBServer/Audit", 3022},
		"GuestLogon":                     {"SMBServer/Security", 3023},
		"ClientSentNoSPN":                {"SMBServer/Audit", 3024},
		"ClientSentUnknownSPN":           {"SMBServer/Audit", 3025},
		"ClientSentEmptySPN":             {"SMBServer/Audit", 3026},
		"SMB1ClientDoesNotSign":          {"SMBServer/Audit", 3027},
		"AuthenticationFailed":           {"SMBServer/Security", 551},
		"ShareAccessDenied":              {"SMBServer/Security", 1006},
		"SMB1Refused":                    {"SMBServer/Operational", 1001},
		"UnencryptedRefused":             {"SMBServer/Operational", 1003},
		"NegotiateValidationFailed":      {"SMBServer/Operational", 1005},
		"SignatureValidationFailed":      {"SMBClient/Security", 31013},
		"InsecureGuestLogonRefused":      {"SMBClient/Security", 31017},
		"QUICConnection":                 {"SMBClient/Connectivity", 30832},
		"ServerDoesNotSupportSigning":    {"SMBClient/Audit", 0},
		"ServerDoesNotSupportEncryption": {"SMBClient/Audit", 0},
	}
	for name, w := range want {
		k := ByName(name)
		if k == nil || k.Channel != w.channel || k.ID != w.id {
			t.Errorf("%s is %+v, want %s %d", name, k, w.channel, w.id)
		}
	}
}

func TestKindsAreToldApart(t *testing.T) {
	type number struct {
		channel Channel
		id      int
	}
	names, numbers := make(map[string]bool), make(map[number]bool)
	for _, k := range Kinds() {
		n := number{k.Channel, k.ID}
		if names[strings.ToLower(k.Name)] || k.ID != 0 && numbers[n] {
			t.Errorf("%s (%s %d) is there twice", k.Name, k.Channel, k.ID)
		}
		names[strings.ToLower(k.Name)], numbers[n] = true, true
		if (k.ID == 0) != (len(k.OpenIDs) > 0) || k.Text == "" || k.Level == "" {
			t.Errorf("%s: number %d and %v, text %q, level %q", k.Name, k.ID, k.OpenIDs, k.Text, k.Level)
		}
		if k.ByClient != (strings.HasPrefix(string(k.Channel), "SMBClient/") || k.Channel == OwnClient) {
			t.Errorf("%s of channel %s: ByClient is %v", k.Name, k.Channel, k.ByClient)
		}
	}
}

func TestKindsAreFoundByNameAndNumber(t *testing.T) {
	tests := []struct {
		kind *Kind
		word string
		want bool
	}{
		{AuthenticationFailed, "551", true},
		{AuthenticationFailed, "authenticationfailed", true},
		{AuthenticationFailed, "1006", false},
		{ServerDoesNotSupportSigning, "31998", true},
		{ServerDoesNotSupportEncryption, "31998", true},
		{ServerDoesNotSupportSigning, "0", false},
	}
	for _, tt := range tests {
		if got := tt.kind.IsCalled(tt.word); got != tt.want {
			t.Errorf("%s.IsCalled(%q) = %v, want %v", tt.kind.Name, tt.word, got, tt.want)
		}
	}
}

func TestARecordIsBoundedWhateverThePeerSends(t *testing.T) {
	for _, long := range []string{strings.Repeat("x", 60<<10), strings.Repeat("ü", 60<<10), strings.Repeat("\xff", 60<<10)} {
		r := NewRecord(&Event{Kind: AuthenticationFailed, Time: time.Now(), User: long, Domain: long, ClientName: long, Reason: long, SPN: long, Share: long})
		for _, s := range []string{r.User, r.Domain, r.ClientName, r.Reason, r.SPN, r.Share} {
			if len(s) > maxText+3 || utf8.ValidString(long) && !utf8.ValidString(s) {
				t.Errorf("%.10q: %d bytes are kept of it, valid UTF-8: %v", long, len(s), utf8.ValidString(s))
			}
		}
	}
}

func TestTheTextOfABadSignatureNamesTheMessage(t *testing.T) {
	r := NewRecord(&Event{Kind: BadSignature, SessionID: 7, TreeID: 3, MessageID: 28, Command: "READ", Status: "STATUS_ACCESS_DENIED"})
	const want = "a request bore a wrong signature and was refused: somebody may be in the path " +
		"(command READ, message 0x000000000000001c, session 0x0000000000000007, tree 0x00000003, answered STATUS_ACCESS_DENIED)"
	if got := r.Text(); got != want {
		t.Errorf("Text() =\n%s\nwant\n%s", got, want)
	}
}
