// Package smbconf reads Samba's smb.conf(5) and says what it means for the
// properties of package policy and for shares: what is taken, what is taken as
// something else, what is not and why, and what of it protected and cannot be
// taken.
//
// Names of parameters are compared as Samba does, without regard to case and
// blanks, and by their synonyms. What [global] says of parameters of shares is
// the default of all shares. Variables (%S, %U) are not replaced: a value with
// one is not taken. Files that are included are read beneath the folder of the
// first, which no symbolic link leads out of.
//
// The files may be a stranger's: their number, size and depth are bounded. This
// package has no state and takes no lock.
package smbconf
