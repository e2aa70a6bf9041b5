//go:build linux && !full

package main

// Sizes of the floods that two cores take in a few seconds.
const (
	halfOpen          = 10240
	slowByte          = 1008
	announced         = 4992
	announcedSignedIn = 384
	neverRead         = 32
)
