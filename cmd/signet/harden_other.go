//go:build !linux

package main

// harden does nothing here.
//
// Missing: core files and debuggers on other systems than Linux.
func harden() error { return nil }
