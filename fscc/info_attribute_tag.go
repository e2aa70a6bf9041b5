package fscc

import "github.com/signet-smb/signet/internal/wire"

// AttributeTagInformation is FILE_ATTRIBUTE_TAG_INFORMATION. [MS-FSCC] 2.4.6.
type AttributeTagInformation struct {
	FileAttributes FileAttributes
	ReparseTag     uint32 // 0 unless FileAttributeReparsePoint is set
}

// Append implements [Information].
func (i *AttributeTagInformation) Append(w *wire.Writer) {
	w.U32(uint32(i.FileAttributes))
	w.U32(i.ReparseTag)
}

// Decode implements [Information].
func (i *AttributeTagInformation) Decode(r *wire.Reader) {
	i.FileAttributes = FileAttributes(r.U32())
	i.ReparseTag = r.U32()
}
