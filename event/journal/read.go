package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"
	"time"

	"github.com/signet-smb/signet/event"
)

// Bounds of one Read.
const (
	maxRecords = 1000
	maxScanned = 20_000
)

// Filter says which records are wanted; what is zero does not matter.
type Filter struct {
	After   uint64    // those behind this sequence
	Channel string    // "SMBServer/Audit", or the first part of it alone
	Kind    string    // name or number
	Since   time.Time // whose last event is not earlier
	User    string    // without regard to case
	Client  string    // the address, with or without port, or a network
}

// matches reports whether r is wanted.
func (f *Filter) matches(r *event.Record) bool {
	if f.Channel != "" && !strings.EqualFold(f.Channel, string(r.Channel)) {
		provider, _, _ := strings.Cut(string(r.Channel), "/")
		if !strings.EqualFold(f.Channel, provider) {
			return false
		}
	}
	if f.Kind != "" {
		if k := event.ByName(r.Name); k == nil || !k.IsCalled(f.Kind) {
			return false
		}
	}
	if r.LastTime.Before(f.Since) || f.User != "" && !strings.EqualFold(f.User, r.User) {
		return false
	}
	return f.Client == "" || isFrom(r.Client, f.Client)
}

// Page is a part of the records that are wanted.
type Page struct {
	Records []event.Record
	Through uint64 // all up to here were looked at
	More    bool   // there are more behind it
}

// Read returns the first records that are wanted, in their order: at most
// 1,000, of at most 20,000 that are looked at. What was recorded before is among
// them, unless it cannot be written.
func (j *Journal) Read(ctx context.Context, f Filter) (Page, error) {
	j.settle(ctx)
	page := Page{Through: f.After}
	err := j.db.Read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT sequence, body, hash FROM record WHERE sequence > ? ORDER BY sequence LIMIT ?`, f.After, maxScanned+1)
		if err != nil {
			return err
		}
		defer rows.Close()
		for scanned := 0; rows.Next(); scanned++ {
			if scanned == maxScanned || len(page.Records) == maxRecords {
				page.More = true
				return nil
			}
			var sequence uint64
			var body, hash []byte
			if err := rows.Scan(&sequence, &body, &hash); err != nil {
				return err
			}
			page.Through = sequence
			var r event.Record
			if err := json.Unmarshal(body, &r); err != nil {
				continue // altered: Verify tells
			}
			r.Sequence, r.Hash = sequence, toHash(hash).String()
			if f.matches(&r) {
				page.Records = append(page.Records, r)
			}
		}
		return rows.Err()
	})
	return page, err
}
