package fscc

import "github.com/signet-smb/signet/internal/wire"

// ModeOptions are the options that a [ModeInformation] may hold.
// [MS-FSCC] 2.4.31.
const ModeOptions = OptionWriteThrough | OptionSequentialOnly | OptionNoIntermediateBuffering |
	OptionSynchronousIOAlert | OptionSynchronousIONonAlert | OptionDeleteOnClose

// ModeInformation is FILE_MODE_INFORMATION: those of the options given to the
// create that change how the file is accessed. [MS-FSCC] 2.4.31.
type ModeInformation struct {
	Mode CreateOptions
}

// Append implements [Information].
func (i *ModeInformation) Append(w *wire.Writer) {
	w.U32(uint32(i.Mode))
}

// Decode implements [Information].
func (i *ModeInformation) Decode(r *wire.Reader) {
	i.Mode = CreateOptions(r.U32())
}
