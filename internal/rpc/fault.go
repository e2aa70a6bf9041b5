package rpc

import "fmt"

// Fault is the status of a fault PDU, and as an error of an operation the wish
// for one. [C706] appendix E and N.2, [MS-RPCE] 3.1.1.5.5.
type Fault uint32

// Faults that the runtime or an operation sends.
const (
	FaultAccessDenied Fault = 0x0000_0005 // ERROR_ACCESS_DENIED
	FaultBadStub      Fault = 0x0000_06F7 // RPC_X_BAD_STUB_DATA
	// FaultSecurityPackage is RPC_S_SEC_PKG_ERROR: a signature is wrong.
	FaultSecurityPackage Fault = 0x0000_0721
	FaultUnspecified     Fault = 0x1C00_0012 // nca_s_fault_unspec
	// FaultContextMismatch is nca_s_fault_context_mismatch.
	FaultContextMismatch Fault = 0x1C00_001A
	FaultOperationRange  Fault = 0x1C01_0002 // nca_op_rng_error
	FaultUnknownIf       Fault = 0x1C01_0003 // nca_unk_if
	FaultProtocol        Fault = 0x1C01_000B // nca_proto_error
	FaultOutTooBig       Fault = 0x1C01_0013 // nca_out_args_too_big
	FaultServerTooBusy   Fault = 0x1C01_0014 // nca_server_too_busy
)

var faultNames = map[Fault]string{
	FaultAccessDenied:    "ERROR_ACCESS_DENIED",
	FaultBadStub:         "RPC_X_BAD_STUB_DATA",
	FaultSecurityPackage: "RPC_S_SEC_PKG_ERROR",
	FaultUnspecified:     "nca_s_fault_unspec",
	FaultContextMismatch: "nca_s_fault_context_mismatch",
	FaultOperationRange:  "nca_op_rng_error",
	FaultUnknownIf:       "nca_unk_if",
	FaultProtocol:        "nca_proto_error",
	FaultOutTooBig:       "nca_out_args_too_big",
	FaultServerTooBusy:   "nca_server_too_busy",
}

func (f Fault) Error() string { return "RPC fault " + f.String() }

func (f Fault) String() string {
	if name, ok := faultNames[f]; ok {
		return name
	}
	return fmt.Sprintf("0x%08X", uint32(f))
}
