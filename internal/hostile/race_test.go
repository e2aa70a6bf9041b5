package hostile_test

import (
	"bytes"
	"slices"
	"sync"
	"testing"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

// TestRequestsRacingALogOnAreNotObeyed sends unsigned requests of a session
// together with the last leg that makes it, and that leg twice: whichever the
// server looks at first, none of them may profit.
func TestRequestsRacingALogOnAreNotObeyed(t *testing.T) {
	rounds := 60 / stride(10)
	for _, w := range slices.Concat(signedWays, sealedWays) {
		t.Run(w.name, func(t *testing.T) {
			r := newRig(t, w, false)
			counts := make(tally)
			for range rounds {
				r.login()
				raceLogOn(t, r, counts)
			}
			t.Logf("%d rounds\n%v", rounds, counts)
		})
	}
}

// raceLogOn makes a second session on r's connection, whose first has the
// credits to pipeline, and races it.
func raceLogOn(t *testing.T, r *rig, counts tally) {
	t.Helper()
	second := *r.Peer
	p := &second
	p.ForgetSession()
	p.Seal, p.Lenient = false, true // it has no key
	init := smbtest.Initiator()
	var token []byte
	for leg := range 2 {
		var err error
		if token, _, err = init.Step(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		if leg == 1 {
			break
		}
		p.Send(smbtest.Element{Message: &smb2.SessionSetupRequest{SecurityMode: p.Mode, SecurityBuffer: token}})
		replies, ok := p.Receive()
		if !ok || replies[0].Header.Status != ntstatus.MoreProcessingRequired {
			t.Fatalf("first leg: %v %+v", ok, replies)
		}
		p.SessionID = replies[0].Header.SessionID
		var res smb2.SessionSetupResponse
		replies[0].Decode(t, &res)
		token = res.SecurityBuffer
	}
	unsigned := func(m smb2.Message) smbtest.Element { return smbtest.Element{Message: m, Unsigned: true} }
	setup := unsigned(&smb2.SessionSetupRequest{SecurityMode: p.Mode, SecurityBuffer: token})
	racing := related(smbtest.CreateFile("raced"))
	racing.Unsigned = true
	last := p.Encode(setup)
	messages := [][]byte{
		last,
		p.Encode(setup), // under another MessageId
		p.Encode(unsigned(smbtest.CreateFile("raced"))),
		p.Encode(unsigned(&smb2.TreeConnectRequest{Path: `\\server\` + smbtest.ShareName}), racing),
		p.Encode(unsigned(&smb2.LogoffRequest{})),
	}
	var writer sync.WaitGroup
	writer.Go(func() { // a pipe holds nothing: who writes first hangs
		for _, m := range messages {
			if !p.TrySend(bytes.Clone(m)) {
				return
			}
		}
	})
	signedIn := 0
	for answers := 0; answers < len(messages); answers++ {
		replies, ok := p.Receive()
		if !ok {
			counts.add("connection", closed)
			break
		}
		for _, reply := range replies {
			h := &reply.Header
			counts.add(h.Command.String(), h.Status.String())
			switch {
			case h.Command == smb2.CommandSessionSetup && h.Status == ntstatus.Success:
				signedIn++
			case !h.Status.IsError() && h.Status != ntstatus.MoreProcessingRequired:
				t.Fatalf("%s: unsigned %v answered %v", r.w.name, h.Command, h.Status)
			}
		}
	}
	if signedIn > 1 {
		t.Fatalf("%s: one log-on succeeded %d times", r.w.name, signedIn)
	}
	r.untouched("requests racing a log-on")
	p.Close()
	writer.Wait()
}
