package client_test

import (
	"os"
	"strings"
	"testing"
)

// complaints are what people complain about in other clients, by the number of
// the list they were collected in, and the tests that hold ours to better. A
// path is that of the file with the test.
var complaints = []struct {
	number int
	what   string
	tests  []string // FILE NAME
}{
	{1, "a guest share cannot be opened, and nobody says which of two switches it is", []string{
		"verify_test.go TestGuestIsRefusedByTheSettingThatForbidsIt", "../internal/doctor/examine_test.go TestEachBrokenSetUpIsToldApart",
	}},
	{2, "invalid signature where an answer is made of several buffers", []string{
		"complaints_test.go TestChainIsVerifiedElementByElementPaddingIncluded", "../server/compound_test.go TestCompoundRepliesAreWellFormedSignedEachAndGrantOnTheLast",
	}},
	{3, "nobody knows whether a session is signed", []string{"properties_test.go TestClientProperty_RequireSecuritySignature"}},
	{4, "signing is slow", []string{"complaints_test.go TestFastestSigningIsOfferedFirst"}},
	{5, "what was negotiated passes for what is required", []string{"properties_test.go TestClientProperty_RequireSecuritySignature"}},
	{6, "guests are signed", []string{"complaints_test.go TestEveryRequestTravelsAsTheSessionDemands", "verify_test.go TestGuestIsRefusedByTheSettingThatForbidsIt"}},
	{7, "interim answers pass for forged ones", []string{"verify_test.go TestAnswersMustProveWhatTheSessionDemands"}},
	{8, "unsigned answers are taken", []string{"verify_test.go TestAnswersMustProveWhatTheSessionDemands", "verify_test.go TestLastAnswerToTheSignInMustProveTheKey"}},
	{9, "servers take unsigned requests", []string{"../server/signing_test.go TestRefusalOfAnUnsignedRequestIsSignedWhenTheSessionRequiresIt", "../internal/hostile/replies_test.go TestNothingOfASignedSessionIsUnsigned"}},
	{10, "a wrong password is reported as a wrong signature", []string{"verify_test.go TestWrongPasswordIsAWrongPassword"}},
	{19, "connections hang and leak", []string{"bounds_test.go TestHangUpEndsEverything", "verify_test.go TestCancelledContextEndsACallAtOnce", "properties_test.go TestClientProperty_SessionTimeout", "helpers_test.go TestMain"}},
	{20, "panics on what servers send", []string{"fuzz_test.go FuzzAnswers", "fuzz_test.go FuzzNames", "fuzz_test.go FuzzReferrals", "bounds_test.go TestListingsThatLieEndTheConnection"}},
	{21, "stricter servers refuse", []string{"bounds_test.go TestServerThatGrantsLittleIsServedWithLittle", "properties_test.go TestClientProperty_EnableLargeMtu"}},
	{22, "changes cannot be watched", []string{"complaints_test.go TestChangesAreTold"}},
	{23, "access lists cannot be read or written", []string{"security_test.go TestSecurityDescriptorsAreReadAndWritten"}},
}

func TestEveryComplaintHasItsTests(t *testing.T) {
	for _, c := range complaints {
		for _, test := range c.tests {
			path, name, _ := strings.Cut(test, " ")
			source, err := os.ReadFile(path)
			if err != nil || !strings.Contains(string(source), "\nfunc "+name+"(") {
				t.Errorf("complaint %d, %s: there is no %s in %s (%v)", c.number, c.what, name, path, err)
			}
		}
	}
}
