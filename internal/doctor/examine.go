package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// examination is one walk to a server. It belongs to one goroutine.
type examination struct {
	*Doctor
	target Target
	report Report

	hello  *hello             // what the server could do
	agreed *client.ServerInfo // what it does with us
	skew   time.Duration      // the server's clock minus ours
}

// Examine walks to the target step by step, up to the first that fails.
func (d *Doctor) Examine(ctx context.Context, target Target) *Report {
	e := &examination{Doctor: d, target: target}
	e.report.Target = target
	steps := []struct {
		name string
		run  func(ctx context.Context) (detail string, c *Cause)
	}{
		{StepName, e.findName},
		{StepConnect, e.connect},
		{StepSpeak, e.speak},
		{StepNegotiate, e.negotiate},
	}
	for _, s := range steps {
		detail, c := s.run(ctx)
		if !e.note(s.name, detail, c) {
			break
		}
	}
	if e.report.Cause == nil {
		e.signIn(ctx)
	}
	for _, name := range []string{StepName, StepConnect, StepSpeak, StepNegotiate, StepSignIn, StepShare, StepRead}[len(e.report.Steps):] {
		if target.Share != "" || name != StepShare && name != StepRead {
			e.report.Steps = append(e.report.Steps, Step{Name: name, Result: NotTried})
		}
	}
	e.remark()
	return &e.report
}

// note writes a step down; false: it has failed.
func (e *examination) note(name, detail string, c *Cause) bool {
	s := Step{Name: name, Result: OK, Detail: detail}
	if c != nil {
		s.Result = Failed
		e.report.Cause = c
	}
	e.report.Steps = append(e.report.Steps, s)
	return c == nil
}

// bounded is ctx for one answer.
func (e *examination) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	timeout := e.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	return context.WithTimeout(ctx, timeout)
}

func (e *examination) findName(ctx context.Context) (string, *Cause) {
	if net.ParseIP(e.target.Host) != nil {
		return "it is an address", nil
	}
	ctx, cancel := e.bounded(ctx)
	defer cancel()
	resolve := e.Resolve
	if resolve == nil {
		resolve = net.DefaultResolver.LookupHost
	}
	addresses, err := resolve(ctx, e.target.Host)
	if err != nil {
		return err.Error(), cause("name-not-resolved")
	}
	return strings.Join(addresses, ", "), nil
}

// dial makes a TCP connection.
func (e *examination) dial(ctx context.Context) (net.Conn, error) {
	dial := e.Dialer.Connect
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	return dial(ctx, "tcp", e.target.address())
}

func (e *examination) connect(ctx context.Context) (string, *Cause) {
	ctx, cancel := e.bounded(ctx)
	defer cancel()
	nc, err := e.dial(ctx)
	if err != nil {
		return err.Error(), connectCause(err)
	}
	defer nc.Close()
	return nc.RemoteAddr().String(), nil
}

// Numbers of Windows Sockets: package syscall has the names of POSIX there, but
// not for these.
const (
	wsaAccess          syscall.Errno = 10013
	wsaNetUnreachable  syscall.Errno = 10051
	wsaReset           syscall.Errno = 10054
	wsaTimedOut        syscall.Errno = 10060
	wsaRefused         syscall.Errno = 10061
	wsaHostUnreachable syscall.Errno = 10065
)

// connectCause is why no connection came about.
func connectCause(err error) *Cause {
	number, _ := errors.AsType[syscall.Errno](err)
	switch number {
	case syscall.ECONNREFUSED, wsaRefused:
		return cause("port-closed")
	case syscall.ETIMEDOUT, wsaTimedOut, syscall.EACCES, syscall.EPERM, wsaAccess:
		return cause("port-filtered")
	case syscall.ECONNRESET, wsaReset:
		return cause("server-full")
	case syscall.EHOSTUNREACH, syscall.ENETUNREACH, wsaHostUnreachable, wsaNetUnreachable:
		return cause("host-unreachable")
	}
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) {
		return cause("port-filtered")
	}
	if late, ok := errors.AsType[net.Error](err); ok && late.Timeout() {
		return cause("port-filtered")
	}
	return cause("host-unreachable")
}

