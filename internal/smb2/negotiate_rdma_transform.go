package smb2

import (
	"fmt"

	"github.com/signet-smb/signet/internal/wire"
)

// RDMATransform is a way of protecting data sent over RDMA.
// [MS-SMB2] 2.2.3.1.6.
type RDMATransform uint16

// RDMA transforms. [MS-SMB2] 2.2.3.1.6.
const (
	RDMATransformNone       RDMATransform = 0x0000
	RDMATransformEncryption RDMATransform = 0x0001
	RDMATransformSigning    RDMATransform = 0x0002
)

// String gives the last word of the specification's name.
func (t RDMATransform) String() string {
	names := [...]string{"NONE", "ENCRYPTION", "SIGNING"}
	if int(t) < len(names) {
		return names[t]
	}
	return fmt.Sprintf("RDMATransform(0x%04X)", uint16(t))
}

// RDMATransformCapabilities is the data of SMB2_RDMA_TRANSFORM_CAPABILITIES.
// [MS-SMB2] 2.2.3.1.6.
type RDMATransformCapabilities struct {
	Transforms []RDMATransform
}

// RDMATransforms reads the data of a context of type [ContextRDMATransform].
// An empty list is refused, as [MS-SMB2] 3.3.5.4 wants; bytes behind it are
// ignored. The error is a *[wire.Error].
func (c NegotiateContext) RDMATransforms() (RDMATransformCapabilities, error) {
	r := wire.NewReader(c.Data)
	n := r.U16()
	r.Skip(2) // Reserved1
	r.Skip(4) // Reserved2
	return RDMATransformCapabilities{decodeAlgorithms[RDMATransform](r, n, "TransformCount")}, r.Err()
}

// RDMATransformContext encodes p.
func RDMATransformContext(p RDMATransformCapabilities) NegotiateContext {
	w := wire.NewWriter(nil)
	w.U16(uint16(len(p.Transforms)))
	w.U16(0) // Reserved1
	w.U32(0) // Reserved2
	appendList(w, p.Transforms)
	return NegotiateContext{ContextRDMATransform, w.Finish()}
}
