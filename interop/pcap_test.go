package interop

import (
	endian "encoding/binary"
	"sync"
)

// pcap is what a capture saw, as a file that packet analysers read: for each
// connection the TCP segments that would have carried its messages. That needs
// no right to capture packets. Safe for concurrent use.
type pcap struct {
	mu   sync.Mutex
	file []byte
	sent map[[2]int]uint32 // by client port and direction: the next sequence number
	time uint32            // seconds; each segment takes one
}

// tap returns what a capture needs in its field of that name. Its connections
// come from the client ports from firstPort on.
func (p *pcap) tap(firstPort int) func(connection int, fromClient bool, msg []byte) {
	return func(connection int, fromClient bool, msg []byte) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.message(firstPort+connection, fromClient, msg)
	}
}

// message appends one message with its transport header.
func (p *pcap) message(port int, fromClient bool, msg []byte) {
	frame := endian.BigEndian.AppendUint32(nil, uint32(len(msg))) // transport header, [MS-SMB2] 2.1
	frame = append(frame, msg...)
	const most = 60_000 // bytes of payload that surely fit an IPv4 packet
	for len(frame) > 0 {
		n := min(len(frame), most)
		p.segment(port, fromClient, frame[:n])
		frame = frame[n:]
	}
}

// The addresses of all connections.
var (
	pcapClient = []byte{127, 0, 0, 1}
	pcapServer = []byte{127, 0, 0, 2}
)

// segment appends one packet record with one TCP segment.
func (p *pcap) segment(port int, fromClient bool, payload []byte) {
	if p.file == nil {
		p.sent = make(map[[2]int]uint32)
		for _, v := range []uint32{0xA1B2C3D4, 2 | 4<<16, 0, 0, 1 << 18, 101} { // link type: raw IP
			p.file = endian.LittleEndian.AppendUint32(p.file, v)
		}
	}
	const headers = 20 + 20
	size := uint32(headers + len(payload))
	for _, v := range []uint32{p.time, 0, size, size} {
		p.file = endian.LittleEndian.AppendUint32(p.file, v)
	}
	p.time++

	from, to := uint16(port), uint16(445)
	source, destination := pcapClient, pcapServer
	direction := 0
	if !fromClient {
		from, to, source, destination, direction = to, from, destination, source, 1
	}
	// IPv4, without checksum: nobody verifies it by default.
	p.file = append(p.file, 0x45, 0)
	p.file = endian.BigEndian.AppendUint16(p.file, uint16(size))
	p.file = append(p.file, 0, 0, 0, 0, 64, 6, 0, 0)
	p.file = append(append(p.file, source...), destination...)
	// TCP: PSH and ACK.
	p.file = endian.BigEndian.AppendUint16(p.file, from)
	p.file = endian.BigEndian.AppendUint16(p.file, to)
	p.file = endian.BigEndian.AppendUint32(p.file, 1+p.sent[[2]int{port, direction}])
	p.file = endian.BigEndian.AppendUint32(p.file, 1+p.sent[[2]int{port, 1 - direction}])
	p.file = append(p.file, 5<<4, 0x18, 0xFF, 0xFF, 0, 0, 0, 0)
	p.file = append(p.file, payload...)
	p.sent[[2]int{port, direction}] += uint32(len(payload))
}
