package server_test

import (
	"encoding/hex"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/signet-smb/signet/internal/smb2"
)

// fileIDs are the opens of a replay by the number of the CREATE that made them.
type fileIDs map[int]smb2.FileID

// name is what a replay calls id.
func (ids fileIDs) name(id smb2.FileID) string {
	if id == smb2.RelatedFileID {
		return "$all"
	}
	for n, known := range ids {
		if known == id {
			return "$" + strconv.Itoa(n)
		}
	}
	return "$unknown"
}

// noFileID is the open of a CREATE that failed.
var noFileID = smb2.FileID{Persistent: 0xBAD, Volatile: 0xBAD}

// id is what name calls; that of a failed CREATE is one that no server gives.
func (ids fileIDs) id(name string) (smb2.FileID, error) {
	if name == "$all" {
		return smb2.RelatedFileID, nil
	}
	n, err := strconv.Atoi(strings.TrimPrefix(name, "$"))
	if err != nil {
		return smb2.FileID{}, fmt.Errorf("%q names no open", name)
	}
	if id, ok := ids[n]; ok {
		return id, nil
	}
	return noFileID, nil
}

// appendFields writes the fields of a struct that are not zero, by their Go
// names: numbers in hexadecimal, bytes as such, opens as the replay calls them.
func (ids fileIDs) appendFields(b []byte, v reflect.Value) []byte {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() || v.Field(i).IsZero() {
			continue
		}
		if len(b) > 0 && b[len(b)-1] != '{' {
			b = append(b, ' ')
		}
		b = ids.appendValue(append(b, f.Name+"="...), v.Field(i))
	}
	return b
}

func (ids fileIDs) appendValue(b []byte, v reflect.Value) []byte {
	if id, ok := v.Interface().(smb2.FileID); ok {
		return append(b, ids.name(id)...)
	}
	switch v.Kind() {
	case reflect.String:
		return strconv.AppendQuote(b, v.String())
	case reflect.Struct:
		return append(ids.appendFields(append(b, '{'), v), '}')
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			for i := range v.Len() {
				b = append(b, fmt.Sprintf("%02x", v.Index(i).Uint())...)
			}
			return b
		}
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ' ')
			}
			b = ids.appendValue(b, v.Index(i))
		}
		return append(b, ']')
	default:
		return fmt.Appendf(b, "0x%X", v.Uint())
	}
}

// fieldReader reads what appendFields wrote.
type fieldReader struct {
	ids  fileIDs
	rest string
}

func (r *fieldReader) skip(c byte) bool {
	r.rest = strings.TrimLeft(r.rest, " ")
	if r.rest == "" || r.rest[0] != c {
		return false
	}
	r.rest = r.rest[1:]
	return true
}

// word takes all up to a blank or a closing bracket.
func (r *fieldReader) word() string {
	end := strings.IndexAny(r.rest, " ]}")
	if end < 0 {
		end = len(r.rest)
	}
	w := r.rest[:end]
	r.rest = r.rest[end:]
	return w
}

// fields sets fields of the struct v until the text ends, or a brace closes.
func (r *fieldReader) fields(v reflect.Value) error {
	for r.rest = strings.TrimLeft(r.rest, " "); r.rest != "" && r.rest[0] != '}'; r.rest = strings.TrimLeft(r.rest, " ") {
		name, rest, ok := strings.Cut(r.rest, "=")
		f := v.FieldByName(name)
		if !ok || !f.IsValid() {
			return fmt.Errorf("%v has no field %q", v.Type(), name)
		}
		r.rest = rest
		if err := r.value(f); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (r *fieldReader) value(v reflect.Value) error {
	if _, ok := v.Interface().(smb2.FileID); ok {
		id, err := r.ids.id(r.word())
		v.Set(reflect.ValueOf(id))
		return err
	}
	switch v.Kind() {
	case reflect.String:
		quoted, err := strconv.QuotedPrefix(r.rest)
		if err != nil {
			return err
		}
		r.rest = r.rest[len(quoted):]
		text, err := strconv.Unquote(quoted)
		v.SetString(text)
		return err
	case reflect.Struct:
		if !r.skip('{') {
			return fmt.Errorf("no brace at %q", r.rest)
		}
		if err := r.fields(v); err != nil {
			return err
		}
		if !r.skip('}') {
			return fmt.Errorf("the brace does not close at %q", r.rest)
		}
		return nil
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			data, err := hex.DecodeString(r.word())
			if v.Kind() == reflect.Slice {
				v.SetBytes(data)
			} else {
				reflect.Copy(v, reflect.ValueOf(data))
			}
			return err
		}
		return r.list(v)
	default:
		n, err := strconv.ParseUint(r.word(), 0, v.Type().Bits())
		v.SetUint(n)
		return err
	}
}

func (r *fieldReader) list(v reflect.Value) error {
	if !r.skip('[') {
		return fmt.Errorf("no list at %q", r.rest)
	}
	for !r.skip(']') {
		if r.rest == "" {
			return fmt.Errorf("the list does not end")
		}
		e := reflect.New(v.Type().Elem()).Elem()
		if err := r.value(e); err != nil {
			return err
		}
		v.Set(reflect.Append(v, e))
	}
	return nil
}
