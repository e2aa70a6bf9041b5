package fsa_test

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/fsa"
)

var filterNames = map[string]fscc.CompletionFilter{
	"file": fscc.NotifyChangeFileName, "dir": fscc.NotifyChangeDirName,
	"names": fscc.NotifyChangeFileName | fscc.NotifyChangeDirName, "attributes": fscc.NotifyChangeAttributes,
	"size": fscc.NotifyChangeSize, "write": fscc.NotifyChangeLastWrite, "access": fscc.NotifyChangeLastAccess,
	"creation": fscc.NotifyChangeCreation, "ea": fscc.NotifyChangeEA, "security": fscc.NotifyChangeSecurity,
	"streams": fscc.NotifyChangeStreamName, "streamsize": fscc.NotifyChangeStreamSize,
	"streamwrite": fscc.NotifyChangeStreamWrite, "any": fscc.NotifyChangeAny, "none": 0xFFFFF000,
}

var notifyActions = map[fscc.NotifyAction]string{
	fscc.NotifyAdded: "added", fscc.NotifyRemoved: "removed", fscc.NotifyModified: "modified",
	fscc.NotifyRenamedOldName: "from", fscc.NotifyRenamedNewName: "to", fscc.NotifyAddedStream: "added-stream",
	fscc.NotifyRemovedStream: "removed-stream", fscc.NotifyModifiedStream: "modified-stream",
}

// answered says what p was answered, or that it waits.
func answered(p *fsa.PendingChanges) (string, bool) {
	select {
	case <-p.Done():
	default:
		return "waits", false
	}
	changes, err := p.Result()
	if err != nil {
		return err.Error(), true
	}
	var words []string
	for _, c := range changes {
		words = append(words, notifyActions[c.Action]+" "+c.FileName)
	}
	return strings.Join(words, ", "), true
}

// runHeard looks at what has waited longest for changes of the handle name.
func (s *story) runHeard(command, name string) string {
	if len(s.watches[name]) == 0 {
		s.Fatalf("nobody waits for changes of %s", name)
	}
	p := s.watches[name][0]
	if command == "leave" && p.Withdraw() {
		s.watches[name] = s.watches[name][1:]
		return "left"
	}
	got, done := answered(p)
	if done {
		s.watches[name] = s.watches[name][1:]
	}
	return got
}

func (s *story) runWatch(h *fsa.Handle, words []string) string {
	name := words[1]
	req := fsa.ChangesRequest{Limit: 1000}
	for n := range strings.SplitSeq(words[2], ",") {
		bit, ok := filterNames[n]
		if !ok {
			s.Fatalf("unknown kind %q", n)
		}
		req.Filter |= bit
	}
	for _, w := range words[3:] {
		if w == "tree" {
			req.Tree = true
			continue
		}
		limit, err := strconv.Atoi(strings.TrimPrefix(w, "limit="))
		if err != nil {
			s.Fatal(fmt.Errorf("%q: %w", w, err))
		}
		req.Limit = limit
	}
	p, err := h.Changes(s.Context(), req)
	if err != nil {
		return answer(err)
	}
	got, done := answered(p)
	if !done {
		s.watches[name] = append(s.watches[name], p)
	}
	return got
}
