package main

import (
	"context"
	"slices"
	"time"

	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/policy/store"
)

// deadlineInterval is how long nobody looks at the clock while a deadline is
// pending: the wall clock that it is written in may be set, or the machine
// sleep, without a timer noticing.
const deadlineInterval = time.Minute

// keepDeadlines takes changes back when their time is over, until ctx ends.
func (c *configService) keepDeadlines(ctx context.Context) {
	for {
		next, err := c.restoreDue(ctx)
		if err != nil && ctx.Err() == nil {
			c.log.ErrorContext(ctx, "what should have gone back has not; it is tried again", "err", err)
		}
		var timer <-chan time.Time // nil: there is no deadline
		switch {
		case err != nil:
			timer = time.After(deadlineInterval)
		case !next.IsZero():
			timer = time.After(min(time.Until(next), deadlineInterval))
		}
		select {
		case <-ctx.Done():
			return
		case <-c.wake:
		case <-timer:
		}
	}
}

// restoreDue takes back what is due, by one revision, and returns when the next
// is due; the zero time if nothing is.
func (c *configService) restoreDue(ctx context.Context) (next time.Time, err error) {
	c.policy.changing.Lock()
	defer c.policy.changing.Unlock()
	d, err := c.store.Decisions(ctx)
	if err != nil {
		return time.Time{}, err
	}
	e := store.Edit{
		Kind: store.Restored, At: time.Now(), Set: make(map[string]*string),
		By: store.Author{Account: "signet", Means: "Timer", Reason: "the time it was set for is over"},
	}
	for _, l := range d.Deadlines {
		switch due := l.Due(); {
		case due.After(e.At):
			next = earlier(next, due)
		default:
			e.Set[l.Property] = l.Restore
			e.Now = e.Now || l.Now
			if l.Until.IsZero() || l.Until.After(e.At) {
				e.By.Reason = "it was not confirmed in time"
			}
		}
	}
	for _, r := range c.policy.current().Rules() {
		name := policy.RuleProperty(r.Name)
		switch _, due := e.Set[name]; {
		case r.Origin.Layer != policy.LayerStore || r.Until == nil || due:
		case r.Ended(e.At): // it came back by a rollback, which brings no deadlines back
			e.Set[name] = nil
		default:
			next = earlier(next, *r.Until)
		}
	}
	if len(e.Set) == 0 {
		return next, nil
	}
	p, err := c.planLocked(d, e)
	if err != nil {
		return next, err
	}
	over := c.overLocked(e, p.result.Sessions)
	rev, err := c.store.Commit(ctx, d.Revision, e)
	if err != nil {
		return next, err
	}
	if err := c.reloadLocked(ctx); err != nil {
		return next, err
	}
	if e.Now {
		over = slices.Clone(p.result.Sessions)
	}
	c.closeLocked(ctx, over)
	c.tell(ctx, rev)
	return next, nil
}

// earlier returns the earlier of two times; the zero time is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}
