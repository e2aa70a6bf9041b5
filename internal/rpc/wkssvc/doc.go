// Package wkssvc is the Workstation Service Remote Protocol, [MS-WKST], as far
// as it shows what kind of machine this is: its name, its version, its
// workgroup. Nobody works at the machine itself, so there are no users to list.
//
// The table of methods is in methods.go. Nothing is changed by it.
//
// [MS-WKST]: https://learn.microsoft.com/openspecs/windows_protocols/ms-wkst
package wkssvc
