package doctor

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/signet-smb/signet/auth/ntlm"
	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// explain finds the cause of err, which the client gave at step, and says in
// words what was seen. What looks alike it tells apart by trying once more, in
// another way.
func (e *examination) explain(ctx context.Context, err error, step string) (string, *Cause) {
	refusal, refused := errors.AsType[*client.Refusal](err)
	status, answered := errors.AsType[ntstatus.Status](err)
	if answered {
		e.report.Code = codeOf(status)
	}
	_, broken := errors.AsType[*client.ProtocolError](err)
	switch {
	case refused:
		// Its text names settings that would lower protection too.
		return refusal.Reason, e.refusalCause(refusal)
	case client.Altered(err):
		if e.hello != nil && e.hello.mode&smb2.SigningEnabled == 0 {
			return e.words(err), cause("no-signing")
		}
		return e.words(err), cause("signature-altered")
	case errors.Is(err, ntlm.ErrTooOld):
		return e.words(err), cause("ntlmv1-only")
	case kerberosCause(err) != nil:
		return e.words(err), kerberosCause(err)
	case ticketRefused(err) && answered:
		return e.words(err), e.ticketCause(ctx, status, step)
	case step == StepSignIn && e.hello.kerberos && !e.hello.ntlm && e.Dialer.Kerberos == nil:
		return e.words(err), cause("kerberos-needed")
	case broken:
		return e.words(err), cause("protocol-broken")
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return e.words(err), cause("silent")
	case answered:
		return e.words(err), e.statusCause(ctx, status, step)
	}
	if _, lost := errors.AsType[*client.ConnectionError](err); lost {
		return e.words(err), cause("connection-lost")
	}
	return e.words(err), cause("unknown")
}

// words says what err is, without the step and the target, which the report
// names anyhow.
func (e *examination) words(err error) string {
	failure, ok := errors.AsType[*client.Error](err)
	if !ok {
		return err.Error()
	}
	words := strings.TrimPrefix((&client.Error{Err: failure.Err}).Error(), ": ")
	if status, ok := errors.AsType[ntstatus.Status](failure.Err); ok && words == status.String() && e.report.Code != nil {
		return e.report.Code.Meaning + " (" + e.report.Code.Name + ")"
	}
	return words
}

// codeOf is the table's row of an NTSTATUS; nil if there is none.
func codeOf(status ntstatus.Status) *Code {
	if a := byValue("", uint32(status)); len(a.Codes) > 0 {
		return a.Codes[0]
	}
	return nil
}

// refusalCause is the cause of a policy's refusal.
func (e *examination) refusalCause(r *client.Refusal) *Cause {
	switch r.Rule {
	case client.RuleUnsigned:
		return cause("no-signing")
	case client.RuleNoService:
		return cause("spn-missing")
	case client.RuleBlockNTLM, client.RuleNTLMToStranger:
		return cause("ntlm-blocked-here")
	case client.RuleDialect:
		return cause("no-common-dialect")
	case policy.RuleShareEncrypts, policy.RuleServerEncrypts:
		if c := e.cannotSeal(); c.ID != "encryption-missing" {
			return c
		}
		return cause("encryption-required")
	case policy.RuleClientEncrypts:
		return e.cannotSeal()
	case policy.RuleNoKey, policy.RuleNoGuest:
		if e.nobody() {
			return cause("anonymous-refused")
		}
		return cause("guest-only")
	}
	return cause("unknown")
}

// statusCause is the cause of what the server answered at step.
func (e *examination) statusCause(ctx context.Context, status ntstatus.Status, step string) *Cause {
	switch status {
	case ntstatus.AccessDenied:
		switch {
		case (step == StepSignIn || step == StepShare) && e.wantsSealing(ctx, step):
			return e.cannotSeal()
		case step == StepSignIn && e.nobody():
			return cause("anonymous-refused")
		case step == StepSignIn:
			return cause("name-refused")
		}
		return cause("no-right")
	case ntstatus.LogonFailure:
		if max(e.skew, -e.skew) > maxNTLMSkew {
			return cause("clock-skew")
		}
	case ntstatus.BadNetworkPath, ntstatus.ObjectNameNotFound:
		if step == StepShare {
			return cause("share-missing")
		}
	case ntstatus.NotSupported:
		if step != StepNegotiate {
			return cause("bad-request")
		}
	}
	if c := statusCause(uint32(status)); c != nil {
		return c
	}
	return cause("unknown")
}

// wantsSealing reports whether the server refuses us because we cannot seal:
// whether it lets a client in that offers every dialect and cipher. That one
// is stricter in all else.
func (e *examination) wantsSealing(ctx context.Context, step string) bool {
	if e.agreed == nil || e.agreed.Cipher != "" || e.hello.cipher == smb2.CipherNone {
		return false
	}
	from := policy.Origin{Layer: policy.LayerCommandLine, Name: "doctor"}
	p := e.policy()
	p = policy.With(p, policy.ClientSmb2DialectMax, policy.Get(policy.Default(), policy.ClientSmb2DialectMax), from)
	p = policy.With(p, policy.ClientEncryptionCiphers, []policy.Cipher{
		policy.Cipher(smb2.CipherAES128GCM), policy.Cipher(smb2.CipherAES128CCM),
		policy.Cipher(smb2.CipherAES256GCM), policy.Cipher(smb2.CipherAES256CCM),
	}, from)
	d := e.Dialer
	d.Policy = p
	session, err := e.dialSession(ctx, &d)
	if err != nil {
		return false
	}
	defer session.Close()
	if step == StepSignIn || session.Info().EncryptionRequiredByServer {
		return true
	}
	ctx, cancel := e.bounded(ctx)
	defer cancel()
	share, err := session.Share(ctx, e.target.Share)
	return err == nil && share.Sealed()
}
