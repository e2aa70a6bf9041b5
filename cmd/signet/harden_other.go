//go:build !linux

package main

// harden does nothing here.
//
// Missing: core files and debuggers on other systems than Linux.
func harden() error { return nil }

// descriptorLimit is how many files the process may have open; 0: not known.
//
// Missing: other systems than Linux.
func descriptorLimit() int { return 0 }
