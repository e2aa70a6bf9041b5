package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/event/history"
	"github.com/signet-smb/signet/event/journal"
	"github.com/signet-smb/signet/internal/statedir"
)

// eventsFile is the name of the log of events in the state directory.
const eventsFile = "events.db"

// openEvents opens the log of events in dir, or makes it. The caller holds the
// directory's lock.
func openEvents(ctx context.Context, dir *statedir.Dir, opt journal.Options) (*journal.Journal, error) {
	return journal.Open(ctx, dir.File(eventsFile), opt)
}

// closeEvents closes the log of events at the end of a server.
func closeEvents(events *journal.Journal, log *slog.Logger) {
	if err := events.Close(); err != nil {
		log.Warn("events not closed", "err", err)
	}
}

// closeHistory closes the history at the end of a server.
func closeHistory(h *history.History, log *slog.Logger) {
	if err := h.Close(); err != nil {
		log.Warn("history not closed", "err", err)
	}
}

// anchorFlags are the flags that say where the head of the log goes, or what the
// configuration file says of that.
type anchorFlags struct {
	names []string
	every time.Duration // 0: the default
}

// below are the flags, and what they do not say as other has it.
func (f anchorFlags) below(other anchorFlags) anchorFlags {
	if len(f.names) == 0 {
		f.names = other.names
	}
	f.every = cmp.Or(f.every, other.every, 10*time.Minute)
	return f
}

// parseAnchors reads --event-anchor, or eventAnchors. The files among them are named, too.
func parseAnchors(names []string) (anchors []journal.Anchor, files []string, err error) {
	for _, name := range names {
		a, err := journal.ParseAnchor(name)
		if err != nil {
			return nil, nil, usagef("event anchor: %w", err)
		}
		if file, ok := a.(journal.FileAnchor); ok {
			files = append(files, string(file))
		}
		anchors = append(anchors, a)
	}
	return anchors, files, nil
}

func (a *app) eventCommand() *cobra.Command {
	return group("event", "Show what has happened, and prove that nobody altered it",
		a.eventListCommand(), a.eventFollowCommand(), a.eventExportCommand(), a.eventVerifyCommand())
}

// eventFlags are the flags that pick events.
type eventFlags struct {
	channel, id, since, user, client string
}

// add adds the flags to cmd.
func (f *eventFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.channel, "channel", "", "only of this `channel`: SMBServer/Audit, or SMBServer for all of its channels")
	flags.StringVar(&f.id, "id", "", "only those with this `number`, or of this name")
	flags.StringVar(&f.since, "since", "", "only since this `time`: 24h ago, 2026-01-31, or 2026-01-31T08:00:00Z")
	flags.StringVar(&f.user, "user", "", "only of this `account`")
	flags.StringVar(&f.client, "client", "", "only of this `address`, with or without port, or network")
}

// filter reads the flags.
func (f *eventFlags) filter(now time.Time) (admin.EventFilter, error) {
	since, err := parseSince(f.since, now)
	return admin.EventFilter{Channel: f.channel, ID: f.id, Since: since, User: f.user, Client: f.client}, err
}

// parseSince reads a time that has passed: how long ago, a day, or a time.
func parseSince(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, text, now.Location()); err == nil {
		return t, nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	return time.Time{}, usagef("--since %q is none of 24h, 2026-01-31 and 2026-01-31T08:00:00Z", text)
}

func (a *app) eventListCommand() *cobra.Command {
	var f eventFlags
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List what has happened",
		Args:  cobra.NoArgs,
		RunE:  withContext(func(ctx context.Context, _ []string) error { return a.eventList(ctx, f) }),
	}
	f.add(cmd)
	return cmd
}

func (a *app) eventList(ctx context.Context, f eventFlags) error {
	filter, err := f.filter(time.Now())
	if err != nil {
		return err
	}
	return a.withClient(ctx, func(c *admin.Client) error {
		if a.json {
			list := admin.EventList{Events: []admin.Event{}}
			err := c.Events(ctx, filter, func(e *admin.Event) error {
				list.Events, list.Through = append(list.Events, *e), e.Sequence
				return nil
			})
			if err != nil {
				return err
			}
			return a.printJSON(list)
		}
		t := a.newTable("TIME", "LEVEL", "CHANNEL", "ID", "COUNT", "CLIENT", "USER", "WHAT")
		if err := c.Events(ctx, filter, func(e *admin.Event) error {
			t.row(eventRow(e)...)
			return t.err
		}); err != nil {
			return err
		}
		return t.flush()
	})
}

// eventRow is an event as a row of a table.
func eventRow(e *admin.Event) []string {
	id := strconv.Itoa(e.ID)
	if e.ID == 0 {
		id = e.Name
	}
	return []string{e.Time.Format(time.RFC3339), string(e.Level), string(e.Channel), id, strconv.Itoa(e.Count), e.Client, e.User, e.Text()}
}

func (a *app) eventFollowCommand() *cobra.Command {
	var f eventFlags
	cmd := &cobra.Command{
		Use:   "follow",
		Short: "Show what happens, until interrupted",
		Long:  "Show what happens from now on, or since the time that --since names, until\ninterrupted or until the server stops. With --json an object a line.",
		Args:  cobra.NoArgs,
		RunE:  withContext(func(ctx context.Context, _ []string) error { return a.eventFollow(ctx, f) }),
	}
	f.add(cmd)
	return cmd
}

func (a *app) eventFollow(ctx context.Context, f eventFlags) error {
	filter, err := f.filter(time.Now())
	if err != nil {
		return err
	}
	return a.withClient(ctx, func(c *admin.Client) error {
		return c.FollowEvents(ctx, filter, func(e *admin.Event) error {
			if a.json {
				return a.printJSON(e)
			}
			t := &table{w: a.stdout} // its columns cannot wait for rows to come
			t.row(eventRow(e)...)
			return t.flush()
		})
	})
}

// eventText says how often a kind has happened.
func eventText(o *admin.Occurred) string {
	if o.ID == 0 {
		return fmt.Sprintf("%s %d", o.Name, o.Count)
	}
	return fmt.Sprintf("%s (%d) %d", o.Name, o.ID, o.Count)
}
