package samr

import (
	"context"

	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/directory"
	"github.com/signet-smb/signet/internal/rpc/ndr"
	"github.com/signet-smb/signet/internal/wire"
	"github.com/signet-smb/signet/ntstatus"
)

// Classes of DOMAIN_DISPLAY_INFORMATION. [MS-SAMR] 2.2.8.12.
const (
	displayUser     = 1
	displayMachine  = 2
	displayGroup    = 3
	displayOEMUser  = 4
	displayOEMGroup = 5
)

// samrQueryDisplayInformation lists accounts or groups as tables of people show
// them. [MS-SAMR] 3.1.5.3.1 to 3.1.5.3.3.
//
//	[in] SAMPR_HANDLE DomainHandle,
//	[in] DOMAIN_DISPLAY_INFORMATION DisplayInformationClass,
//	[in] unsigned long Index, EntryCount, PreferredMaximumLength,
//	[out] unsigned long* TotalAvailable, TotalReturned,
//	[out, switch_is(DisplayInformationClass)] PSAMPR_DISPLAY_INFO_BUFFER Buffer
func (m *methods) samrQueryDisplayInformation(ctx context.Context, call *rpc.Call) error {
	d, _, err := rpc.ReadHandle[*domain](call)
	if err != nil {
		return err
	}
	r, w := call.In, call.Out
	class := r.U16()
	index, most, preferred := r.U32(), r.U32(), r.U32()
	if err := r.Err(); err != nil {
		return err
	}
	if class < displayUser || class > displayOEMGroup {
		w.U32(0)
		w.U32(0)
		w.U16(class)
		return finish(call, ntstatus.InvalidInfoClass)
	}
	v, err := m.view(ctx)
	if err != nil {
		return err
	}
	rows := d.display(v, class)
	left := rows[min(uint64(index), uint64(len(rows))):]
	room := int(min(preferred, maxAnswer))
	fit, size := 0, 0
	for fit < len(left) && uint64(fit) < uint64(most) && (fit == 0 || size < room) {
		size += left[fit].size()
		fit++
	}
	total := 0
	for i := range rows {
		total += rows[i].size()
	}
	w.U32(uint32(total))
	w.U32(uint32(size))
	w.U16(class)
	w.Align(4)
	w.U32(uint32(fit))
	w.Pointer(fit > 0)
	if fit > 0 {
		w.Count(fit)
		for i := range left[:fit] {
			left[i].append(w, class, index+uint32(i)+1)
		}
		w.Flush()
	}
	if fit < len(left) {
		return finish(call, ntstatus.MoreEntries)
	}
	return finish(call, ntstatus.Success)
}

// displayRow is one account or group.
type displayRow struct {
	rid   uint32
	flags uint32 // UserAccountControl, or the attributes of a group
	name  string
}

// size is about as many bytes as a row takes.
func (e *displayRow) size() int { return 56 + wire.UTF16Len(e.name) }

// display lists the rows of a class.
func (d *domain) display(v *directory.View, class uint16) []displayRow {
	var rows []displayRow
	switch class {
	case displayUser, displayOEMUser:
		for i := range v.Accounts {
			if a := &v.Accounts[i]; !d.builtin() {
				rows = append(rows, displayRow{a.SID.RID(), userControl(a), a.Name})
			}
		}
	case displayGroup, displayOEMGroup:
		for _, e := range d.entries(v, group) {
			rows = append(rows, displayRow{e.rid, mandatory, e.name})
		}
	}
	return rows
}

// append writes a row. [MS-SAMR] 2.2.8.2 to 2.2.8.6.
func (e *displayRow) append(w *ndr.Writer, class uint16, index uint32) {
	w.U32(index)
	if class == displayOEMUser || class == displayOEMGroup {
		w.U16(uint16(len(e.name)))
		w.U16(uint16(len(e.name)))
		w.Later(func() { w.Varying([]byte(e.name)) })
		return
	}
	w.U32(e.rid)
	w.U32(e.flags)
	w.LaterText(e.name)
	w.LaterText("")
	if class == displayUser {
		w.LaterText("")
	}
}
