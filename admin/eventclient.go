package admin

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/signet-smb/signet/event/journal"
)

// query spells f as a query.
func (f *EventFilter) query() string {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	if f.After > 0 {
		q.Set("after", strconv.FormatUint(f.After, 10))
	}
	if !f.Since.IsZero() {
		q.Set("since", f.Since.UTC().Format(time.RFC3339Nano))
	}
	set("channel", f.Channel)
	set("id", f.ID)
	set("user", f.User)
	set("client", f.Client)
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// Events calls each with the events that are wanted, the first first.
func (c *Client) Events(ctx context.Context, f EventFilter, each func(*Event) error) error {
	for {
		var list EventList
		if err := c.do(ctx, http.MethodGet, "events"+f.query(), nil, &list); err != nil {
			return err
		}
		for i := range list.Events {
			if err := each(&list.Events[i]); err != nil {
				return err
			}
		}
		if !list.More {
			return nil
		}
		f.After = list.Through
	}
}

// VerifyEvents compares the log with anchors, in any order and at most
// [MaxAnchors].
func (c *Client) VerifyEvents(ctx context.Context, anchors []journal.Head) (*journal.Verdict, error) {
	var v journal.Verdict
	return &v, c.do(ctx, http.MethodPost, "events/verify", Anchors{append([]journal.Head{}, anchors...)}, &v)
}

// FollowEvents calls each with the events that are wanted as they happen: from
// now on, unless f says since when or after which. It returns nil when the
// server stops.
func (c *Client) FollowEvents(ctx context.Context, f EventFilter, each func(*Event) error) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://signet/api/v1/events/stream"+f.query(), http.NoBody)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		data, err := io.ReadAll(io.LimitReader(resp.Body, maxReplyBytes))
		if err != nil {
			return err
		}
		return errorOf(resp, data)
	}
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var e Event
		if err := json.Unmarshal([]byte(data), &e); err != nil {
			return fmt.Errorf("the server sent no event: %w", err)
		}
		if err := each(&e); err != nil {
			return err
		}
	}
	return lines.Err()
}
