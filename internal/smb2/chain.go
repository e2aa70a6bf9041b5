package smb2

import (
	"iter"

	"github.com/signet-smb/signet/internal/wire"
)

// Element is one message of a compound.
type Element struct {
	Header  Header
	Message []byte // header, body and padding up to the next element; aliases the input
}

// Chain splits msg, one transport message, into its elements. It is the only
// reader of NextCommand. An error, a *[wire.Error], ends the iteration; so does
// an element that does not progress or lies outside msg. Alignment is not
// checked: Windows does not either, [MS-SMB2] <267>.
func Chain(msg []byte) iter.Seq2[Element, error] {
	return func(yield func(Element, error) bool) {
		for at, n := 0, 0; ; n++ {
			h, err := DecodeHeader(msg[at:])
			if err == nil && n == MaxChainElements {
				err = &wire.Error{Field: "chain: too many elements", Offset: at}
			}
			next := uint64(h.NextCommand)
			if err == nil && next != 0 && (next < HeaderSize || next > uint64(len(msg)-at)) {
				err = &wire.Error{Field: "NextCommand", Offset: at}
			}
			if err != nil {
				yield(Element{}, err)
				return
			}
			end := len(msg)
			if next != 0 {
				end = at + int(next)
			}
			if !yield(Element{Header: h, Message: msg[at:end:end]}, nil) || next == 0 {
				return
			}
			at = end
		}
	}
}
