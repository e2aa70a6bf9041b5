package doctor_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/auth/spnego"
	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/internal/doctor"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds every wait of a test.
const patience = 60 * time.Second

// set is a snapshot with the given values above the default.
func set(t testing.TB, values ...string) *policy.Snapshot {
	t.Helper()
	v := policy.NewValues(policy.Origin{Layer: policy.LayerCommandLine, Name: "test"})
	for i := 0; i < len(values); i += 2 {
		if err := v.Set(values[i], values[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	s, err := policy.Stack(v)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ward is a broken set-up: a server, the way to it, and who goes there.
type ward struct {
	name    string
	server  []string                                                             // properties of the server
	client  []string                                                             // and of the client
	opt     smbtest.Options                                                      // further
	reply   func(msg []byte) [][]byte                                            // what becomes of each answer on its way
	raw     func(nc net.Conn)                                                    // instead of the server
	connect func(ctx context.Context, network, address string) (net.Conn, error) // instead of the way
	resolve func(ctx context.Context, host string) ([]string, error)             // instead of a name that is found
	ahead   time.Duration                                                        // the server's clock before ours
	anybody bool                                                                 // nobody's name is given
	share   string                                                               // instead of the share there is
	want    string                                                               // the cause; "" for none
	step    string                                                               // that fails
	look    bool                                                                 // it works, but
}

// change alters each answer to command before it reaches the client. f gets
// the whole message.
func change(command smb2.Command, f func(h *smb2.Header, msg []byte) []byte) func([]byte) [][]byte {
	return func(msg []byte) [][]byte {
		h, err := smb2.DecodeHeader(msg)
		if err == nil && h.Command == command {
			msg = f(&h, bytes.Clone(msg))
		}
		return [][]byte{msg}
	}
}

// refuse makes a refusal of each final answer to command.
func refuse(command smb2.Command, status ntstatus.Status) func([]byte) [][]byte {
	return change(command, func(h *smb2.Header, msg []byte) []byte {
		if h.Status == ntstatus.MoreProcessingRequired {
			return msg
		}
		h.Status, h.Flags, h.Signature = status, smb2.FlagServerToRedir, [16]byte{}
		out := smb2.Append(make([]byte, smb2.HeaderSize), &smb2.ErrorResponse{})
		h.Put(out)
		return out
	})
}

// unsigned takes the signature from the last answer to a sign-in.
func unsigned(h *smb2.Header, msg []byte) []byte {
	if h.Status == ntstatus.Success {
		h.Flags &^= smb2.FlagSigned
		h.Signature = [16]byte{}
		h.Put(msg)
	}
	return msg
}

// old makes the NTLM challenge of msg one that knows NTLMv1 only: without
// extended session security and target information. [MS-NLMP] 2.2.1.2.
func old(_ *smb2.Header, msg []byte) []byte {
	at := bytes.Index(msg, []byte("NTLMSSP\x00\x02\x00\x00\x00"))
	const flags, extendedSession, targetInfo = 20, 0x08, 0x80
	if at >= 0 && at+flags+4 <= len(msg) {
		msg[at+flags+2] &^= extendedSession | targetInfo
	}
	return msg
}

// flip changes one bit of an answer's body.
func flip(_ *smb2.Header, msg []byte) []byte {
	msg[smb2.HeaderSize+2] ^= 1
	return msg
}

// kerberosOnly is a server's list of mechanisms without NTLM. Nobody gets in.
func kerberosOnly() *spnego.Server {
	return &spnego.Server{Mechanisms: []spnego.Mechanism{{OID: spnego.Kerberos, Name: "Kerberos", NewAcceptor: func() auth.Acceptor { return nil }}}}
}

// smb1 hangs up on SMB2, and answers SMB1 as a server that has NT LM 0.12.
func smb1(nc net.Conn) {
	msg := make([]byte, 512)
	n, err := io.ReadAtLeast(nc, msg, 8)
	if err != nil || !bytes.Equal(msg[4:8], []byte("\xffSMB")) || n < 36 {
		return
	}
	answer := append([]byte{0, 0, 0, 32 + 1 + 34 + 2}, msg[4:36]...)
	answer = append(answer, 17)
	answer = append(answer, make([]byte, 34+2)...)
	nc.Write(answer)
}

var deadline = func(context.Context, string, string) (net.Conn, error) {
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.ErrDeadlineExceeded}
}

func refusing(err error) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", err)}
	}
}

func wards() []ward {
	setup, tree, list := smb2.CommandSessionSetup, smb2.CommandTreeConnect, smb2.CommandQueryDirectory
	return []ward{
		{name: "nothing is wrong"},
		{name: "no account given", anybody: true, look: true},
		{name: "name not found", resolve: func(context.Context, string) ([]string, error) {
			return nil, &net.DNSError{Err: "no such host", Name: "nas", IsNotFound: true}
		}, want: "name-not-resolved", step: doctor.StepName},
		{name: "port closed", connect: refusing(syscall.ECONNREFUSED), want: "port-closed", step: doctor.StepConnect},
		{name: "port closed, on Windows", connect: refusing(syscall.Errno(10061)), want: "port-closed", step: doctor.StepConnect},
		{name: "nothing comes back, on Windows", connect: refusing(syscall.Errno(10060)), want: "port-filtered", step: doctor.StepConnect},
		{name: "a firewall says no", connect: refusing(syscall.EPERM), want: "port-filtered", step: doctor.StepConnect},
		{name: "port filtered", connect: deadline, want: "port-filtered", step: doctor.StepConnect},
		{name: "no route", connect: refusing(syscall.EHOSTUNREACH), want: "host-unreachable", step: doctor.StepConnect},
		{name: "a web server", raw: func(nc net.Conn) { nc.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")) }, want: "not-smb", step: doctor.StepSpeak},
		{name: "another service", raw: func(nc net.Conn) { nc.Write([]byte{0, 0, 0, 5, 'h', 'e', 'l', 'l', 'o'}) }, want: "not-smb", step: doctor.StepSpeak},
		{name: "a full server hangs up", raw: func(net.Conn) {}, want: "server-full", step: doctor.StepSpeak},
		{name: "an address that is not allowed", raw: func(nc net.Conn) { nc.Write([]byte{0x83, 0, 0, 1, 0x81}) }, want: "host-refused", step: doctor.StepSpeak},
		{name: "SMB1 only", raw: smb1, want: "smb1-only", step: doctor.StepSpeak},
		{name: "no room for a connection", reply: refuse(smb2.CommandNegotiate, ntstatus.InsufficientResources), want: "server-full", step: doctor.StepSpeak},
		{name: "server too old", server: []string{"server.Smb2DialectMax", "SMB210"}, client: []string{"client.Smb2DialectMin", "SMB300"}, want: "no-common-dialect", step: doctor.StepNegotiate},
		{name: "no cipher in common", server: []string{"server.EncryptData", "True", "server.EncryptionCiphers", "AES_128_CCM"}, client: []string{"client.EncryptionCiphers", "AES_256_GCM"}, want: "no-common-cipher", step: doctor.StepSignIn},
		{name: "encryption required, not offered", server: []string{"server.EncryptData", "True"}, client: []string{"client.Smb2DialectMax", "SMB210"}, want: "encryption-required", step: doctor.StepSignIn},
		{name: "encryption required by us, not there", server: []string{"server.Smb2DialectMax", "SMB210"}, client: []string{"client.RequireEncryption", "True"}, want: "encryption-missing", step: doctor.StepNegotiate},
		{name: "no signatures", reply: change(setup, unsigned), want: "no-signing", step: doctor.StepSignIn},
		{name: "NTLMv1 only", reply: change(setup, old), want: "ntlmv1-only", step: doctor.StepSignIn},
		{name: "NTLM blocked here", client: []string{"client.BlockNTLM", "True"}, want: "ntlm-blocked-here", step: doctor.StepSignIn},
		{name: "NTLM blocked there", reply: refuse(setup, ntstatus.NTLMBlocked), want: "ntlm-blocked-there", step: doctor.StepSignIn},
		{name: "Kerberos only", opt: smbtest.Options{Authenticator: kerberosOnly()}, want: "kerberos-needed", step: doctor.StepSignIn},
		{name: "two users", reply: refuse(setup, 0xC0000195), want: "two-users", step: doctor.StepSignIn},
		{name: "account expired", reply: refuse(setup, 0xC0000193), want: "account-expired", step: doctor.StepSignIn},
		{name: "no domain controller", reply: refuse(setup, 0xC000005E), want: "no-logon-server", step: doctor.StepSignIn},
		{name: "clock skew, said so", reply: refuse(setup, ntstatus.TimeDifferenceAtDC), want: "clock-skew", step: doctor.StepSignIn},
		{name: "clock skew, not said", reply: refuse(setup, ntstatus.LogonFailure), ahead: time.Hour, want: "clock-skew", step: doctor.StepSignIn},
		{name: "wrong password", reply: refuse(setup, ntstatus.LogonFailure), want: "wrong-password", step: doctor.StepSignIn},
		{name: "clock skew without harm", ahead: -10 * time.Minute, look: true},
		{name: "too many sessions", reply: refuse(setup, ntstatus.RequestNotAccepted), want: "server-full", step: doctor.StepSignIn},
		{name: "strict names", server: []string{"server.EnableStrictNameChecking", "True"}, want: "name-refused", step: doctor.StepShare},
		{name: "a service that is not ours", reply: refuse(setup, ntstatus.AccessDenied), want: "name-refused", step: doctor.StepSignIn},
		{name: "share missing", share: "nosuch", want: "share-missing", step: doctor.StepShare},
		{name: "altered at the share", reply: change(tree, flip), want: "signature-altered", step: doctor.StepShare},
		{name: "altered on the way", reply: change(list, flip), want: "signature-altered", step: doctor.StepRead},
	}
}

// TestEachBrokenSetUpIsToldApart wants the cause of each named, and the step
// at which it shows.
func TestEachBrokenSetUpIsToldApart(t *testing.T) {
	for _, w := range wards() {
		t.Run(w.name, func(t *testing.T) {
			r := w.examine(t)
			got, step, detail := "", "", ""
			if r.Cause != nil {
				got = r.Cause.ID
			}
			for _, s := range r.Steps {
				if s.Result == doctor.Failed {
					step, detail = s.Name, s.Detail
				}
			}
			t.Logf("%-38s | %-20s | %s: %s", w.name, got, step, detail)
			if got != w.want || step != w.step || (len(r.Look) > 0) != w.look {
				t.Errorf("%s: cause %q at step %q, look %q; want %q at %q, look %v\n%+v", w.name, got, step, r.Look, w.want, w.step, w.look, r.Steps)
			}
		})
	}
}

// examine lets the doctor look at w.
func (w *ward) examine(t *testing.T) *doctor.Report {
	t.Helper()
	d := doctor.Doctor{Timeout: patience, Resolve: w.resolve, Now: func() time.Time { return time.Now().Add(-w.ahead) }}
	if d.Resolve == nil {
		d.Resolve = func(context.Context, string) ([]string, error) { return []string{"127.0.0.1"}, nil }
	}
	d.Dialer.Policy = set(t, w.client...)
	if !w.anybody {
		d.Dialer.Credentials = client.Credentials{User: smbtest.User, Domain: "WORKGROUP", Password: smbtest.Password}
	}
	switch {
	case w.connect != nil:
		d.Dialer.Connect = w.connect
	case w.raw != nil:
		address := serveRaw(t, w.raw)
		d.Dialer.Connect = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		}
	default:
		w.opt.Policy = set(t, w.server...)
		s := smbtest.StartServer(t, w.opt)
		d.Dialer.Connect = func(ctx context.Context, network, _ string) (net.Conn, error) {
			nc, err := new(net.Dialer).DialContext(ctx, network, s.Addr())
			if err != nil || w.reply == nil {
				return nc, err
			}
			return &smbtest.Proxy{Conn: nc, Reply: w.reply}, nil
		}
	}
	share := smbtest.ShareName
	if w.share != "" {
		share = w.share
	}
	return d.Examine(t.Context(), doctor.Target{Host: "nas", Share: share})
}

// serveRaw listens, and lets f speak on each connection until the test ends.
func serveRaw(t *testing.T, f func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			nc, err := l.Accept()
			if err != nil {
				if !errors.Is(err, net.ErrClosed) {
					t.Error(err)
				}
				return
			}
			f(nc)
			nc.(*net.TCPConn).CloseWrite()
			io.Copy(io.Discard, nc) // so that nothing of what was said is lost
			nc.Close()
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-ended
	})
	return l.Addr().String()
}

// TestAServerThatSaysNothingIsNotWaitedForEver needs one short wait.
func TestAServerThatSaysNothingIsNotWaitedForEver(t *testing.T) {
	address := serveRaw(t, func(nc net.Conn) { io.Copy(io.Discard, nc) })
	host, port, _ := net.SplitHostPort(address)
	d := doctor.Doctor{Timeout: 100 * time.Millisecond}
	r := d.Examine(t.Context(), doctor.Target{Host: host, Port: port})
	if r.Cause == nil || r.Cause.ID != "silent" && r.Cause.ID != "port-filtered" {
		t.Errorf("cause %+v, want silent\n%+v", r.Cause, r.Steps)
	}
}
