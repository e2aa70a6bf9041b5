package fscc

import "github.com/signet-smb/signet/internal/wire"

// DispositionFlags say how a file is to be deleted. [MS-FSCC] 2.4.12.
type DispositionFlags uint32

// Disposition flags. Without DispositionDelete the file is not deleted.
// [MS-FSCC] 2.4.12.
const (
	DispositionDelete                  DispositionFlags = 0x00000001
	DispositionPOSIXSemantics          DispositionFlags = 0x00000002
	DispositionForceImageSectionCheck  DispositionFlags = 0x00000004
	DispositionOnClose                 DispositionFlags = 0x00000008
	DispositionIgnoreReadonlyAttribute DispositionFlags = 0x00000010
)

// DispositionInformationEx is FILE_DISPOSITION_INFORMATION_EX. [MS-FSCC] 2.4.12.
type DispositionInformationEx struct {
	Flags DispositionFlags
}

// Append implements [Information].
func (i *DispositionInformationEx) Append(w *wire.Writer) {
	w.U32(uint32(i.Flags))
}

// Decode implements [Information].
func (i *DispositionInformationEx) Decode(r *wire.Reader) {
	i.Flags = DispositionFlags(r.U32())
}
