package fscc

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
)

// QuotaInformation is a list of FILE_QUOTA_INFORMATION, one for each user.
// [MS-FSCC] 2.4.41.
type QuotaInformation struct {
	Quotas []Quota
}

// Quota is what a user has and may have of a volume, in bytes.
// [MS-FSCC] 2.4.41.
type Quota struct {
	ChangeTime     dtyp.FileTime
	QuotaUsed      uint64
	QuotaThreshold uint64 // or NoQuota
	QuotaLimit     uint64 // or NoQuota, or DeleteQuota
	SID            dtyp.SID
}

// Thresholds and limits that are none. [MS-FSCC] 2.4.41.
const (
	NoQuota     uint64 = 0xFFFFFFFFFFFFFFFF
	DeleteQuota uint64 = 0xFFFFFFFFFFFFFFFE
)

// maxQuotas is the most users in one list: what 64 KiB hold.
const maxQuotas = 1 << 11

// Append implements [Information].
func (i *QuotaInformation) Append(w *wire.Writer) {
	appendList(w, len(i.Quotas), listAlignment, func(n int) {
		q := &i.Quotas[n]
		w.U32(uint32(q.SID.Size()))
		w.U64(uint64(q.ChangeTime))
		w.U64(q.QuotaUsed)
		w.U64(q.QuotaThreshold)
		w.U64(q.QuotaLimit)
		q.SID.Append(w)
	})
}

// Decode implements [Information]. It reads all that remains.
func (i *QuotaInformation) Decode(r *wire.Reader) {
	i.Quotas = nil
	for e := range r.List(listAlignment, maxQuotas) {
		length := int(e.U32())
		i.Quotas = append(i.Quotas, Quota{
			ChangeTime:     dtyp.FileTime(e.U64()),
			QuotaUsed:      e.U64(),
			QuotaThreshold: e.U64(),
			QuotaLimit:     e.U64(),
			SID:            readSID(e, length),
		})
	}
}

// readSID reads a SID that must be n bytes long.
func readSID(r *wire.Reader, n int) dtyp.SID {
	start := r.Offset()
	sid := dtyp.ReadSID(r)
	r.Check(r.Offset()-start == n, "SidLength")
	return sid
}

// GetQuotaInformation is a list of FILE_GET_QUOTA_INFORMATION: the users whose
// quota is wanted. [MS-FSCC] 2.4.41.1.
type GetQuotaInformation struct {
	SIDs []dtyp.SID
}

// getQuotaAlignment is what the elements of the list are aligned to, in bytes.
const getQuotaAlignment = 4

// Append implements [Information].
func (i *GetQuotaInformation) Append(w *wire.Writer) {
	appendList(w, len(i.SIDs), getQuotaAlignment, func(n int) {
		w.U32(uint32(i.SIDs[n].Size()))
		i.SIDs[n].Append(w)
	})
}

// Decode implements [Information]. It reads all that remains.
func (i *GetQuotaInformation) Decode(r *wire.Reader) {
	i.SIDs = nil
	for e := range r.List(getQuotaAlignment, maxQuotas) {
		i.SIDs = append(i.SIDs, readSID(e, int(e.U32())))
	}
}
