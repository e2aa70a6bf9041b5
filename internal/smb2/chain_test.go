package smb2

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/signet-smb/signet/internal/wire"
)

// compound joins messages into one transport message: each but the last is
// padded to a multiple of align bytes and points to the next.
func compound(align int, messages ...[]byte) (chain []byte) {
	for i, m := range messages {
		m = slices.Clone(m)
		if i < len(messages)-1 {
			m = append(m, make([]byte, (align-len(m)%align)%align)...)
			setNextCommand(m, uint32(len(m)))
		}
		chain = append(chain, m...)
	}
	return chain
}

func setNextCommand(msg []byte, next uint32) { binary.LittleEndian.PutUint32(msg[20:], next) }

// split collects what Chain yields.
func split(msg []byte) (elements []Element, err error) {
	for e, err := range Chain(msg) {
		if err != nil {
			return elements, err
		}
		elements = append(elements, e)
	}
	return elements, nil
}

func TestChainSplitsACompound(t *testing.T) {
	create, read, closing := vectorNamed(t, "create_request"), vectorNamed(t, "read_request"), vectorNamed(t, "close_request")
	// Windows does not check that elements begin at multiples of 8.
	for _, align := range []int{8, 1} {
		t.Run(fmt.Sprintf("aligned to %d", align), func(t *testing.T) {
			msg := compound(align, create, read, closing)
			got, err := split(msg)
			if err != nil || len(got) != 3 {
				t.Fatalf("%d elements, %v; want 3", len(got), err)
			}
			offset := 0
			for i, want := range [][]byte{create, read, closing} {
				e := got[i]
				if e.Offset != offset {
					t.Errorf("element %d: offset %d, want %d", i, e.Offset, offset)
				}
				if h, err := DecodeHeader(msg[offset:]); err != nil || e.Header != h {
					t.Errorf("element %d:\n got %+v\nwant %+v, %v", i, e.Header, h, err)
				}
				if !bytes.Equal(e.Message[HeaderSize:len(want)], want[HeaderSize:]) {
					t.Errorf("element %d:\n got % x\nwant % x", i, e.Message, want)
				}
				if pad := len(e.Message) - len(want); pad < 0 || pad >= align {
					t.Errorf("element %d has %d bytes, want %d and less than %d of padding", i, len(e.Message), len(want), align)
				}
				if cap(e.Message) != len(e.Message) {
					t.Errorf("element %d: appending to it would write into the next", i)
				}
				offset += len(e.Message)
			}
			if offset != len(msg) {
				t.Errorf("the elements cover %d of %d bytes", offset, len(msg))
			}
		})
	}
}

func TestLastElementTakesTheRest(t *testing.T) {
	first, last := vectorNamed(t, "echo_request"), append(slices.Clone(vectorNamed(t, "echo_request")), 1, 2, 3)
	got, err := split(compound(8, first, last))
	if err != nil || len(got) != 2 {
		t.Fatalf("%d elements, %v; want 2", len(got), err)
	}
	if !bytes.Equal(got[1].Message, last) {
		t.Errorf("\n got % x\nwant % x", got[1].Message, last)
	}
}

func TestMalformedChainEndsWithAnError(t *testing.T) {
	echo := vectorNamed(t, "echo_request") // 68 bytes, 72 when padded
	two := compound(8, echo, echo)
	with := func(msg []byte, next uint32) []byte {
		msg = slices.Clone(msg)
		setNextCommand(msg, next)
		return msg
	}
	for _, tt := range []struct {
		name   string
		msg    []byte
		good   int // elements before the error
		offset int // of the error
	}{
		{"empty message", nil, 0, 0},
		{"cut header", echo[:HeaderSize-1], 0, 48},
		{"not SMB2", append([]byte{0xFF}, echo[1:]...), 0, 4},
		{"NextCommand inside the header", with(two, HeaderSize-1), 0, 0},
		{"NextCommand beyond the message", with(two, uint32(len(two)+1)), 0, 0},
		{"NextCommand at the end", with(two, uint32(len(two))), 0, 0},
		{"NextCommand of 4 GiB", with(two, 0xFFFFFFFF), 0, 0},
		{"NextCommand into the middle", with(two, 80), 1, 84},
		{"second header cut", two[:100], 1, 96},
		{"second element points to itself", compound(8, echo, with(echo, 1)), 1, 72},
	} {
		t.Run(tt.name, func(t *testing.T) {
			elements, err := split(tt.msg)
			malformed, ok := errors.AsType[*wire.Error](err)
			if !ok || len(elements) != tt.good {
				t.Fatalf("% x\n got %d elements, error %v; want %d and a *wire.Error", tt.msg, len(elements), err, tt.good)
			}
			if d := malformed.Offset - tt.offset; d < 0 || d >= HeaderSize+1 {
				t.Errorf("error %v, want it at byte %d or inside that header", err, tt.offset)
			}
			again := 0
			for _, err := range Chain(tt.msg) {
				if err != nil {
					again++
				}
			}
			if again != 1 {
				t.Errorf("%d errors, want the iteration to end at the first", again)
			}
		})
	}
}

func TestChainLengthIsBounded(t *testing.T) {
	echo := vectorNamed(t, "echo_request")
	if got, err := split(compound(8, slices.Repeat([][]byte{echo}, MaxChainElements)...)); err != nil || len(got) != MaxChainElements {
		t.Errorf("%d elements, %v; want %d", len(got), err, MaxChainElements)
	}
	if got, err := split(compound(8, slices.Repeat([][]byte{echo}, MaxChainElements+1)...)); !isWireError(err) {
		t.Errorf("%d elements, %v; want a *wire.Error", len(got), err)
	}
}

func TestChainStopsWhenTheReaderDoes(t *testing.T) {
	echo := vectorNamed(t, "echo_request")
	seen := 0
	for range Chain(compound(8, echo, echo, echo)) {
		seen++
		break
	}
	if seen != 1 {
		t.Errorf("%d elements after a break, want 1", seen)
	}
}
