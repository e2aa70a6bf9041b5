package gpo

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/signet-smb/signet/internal/wire"
)

// decodeText makes UTF-8 of a text file: of UTF-16LE, which [MS-GPSB] 2.2
// demands, of UTF-8, which people make of it, or of bytes that are neither,
// taken for Latin-1.
func decodeText(b []byte) (string, error) {
	var text string
	switch {
	case bytes.HasPrefix(b, []byte{0xFF, 0xFE}), bytes.HasPrefix(b, []byte{'[', 0}):
		r := wire.NewReader(bytes.TrimPrefix(b, []byte{0xFF, 0xFE}))
		text = r.UTF16(r.Len())
		if r.Err() != nil || strings.ContainsRune(text, utf8.RuneError) {
			return "", errors.New("it is no UTF-16")
		}
	case bytes.HasPrefix(b, []byte{0xFE, 0xFF}):
		return "", errors.New("it is UTF-16 in the wrong byte order")
	case utf8.Valid(b):
		text = strings.TrimPrefix(string(b), "\uFEFF")
	default:
		var latin strings.Builder
		for _, c := range b {
			latin.WriteRune(rune(c))
		}
		text = latin.String()
	}
	if strings.ContainsRune(text, 0) {
		return "", errors.New("it is no text")
	}
	return text, nil
}
