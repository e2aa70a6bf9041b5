package journal

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"time"
)

// Hash is one link of the chain.
type Hash [sha256.Size]byte

func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Head is the end of the chain at one time: what anchors are given, as JSON.
type Head struct {
	Log      string    `json:"Log" doc:"which log: a new file is another"`
	Sequence uint64    `json:"Sequence" doc:"of the last record; 0: there was none"`
	Hash     string    `json:"Hash" doc:"of the last record, in hexadecimal"`
	Time     time.Time `json:"Time"`
}

// newLogID names a new log.
func newLogID() string {
	var id [16]byte
	rand.Read(id[:])
	return hex.EncodeToString(id[:])
}

// genesis is the hash before the first record of a log.
func genesis(log string) Hash { return sha256.Sum256([]byte("signet events 1 " + log)) }

// link is the hash of a record behind one whose hash is before. All parts but
// the last have one length, so that no two chains have one input.
func link(before Hash, sequence uint64, body []byte) (h Hash) {
	d := sha256.New()
	d.Write(before[:])
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], sequence)
	d.Write(n[:])
	d.Write(body)
	d.Sum(h[:0])
	return h
}

// toHash reads a hash from the file; one of another length is all zero, which
// no record has.
func toHash(b []byte) (h Hash) {
	if len(b) == len(h) {
		copy(h[:], b)
	}
	return h
}

// base is where the chain of a file begins.
type base struct {
	log      string
	sequence uint64 // the last record that made room; 0: none did
	hash     Hash   // of that one
}

func readBase(ctx context.Context, tx *sql.Tx) (b base, err error) {
	var hash []byte
	err = tx.QueryRowContext(ctx, `SELECT log, base, base_hash FROM store WHERE id = 1`).Scan(&b.log, &b.sequence, &hash)
	b.hash = toHash(hash)
	return b, err
}

// readHead finds the end of the chain in the file.
func (j *Journal) readHead(ctx context.Context) error {
	return j.db.Read(ctx, func(tx *sql.Tx) error {
		b, err := readBase(ctx, tx)
		if err != nil {
			return err
		}
		j.head = Head{Log: b.log, Sequence: b.sequence, Hash: b.hash.String(), Time: time.Now().UTC()}
		var sequence uint64
		var hash []byte
		err = tx.QueryRowContext(ctx, `SELECT sequence, hash FROM record ORDER BY sequence DESC LIMIT 1`).Scan(&sequence, &hash)
		if err == sql.ErrNoRows { //nolint:errorlint // database/sql returns it unwrapped
			return nil
		}
		j.head.Sequence, j.head.Hash = sequence, toHash(hash).String()
		return err
	})
}
