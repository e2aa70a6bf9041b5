//go:build linux && !full

package main

// killRounds is how often the binary is killed; make crash does it ten times
// as often.
const killRounds = 20
