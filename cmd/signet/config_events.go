package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/event/journal"
	"github.com/signet-smb/signet/policy/store"
)

// eventLog is what configEvents needs of the log of events.
type eventLog interface {
	RecordAll(ctx context.Context, events ...event.Event) error
	Read(ctx context.Context, f journal.Filter) (journal.Page, error)
}

// configEvents tells the log of events of every revision, once: also of one
// that was committed just before a crash. Two files cannot change at once, so
// the store remembers which revision the log has for certain; what it does not
// remember is looked for there. Guarded by policyInForce.changing once it is
// in use.
type configEvents struct {
	store *store.Store
	log   eventLog
	// sure is set while the store's memory is known to be that of the log.
	sure bool
}

// tellTo tells events of every revision from now on, and of those that it has
// missed.
func (c *configService) tellTo(ctx context.Context, events eventLog) error {
	t := &configEvents{store: c.store, log: events}
	c.policy.changing.Lock()
	defer c.policy.changing.Unlock()
	c.changed = func(ctx context.Context, _ store.Revision) {
		// The change is made, whoever asked for it is gone or not.
		if err := t.tell(context.WithoutCancel(ctx)); err != nil {
			c.log.ErrorContext(ctx, "the log of events is not told of a change yet", "err", err)
		}
	}
	return t.tell(ctx)
}

// tell records what the log has not been told.
func (t *configEvents) tell(ctx context.Context) error {
	for {
		untold, err := t.store.Untold(ctx)
		if err != nil || len(untold) == 0 {
			t.sure = err == nil
			return err
		}
		var known map[uint64]bool
		if !t.sure {
			since := untold[0].At
			for _, r := range untold { // clocks go back, too
				since = earlier(since, r.At)
			}
			if known, err = t.known(ctx, since); err != nil {
				return err
			}
		}
		t.sure = false
		for _, r := range untold {
			if known[r.Number] {
				continue
			}
			if err := t.log.RecordAll(ctx, eventsOf(r)...); err != nil {
				return fmt.Errorf("revision %d: %w", r.Number, err)
			}
		}
		if err := t.store.MarkTold(ctx, untold[len(untold)-1].Number); err != nil {
			return err
		}
		t.sure = true
	}
}

// known returns the revisions since a time that the log has events of. Those of
// one revision are there together or not at all.
func (t *configEvents) known(ctx context.Context, since time.Time) (map[uint64]bool, error) {
	numbers := make(map[uint64]bool)
	f := journal.Filter{Kind: event.ConfigurationChanged.Name, Since: since}
	for {
		page, err := t.log.Read(ctx, f)
		if err != nil {
			return nil, err
		}
		for i := range page.Records {
			numbers[page.Records[i].Revision] = true
		}
		if !page.More {
			return numbers, nil
		}
		f.After = page.Through
	}
}

// eventsOf makes an event of each property that a revision changed, or one of a
// revision that changed none.
func eventsOf(r store.Revision) []event.Event {
	means, from, _ := strings.Cut(r.By.Means, " ")
	e := event.Event{
		Kind: event.ConfigurationChanged, Time: r.At, User: r.By.Account, Means: means, Client: from,
		Object: string(r.Kind), Reason: r.By.Reason, Revision: r.Number,
	}
	if len(r.Changes) == 0 {
		return []event.Event{e}
	}
	events := make([]event.Event, len(r.Changes))
	for i, p := range showRevision(r).Changes {
		events[i] = e
		events[i].Property, events[i].Old, events[i].New = inLayer(p.Property, p.Layer), p.Old, p.New
	}
	return events
}