// speak finds out whether the server speaks SMB 2 or 3, and what it could do.
func (e *examination) speak(ctx context.Context) (string, *Cause) {
	h, err := e.greet(ctx)
	switch {
	case errors.Is(err, errNoCaller):
		return err.Error(), cause("host-refused")
	case errors.Is(err, errSilent):
		return err.Error(), cause("silent")
	case errors.Is(err, errNotSMB):
		return err.Error(), cause("not-smb")
	case err == nil && h.dialect != 0:
		e.hello = h
		if !h.time.IsZero() {
			e.skew = h.time.Sub(e.now())
		}
		return "dialect " + h.dialect.String(), nil
	}
	if full := statusCauseOf(h); full != nil && full.ID == "server-full" {
		return h.status.String(), full
	}
	// Refused, or hung up: would it rather have SMB1?
	old, oldErr := e.greetOld(ctx)
	switch {
	case old:
		return "it answers in SMB1 only", cause("smb1-only")
	case errors.Is(oldErr, errNotSMB):
		return oldErr.Error(), cause("not-smb")
	case err == nil:
		return h.status.String(), cause("no-common-dialect")
	case errors.Is(err, errOnlySMB1):
		return err.Error(), cause("smb1-only")
	}
	return err.Error(), cause("server-full")
}

// statusCauseOf is what the refusal in h means; nil without one.
func statusCauseOf(h *hello) *Cause {
	if h == nil {
		return nil
	}
	return statusCause(uint32(h.status))
}

func (e *examination) greet(ctx context.Context) (*hello, error) {
	ctx, cancel := e.bounded(ctx)
	defer cancel()
	nc, err := e.dial(ctx)
	if err != nil {
		return nil, silence(err)
	}
	return greet(ctx, nc, e.target.Host)
}

func (e *examination) greetOld(ctx context.Context) (bool, error) {
	ctx, cancel := e.bounded(ctx)
	defer cancel()
	nc, err := e.dial(ctx)
	if err != nil {
		return false, silence(err)
	}
	return greetOld(ctx, nc)
}

func (e *examination) now() time.Time {
	if e.Now != nil {
		return e.Now()
	}
	return time.Now()
}

// negotiate finds out what server and policy agree on.
func (e *examination) negotiate(ctx context.Context) (string, *Cause) {
	ctx, cancel := e.bounded(ctx)
	defer cancel()
	info, err := e.Dialer.Probe(ctx, e.target.address())
	if err != nil {
		return e.explain(ctx, err, StepNegotiate)
	}
	e.agreed = info
	terms := fmt.Sprintf("dialect %s, signing by %s", info.Dialect, info.Signing)
	if info.Cipher != "" {
		terms += ", encryption by " + info.Cipher
	}
	p := e.policy()
	if policy.Get(p, policy.ClientRequireEncryption) && info.Cipher == "" {
		return terms + ", no encryption", e.cannotSeal()
	}
	return terms, nil
}

func (e *examination) policy() *policy.Snapshot {
	if e.Dialer.Policy == nil {
		return policy.Default()
	}
	return e.Dialer.Policy
}

// cannotSeal is why nothing can be sealed although somebody wants it.
func (e *examination) cannotSeal() *Cause {
	switch {
	case e.hello.cipher == smb2.CipherNone:
		return cause("encryption-missing")
	case e.agreed != nil && e.agreed.Dialect < "3":
		return cause("encryption-required")
	}
	return cause("no-common-cipher")
}

// nobody reports whether there is no one to sign in as.
func (e *examination) nobody() bool {
	c := e.Dialer.Credentials
	return c.User == "" && c.Password == "" && c.Hash == nil && e.Dialer.Kerberos == nil
}

