package client

import "context"

// gate lets one in at a time; who waits for it gives up with its context.
type gate chan struct{}

func newGate() gate { return make(gate, 1) }

// enter waits for the gate; after an error the caller is not in.
func (g gate) enter(ctx context.Context) error {
	select {
	case g <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// leave lets the next one in.
func (g gate) leave() { <-g }
