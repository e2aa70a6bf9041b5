//go:build linux && full

package main

import "time"

// Sizes of the floods in full.
const (
	halfOpen          = 10240
	slowByte          = 1008
	announced         = 4992
	announcedSignedIn = 4992
	neverRead         = 64
)

// loginWithin is how long a good client may take to sign in while others flood
// the server, and readWithin what 99 of 100 reads take, on a machine that does
// nothing else.
const (
	loginWithin = time.Second
	readWithin  = 200 * time.Millisecond
)
