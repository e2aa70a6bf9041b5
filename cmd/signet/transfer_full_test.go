//go:build linux && full

package main

// How many files are killed how often.
const (
	transferFiles = 20_000
	transferKills = 10
)
