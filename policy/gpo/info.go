package gpo

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode"
)

// backup is what bkupInfo.xml says of one backup, and manifest.xml of each of
// the folder's.
type backup struct {
	id   string // the name of the backup's folder
	guid string // of the object
	name string // of the object
}

// Bounds of those files.
const (
	maxInfoBytes = 1 << 20
	maxInfoDepth = 16
	maxBackups   = 4096
)

// decodeBackups reads bkupInfo.xml, which is one BackupInst, or manifest.xml,
// which holds some. Both are known by example only: no document says their
// form.
func decodeBackups(b []byte, file string) ([]backup, error) {
	text, err := decodeText(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	d := xml.NewDecoder(strings.NewReader(text))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // it is UTF-8 by now
	var list []backup
	var into *string
	depth := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if depth++; depth > maxInfoDepth {
				return nil, fmt.Errorf("%s: elements lie deeper than %d in each other", file, maxInfoDepth)
			}
			into = nil
			if token.Name.Local == "BackupInst" {
				if len(list) == maxBackups {
					return nil, fmt.Errorf("%s: more than %d backups", file, maxBackups)
				}
				list = append(list, backup{})
			} else if len(list) > 0 {
				last := &list[len(list)-1]
				into = map[string]*string{"ID": &last.id, "GPOGuid": &last.guid, "GPODisplayName": &last.name}[token.Name.Local]
			}
		case xml.EndElement:
			depth--
			into = nil
		case xml.CharData:
			if into != nil && len(*into)+len(token) <= maxNameUnits {
				*into += string(token)
			}
		}
	}
}

// braced is a GUID as folders of SYSVOL are called.
var braced = regexp.MustCompile(`^\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}$`)

// plainName makes a line of a name that somebody gave: what does not print is
// left out, and what is too long is cut.
func plainName(s string) string {
	const longest = 200
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s))
	if r := []rune(s); len(r) > longest {
		s = string(r[:longest])
	}
	return s
}
