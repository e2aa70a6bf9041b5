package smb2

import "github.com/signet-smb/signet/internal/wire"

// ContextType is the type of a negotiate context. [MS-SMB2] 2.2.3.1.
type ContextType uint16

// Negotiate context types. [MS-SMB2] 2.2.3.1.
const (
	ContextPreauthIntegrity ContextType = 0x0001
	ContextEncryption       ContextType = 0x0002
	ContextCompression      ContextType = 0x0003
	ContextNetname          ContextType = 0x0005
	ContextTransport        ContextType = 0x0006
	ContextRDMATransform    ContextType = 0x0007
	ContextSigning          ContextType = 0x0008
)

// NegotiateContext is one element of a NegotiateContextList, its data still
// encoded. [MS-SMB2] 2.2.3.1.
type NegotiateContext struct {
	Type ContextType
	Data []byte
}

// decodeNegotiateContexts moves on to offset, in bytes from the start of the
// header, and reads n contexts there. offset must not point back.
func decodeNegotiateContexts(r *wire.Reader, offset uint32, n uint16) []NegotiateContext {
	r.Check(n <= MaxNegotiateContexts, "NegotiateContextCount")
	if n == 0 || r.Err() != nil {
		return nil
	}
	r.Check(int64(offset) >= int64(r.Offset()) && int64(offset) <= int64(r.Offset()+r.Len()), "NegotiateContextOffset")
	r.Skip(int(offset) - r.Offset())
	contexts := make([]NegotiateContext, n)
	for i := range contexts {
		if i > 0 {
			r.Align(8)
		}
		contexts[i].decode(r)
	}
	return contexts
}

// appendNegotiateContexts writes contexts at the next multiple of 8 bytes and
// fills offset with where they begin; without contexts it stays 0.
func appendNegotiateContexts(w *wire.Writer, offset wire.Hole, contexts []NegotiateContext) {
	for i, c := range contexts {
		w.Align(8)
		if i == 0 {
			w.Fill(offset, w.Offset())
		}
		c.append(w)
	}
}

func (c *NegotiateContext) decode(r *wire.Reader) {
	c.Type = ContextType(r.U16())
	n := int(r.U16())
	r.Skip(4) // Reserved
	c.Data = nil
	if n > 0 {
		c.Data = r.Bytes(n)
	}
}

func (c NegotiateContext) append(w *wire.Writer) {
	w.U16(uint16(c.Type))
	w.U16(uint16(len(c.Data)))
	w.U32(0) // Reserved
	w.Bytes(c.Data)
}
