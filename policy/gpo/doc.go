// Package gpo reads group policy objects from files: from a backup that
// Windows made (a folder with bkupInfo.xml and DomainSysvol), from a policy's
// folder below SYSVOL, or from a single file of one of them. It says what they
// mean for the properties of package policy, and what they say besides.
//
// Two files of an object hold registry values: GptTmpl.inf, the security
// template ([MS-GPSB] 2.2.5), and Registry.pol, the administrative templates
// ([MS-GPREG] 2.2.1). Which value is which property, and how, is one table,
// rows. Nothing is dropped in silence: what has no row, and what a row does not
// take, is a [Note] with its reason.
//
// The files are a stranger's. They are read beneath the folder that was named,
// which no symbolic link leads out of; files, values, folders and depth are
// bounded, and lengths are compared with what is there before memory is taken.
// A file that is malformed is refused as a whole.
//
// What is read here is text and numbers: this package has no state, takes no
// lock, and changes nothing.
package gpo
