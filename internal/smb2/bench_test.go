package smb2

import "testing"

func BenchmarkDecodeHeader(b *testing.B) {
	msg := vectorNamed(b, "write_request")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodeHeader(msg); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPutHeader(b *testing.B) {
	msg := vectorNamed(b, "write_request")
	h, err := DecodeHeader(msg)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		h.Put(msg)
	}
}

// BenchmarkDecode reads each message into one that is used again.
func BenchmarkDecode(b *testing.B) {
	for _, name := range []string{"write_request", "read_request", "close_request", "create_request", "create_request.contexts", "negotiate_request.311"} {
		b.Run(name, func(b *testing.B) {
			msg, m := vectorNamed(b, name), messages[expected[name].id()].new()
			b.ReportAllocs()
			for b.Loop() {
				if err := Decode(msg, m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkAppend writes into a buffer that is large enough.
func BenchmarkAppend(b *testing.B) {
	for _, name := range []string{"write_response", "read_request", "close_response", "create_response", "create_response.contexts", "negotiate_response.311"} {
		b.Run(name, func(b *testing.B) {
			m, buf := expected[name], make([]byte, HeaderSize, 1024)
			b.ReportAllocs()
			for b.Loop() {
				Append(buf, m)
			}
		})
	}
}

func BenchmarkChain(b *testing.B) {
	msg := compound(8, vectorNamed(b, "create_request"), vectorNamed(b, "read_request"), vectorNamed(b, "close_request"))
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range Chain(msg) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
