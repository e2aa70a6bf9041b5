package fscc

import "github.com/signet-smb/signet/internal/wire"

// NameInformation is FILE_NAME_INFORMATION: the structure of
// FileNameInformation, FileAlternateNameInformation, FileShortNameInformation
// and FileNormalizedNameInformation. [MS-FSCC] 2.1.7, 2.4.5, 2.4.32, 2.4.35,
// 2.4.46.
type NameInformation struct {
	FileName string
}

// Append implements [Information].
func (i *NameInformation) Append(w *wire.Writer) {
	appendName(w, i.FileName)
}

// Decode implements [Information].
func (i *NameInformation) Decode(r *wire.Reader) {
	i.FileName = readName(r)
}
