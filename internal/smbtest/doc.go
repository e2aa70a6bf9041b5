// Package smbtest holds what tests of the protocol need: a scripted peer that
// negotiates, signs and seals by itself and can be told to do each of it
// wrongly, a server on an in-memory back end, and a log of the calls that
// reach that back end, the oracle of every test that a forged request does
// nothing.
//
// The peer shares codec and cryptography with the server, which have published
// vectors of their own, but none of its state machine.
package smbtest
