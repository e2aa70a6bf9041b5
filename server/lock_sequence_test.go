package server

import (
	"testing"

	"github.com/signet-smb/signet/internal/smb2"
)

func TestLockSequencesAreKeptWhereASessionMayHaveSeveralChannels(t *testing.T) {
	for _, c := range []struct {
		dialect      smb2.Dialect
		capabilities smb2.Capabilities
		want         bool
	}{
		{smb2.Dialect202, 0, false},
		{smb2.Dialect210, smb2.CapLargeMTU, false},
		{smb2.Dialect210, smb2.CapMultiChannel, false}, // reserved before 3.0
		{smb2.Dialect300, smb2.CapLargeMTU, false},
		{smb2.Dialect300, smb2.CapMultiChannel, true},
		{smb2.Dialect302, smb2.CapMultiChannel | smb2.CapLargeMTU, true},
		{smb2.Dialect311, smb2.CapLargeMTU, false},
		{smb2.Dialect311, smb2.CapMultiChannel, true},
	} {
		s := new(open).lockSequencesOn(&negotiated{dialect: c.dialect, capabilities: c.capabilities})
		s.done(0x11)
		if got := s.replayed(0x11); got != c.want {
			t.Errorf("dialect %v, capabilities %#x: replay known %v, want %v", c.dialect, c.capabilities, got, c.want)
		}
	}
}

func TestLockSequenceKnowsTheLastNumberOfEachIndex(t *testing.T) {
	const index = 0x10
	type step struct {
		field    uint32
		replayed bool // what is said of it; done follows if not
	}
	for _, c := range []struct {
		name  string
		steps []step
	}{
		{"the same number again", []step{{index + 3, false}, {index + 3, true}, {index + 3, true}}},
		{"another number", []step{{index + 3, false}, {index + 4, false}, {index + 4, true}, {index + 3, false}}},
		{"number zero", []step{{index, false}, {index, true}}},
		{"another index", []step{{index + 3, false}, {2*index + 3, false}, {index + 3, true}, {2*index + 3, true}}},
		{"the last index", []step{{64*index + 15, false}, {64*index + 15, true}}},
		{"index zero is none", []step{{3, false}, {3, false}}},
		{"index 65 is none", []step{{65*index + 3, false}, {65*index + 3, false}}},
		{"the highest index is none", []step{{0xFFFFFFFF, false}, {0xFFFFFFFF, false}}},
	} {
		var s lockSequences
		for i, step := range c.steps {
			got := s.replayed(step.field)
			if got != step.replayed {
				t.Errorf("%s: step %d, field %#x: replayed %v, want %v", c.name, i, step.field, got, step.replayed)
			}
			if !got {
				s.done(step.field)
			}
		}
	}
}

func TestLockThatFailedIsNoReplay(t *testing.T) {
	var s lockSequences
	s.done(0x13)
	if s.replayed(0x14) {
		t.Error("another number is taken for a replay")
	}
	// It failed: done was not called.
	if s.replayed(0x14) || s.replayed(0x13) {
		t.Error("the entry is still valid though the last LOCK under its index failed")
	}
}
