//go:build linux && full

package main

// Sizes of the floods in full.
const (
	halfOpen          = 10240
	slowByte          = 1008
	announced         = 4992
	announcedSignedIn = 4992
	neverRead         = 64
)
