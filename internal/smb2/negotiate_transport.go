package smb2

import "github.com/signet-smb/signet/internal/wire"

// TransportFlags is the data of SMB2_TRANSPORT_CAPABILITIES.
// [MS-SMB2] 2.2.3.1.5.
type TransportFlags uint32

// AcceptTransportLevelSecurity offers to leave encryption to the transport,
// or accepts that. [MS-SMB2] 2.2.3.1.5.
const AcceptTransportLevelSecurity TransportFlags = 0x00000001

// Transport reads the data of a context of type [ContextTransport]. Bytes
// behind it are ignored. The error is a *[wire.Error].
func (c NegotiateContext) Transport() (TransportFlags, error) {
	r := wire.NewReader(c.Data)
	return TransportFlags(r.U32()), r.Err()
}

// TransportContext encodes f.
func TransportContext(f TransportFlags) NegotiateContext {
	w := wire.NewWriter(nil)
	w.U32(uint32(f))
	return NegotiateContext{ContextTransport, w.Finish()}
}
