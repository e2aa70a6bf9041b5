package gpo

import (
	"strings"
	"testing"
)

// finishAll makes an object of values, as a file with them would.
func finishAll(t *testing.T, values []*value) {
	r := &reading{object: new(Object), state: make(map[string]*value)}
	for _, v := range values {
		if err := r.apply(v); err != nil {
			return
		}
	}
	if err := r.finish(); err != nil {
		return
	}
	if n := len(r.object.Settings) + len(r.object.Notes); n > 3*len(values)+maxRemovals {
		t.Errorf("%d values make %d settings and notes", len(values), n)
	}
}

func FuzzRegistryPol(f *testing.F) {
	for name, data := range backupFiles() {
		if strings.HasSuffix(name, ".pol") {
			f.Add(data)
		}
	}
	f.Add(polOf(instruction{clientPolicyKey, "**DelVals.", typeString, utf16le(" \x00")}))
	f.Fuzz(func(t *testing.T, data []byte) {
		values, err := decodePol(data, "f")
		if err == nil {
			finishAll(t, values)
		}
	})
}

func FuzzGptTmpl(f *testing.F) {
	for name, data := range backupFiles() {
		if strings.HasSuffix(name, ".inf") {
			f.Add(data)
		}
	}
	f.Add([]byte("[Version]\nsignature=\"$CHICAGO$\"\n[Registry Values]\n\"MACHINE\\a\\b\"=7,\"x,y\",z\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		said, err := decodeInf(data, "f")
		if err == nil {
			finishAll(t, said.values)
			said.notes("f")
		}
	})
}

func FuzzBackupInfo(f *testing.F) {
	for name, data := range backupFiles() {
		if strings.HasSuffix(name, ".xml") {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := decodeBackups(data, "f")
		if err != nil {
			return
		}
		for _, b := range list {
			if len(plainName(b.name)) > 4*200 {
				t.Errorf("a name of %d bytes", len(plainName(b.name)))
			}
		}
	})
}
