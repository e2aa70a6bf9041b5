package smbtest

import (
	"io"
	"net"

	"github.com/signet-smb/signet/internal/transport"
)

// Proxy is who sits on the wire between a client and the server: a connection
// that shows each message to its functions and passes on what they return, in
// as many messages as that is. nil functions pass everything on unchanged.
// Nothing of it runs beside the client. One goroutine may write while another
// reads.
type Proxy struct {
	net.Conn // to the server
	Request  func(msg []byte) [][]byte
	Reply    func(msg []byte) [][]byte

	toSend []byte // the beginning of a frame
	toRead []byte // the rest of frames received
}

// Write implements net.Conn.
func (p *Proxy) Write(b []byte) (int, error) {
	p.toSend = append(p.toSend, b...)
	for {
		size := frameSize(p.toSend)
		if size == 0 {
			return len(b), nil
		}
		out := framed(p.Request, p.toSend[transport.FrameHeaderSize:size])
		p.toSend = p.toSend[size:]
		if len(out) == 0 {
			continue
		}
		if _, err := p.Conn.Write(out); err != nil {
			return 0, err
		}
	}
}

// Read implements net.Conn.
func (p *Proxy) Read(b []byte) (int, error) {
	for len(p.toRead) == 0 {
		var header [transport.FrameHeaderSize]byte
		if _, err := io.ReadFull(p.Conn, header[:]); err != nil {
			return 0, err
		}
		msg := make([]byte, payloadSize(header[:]))
		if _, err := io.ReadFull(p.Conn, msg); err != nil {
			return 0, err
		}
		p.toRead = framed(p.Reply, msg)
	}
	n := copy(b, p.toRead)
	p.toRead = p.toRead[n:]
	return n, nil
}

// payloadSize is the length of a frame without its header.
func payloadSize(header []byte) int {
	return int(header[1])<<16 | int(header[2])<<8 | int(header[3])
}

// frameSize is the length of the first frame in b; 0 if it is not complete.
func frameSize(b []byte) int {
	if len(b) < transport.FrameHeaderSize {
		return 0
	}
	if size := transport.FrameHeaderSize + payloadSize(b); size <= len(b) {
		return size
	}
	return 0
}

// framed is what change makes of msg, ready to send.
func framed(change func([]byte) [][]byte, msg []byte) (out []byte) {
	messages := [][]byte{msg}
	if change != nil {
		messages = change(msg)
	}
	for _, m := range messages {
		at := len(out)
		out = append(out, make([]byte, transport.FrameHeaderSize)...)
		transport.PutFrameHeader(out[at:], len(m))
		out = append(out, m...)
	}
	return out
}
