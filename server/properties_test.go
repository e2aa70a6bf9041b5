package server_test

import (
	"net"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/auth/ntlm"
	"github.com/signet-smb/signet/auth/spnego"
	"github.com/signet-smb/signet/internal/rpc/ndr"
	"github.com/signet-smb/signet/internal/rpc/rpctest"
	"github.com/signet-smb/signet/internal/rpc/srvsvc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/server"
)

// Each test of this file shows what one property changes, and is named after
// it; what else belongs to the property is tested where its code is.

// set is the default policy with one property set.
func set[T any](k *policy.Key[T], v T) *policy.Snapshot {
	return policy.With(policy.Default(), k, v, inTest)
}

// logOn returns the status of a log-on, of a peer that negotiated or of a new
// one that requires nothing.
func logOn(t *testing.T, p *smbtest.Peer, init auth.Initiator) ntstatus.Status {
	t.Helper()
	return p.SessionSetup(init).Header.Status
}

// negotiatedPeer is a peer that has negotiated.
func negotiatedPeer(s *smbtest.Server, setup ...func(*smbtest.Peer)) *smbtest.Peer {
	p := s.Dial()
	for _, f := range setup {
		f(p)
	}
	p.Negotiate()
	return p
}

func TestServerProperty_RequireSecuritySignature(t *testing.T) {
	for require, want := range map[bool]ntstatus.Status{true: ntstatus.AccessDenied, false: ntstatus.Success} {
		p := smbtest.StartServer(t, smbtest.Options{Policy: set(policy.RequireSecuritySignature, require)}).Login(casual)
		expectStatus(t, "unsigned CREATE", p, smbtest.Element{Message: smbtest.CreateFile("f"), Unsigned: true}, want)
	}
}

func TestServerProperty_SigningAlgorithms(t *testing.T) {
	for _, order := range [][]policy.SigningAlgorithm{{policy.HMACSHA256, policy.AESGMAC}, {policy.AESGMAC, policy.HMACSHA256}} {
		p := smbtest.StartServer(t, smbtest.Options{Policy: set(policy.SigningAlgorithms, order)}).Login()
		if want := smb2.SigningAlgorithm(order[0]); p.Algorithm != want {
			t.Errorf("%v: negotiated %v, want %v", order, p.Algorithm, want)
		}
	}
}

func TestServerProperty_EncryptData(t *testing.T) {
	for encrypt, want := range map[bool]smb2.SessionFlags{true: smb2.SessionEncryptData, false: 0} {
		p := negotiatedPeer(smbtest.StartServer(t, smbtest.Options{Policy: set(policy.EncryptData, encrypt)}))
		r := p.SessionSetup(smbtest.Initiator())
		var res smb2.SessionSetupResponse
		r.Decode(t, &res)
		if res.SessionFlags != want {
			t.Errorf("EncryptData %v: session flags %#x, want %#x", encrypt, res.SessionFlags, want)
		}
	}
}

func TestServerProperty_RejectUnencryptedAccess(t *testing.T) {
	for reject, want := range map[bool]ntstatus.Status{true: ntstatus.AccessDenied, false: ntstatus.Success} {
		snapshot := policy.With(set(policy.EncryptData, true), policy.RejectUnencryptedAccess, reject, inTest)
		p := negotiatedPeer(smbtest.StartServer(t, smbtest.Options{Policy: snapshot}), at(smb2.Dialect210))
		if got := logOn(t, p, smbtest.Initiator()); got != want {
			t.Errorf("RejectUnencryptedAccess %v: a client that cannot encrypt: %v, want %v", reject, got, want)
		}
	}
}

func TestServerProperty_EncryptionCiphers(t *testing.T) {
	for _, cipher := range []policy.Cipher{policy.AES256CCM, policy.AES128GCM} {
		p := negotiatedPeer(smbtest.StartServer(t, smbtest.Options{Policy: set(policy.EncryptionCiphers, []policy.Cipher{cipher})}))
		if want := smb2.Cipher(cipher); p.Cipher != want {
			t.Errorf("negotiated %v, want %v", p.Cipher, want)
		}
	}
}

