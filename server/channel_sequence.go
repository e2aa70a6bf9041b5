package server

import (
	"sync"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// channelSequence is what an open knows of its client's channels: a client
// that loses one counts on, and repeats what was not answered. What it sent
// before and comes late must change nothing any more. [MS-SMB2] 3.3.1.10,
// 3.3.5.2.10. Safe for concurrent use.
type channelSequence struct {
	mu       sync.Mutex
	current  uint16 // Open.ChannelSequence
	requests int    // Open.OutstandingRequestCount: under way, sent with current
	earlier  int    // Open.OutstandingPreRequestCount: under way, sent before
}

// begin counts a request that was sent with seq, until it ends. It reports
// false, and does not count it, for one that is late, and for the repetition
// of one that may still be under way: neither may change anything.
func (c *channelSequence) begin(seq uint16, replay bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if seq-c.current > 0x7FFF {
		return false
	}
	if seq != c.current {
		c.earlier += c.requests
		c.requests = 0
		c.current = seq
	}
	if replay && c.earlier > 0 {
		return false
	}
	c.requests++
	return true
}

// end uncounts a request that begin has counted. [MS-SMB2] 3.3.4.1.
func (c *channelSequence) end(seq uint16) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if seq == c.current {
		c.requests--
	} else {
		c.earlier--
	}
}

// checkSequence counts the request at its open, and refuses it if it would
// change something and must not. [MS-SMB2] 3.3.5.2.10.
func (a *authenticated) checkSequence() error {
	if a.conn.negotiated.Load().dialect < smb2.Dialect300 {
		return nil
	}
	a.sequenced = a.open.sequence.begin(a.header.ChannelSequence(), a.header.Is(smb2.FlagReplayOperation))
	if !a.sequenced && a.row.changes {
		return ntstatus.FileNotAvailable
	}
	return nil
}
