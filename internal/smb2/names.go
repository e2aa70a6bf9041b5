package smb2

import "fmt"

var commandNames = [CommandCount]string{
	"NEGOTIATE", "SESSION_SETUP", "LOGOFF", "TREE_CONNECT", "TREE_DISCONNECT", "CREATE", "CLOSE", "FLUSH", "READ", "WRITE",
	"LOCK", "IOCTL", "CANCEL", "ECHO", "QUERY_DIRECTORY", "CHANGE_NOTIFY", "QUERY_INFO", "SET_INFO", "OPLOCK_BREAK",
}

// String gives the specification's name.
func (c Command) String() string {
	if c < CommandCount {
		return commandNames[c]
	}
	return fmt.Sprintf("command 0x%04X", uint16(c))
}

// String gives the dialect as people write it: "3.1.1".
func (d Dialect) String() string {
	switch d {
	case Dialect202:
		return "2.0.2"
	case Dialect210:
		return "2.1"
	case Dialect300:
		return "3.0"
	case Dialect302:
		return "3.0.2"
	case Dialect311:
		return "3.1.1"
	}
	return fmt.Sprintf("dialect 0x%04X", uint16(d))
}

// String gives the algorithm's name, key size included: "AES-128-GMAC".
func (a SigningAlgorithm) String() string {
	switch a {
	case SigningHMACSHA256:
		return "HMAC-SHA256"
	case SigningAESCMAC:
		return "AES-128-CMAC"
	case SigningAESGMAC:
		return "AES-128-GMAC"
	}
	return fmt.Sprintf("signing algorithm 0x%04X", uint16(a))
}

// String gives the cipher's name: "AES-128-GCM".
func (c Cipher) String() string {
	switch c {
	case CipherNone:
		return "none"
	case CipherAES128CCM:
		return "AES-128-CCM"
	case CipherAES128GCM:
		return "AES-128-GCM"
	case CipherAES256CCM:
		return "AES-256-CCM"
	case CipherAES256GCM:
		return "AES-256-GCM"
	}
	return fmt.Sprintf("cipher 0x%04X", uint16(c))
}
