//go:build linux && full

package main

// Sizes of the floods in full.
const (
	halfOpen          = 10240
	slowByte          = 1008
	announced         = 5040
	announcedSignedIn = 5040
	neverRead         = 64
)
