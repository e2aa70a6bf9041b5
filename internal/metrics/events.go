package metrics

import (
	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/event/journal"
)

// events gives what is about the log of events: every kind, also those that
// have not happened, so that an alert on their rate sees the first.
func (s sink) events(state journal.State) {
	for _, k := range event.Kinds() {
		s.add(raised, float64(state.Raised[k.Name]), k.Name)
	}
	s.add(eventsLost, float64(state.Lost))
	s.add(eventsWait, float64(state.Pending))
	s.add(logFailing, truth(state.Failing))
	s.add(logSequence, float64(state.Sequence))
}
