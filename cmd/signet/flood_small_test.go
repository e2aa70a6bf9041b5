//go:build linux && !full

package main

import "time"

// Sizes of the floods that two cores take in a few seconds.
const (
	halfOpen          = 10240
	slowByte          = 1008
	announced         = 4992
	announcedSignedIn = 384
	neverRead         = 32
)

// loginWithin is how long a good client may take to sign in while others flood
// the server, and readWithin what 99 of 100 reads take. The machine may be slow
// and busy: these tell who is served late from who is not served; -tags full
// measures.
const (
	loginWithin = 20 * time.Second
	readWithin  = 5 * time.Second
)