// signIn does the steps that need an account.
func (e *examination) signIn(ctx context.Context) {
	if e.nobody() {
		if e.hello.mode&smb2.SigningEnabled == 0 && policy.Get(e.policy(), policy.ClientRequireSecuritySignature) {
			e.note(StepSignIn, "it says that it cannot sign", cause("no-signing"))
			return
		}
		e.report.Look = append(e.report.Look, "The sign-in was not tried: give an account (smb://name@host/share, or --user NAME) to go on.")
		return
	}
	session, err := e.dialSession(ctx, &e.Dialer)
	if err != nil {
		detail, c := e.explain(ctx, err, StepSignIn)
		e.note(StepSignIn, detail, c)
		return
	}
	defer session.Close()
	e.note(StepSignIn, terms(session.Info()), nil)
	if e.target.Share == "" {
		return
	}
	bounded, cancel := e.bounded(ctx)
	defer cancel()
	share, err := session.Share(bounded, e.target.Share)
	if err != nil {
		detail, c := e.explain(ctx, err, StepShare)
		e.note(StepShare, detail, c)
		return
	}
	detail := share.Path()
	if share.Sealed() {
		detail += ", encrypted"
	}
	e.note(StepShare, detail, nil)
	e.read(ctx, share)
}

// terms says how a session stands.
func terms(i client.SessionInfo) string {
	who := fmt.Sprintf("as %s, ", i.User)
	switch {
	case i.Sealed:
		return who + "encrypted by " + i.Server.Cipher
	case i.Signed:
		return who + "signed by " + i.Server.Signing
	}
	return who + "not signed"
}

// read asks for what the target names.
func (e *examination) read(ctx context.Context, share *client.Share) {
	ctx, cancel := e.bounded(ctx)
	defer cancel()
	path := e.target.Path
	if path == "" {
		path = "."
	}
	entries := 0
	var err error
	for _, err = range share.ReadDir(ctx, path) {
		const enough = 1000
		if err != nil {
			break
		}
		if entries++; entries == enough {
			break
		}
	}
	if errors.Is(err, ntstatus.NotADirectory) { // it is a file then, and there
		err = nil
	}
	if err != nil {
		detail, c := e.explain(ctx, err, StepRead)
		e.note(StepRead, detail, c)
		return
	}
	e.note(StepRead, fmt.Sprintf("%d names seen", entries), nil)
}

// dialSession signs in by d.
func (e *examination) dialSession(ctx context.Context, d *client.Dialer) (*client.Session, error) {
	ctx, cancel := e.bounded(ctx)
	defer cancel()
	return d.Dial(ctx, e.target.address())
}

// remark says what is worth a look, or good to know.
func (e *examination) remark() {
	r := &e.report
	if r.Cause == nil && max(e.skew, -e.skew) > maxSkew {
		r.Look = append(r.Look, fmt.Sprintf("The server's clock is %v %s ours: Kerberos will fail. %s", max(e.skew, -e.skew).Round(time.Second), earlier(e.skew), cause("clock-skew").Server))
	}
	if net.ParseIP(e.target.Host) != nil {
		r.Notes = append(r.Notes, "The target is an address: that gives NTLM, never Kerberos. Use the server's name.")
	}
	if e.hello == nil {
		return
	}
	if e.hello.mode&smb2.SigningRequired == 0 {
		r.Notes = append(r.Notes, "The server does not require signing: other clients may be read and changed on the way. Set server.RequireSecuritySignature to True on it.")
	}
	if e.hello.kerberos && !e.hello.ntlm && (r.Cause == nil || r.Cause.ID != "kerberos-needed") {
		r.Notes = append(r.Notes, "The server offers Kerberos only.")
	}
}

func earlier(d time.Duration) string {
	if d < 0 {
		return "behind"
	}
	return "ahead of"
}
