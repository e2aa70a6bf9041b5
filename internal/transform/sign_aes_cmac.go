package transform

import "github.com/signet-smb/signet/internal/crypto/cmac"

// aesCMAC is AES-128-CMAC.
type aesCMAC struct {
	mac *cmac.MAC
}

func newAESCMAC(key []byte) (mac, error) {
	m, err := cmac.New(key)
	if err != nil {
		return nil, err
	}
	return aesCMAC{mac: m}, nil
}

func (m aesCMAC) sum(msg []byte, _ [12]byte) (sum [SignatureSize]byte) {
	head, tail := aroundSignature(msg)
	m.mac.Sum(&sum, head, zeroSignature[:], tail)
	return sum
}