func TestServerProperty_Smb2DialectMin(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: set(policy.Smb2DialectMin, policy.SMB302)})
	p := s.Dial()
	p.Dialects = []smb2.Dialect{smb2.Dialect300}
	expectStatus(t, "NEGOTIATE of 3.0", p, smbtest.Element{Message: p.NegotiateRequest()}, ntstatus.NotSupported)
	if p := s.Login(at(smb2.Dialect302)); p.Dialect != smb2.Dialect302 {
		t.Errorf("negotiated %v", p.Dialect)
	}
}

func TestServerProperty_Smb2DialectMax(t *testing.T) {
	p := smbtest.StartServer(t, smbtest.Options{Policy: set(policy.Smb2DialectMax, policy.SMB300)}).Login()
	if p.Dialect != smb2.Dialect300 {
		t.Errorf("negotiated %v, want 3.0", p.Dialect)
	}
}

func TestServerProperty_EnableSMB2Protocol(t *testing.T) {
	p := smbtest.StartServer(t, smbtest.Options{Policy: set(policy.EnableSMB2Protocol, false)}).Dial()
	expectStatus(t, "NEGOTIATE", p, smbtest.Element{Message: p.NegotiateRequest()}, ntstatus.NotSupported)
}

func TestServerProperty_EnableMultiChannel(t *testing.T) {
	for enable, want := range map[bool]ntstatus.Status{true: ntstatus.Success, false: ntstatus.RequestNotAccepted} {
		s := smbtest.StartServer(t, smbtest.Options{Policy: set(policy.EnableMultiChannel, enable)})
		first := s.Login(signingWith(smb2.SigningAESCMAC))
		if got := further(s, first).Bind(first, smbtest.Initiator()).Header.Status; got != want {
			t.Errorf("EnableMultiChannel %v: binding: %v, want %v", enable, got, want)
		}
	}
}

func TestServerProperty_MaxChannelPerSession(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: policy.With(multi(), policy.MaxChannelPerSession, 2, inTest)})
	first := s.Login()
	bound(t, s, first)
	if got := further(s, first).Bind(first, smbtest.Initiator()).Header.Status; got != ntstatus.InsufficientResources {
		t.Errorf("third channel: %v, want InsufficientResources", got)
	}
}

func TestServerProperty_MaxSessionPerConnection(t *testing.T) {
	p := smbtest.StartServer(t, smbtest.Options{Policy: set(policy.MaxSessionPerConnection, 1)}).Login()
	p.ForgetSession()
	if got := logOn(t, p, smbtest.Initiator()); got != ntstatus.InsufficientResources {
		t.Errorf("second session: %v, want InsufficientResources", got)
	}
}

func TestServerProperty_Smb2CreditsMax(t *testing.T) {
	p := smbtest.StartServer(t, smbtest.Options{Policy: set(policy.Smb2CreditsMax, 200)}).Login()
	expectStatus(t, "ECHO", p, asking(&smb2.EchoRequest{}, 0xFFFF), ntstatus.Success)
	if p.Credits != 200 {
		t.Errorf("%d credits held, want 200", p.Credits)
	}
}

func TestServerProperty_AsynchronousCredits(t *testing.T) {
	p := smbtest.StartServer(t, smbtest.Options{Policy: set(policy.AsynchronousCredits, 1)}).Login()
	p.TreeConnect("IPC$")
	id := openPipe(t, p)
	read := smbtest.Element{Message: &smb2.ReadRequest{FileID: id, Length: 1}}
	p.Send(read)
	if replies, ok := p.Receive(); !ok || replies[0].Header.Status != ntstatus.Pending {
		t.Fatalf("first READ of an empty pipe: %+v, want Pending", replies)
	}
	p.Send(read)
	if replies, ok := p.Receive(); !ok || replies[0].Header.Status != ntstatus.InsufficientResources {
		t.Errorf("second READ: %+v, want InsufficientResources", replies)
	}
}

func TestServerProperty_PendingClientTimeoutInSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := smbtest.StartServer(t, smbtest.Options{Pipe: true, Policy: set(policy.PendingClientTimeoutInSeconds, 7)}).Dial()
		start := time.Now()
		expectClosed(t, "nobody signs in", p)
		if took := time.Since(start); took != 7*time.Second {
			t.Errorf("closed after %v, want 7 s", took)
		}
	})
}

