package smb2

import (
	"bytes"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/signet-smb/signet/internal/wire"
)

func TestEveryRowIsComplete(t *testing.T) {
	section := regexp.MustCompile(`^2\.2\.\d+(\.\d+)?$`)
	seen := make(map[reflect.Type]string)
	keys := make(map[[3]int]string)
	all := vectors(t)
	for id := range messages {
		m := &messages[id]
		if m.name == "" || m.new == nil {
			t.Fatalf("row %d is empty: %+v", id, m)
		}
		if !section.MatchString(m.section) {
			t.Errorf("%s: section %q", m.name, m.section)
		}
		if m.limit < m.shortest() {
			t.Errorf("%s: limit %d is below the shortest message, %d", m.name, m.limit, m.shortest())
		}
		if m.pad && m.structureSize%2 == 0 {
			t.Errorf("%s: StructureSize %d counts no byte to pad with", m.name, m.structureSize)
		}
		message := m.new()
		if got := message.id(); got != messageID(id) {
			t.Errorf("%s: its type %T says it is %s", m.name, message, messages[got].name)
		}
		if got := CommandOf(message); got != m.command {
			t.Errorf("%s: CommandOf = %v, want %v", m.name, got, m.command)
		}
		if other := seen[reflect.TypeOf(message)]; other != "" {
			t.Errorf("%s and %s are both %T", m.name, other, message)
		}
		seen[reflect.TypeOf(message)] = m.name
		key := [3]int{int(m.command), int(m.kind), int(m.structureSize)}
		if other := keys[key]; other != "" {
			t.Errorf("%s and %s cannot be told apart", m.name, other)
		}
		keys[key] = m.name
		if !slices.ContainsFunc(all, func(v vector) bool { return v.message == m.name && v.canonical }) {
			t.Errorf("%s has no canonical vector", m.name)
		}
	}
}

func TestEveryCommandHasARequestAndItsResponse(t *testing.T) {
	for c := range Command(CommandCount) {
		for _, k := range []kind{request, response} {
			found := slices.ContainsFunc(messages[:], func(m row) bool { return m.command == c && m.kind == k })
			if want := c != CommandCancel || k == request; found != want {
				t.Errorf("%v, kind %d: a row = %t, want %t", c, k, found, want)
			}
		}
	}
}

func TestVectorsDecodeToWhatTheySay(t *testing.T) {
	all := vectors(t)
	for _, v := range all {
		t.Run(v.name, func(t *testing.T) {
			want := expected[v.name]
			if want == nil {
				t.Fatalf("nothing is expected of testdata/vectors/%s.txt", v.name)
			}
			row := rowOf(t, v.message)
			if got := &messages[want.id()]; got != row {
				t.Fatalf("the vector is a %s, a %s is expected", row.name, got.name)
			}
			h, err := DecodeHeader(v.bytes)
			if err != nil {
				t.Fatalf("header: %v", err)
			}
			if row.kind != failure && h.Command != row.command {
				t.Errorf("header: command %v, want %v", h.Command, row.command)
			}
			if got, want := h.Is(FlagServerToRedir), row.kind != request; got != want {
				t.Errorf("header: from the server = %t, want %t", got, want)
			}
			got := row.new()
			if err := Decode(v.bytes, got); err != nil {
				t.Fatalf("Decode: %v\n% x", err, v.bytes)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("\n got %+v\nwant %+v", got, want)
			}
		})
	}
	for name := range expected {
		if !slices.ContainsFunc(all, func(v vector) bool { return v.name == name }) {
			t.Errorf("testdata/vectors/%s.txt is missing", name)
		}
	}
}

func TestCanonicalVectorsAreWhatIsEncoded(t *testing.T) {
	for _, v := range vectors(t) {
		got := encode(v.bytes, expected[v.name])
		if same := bytes.Equal(got, v.bytes); same != v.canonical {
			t.Errorf("%s: encoded like the vector = %t, want %t\n got % x\nfile % x", v.name, same, v.canonical, got, v.bytes)
		}
		h, err := DecodeHeader(v.bytes)
		if err != nil {
			t.Fatal(err)
		}
		put := slices.Repeat([]byte{0xEE}, HeaderSize)
		h.Put(put)
		if !bytes.Equal(put, v.bytes[:HeaderSize]) {
			t.Errorf("%s: header\n got % x\nwant % x", v.name, put, v.bytes[:HeaderSize])
		}
	}
}

