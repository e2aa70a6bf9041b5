package wkssvc

import (
	"context"

	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/ndr"
)

// enumeration is what both enumerations here have for parameters.
//
//	[in, string, unique] WKSSVC_IDENTIFY_HANDLE ServerName,
//	[in, out] LP..._ENUM_STRUCT Info,
//	[in] unsigned long PreferredMaximumLength,
//	[out] unsigned long* TotalEntries,
//	[in, out, unique] unsigned long* ResumeHandle
type enumeration struct {
	level     uint32
	hasResume bool
}

// readEnumeration reads them. Of a level from highest+1 on nothing but itself
// is read: ok is false.
func readEnumeration(r *ndr.Reader, highest uint32) (e enumeration, ok bool) {
	r.UniqueString(maxServerName)
	e.level = r.U32()
	r.Switch(e.level)
	if e.level > highest {
		return e, false
	}
	if r.Pointer() {
		r.U32()
		if r.Pointer() {
			r.Count(0, 4)
		}
	}
	r.U32()
	_, e.hasResume = r.UniqueU32()
	return e, true
}

// begin writes the level and the container, which has n entries; who has any
// writes them next.
func (e enumeration) begin(w *ndr.Writer, n int) {
	w.U32(e.level)
	w.U32(e.level)
	w.Pointer(true)
	w.U32(uint32(n))
	w.Pointer(n > 0)
}

// end writes what follows the entries.
func (e enumeration) end(w *ndr.Writer, n int) {
	w.U32(uint32(n))
	w.Pointer(e.hasResume)
	if e.hasResume {
		w.U32(0)
	}
	w.U32(success)
}

// refuse answers a level that there is not.
func (e enumeration) refuse(w *ndr.Writer) error {
	w.U32(e.level)
	w.U32(e.level)
	w.U32(0)
	w.Pointer(false)
	w.U32(invalidLevel)
	return nil
}

// netrWkstaUserEnum lists who works at the machine: nobody. [MS-WKST] 3.2.4.3.
func netrWkstaUserEnum(_ context.Context, call *rpc.Call) error {
	e, ok := readEnumeration(call.In, 1)
	if err := call.In.Err(); err != nil {
		return err
	}
	if !ok {
		return e.refuse(call.Out)
	}
	e.begin(call.Out, 0)
	e.end(call.Out, 0)
	return nil
}

// netrWkstaTransportEnum lists by what the machine is reached: one row, for
// TCP. [MS-WKST] 3.2.4.4.
func (m *methods) netrWkstaTransportEnum(_ context.Context, call *rpc.Call) error {
	e, ok := readEnumeration(call.In, 0)
	if err := call.In.Err(); err != nil {
		return err
	}
	w := call.Out
	if !ok {
		return e.refuse(w)
	}
	e.begin(w, 1)
	w.Count(1)
	w.U32(0xFFFF) // quality_of_service
	w.U32(0)      // number_of_vcs
	w.Later(func() { w.String(`\Device\NetbiosSmb`) })
	w.Later(func() { w.String("000000000000") })
	w.U32(0) // wan_ish
	w.Flush()
	e.end(w, 1)
	return nil
}

// netrGetJoinInformation tells that the machine is in a workgroup. [MS-WKST]
// 3.2.4.15.
//
//	[in, string, unique] WKSSVC_IMPERSONATE_HANDLE ServerName,
//	[in, out, string] wchar_t** NameBuffer,
//	[out] PNETSETUP_JOIN_STATUS BufferType
func netrGetJoinInformation(_ context.Context, call *rpc.Call) error {
	const netSetupWorkgroupName = 2
	call.In.UniqueString(maxServerName)
	call.In.UniqueString(maxText)
	if err := call.In.Err(); err != nil {
		return err
	}
	call.Out.UniqueString(workgroup)
	call.Out.U16(netSetupWorkgroupName)
	call.Out.U32(success)
	return nil
}
