package admin

import (
	"net/netip"
	"sync"
	"time"
)

// maxBuckets bounds what a limiter remembers: further keys share one bucket.
const maxBuckets = 4096

// limiter lets each key do something so often, and then at a steady rate. Safe
// for concurrent use; its lock is a leaf.
type limiter struct {
	every time.Duration // that one more is allowed
	burst float64       // at once

	mu      sync.Mutex
	buckets map[string]*bucket
}

// bucket is what one key has left. Guarded by limiter.mu.
type bucket struct {
	tokens float64 // may be negative
	at     time.Time
}

func newLimiter(burst int, every time.Duration) *limiter {
	return &limiter{every: every, burst: float64(burst), buckets: make(map[string]*bucket)}
}

// bucketLocked returns the bucket of a key as it is at now.
func (l *limiter) bucketLocked(key string, now time.Time) *bucket {
	b := l.buckets[key]
	if b == nil && len(l.buckets) >= maxBuckets {
		for k, old := range l.buckets {
			if l.refill(old, now); old.tokens >= l.burst {
				delete(l.buckets, k)
			}
		}
		if len(l.buckets) >= maxBuckets {
			key = ""
			b = l.buckets[key]
		}
	}
	if b == nil {
		b = &bucket{tokens: l.burst, at: now}
		l.buckets[key] = b
	}
	l.refill(b, now)
	return b
}

func (l *limiter) refill(b *bucket, now time.Time) {
	b.tokens = min(l.burst, b.tokens+float64(now.Sub(b.at))/float64(l.every))
	b.at = now
}

// take takes one if there is one, or says how long until there is.
func (l *limiter) take(key string) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.bucketLocked(key, time.Now())
	if b.tokens < 1 {
		return time.Duration((1 - b.tokens) * float64(l.every)), false
	}
	b.tokens--
	return 0, true
}

// charge takes n more, whether they are there or not; a negative n gives back.
func (l *limiter) charge(key string, n float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.bucketLocked(key, time.Now())
	b.tokens = min(l.burst, b.tokens-n)
}

// used returns how many of the burst are gone.
func (l *limiter) used(key string) float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.burst - l.bucketLocked(key, time.Now()).tokens
}

// clientKey is what limits of an address are kept under: the address without
// port, of IPv6 the network that one host may choose from.
func clientKey(address string) string {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return ""
	}
	ip := at.Addr().Unmap()
	if ip.Is6() {
		if prefix, err := ip.WithZone("").Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return ip.String()
}
