//go:build linux && !full

package main

// How many files are killed how often: a sample.
const (
	transferFiles = 500
	transferKills = 3
)
