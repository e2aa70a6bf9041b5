package doctor

import (
	"context"
	"net"
	"time"

	"github.com/signet-smb/signet/client"
)

// Doctor examines connections. It is not changed while in use; then it is safe
// for concurrent use.
type Doctor struct {
	// Dialer is as whom, and by which policy, to sign in. Without credentials
	// the examination ends before the sign-in.
	Dialer client.Dialer

	// Timeout bounds the wait for each answer; 0 is DefaultTimeout.
	Timeout time.Duration

	// Resolve finds addresses; nil asks the system.
	Resolve func(ctx context.Context, host string) ([]string, error)

	// Now is the time; nil is the system's.
	Now func() time.Time
}

// DefaultTimeout is how long the doctor waits for an answer.
const DefaultTimeout = 10 * time.Second

// Target is what to connect to.
type Target struct {
	Host  string
	Port  string // "" is client.DefaultPort
	Share string // "" ends the examination after the sign-in
	Path  string // in the share, "" is its root
}

// String gives the UNC path, and the port if it is another one.
func (t Target) String() string {
	s := `\\` + t.Host
	if t.Port != "" && t.Port != client.DefaultPort {
		s += ":" + t.Port
	}
	if t.Share != "" {
		s += `\` + t.Share
	}
	if t.Path != "" {
		s += `\` + t.Path
	}
	return s
}

// address is where to connect.
func (t Target) address() string { return net.JoinHostPort(t.Host, t.port()) }

func (t Target) port() string {
	if t.Port == "" {
		return client.DefaultPort
	}
	return t.Port
}

// Result is how a step went.
type Result string

// Results.
const (
	OK       Result = "ok"
	Failed   Result = "failed"
	NotTried Result = "not tried"
)

// Step is one step of an examination.
type Step struct {
	Name   string
	Result Result
	Detail string // may hold what the server has sent: escape it
}

// Names of steps, in their order.
const (
	StepName      = "find the name"
	StepConnect   = "connect"
	StepSpeak     = "speak SMB"
	StepNegotiate = "agree on terms"
	StepSignIn    = "sign in"
	StepShare     = "connect to the share"
	StepRead      = "read the folder"
)

// Report is the outcome of an examination.
type Report struct {
	Target Target
	Steps  []Step
	Cause  *Cause   // of the step that failed; nil if none did
	Code   *Code    // of the failure; nil if it has none, or one that is unknown
	Look   []string // what is worth a look, though nothing failed
	Notes  []string // what is good to know
}

// maxSkew is the difference of clocks that Kerberos tolerates, [MS-KILE]
// 3.1.5.8; servers tolerate more with NTLMv2: half an hour.
const (
	maxSkew     = 5 * time.Minute
	maxNTLMSkew = 30 * time.Minute
)
