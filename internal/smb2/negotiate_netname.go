package smb2

import "github.com/signet-smb/signet/internal/wire"

// Netname reads the data of a request's context of type [ContextNetname]: the
// name by which the client knows the server. There is no response. The error
// is a *[wire.Error]. [MS-SMB2] 2.2.3.1.4.
func (c NegotiateContext) Netname() (string, error) {
	r := wire.NewReader(c.Data)
	name := r.UTF16(r.Len())
	return name, r.Err()
}

// NetnameContext encodes name.
func NetnameContext(name string) NegotiateContext {
	return NegotiateContext{ContextNetname, wire.AppendUTF16(nil, name)}
}
