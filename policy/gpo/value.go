package gpo

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/signet-smb/signet/internal/wire"
)

// Bounds of one file.
const (
	maxFileBytes = 8 << 20
	maxValues    = 1 << 16
	maxNameUnits = 4096    // of a key or of a value's name, in UTF-16 code units
	maxDataBytes = 1 << 16 // of one value, [MS-GPREG] 2.2.1
)

// valueType is the type of a registry value. [MS-GPREG] 2.2.1, [MS-GPSB]
// 2.2.5.
type valueType uint32

// Types of values.
const (
	typeString       valueType = 1
	typeExpandString valueType = 2
	typeBinary       valueType = 3
	typeDWORD        valueType = 4
	typeMultiString  valueType = 7
	typeQWORD        valueType = 11
)

func (t valueType) String() string {
	names := map[valueType]string{
		0: "REG_NONE", typeString: "REG_SZ", typeExpandString: "REG_EXPAND_SZ", typeBinary: "REG_BINARY", typeDWORD: "REG_DWORD",
		5: "REG_DWORD_BIG_ENDIAN", typeMultiString: "REG_MULTI_SZ", typeQWORD: "REG_QWORD",
	}
	if name, ok := names[t]; ok {
		return name
	}
	return fmt.Sprintf("type %d", uint32(t))
}

// value is one registry value that a file sets.
type value struct {
	key  string // without the root, which is the machine's: `System\...\Parameters`
	name string
	kind valueType

	data []byte // of Registry.pol; aliases the file
	text string // of GptTmpl.inf: what stands behind the type
	inf  bool   // whether it is text

	file string // that says so, from the object's folder on
	line int    // of GptTmpl.inf, from 1; 0: not known
}

// path names the value as a registry editor does.
func (v *value) path() string { return v.key + `\` + v.name }

// where is the place in the files at which the value is.
func (v *value) where() string {
	if v.line == 0 {
		return v.file
	}
	return fmt.Sprintf("%s:%d", v.file, v.line)
}

// number returns the number in a DWORD.
func (v *value) number() (uint32, error) {
	if v.kind != typeDWORD {
		return 0, fmt.Errorf("is %s, REG_DWORD is wanted", v.kind)
	}
	if v.inf {
		n, err := strconv.ParseUint(strings.TrimSpace(unquote(v.text)), 0, 32)
		if err != nil {
			return 0, fmt.Errorf("%.40q is no number of 32 bits", v.text)
		}
		return uint32(n), nil
	}
	r := wire.NewReader(v.data)
	n := r.U32()
	if r.Err() != nil || r.Len() != 0 {
		return 0, fmt.Errorf("is a REG_DWORD of %d bytes", len(v.data))
	}
	return n, nil
}

// sentence returns the text in a string.
func (v *value) sentence() (string, error) {
	if v.kind != typeString && v.kind != typeExpandString {
		return "", fmt.Errorf("is %s, REG_SZ is wanted", v.kind)
	}
	if v.inf {
		return unquote(v.text), nil
	}
	return decodeString(v.data)
}

// list returns the texts in a list of strings.
func (v *value) list() ([]string, error) {
	if v.kind != typeMultiString {
		return nil, fmt.Errorf("is %s, REG_MULTI_SZ is wanted", v.kind)
	}
	if v.inf {
		return splitQuoted(v.text), nil
	}
	text, err := decodeString(v.data)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(strings.Split(text, "\x00"), func(s string) bool { return s == "" }), nil
}

// decodeString reads UTF-16LE without the NULs at its end.
func decodeString(data []byte) (string, error) {
	r := wire.NewReader(data)
	text := r.UTF16(len(data))
	if r.Err() != nil || strings.ContainsRune(text, utf8.RuneError) {
		return "", fmt.Errorf("is no UTF-16")
	}
	return strings.TrimRight(text, "\x00"), nil
}

// show writes the value for people, cut where it is long.
func (v *value) show() string {
	const longest = 100
	var text string
	switch {
	case v.inf:
		text = v.text
	case v.kind == typeDWORD:
		if n, err := v.number(); err == nil {
			text = strconv.FormatUint(uint64(n), 10)
		} else {
			text = err.Error()
		}
	case v.kind == typeString || v.kind == typeExpandString || v.kind == typeMultiString:
		if s, err := decodeString(v.data); err == nil {
			text = strings.ReplaceAll(s, "\x00", ", ")
		} else {
			text = err.Error()
		}
	default:
		text = fmt.Sprintf("%s, %d bytes", v.kind, len(v.data))
	}
	if utf8.RuneCountInString(text) > longest {
		text = string([]rune(text)[:longest]) + "..."
	}
	return text
}

// same reports whether two values say the same.
func (v *value) same(o *value) bool {
	if v.kind != o.kind {
		return false
	}
	switch v.kind {
	case typeDWORD:
		a, err := v.number()
		b, err2 := o.number()
		return err == nil && err2 == nil && a == b
	case typeString, typeExpandString:
		a, err := v.sentence()
		b, err2 := o.sentence()
		return err == nil && err2 == nil && a == b
	case typeMultiString:
		a, err := v.list()
		b, err2 := o.list()
		return err == nil && err2 == nil && slices.Equal(a, b)
	}
	return v.inf == o.inf && v.text == o.text && string(v.data) == string(o.data)
}

// unquote takes the quotation marks off a text that has them at both ends.
func unquote(s string) string {
	s = strings.TrimSpace(s)
	if len(s) >= 2 && strings.HasPrefix(s, `"`) && strings.HasSuffix(s, `"`) {
		return s[1 : len(s)-1]
	}
	return s
}

// splitQuoted splits a list at the commas outside quotation marks. Empty items
// are left out.
func splitQuoted(s string) []string {
	var list []string
	quoted := false
	for item := range strings.FieldsFuncSeq(s, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == ',' && !quoted
	}) {
		if item = unquote(item); item != "" {
			list = append(list, item)
		}
	}
	return list
}
