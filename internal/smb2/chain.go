package smb2

import (
	"errors"
	"iter"

	"github.com/signet-smb/signet/internal/wire"
)

// Element is one message of a compound. [MS-SMB2] 3.3.5.2.7.
type Element struct {
	Header  Header
	Message []byte // header, body, and padding up to NextCommand: what is signed; aliases the chain
	Offset  int    // of Message, in bytes from the start of the chain
}

// Chain splits msg, which begins with an SMB2 header, into its elements; a
// message that is no compound has one. The last element takes the rest. A
// malformed chain yields its good elements first, then a *[wire.Error], and
// ends: whoever must not act on half a chain collects before acting.
//
// Deviation: elements need not begin at multiples of 8 bytes, for Windows does
// not check it. [MS-SMB2] 3.3.5.2.7, <267>.
func Chain(msg []byte) iter.Seq2[Element, error] {
	return func(yield func(Element, error) bool) {
		r := wire.NewReader(msg)
		for range MaxChainElements {
			e, err := nextElement(r)
			if err != nil {
				yield(Element{}, err)
				return
			}
			if !yield(e, nil) || e.Header.NextCommand == 0 {
				return
			}
		}
		r.Fail("NextCommand: too many elements")
		yield(Element{}, r.Err())
	}
}

// nextElement reads the element at the cursor and stands behind it.
func nextElement(r *wire.Reader) (Element, error) {
	start, rest := r.Offset(), r.Len()
	h, err := DecodeHeader(r.Tail(uint64(start)))
	if err != nil {
		if err, ok := errors.AsType[*wire.Error](err); ok {
			err.Offset += start
		}
		return Element{}, err
	}
	size := rest
	if h.NextCommand != 0 {
		r.Check(h.NextCommand >= HeaderSize && uint64(h.NextCommand) < uint64(rest), "NextCommand")
		size = int(h.NextCommand)
	}
	return Element{Header: h, Message: r.Bytes(size), Offset: start}, r.Err()
}