func TestServerProperty_AutoDisconnectTimeoutInSecondsV2(t *testing.T) {
	for name, c := range map[string]struct {
		timeout uint32
		open    bool
		want    ntstatus.Status
	}{
		"idle":     {600, false, ntstatus.UserSessionDeleted},
		"open":     {600, true, ntstatus.Success},
		"not idle": {1200, false, ntstatus.Success},
		"never":    {0, false, ntstatus.Success},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := smbtest.StartServer(t, smbtest.Options{Pipe: true, Policy: set(policy.AutoDisconnectTimeoutInSecondsV2, c.timeout)})
				p := s.Login()
				if c.open {
					p.Open("f")
				}
				time.Sleep(300 * time.Second)
				p.MustDo(&smb2.EchoRequest{}, nil)
				time.Sleep(599 * time.Second)
				if n := len(s.Sessions()); n != 1 {
					t.Fatalf("%d sessions before the time is over", n)
				}
				time.Sleep(2 * time.Second)
				expectStatus(t, "ECHO", p, smbtest.Element{Message: &smb2.EchoRequest{}}, c.want)
			})
		})
	}
}

// keepAliveListener writes down how its connections are kept alive.
type keepAliveListener struct {
	net.Listener
	configs chan net.KeepAliveConfig
}

type keepAliveConn struct {
	net.Conn
	configs chan net.KeepAliveConfig
}

func (l keepAliveListener) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return keepAliveConn{nc, l.configs}, nil
}

func (c keepAliveConn) SetKeepAliveConfig(config net.KeepAliveConfig) error {
	c.configs <- config
	return nil
}

func TestServerProperty_KeepAliveTime(t *testing.T) {
	for minutes, want := range map[uint32]net.KeepAliveConfig{
		5: {Enable: true, Idle: 5 * time.Minute}, 0: {},
	} {
		s := smbtest.StartServer(t, smbtest.Options{Policy: set(policy.KeepAliveTime, minutes)})
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		configs := make(chan net.KeepAliveConfig, 1)
		var serving sync.WaitGroup
		serving.Go(func() {
			if err := s.Serve(keepAliveListener{l, configs}); err == nil {
				t.Error("Serve returned nil")
			}
		})
		nc, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if got := <-configs; got != want {
			t.Errorf("KeepAliveTime %d: %+v, want %+v", minutes, got, want)
		}
		nc.Close()
		l.Close()
		serving.Wait()
	}
}

