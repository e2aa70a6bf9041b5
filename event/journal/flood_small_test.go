//go:build !full

package journal

// floodSize is how many failed log-ons a flood is made of.
const floodSize = 20_000
