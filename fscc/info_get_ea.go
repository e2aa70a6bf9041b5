package fscc

import "github.com/signet-smb/signet/internal/wire"

// GetEaInformation is a list of FILE_GET_EA_INFORMATION: the input of a query
// of FileFullEaInformation, which names the extended attributes that are
// wanted. [MS-FSCC] 2.4.16.1.
type GetEaInformation struct {
	Names []string // as EA.Name; none asks for all
}

// Append implements [Information].
func (i *GetEaInformation) Append(w *wire.Writer) {
	appendList(w, len(i.Names), eaAlignment, func(n int) {
		w.U8(uint8(len(i.Names[n])))
		w.Bytes([]byte(i.Names[n]))
		w.U8(0) // terminator
	})
}

// Decode implements [Information]. It reads all that remains.
func (i *GetEaInformation) Decode(r *wire.Reader) {
	i.Names = nil
	for e := range r.List(eaAlignment, maxEAs) {
		i.Names = append(i.Names, readEAName(e, int(e.U8())))
	}
}
