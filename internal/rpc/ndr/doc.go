// Package ndr reads and writes the Network Data Representation, transfer
// syntax NDR20 in little-endian order: the bytes of the parameters of a remote
// procedure call.
//
// It has no reflection and no description of interfaces. Code that knows a
// structure reads it field by field in the order of its declaration. A pointer
// inside a structure is two steps: [Reader.Pointer] where the field is, and
// the referent after the outermost structure or array that holds the field,
// in the order of the pointers. That deferral is the caller's, in plain sight:
//
//	hasName := r.Pointer()  // [string] wchar_t* name;
//	kind := r.U32()         // DWORD type;
//	if hasName {
//		name = r.String(80) // the referent, behind the structure
//	}
//
// Scalars are aligned to their size, counted from the start of the stub, by
// every method that reads or writes one.
//
// Every count is compared with the caller's limit and with the bytes that are
// left before memory is taken for it.
//
// It is not a runtime: fragments, bindings and faults are internal/rpc's.
//
// Documents: [C706] is the Open Group's "DCE 1.1: Remote Procedure Call",
// chapter 14 of which is NDR; [MS-RPCE] 2.2.4 changes it.
//
// [C706]: https://publications.opengroup.org/c706
// [MS-RPCE]: https://learn.microsoft.com/openspecs/windows_protocols/ms-rpce
package ndr
