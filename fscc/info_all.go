package fscc

import "github.com/signet-smb/signet/internal/wire"

// AllInformation is FILE_ALL_INFORMATION. [MS-FSCC] 2.4.2.
type AllInformation struct {
	BasicInformation     BasicInformation
	StandardInformation  StandardInformation
	InternalInformation  InternalInformation
	EaInformation        EaInformation
	AccessInformation    AccessInformation
	PositionInformation  PositionInformation
	ModeInformation      ModeInformation
	AlignmentInformation AlignmentInformation
	NameInformation      NameInformation
}

// parts are the structures in the order of the wire.
func (i *AllInformation) parts() [9]Information {
	return [...]Information{
		&i.BasicInformation, &i.StandardInformation, &i.InternalInformation,
		&i.EaInformation, &i.AccessInformation, &i.PositionInformation,
		&i.ModeInformation, &i.AlignmentInformation, &i.NameInformation,
	}
}

// Append implements [Information].
func (i *AllInformation) Append(w *wire.Writer) {
	for _, part := range i.parts() {
		part.Append(w)
	}
}

// Decode implements [Information].
func (i *AllInformation) Decode(r *wire.Reader) {
	for _, part := range i.parts() {
		part.Decode(r)
	}
}
