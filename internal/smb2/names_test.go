package smb2

import (
	"fmt"
	"testing"
)

func TestNamesAreTheSpecifications(t *testing.T) {
	for _, tt := range []struct {
		value fmt.Stringer
		want  string
	}{
		{CommandNegotiate, "NEGOTIATE"},
		{CommandSessionSetup, "SESSION_SETUP"},
		{CommandLogoff, "LOGOFF"},
		{CommandTreeConnect, "TREE_CONNECT"},
		{CommandTreeDisconnect, "TREE_DISCONNECT"},
		{CommandCreate, "CREATE"},
		{CommandClose, "CLOSE"},
		{CommandFlush, "FLUSH"},
		{CommandRead, "READ"},
		{CommandWrite, "WRITE"},
		{CommandLock, "LOCK"},
		{CommandIoctl, "IOCTL"},
		{CommandCancel, "CANCEL"},
		{CommandEcho, "ECHO"},
		{CommandQueryDirectory, "QUERY_DIRECTORY"},
		{CommandChangeNotify, "CHANGE_NOTIFY"},
		{CommandQueryInfo, "QUERY_INFO"},
		{CommandSetInfo, "SET_INFO"},
		{CommandOplockBreak, "OPLOCK_BREAK"},
		{Command(CommandServerToClientNotification), "SERVER_TO_CLIENT_NOTIFICATION"},
		{Command(0x14), "Command(0x0014)"},
		{Dialect202, "2.0.2"},
		{Dialect210, "2.1"},
		{Dialect300, "3.0"},
		{Dialect302, "3.0.2"},
		{Dialect311, "3.1.1"},
		{DialectWildcard, "2.???"},
		{Dialect(0x0399), "Dialect(0x0399)"},
		{CipherNone, "none"},
		{CipherAES128CCM, "AES-128-CCM"},
		{CipherAES128GCM, "AES-128-GCM"},
		{CipherAES256CCM, "AES-256-CCM"},
		{CipherAES256GCM, "AES-256-GCM"},
		{Cipher(9), "Cipher(0x0009)"},
		{SigningHMACSHA256, "HMAC-SHA256"},
		{SigningAESCMAC, "AES-128-CMAC"},
		{SigningAESGMAC, "AES-128-GMAC"},
		{SigningAlgorithm(9), "SigningAlgorithm(0x0009)"},
		{HashSHA512, "SHA-512"},
		{HashAlgorithm(9), "HashAlgorithm(0x0009)"},
	} {
		if got := tt.value.String(); got != tt.want {
			t.Errorf("%T(%#v).String() = %q, want %q", tt.value, tt.value, got, tt.want)
		}
	}
}
