// Package ntlm is NTLMv2 authentication, [MS-NLMP]: the three messages, the
// keys made of them, the server's side ([Server]) and the client's
// ([NewInitiator]).
//
// It is NTLMv2 only. The older responses (LM, NTLMv1, NTLM2 session response)
// are recognised and refused, and their algorithms are not here. Accounts come from
// elsewhere, through [Accounts]. Session security, which protects messages
// beyond the exchange, is what its sides give as [auth.Protector].
//
// An acceptor or initiator belongs to one exchange and one goroutine. A
// [Server] is shared by all.
//
// MD4, MD5 and RC4 are what the protocol is made of. Where the process may use
// approved algorithms only (GODEBUG=fips140=only) every exchange is refused
// with NotSupported; [Available] tells so beforehand.
//
// [MS-NLMP]: https://learn.microsoft.com/openspecs/windows_protocols/ms-nlmp
package ntlm

import (
	"crypto/fips140"
	"fmt"

	"github.com/signet-smb/signet/ntstatus"
)

// mechanism is the name under which exchanges appear in events.
const mechanism = "NTLMv2"

// Available tells why this process cannot speak NTLM, or nil if it can.
func Available() error {
	if fips140.Enforced() {
		return fmt.Errorf("ntlm: MD4, MD5 and RC4 are not available under fips140=only: %w", ntstatus.NotSupported)
	}
	return nil
}