// A compound reply is several messages in one buffer: offsets count from each
// message's own header, wherever it stands.
func TestEncodingDoesNotDependOnWhatStandsBefore(t *testing.T) {
	for _, v := range vectors(t) {
		before := ramp(13, 0)
		got := Append(append(slices.Clone(before), v.bytes[:HeaderSize]...), expected[v.name])
		if want := encode(v.bytes, expected[v.name]); !bytes.Equal(got[len(before):], want) || !bytes.Equal(got[:len(before)], before) {
			t.Errorf("%s:\n got % x\nwant % x % x", v.name, got, before, want)
		}
	}
}

// A prefix is an error, or has lost padding only.
func TestTruncatedMessagesAreRefused(t *testing.T) {
	for _, v := range vectors(t) {
		row := rowOf(t, v.message)
		for n := range v.bytes {
			got := row.new()
			err := Decode(slices.Clip(v.bytes[:n]), got)
			switch {
			case err == nil && n < row.shortest():
				t.Errorf("%s cut to %d bytes is accepted; the shortest has %d", v.name, n, row.shortest())
			case err == nil && !reflect.DeepEqual(got, expected[v.name]):
				t.Errorf("%s cut to %d of %d bytes reads\n got %+v\nwant %+v", v.name, n, len(v.bytes), got, expected[v.name])
			case err != nil && !isWireError(err):
				t.Errorf("%s cut to %d bytes: error %v is no *wire.Error", v.name, n, err)
			}
		}
	}
}

func TestBytesBehindTheBodyAreIgnored(t *testing.T) {
	for _, v := range vectors(t) {
		got := rowOf(t, v.message).new()
		padded := append(slices.Clone(v.bytes), ramp(7, 1)...)
		if err := Decode(padded, got); err != nil || !reflect.DeepEqual(got, expected[v.name]) {
			t.Errorf("%s with 7 bytes more: %v\n got %+v\nwant %+v", v.name, err, got, expected[v.name])
		}
	}
}

// Handlers decode into messages that they use again.
func TestDecodingSetsEveryField(t *testing.T) {
	all := vectors(t)
	for _, v := range all {
		for _, other := range all {
			if other.message != v.message {
				continue
			}
			m := rowOf(t, v.message).new()
			if err := Decode(other.bytes, m); err != nil {
				t.Fatal(err)
			}
			if err := Decode(v.bytes, m); err != nil || !reflect.DeepEqual(m, expected[v.name]) {
				t.Errorf("%s read into what was %s: %v\n got %+v\nwant %+v", v.name, other.name, err, m, expected[v.name])
			}
		}
	}
}

func TestWrongStructureSizeIsRefused(t *testing.T) {
	for _, v := range vectors(t) {
		row := rowOf(t, v.message)
		for _, size := range []uint16{0, row.structureSize - 1, row.structureSize + 1, 0xFFFF} {
			msg := slices.Clone(v.bytes)
			msg[HeaderSize], msg[HeaderSize+1] = byte(size), byte(size>>8)
			if err := Decode(msg, row.new()); !isWireError(err) {
				t.Errorf("%s with StructureSize %d: error %v, want a *wire.Error", v.name, size, err)
			}
		}
	}
}

func TestMessagesBeyondTheirLimitAreRefused(t *testing.T) {
	for _, v := range vectors(t) {
		row := rowOf(t, v.message)
		msg := make([]byte, row.limit+1)
		copy(msg, v.bytes)
		if err := Decode(msg[:row.limit], row.new()); err != nil {
			t.Errorf("%s padded to its limit, %d bytes: %v", v.name, row.limit, err)
		}
		if err := Decode(msg, row.new()); !isWireError(err) {
			t.Errorf("%s one byte beyond its limit, %d bytes: error %v, want a *wire.Error", v.name, row.limit, err)
		}
	}
}

func TestErrorsSayWhereTheMessageIsWrong(t *testing.T) {
	msg := slices.Clone(vectorNamed(t, "create_request.contexts"))
	const secondContext = 0xC8
	msg[secondContext+4] = 0xF0 // NameOffset beyond the context
	err := Decode(msg, new(CreateRequest))
	if err == nil || !strings.Contains(err.Error(), "byte 216") { // 0xC8 + 16
		t.Errorf("error %v, want one at byte 216", err)
	}
}

func isWireError(err error) bool {
	_, ok := err.(*wire.Error)
	return ok
}
