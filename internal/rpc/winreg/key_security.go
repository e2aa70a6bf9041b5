package winreg

import (
	"context"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc"
)

// keySecurity is the security descriptor of every key, self-relative: what the
// role admin means. Who has a smaller role may read besides, and is no SID.
var keySecurity = func() []byte {
	sd, err := dtyp.ParseSDDL("O:BAG:SYD:P(A;CI;KA;;;SY)(A;CI;KA;;;BA)")
	if err == nil {
		var b []byte
		if b, err = sd.AppendBinary(nil); err == nil {
			return b
		}
	}
	panic(err)
}()

// baseRegGetKeySecurity tells the security descriptor of a key. [MS-RRP]
// 3.1.5.13.
//
//	[in] RPC_HKEY hKey,
//	[in] SECURITY_INFORMATION SecurityInformation,
//	[in] PRPC_SECURITY_DESCRIPTOR pRpcSecurityDescriptorIn,
//	[out] PRPC_SECURITY_DESCRIPTOR pRpcSecurityDescriptorOut
func baseRegGetKeySecurity(_ context.Context, call *rpc.Call) error {
	k, err := readKey(call)
	if err != nil {
		return err
	}
	r, w := call.In, call.Out
	parts := dtyp.SecurityInformation(r.U32())
	present := r.Pointer()
	room := r.U32()
	r.U32()
	if present {
		r.Varying(maxRoom)
	}
	if err := r.Err(); err != nil {
		return err
	}
	var sd dtyp.SecurityDescriptor
	if err := sd.UnmarshalBinary(keySecurity); err != nil {
		return err
	}
	b, err := sd.Only(parts).AppendBinary(nil)
	if err != nil {
		return err
	}
	size, result := len(b), success
	switch {
	case k.granted&dtyp.ReadControl == 0:
		b, size, result = nil, 0, accessDenied
	case uint64(len(b)) > uint64(room):
		b, result = nil, insufficientSpace
	}
	w.Pointer(b != nil)
	w.U32(uint32(size))
	w.U32(uint32(len(b)))
	if b != nil {
		w.Varying(b)
	}
	return finish(call, result)
}
