// Package rpctest is a DCE/RPC client for tests: it builds PDUs, right and
// wrong ones, and takes answers apart. It shares no code with internal/rpc, so
// that a mistake there is not repeated here.
//
// [C706] is the Open Group's "DCE 1.1: Remote Procedure Call".
package rpctest