// treeConnectBy connects to the share by another name of the server.
func treeConnectBy(t *testing.T, p *smbtest.Peer, host string) ntstatus.Status {
	t.Helper()
	return p.Do(&smb2.TreeConnectRequest{Path: `\\` + host + `\` + smbtest.ShareName}).Header.Status
}

func TestServerProperty_EnableStrictNameChecking(t *testing.T) {
	strict := policy.With(set(policy.EnableStrictNameChecking, true), policy.OptionalNames, []string{"nas"}, inTest)
	p := signInOnly(t, smbtest.StartServer(t, smbtest.Options{Policy: strict}))
	for host, want := range map[string]ntstatus.Status{
		"signet": ntstatus.Success, "SIGNET.": ntstatus.Success, "NAS": ntstatus.Success, "127.0.0.1": ntstatus.Success,
		"server": ntstatus.DuplicateName, "127.0.0.2": ntstatus.DuplicateName, "signet.example.org": ntstatus.DuplicateName,
	} {
		if got := treeConnectBy(t, p, host); got != want {
			t.Errorf("TREE_CONNECT by the name %s: %v, want %v", host, got, want)
		}
	}
	p = signInOnly(t, smbtest.StartServer(t, smbtest.Options{}))
	if got := treeConnectBy(t, p, "whatever"); got != ntstatus.Success {
		t.Errorf("TREE_CONNECT by any name, not strict: %v", got)
	}
}

func TestServerProperty_OptionalNames(t *testing.T) {
	for _, names := range [][]string{nil, {"files.example.org"}} {
		strict := policy.With(set(policy.EnableStrictNameChecking, true), policy.OptionalNames, names, inTest)
		p := signInOnly(t, smbtest.StartServer(t, smbtest.Options{Policy: strict}))
		if got := treeConnectBy(t, p, "Files.Example.Org"); (got == ntstatus.Success) != (names != nil) {
			t.Errorf("OptionalNames %q: %v", names, got)
		}
	}
}

func TestServerProperty_SmbServerNameHardeningLevel(t *testing.T) {
	meaning := func(spn string) auth.Initiator {
		return spnego.NewInitiator(spnego.Offer{OID: spnego.NTLMSSP, Initiator: ntlm.NewInitiator(ntlm.Credentials{
			User: smbtest.User, Password: smbtest.Password, TargetSPN: spn,
		})})
	}
	for _, c := range []struct {
		level policy.NameHardening
		spn   string
		want  ntstatus.Status
	}{
		{policy.NameHardeningOff, "", ntstatus.Success},
		{policy.NameHardeningOff, "cifs/other", ntstatus.Success},
		{policy.NameHardeningIfSent, "", ntstatus.Success},
		{policy.NameHardeningIfSent, "cifs/other", ntstatus.AccessDenied},
		{policy.NameHardeningIfSent, "cifs/signet", ntstatus.Success},
		{policy.NameHardeningIfSent, "HOST/SIGNET:445", ntstatus.Success},
		{policy.NameHardeningRequired, "", ntstatus.AccessDenied},
		{policy.NameHardeningRequired, "cifs/other", ntstatus.AccessDenied},
		{policy.NameHardeningRequired, "http/signet", ntstatus.AccessDenied},
		{policy.NameHardeningRequired, "cifs/127.0.0.1", ntstatus.Success},
	} {
		s := smbtest.StartServer(t, smbtest.Options{Policy: set(policy.SmbServerNameHardeningLevel, c.level)})
		if got := logOn(t, negotiatedPeer(s), meaning(c.spn)); got != c.want {
			t.Errorf("level %d, %q: %v, want %v", c.level, c.spn, got, c.want)
		}
	}
}

func TestServerProperty_NullSessionPipes(t *testing.T) {
	for _, c := range []struct {
		pipes []string
		want  ntstatus.Status
	}{
		{nil, ntstatus.AccessDenied}, {[]string{"lsarpc"}, ntstatus.AccessDenied}, {[]string{"SrvSvc"}, ntstatus.Success},
	} {
		s := smbtest.StartServer(t, smbtest.Options{Policy: policy.With(relaxed(), policy.NullSessionPipes, c.pipes, inTest)})
		p := negotiatedPeer(s, casual)
		logOn(t, p, smbtest.InitiatorFor("", ""))
		p.TreeConnect("IPC$")
		expectStatus(t, "srvsvc", p, smbtest.Element{Message: createPipe("srvsvc")}, c.want)
		// Users have all pipes.
		p = signInOnly(t, s)
		p.TreeConnect("IPC$")
		openPipe(t, p)
	}
}

func TestServerProperty_NullSessionShares(t *testing.T) {
	for _, c := range []struct {
		shares []string
		want   ntstatus.Status
	}{
		{nil, ntstatus.AccessDenied}, {[]string{smbtest.ReadOnlyShareName}, ntstatus.AccessDenied}, {[]string{"DATA"}, ntstatus.Success},
	} {
		s := smbtest.StartServer(t, smbtest.Options{Policy: policy.With(relaxed(), policy.NullSessionShares, c.shares, inTest)})
		p := negotiatedPeer(s, casual)
		logOn(t, p, smbtest.InitiatorFor("", ""))
		if got := p.TreeConnect(smbtest.ShareName).Header.Status; got != c.want {
			t.Errorf("%q: %v, want %v", c.shares, got, c.want)
		}
	}
}

func TestServerProperty_EnableGuestAccess(t *testing.T) {
	for _, c := range []struct {
		name   string
		policy *policy.Snapshot
		want   ntstatus.Status
	}{
		{"off", relaxed(), ntstatus.LogonFailure},
		{"on, signing required", withGuests(policy.Default()), ntstatus.AccessDenied},
		{"on, encryption required", policy.With(withGuests(relaxed()), policy.EncryptData, true, inTest), ntstatus.AccessDenied},
		{"on", withGuests(relaxed()), ntstatus.Success},
	} {
		s := smbtest.StartServer(t, smbtest.Options{Policy: c.policy})
		p := negotiatedPeer(s, casual)
		p.Lenient = true
		if got := logOn(t, p, smbtest.InitiatorFor("mallory", "guess")); got != c.want {
			t.Errorf("%s: an unknown user: %v, want %v", c.name, got, c.want)
		}
		// A wrong password makes nobody a guest.
		if got := logOn(t, negotiatedPeer(s, casual), smbtest.InitiatorFor(smbtest.User, "guess")); got != ntstatus.LogonFailure {
			t.Errorf("%s: wrong password: %v, want LogonFailure", c.name, got)
		}
		if c.want != ntstatus.Success {
			continue
		}
		if infos := s.Sessions(); len(infos) != 1 || infos[0].ClientUserName != "Guest" || infos[0].SigningAlgorithm != "" {
			t.Errorf("sessions %+v, want one of Guest, without a key", infos)
		}
		if err := s.SetShares([]*server.Share{{Name: smbtest.ShareName, FS: s.Log}, {Name: "closed", FS: s.Log, RefuseGuests: true}}); err != nil {
			t.Fatal(err)
		}
		p.Signer = nil
		for share, want := range map[string]ntstatus.Status{smbtest.ShareName: ntstatus.Success, "closed": ntstatus.AccessDenied} {
			if got := p.TreeConnect(share).Header.Status; got != want {
				t.Errorf("guest at %s: %v, want %v", share, got, want)
			}
		}
	}
}

// serverInfo is SERVER_INFO_102 as the server tells it. [MS-SRVS] 2.2.4.42.
func serverInfo(t *testing.T, s *smbtest.Server) (disc, hidden uint32, comment string) {
	t.Helper()
	p := inIPC(t, s)
	client := rpctest.Dial(t, &smbPipe{t: t, p: p, id: openPipe(t, p), room: 4280}, srvsvc.UUID, 3)
	w := ndr.NewWriter()
	w.Pointer(false)
	w.U32(102)
	stub, fault := client.Call(21, w.Finish())
	if fault != 0 {
		t.Fatalf("NetrServerGetInfo: fault %#x", fault)
	}
	r := ndr.NewReader(stub)
	for range 8 { // level, pointer; platform, name, major, minor, type, comment
		r.U32()
	}
	r.U32() // users
	disc, hidden = r.U32(), r.U32()
	for range 4 { // announce, anndelta, licenses, userpath
		r.U32()
	}
	r.String(256)
	return disc, hidden, r.String(256)
}

func TestServerProperty_AnnounceComment(t *testing.T) {
	if _, _, got := serverInfo(t, smbtest.StartServer(t, smbtest.Options{Policy: set(policy.AnnounceComment, "Films")})); got != "Films" {
		t.Errorf("comment %q, want Films", got)
	}
}

func TestServerProperty_ServerHidden(t *testing.T) {
	for hidden, want := range map[bool]uint32{true: 1, false: 0} {
		disc, got, _ := serverInfo(t, smbtest.StartServer(t, smbtest.Options{Policy: set(policy.ServerHidden, hidden)}))
		if got != want || disc != 15 {
			t.Errorf("ServerHidden %v: hidden %d, disc %d; want %d, 15 minutes", hidden, got, disc, want)
		}
	}
}

func TestServerProperty_TreatHostAsStableStorage(t *testing.T) {
	for trust, want := range map[bool]bool{true: false, false: true} {
		s := smbtest.StartServer(t, smbtest.Options{Policy: set(policy.TreatHostAsStableStorage, trust)})
		p := s.Login()
		id := p.Open("f")
		p.Write(id, 0, "data")
		s.Log.Reset()
		p.MustDo(&smb2.FlushRequest{FileID: id}, nil)
		p.MustDo(&smb2.WriteRequest{FileID: id, Data: []byte("x"), Flags: smb2.WriteThrough}, nil)
		calls := s.Log.Calls()
		if got := slices.ContainsFunc(calls, func(c string) bool { return len(c) >= 4 && c[:4] == "Sync" }); got != want {
			t.Errorf("TreatHostAsStableStorage %v: calls %q, synced %v, want %v", trust, calls, got, want)
		}
	}
}
