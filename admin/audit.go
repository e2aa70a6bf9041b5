package admin

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/signet-smb/signet/event"
)

// eventBy returns the event that a caller did something.
func eventBy(c Caller, kind *event.Kind) event.Event {
	return event.Event{Kind: kind, Client: c.Address, User: c.Account(), Means: c.Means}
}

// tell records events of what was done, or else writes them to the log, under
// the words what.
//
// Missing: an event of a share or an account whose change was made just before
// the process was killed; only revisions of the configuration are told after a
// restart.
func (h *handlers) tell(ctx context.Context, what string, events ...event.Event) {
	if h.audit != nil {
		if err := h.audit.RecordAll(ctx, events...); err != nil {
			h.log.ErrorContext(ctx, "admin: what was done is not in the log of events yet", "what", what, "err", err)
		}
		return
	}
	caller, _ := callerOf(ctx)
	for i := range events {
		e := &events[i]
		attrs := append([]any{"object", e.Object}, caller.attrs()...)
		if e.Share != "" {
			attrs[0], attrs[1] = "share", e.Share
		}
		if e.Property != "" {
			attrs = append(attrs, "property", e.Property, "old", textOf(e.Old), "new", textOf(e.New))
		}
		if e.Reason != "" {
			attrs = append(attrs, "why", e.Reason)
		}
		h.log.InfoContext(ctx, what, attrs...)
	}
}

// textOf returns the text, or "" if there is none.
func textOf(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// property is what one property of a share or an account is, for events.
type property struct{ name, value string }

// properties lists what an event tells of a share.
func (s *Share) properties() []property {
	return []property{
		{"Path", s.Path},
		{"ReadOnly", truth(s.ReadOnly)},
		{"RunAs", s.RunAs},
		{"EncryptData", truth(s.EncryptData)},
		{"RequireSecuritySignature", truth(s.RequireSecuritySignature)},
		{"FolderEnumerationMode", s.FolderEnumerationMode},
		{"LeasingMode", s.LeasingMode},
		{"EnableGuestAccess", truth(s.EnableGuestAccess)},
		{"FullAccess", strings.Join(s.FullAccess, ",")},
		{"ChangeAccess", strings.Join(s.ChangeAccess, ",")},
		{"ReadAccess", strings.Join(s.ReadAccess, ",")},
		{"NoAccess", strings.Join(s.NoAccess, ",")},
		{"Description", s.Description},
		{"ConcurrentUserLimit", limitText(s.ConcurrentUserLimit)},
	}
}

// properties lists what an event tells of an account.
func (u *User) properties() []property {
	return []property{{"Enabled", truth(u.Enabled)}, {"UnixUser", u.UnixUser}, {"Role", u.Role.String()}}
}

// limitText is a limit as an event tells it; "" for none.
func limitText(limit uint32) string {
	if limit == 0 {
		return ""
	}
	return strconv.FormatUint(uint64(limit), 10)
}

// truth is a boolean as Windows writes it.
func truth(b bool) string {
	s := strconv.FormatBool(b)
	return strings.ToUpper(s[:1]) + s[1:]
}

// changes makes an event of e for each property that differs. nil is what is
// not there: what is added or removed is told whole, in one event.
func changes(e event.Event, was, is []property) []event.Event {
	if was == nil || is == nil {
		e.Reason = map[bool]string{true: "added", false: "removed"}[was == nil]
		for _, half := range []struct {
			list []property
			into **string
		}{{was, &e.Old}, {is, &e.New}} {
			if half.list != nil {
				text := summary(half.list)
				*half.into = &text
			}
		}
		return []event.Event{e}
	}
	var events []event.Event
	for i := range is {
		if was[i].value != is[i].value {
			e.Property, e.Old, e.New = is[i].name, &was[i].value, &is[i].value
			events = append(events, e)
		}
	}
	return events
}

// summary tells what is not empty, False or no role.
func summary(list []property) string {
	var parts []string
	for _, p := range list {
		if p.value != "" && p.value != "False" && p != (property{"Role", Nobody.String()}) {
			parts = append(parts, fmt.Sprintf("%s=%s", p.name, p.value))
		}
	}
	return strings.Join(parts, " ")
}
