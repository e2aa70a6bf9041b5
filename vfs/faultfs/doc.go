// Package faultfs is a back end in front of another that fails as disks do,
// for tests: calls that fail or wait, writes that come to an end half-way, and
// a power cut, after which only what was synced is there.
//
// It has none of the optional interfaces of [vfs], so that whatever changes a
// file's data is a WriteAt or a Truncate.
package faultfs
