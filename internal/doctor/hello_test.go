package doctor

import (
	"bytes"
	"testing"
	"time"

	"github.com/signet-smb/signet/auth/spnego"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// answerTo makes the answer to a NEGOTIATE.
func answerTo(m smb2.Message, status ntstatus.Status) []byte {
	msg := smb2.Append(make([]byte, smb2.HeaderSize), m)
	(&smb2.Header{Command: smb2.CommandNegotiate, Status: status, Flags: smb2.FlagServerToRedir}).Put(msg)
	return msg
}

// greeting is a good answer.
func greeting(mechanisms ...spnego.OID) *smb2.NegotiateResponse {
	server := &spnego.Server{}
	for _, oid := range mechanisms {
		server.Mechanisms = append(server.Mechanisms, spnego.Mechanism{OID: oid})
	}
	return &smb2.NegotiateResponse{
		SecurityMode: smb2.SigningEnabled, DialectRevision: smb2.Dialect311,
		MaxTransactSize: 1 << 20, MaxReadSize: 1 << 20, MaxWriteSize: 1 << 20,
		SystemTime: dtyp.FileTimeOf(time.Unix(1700000000, 0)), SecurityBuffer: server.InitialToken(),
		Contexts: []smb2.NegotiateContext{
			smb2.PreauthIntegrityContext(smb2.PreauthIntegrityCapabilities{HashAlgorithms: []smb2.HashAlgorithm{smb2.HashSHA512}, Salt: make([]byte, 32)}),
			smb2.EncryptionContext(smb2.EncryptionCapabilities{Ciphers: []smb2.Cipher{smb2.CipherAES128GCM}}),
		},
	}
}

func TestAGreetingTellsWhatTheServerCouldDo(t *testing.T) {
	old := greeting(spnego.NTLMSSP)
	old.DialectRevision, old.Contexts, old.Capabilities = smb2.Dialect300, nil, smb2.CapEncryption
	for _, row := range []struct {
		name           string
		res            *smb2.NegotiateResponse
		cipher         smb2.Cipher
		kerberos, ntlm bool
	}{
		{"3.1.1 with both", greeting(spnego.Kerberos, spnego.NTLMSSP), smb2.CipherAES128GCM, true, true},
		{"3.1.1 with Kerberos", greeting(spnego.MSKerberos), smb2.CipherAES128GCM, true, false},
		{"3.0 with NTLM", old, smb2.CipherAES128CCM, false, true},
	} {
		h, err := readHello(answerTo(row.res, ntstatus.Success))
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		if h.dialect != row.res.DialectRevision || h.cipher != row.cipher || h.kerberos != row.kerberos || h.ntlm != row.ntlm || h.time.Unix() != 1700000000 {
			t.Errorf("%s: %+v, want %+v", row.name, h, row)
		}
	}
}

// FuzzHello reads what a stranger answers.
func FuzzHello(f *testing.F) {
	f.Add(answerTo(greeting(spnego.Kerberos, spnego.NTLMSSP), ntstatus.Success))
	f.Add(answerTo(&smb2.ErrorResponse{}, ntstatus.NotSupported))
	f.Add(append([]byte("\xffSMBr"), make([]byte, 64)...))
	f.Fuzz(func(t *testing.T, answer []byte) {
		h, err := readHello(answer)
		if err == nil && h == nil {
			t.Error("neither a greeting nor an error")
		}
		if readOld(answer) && !bytes.HasPrefix(answer, smb1ID) {
			t.Error("what is not SMB1 is taken for it")
		}
	})
}
