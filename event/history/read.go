package history

import (
	"context"
	"maps"
	"time"
)

// Gap is a time in which nothing was recorded: no server ran, or more was seen
// than there was room for.
type Gap struct{ From, To time.Time }

// Seen is what was seen in a time.
type Seen struct {
	From, To time.Time // From: what was asked for, or when recording began
	Gaps     []Gap     // within that, in order
	Facts    []Fact    // of who was seen then, the last first
}

// Since returns what was seen between a time and now, all that Saw has been told
// included.
func (h *History) Since(ctx context.Context, from time.Time) (Seen, error) {
	now := time.Now()
	if err := h.write(ctx, now); err != nil {
		return Seen{}, err
	}
	seen := Seen{From: from, To: now}
	if err := h.readPeriods(ctx, &seen); err != nil {
		return Seen{}, err
	}
	rows, err := h.db.QueryContext(ctx, `SELECT `+columns+` FROM fact WHERE last >= ? ORDER BY last DESC, device, folded`, from.UnixMilli())
	if err != nil {
		return Seen{}, err
	}
	defer rows.Close()
	for rows.Next() {
		f, err := scan(rows)
		if err != nil {
			return Seen{}, err
		}
		maps.DeleteFunc(f.Shares, func(_ string, last time.Time) bool { return last.Before(from) })
		seen.Facts = append(seen.Facts, f)
	}
	return seen, rows.Err()
}

// readPeriods finds the gaps between seen.From and seen.To.
func (h *History) readPeriods(ctx context.Context, seen *Seen) error {
	rows, err := h.db.QueryContext(ctx, `SELECT began, ended FROM period WHERE ended >= ? ORDER BY began`, seen.From.UnixMilli())
	if err != nil {
		return err
	}
	defer rows.Close()
	var until time.Time
	for rows.Next() {
		var began, ended int64
		if err := rows.Scan(&began, &ended); err != nil {
			return err
		}
		from := moment(began)
		switch {
		case until.IsZero() && from.After(seen.From):
			seen.From = from
		case !until.IsZero() && from.After(until):
			seen.Gaps = append(seen.Gaps, Gap{until, from})
		}
		until = moment(ended)
	}
	return rows.Err()
}
