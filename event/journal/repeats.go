package journal

import (
	"time"

	"github.com/signet-smb/signet/event"
)

const (
	// repeatWindow is how long events that are alike are one record.
	repeatWindow = time.Minute
	// maxUsers is how many users of one client, and of one kind of event, have
	// records of their own in a window.
	maxUsers = 32
	// maxRepeats is how many records may be begun in a window; with more, one
	// stands for all clients of a kind.
	maxRepeats = 4096
)

// repeatKey is what events have in common that are one record.
type repeatKey struct {
	kind         *event.Kind
	client       string // as clientOf has it; "" if clients vary
	user, domain string // "" if users vary
	varies       string
}

// repeat is one window: the event that began it was written, these were not.
type repeat struct {
	until  time.Time
	count  int
	first  time.Time
	last   event.Event
	spread bool // they came from several addresses of one network
}

// repeats finds events that are alike. Guarded by Journal.mu.
type repeats struct {
	windows map[repeatKey]*repeat
	users   map[repeatKey]int // how many windows a kind and client have, as key without user
}

func newRepeats() repeats {
	return repeats{windows: make(map[repeatKey]*repeat), users: make(map[repeatKey]int)}
}

// first reports whether e begins a window, and counts it otherwise. Strings of
// an event that is kept are bounded: a window holds less than 3 KiB.
func (r *repeats) first(e *event.Event) bool {
	if e.Kind.Each {
		return true
	}
	key := r.keyOf(e)
	w := r.windows[key]
	if w == nil {
		r.windows[key] = &repeat{until: e.Time.Add(repeatWindow)}
		if key.varies == "" {
			r.users[repeatKey{kind: key.kind, client: key.client}]++
		}
		return true
	}
	if w.count == 0 {
		w.first = e.Time
	}
	w.spread = w.spread || w.count > 0 && hostOf(w.last.Client) != hostOf(e.Client)
	w.count++
	w.last = *e
	w.last.User, w.last.Domain, w.last.ClientName = event.Clip(e.User), event.Clip(e.Domain), event.Clip(e.ClientName)
	w.last.Reason, w.last.SPN, w.last.Share = event.Clip(e.Reason), event.Clip(e.SPN), event.Clip(e.Share)
	w.last.Object, w.last.Property, w.last.Old, w.last.New = event.Clip(e.Object), event.Clip(e.Property), nil, nil
	return false
}

// keyOf returns the window that e belongs to.
func (r *repeats) keyOf(e *event.Event) repeatKey {
	key := repeatKey{kind: e.Kind, client: event.Clip(clientOf(e.Client)), user: event.Clip(e.User), domain: event.Clip(e.Domain)}
	if r.windows[key] != nil {
		return key
	}
	full := len(r.windows) >= maxRepeats
	if !full && r.users[repeatKey{kind: key.kind, client: key.client}] < maxUsers {
		return key
	}
	key.user, key.domain, key.varies = "", "", event.VariesUser
	if !full || r.windows[key] != nil {
		return key
	}
	key.client, key.varies = "", event.VariesClient
	return key
}

// take ends the windows that are over at now, or all of them, and returns the
// records of those that had more than the first event.
func (r *repeats) take(now time.Time, all bool) (records []event.Record) {
	for key, w := range r.windows {
		if !all && now.Before(w.until) {
			continue
		}
		delete(r.windows, key)
		if key.varies == "" {
			client := repeatKey{kind: key.kind, client: key.client}
			if r.users[client]--; r.users[client] <= 0 {
				delete(r.users, client)
			}
		}
		if w.count == 0 {
			continue
		}
		record := event.NewRecord(&w.last)
		record.Time, record.Count, record.Varies = w.first.UTC(), w.count, key.varies
		if w.spread && key.client != "" {
			record.Client = key.client
		}
		records = append(records, record)
	}
	return records
}
