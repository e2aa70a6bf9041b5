package transform

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"sync"
)

// hmacSHA256 is HMAC-SHA256 cut to its first 16 bytes.
type hmacSHA256 struct {
	pool sync.Pool // of *hmacState
}

// hmacState is the working memory of one sum, keyed.
type hmacState struct {
	hash hash.Hash
	out  [sha256.Size]byte
}

func newHMACSHA256(key []byte) (mac, error) {
	// The pool makes new states for as long as the Signer lives, whatever
	// becomes of the caller's slice.
	key = append([]byte(nil), key...)
	return &hmacSHA256{pool: sync.Pool{New: func() any {
		return &hmacState{hash: hmac.New(sha256.New, key)}
	}}}, nil
}

func (m *hmacSHA256) sum(msg []byte, _ [12]byte) [SignatureSize]byte {
	s := m.pool.Get().(*hmacState)
	defer m.pool.Put(s)
	head, tail := aroundSignature(msg)
	s.hash.Reset()
	s.hash.Write(head)
	s.hash.Write(zeroSignature[:])
	s.hash.Write(tail)
	return [SignatureSize]byte(s.hash.Sum(s.out[:0]))
}
