package smb2

import "github.com/signet-smb/signet/internal/wire"

// aaplServerQuery is the command of [CreateAAPL] that is known here.
const aaplServerQuery = 1

// AAPLBitmap is which answers of a server query are wanted, or there.
type AAPLBitmap uint64

// Answers of a server query.
const (
	AAPLServerCapabilities AAPLBitmap = 0x01
	AAPLVolumeCapabilities AAPLBitmap = 0x02
	AAPLModelInfo          AAPLBitmap = 0x04
)

// AAPLCapabilities are what a client or a server of Apple's extensions can do.
type AAPLCapabilities uint64

// Capabilities of clients and servers.
const (
	AAPLSupportsReadDirAttr AAPLCapabilities = 0x01 // attributes in listings
	AAPLSupportsOSXCopyfile AAPLCapabilities = 0x02
	AAPLUnixBased           AAPLCapabilities = 0x04
	AAPLSupportsNFSACE      AAPLCapabilities = 0x08 // modes as entries of a DACL
)

// AAPLVolumeFlags are the properties of a volume.
type AAPLVolumeFlags uint64

// Properties of a volume.
const (
	AAPLSupportsResolveID AAPLVolumeFlags = 0x01
	AAPLCaseSensitive     AAPLVolumeFlags = 0x02
	AAPLSupportsFullSync  AAPLVolumeFlags = 0x04
)

// AAPLRequest is the data of a request's [CreateAAPL] whose command is a
// server query. No document specifies it; this is what Apple's published
// client sends, and what Samba's vfs_fruit reads. The tag does not appear in
// [MS-SMB2] 2.2.13.2.
type AAPLRequest struct {
	RequestBitmap AAPLBitmap
	Capabilities  AAPLCapabilities // the client's
}

// AAPLResponse is the data of a response's [CreateAAPL].
type AAPLResponse struct {
	ReplyBitmap        AAPLBitmap
	ServerCapabilities AAPLCapabilities // if ReplyBitmap says so, as the rest
	VolumeCapabilities AAPLVolumeFlags
	Model              string // "MacSamba": which icon is shown
}

// AAPLRequest reads the data of a request's [CreateAAPL]. Commands other than
// a server query are an error.
func (c CreateContext) AAPLRequest() (AAPLRequest, error) {
	return readContext(c, func(r *wire.Reader) AAPLRequest {
		readAAPLCommand(r)
		return AAPLRequest{RequestBitmap: AAPLBitmap(r.U64()), Capabilities: AAPLCapabilities(r.U64())}
	})
}

// AAPLRequestContext encodes a.
func AAPLRequestContext(a AAPLRequest) CreateContext {
	return newContext(CreateAAPL, func(w *wire.Writer) {
		appendAAPLCommand(w)
		w.U64(uint64(a.RequestBitmap))
		w.U64(uint64(a.Capabilities))
	})
}

// AAPLResponse reads the data of a response's [CreateAAPL].
func (c CreateContext) AAPLResponse() (AAPLResponse, error) {
	return readContext(c, func(r *wire.Reader) AAPLResponse {
		readAAPLCommand(r)
		a := AAPLResponse{ReplyBitmap: AAPLBitmap(r.U64())}
		if a.ReplyBitmap&AAPLServerCapabilities != 0 {
			a.ServerCapabilities = AAPLCapabilities(r.U64())
		}
		if a.ReplyBitmap&AAPLVolumeCapabilities != 0 {
			a.VolumeCapabilities = AAPLVolumeFlags(r.U64())
		}
		if a.ReplyBitmap&AAPLModelInfo != 0 {
			r.Skip(4) // padding
			a.Model = r.UTF16(int(r.U32()))
		}
		return a
	})
}

// AAPLResponseContext encodes a.
func AAPLResponseContext(a AAPLResponse) CreateContext {
	return newContext(CreateAAPL, func(w *wire.Writer) {
		appendAAPLCommand(w)
		w.U64(uint64(a.ReplyBitmap))
		if a.ReplyBitmap&AAPLServerCapabilities != 0 {
			w.U64(uint64(a.ServerCapabilities))
		}
		if a.ReplyBitmap&AAPLVolumeCapabilities != 0 {
			w.U64(uint64(a.VolumeCapabilities))
		}
		if a.ReplyBitmap&AAPLModelInfo != 0 {
			w.U32(0) // padding
			w.U32(uint32(wire.UTF16Len(a.Model)))
			w.UTF16(a.Model)
		}
	})
}

func readAAPLCommand(r *wire.Reader) {
	r.Check(r.U32() == aaplServerQuery, "AAPL command")
	r.Skip(4) // Reserved
}

func appendAAPLCommand(w *wire.Writer) {
	w.U32(aaplServerQuery)
	w.U32(0) // Reserved
}
