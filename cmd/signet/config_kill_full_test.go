//go:build linux && full

package main

// killRounds is how often the binary is killed.
const killRounds = 200
