package server_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/auth/ntlm"
	"github.com/signet-smb/signet/auth/spnego"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
	"github.com/signet-smb/signet/vfs/memfs"
)

var updateFirstContact = flag.Bool("update", false, "write what is answered into testdata/firstcontact")

// TestFirstContactIsAnsweredAsTheTablesSay sends what clients send first, on
// mount, browse and copy, and compares every answer with the table in
// testdata/firstcontact. testdata/firstcontact/README.md tells the form.
//
// The bubble's clock stands at its beginning, so times do not vary.
func TestFirstContactIsAnsweredAsTheTablesSay(t *testing.T) {
	files, err := filepath.Glob("testdata/firstcontact/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no tables: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var got string
			synctest.Test(t, func(t *testing.T) { got = replay(t, string(want)) })
			if *updateFirstContact {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			expectSameLines(t, file, got, string(want))
		})
	}
}

// expectSameLines shows where two texts of as many lines differ.
func expectSameLines(t *testing.T, file, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		var gotLine, wantLine string
		if i < len(g) {
			gotLine = g[i]
		}
		if i < len(w) {
			wantLine = w[i]
		}
		if gotLine != wantLine {
			t.Errorf("%s:%d: got\n%s\nwant\n%s", file, i+1, gotLine, wantLine)
			if len(g) != len(w) {
				return // all that follows is shifted
			}
		}
	}
}

// contact is one request of a table.
type contact struct {
	n       int
	command string
	header  []string // "tree=4", "related", …
	fields  string   // decoded
	hex     string   // the encoded body, with opens by name; "" for one to be encoded
}

// requestLine is ">" or, for a further element of the message, "+".
var requestLine = regexp.MustCompile(`^([>+]) (\d+)((?: [a-z]+(?:=\S+)?)*) ([A-Z][A-Z0-9_]+) ?(.*)$`)

// replay sends the requests of a table and returns the table with the answers
// that came. Comments stay.
func replay(t *testing.T, table string) string {
	t.Helper()
	r := newReplayer(t)
	var message []contact
	flush := func() {
		if message != nil {
			r.exchange(message)
			message = nil
		}
	}
	for line := range strings.Lines(table) {
		line = strings.TrimRight(line, "\n")
		if m := requestLine.FindStringSubmatch(line); m != nil {
			if m[1] == ">" {
				flush()
			}
			n, err := strconv.Atoi(m[2])
			if err != nil {
				t.Fatal(err)
			}
			message = append(message, contact{n: n, header: strings.Fields(m[3]), command: m[4], fields: m[5]})
			continue
		}
		switch {
		case strings.HasPrefix(line, "  = "):
			message[len(message)-1].hex = line[4:]
		case strings.HasPrefix(line, "< "): // an answer: written anew
		case line == "" || strings.HasPrefix(line, "#"):
			flush()
			r.out.WriteString(line + "\n")
		default:
			t.Fatalf("neither request nor answer nor comment: %q", line)
		}
	}
	flush()
	return r.out.String()
}

// replayer is the client of a replay.
type replayer struct {
	t       *testing.T
	p       *smbtest.Peer
	logon   *smbtest.Logon
	out     strings.Builder
	trees   map[int]smb2.TreeID // by the number of the TREE_CONNECT
	ids     fileIDs
	masks   []string                // random bytes in hexadecimal, and what stands for each
	waiting map[smb2.FileID]contact // CHANGE_NOTIFYs not answered yet, by directory
	numbers map[smb2.MessageID]contact
}

// volume is a memfs whose serial number does not depend on other tests.
type volume struct{ *memfs.FS }

func (v volume) Info(ctx context.Context) (vfs.Info, error) {
	info, err := v.FS.Info(ctx)
	info.SerialNumber = 0x51674E37
	return info, err
}

func newReplayer(t *testing.T) *replayer {
	t.Helper()
	fs := memfs.New()
	s := smbtest.StartServer(t, smbtest.Options{Pipe: true, Quiet: true, FS: volume{fs}})
	maker := s.Login()
	maker.Write(maker.Open("hello.txt"), 0, "Hello, world\n")
	folder := smbtest.CreateFile("folder")
	folder.CreateOptions = 1 // FILE_DIRECTORY_FILE
	maker.MustDo(folder, nil)
	maker.Write(maker.Open(`folder\inner.txt`), 0, "inside\n")
	maker.Close()
	synctest.Wait()
	return &replayer{
		t: t, p: s.Dial(),
		trees:   map[int]smb2.TreeID{},
		ids:     fileIDs{},
		waiting: map[smb2.FileID]contact{},
		numbers: map[smb2.MessageID]contact{},
	}
}

// messageTypes are the requests and the answers to them.
var messageTypes = map[string][2]smb2.Message{
	"NEGOTIATE":       {&smb2.NegotiateRequest{}, &smb2.NegotiateResponse{}},
	"SESSION_SETUP":   {&smb2.SessionSetupRequest{}, &smb2.SessionSetupResponse{}},
	"LOGOFF":          {&smb2.LogoffRequest{}, &smb2.LogoffResponse{}},
	"TREE_CONNECT":    {&smb2.TreeConnectRequest{}, &smb2.TreeConnectResponse{}},
	"TREE_DISCONNECT": {&smb2.TreeDisconnectRequest{}, &smb2.TreeDisconnectResponse{}},
	"CREATE":          {&smb2.CreateRequest{}, &smb2.CreateResponse{}},
	"CLOSE":           {&smb2.CloseRequest{}, &smb2.CloseResponse{}},
	"FLUSH":           {&smb2.FlushRequest{}, &smb2.FlushResponse{}},
	"READ":            {&smb2.ReadRequest{}, &smb2.ReadResponse{}},
	"WRITE":           {&smb2.WriteRequest{}, &smb2.WriteResponse{}},
	"LOCK":            {&smb2.LockRequest{}, &smb2.LockResponse{}},
	"IOCTL":           {&smb2.IoctlRequest{}, &smb2.IoctlResponse{}},
	"ECHO":            {&smb2.EchoRequest{}, &smb2.EchoResponse{}},
	"QUERY_DIRECTORY": {&smb2.QueryDirectoryRequest{}, &smb2.QueryDirectoryResponse{}},
	"CHANGE_NOTIFY":   {&smb2.ChangeNotifyRequest{}, &smb2.ChangeNotifyResponse{}},
	"QUERY_INFO":      {&smb2.QueryInfoRequest{}, &smb2.QueryInfoResponse{}},
	"SET_INFO":        {&smb2.SetInfoRequest{}, &smb2.SetInfoResponse{}},
}

// empty makes a new message of m's type.
func emptyLike(m smb2.Message) smb2.Message {
	return reflect.New(reflect.TypeOf(m).Elem()).Interface().(smb2.Message)
}

// exchange sends one message and writes it and the answers.
func (r *replayer) exchange(message []contact) {
	r.t.Helper()
	if message[0].command == "SMB1" {
		r.smb1(message[0])
		return
	}
	var elements []smbtest.Element
	for i := range message {
		elements = append(elements, r.element(&message[i]))
		sign := ">"
		if i > 0 {
			sign = "+"
		}
		s := message[i]
		r.write(strings.Join(slices.DeleteFunc([]string{sign, strconv.Itoa(s.n), strings.Join(s.header, " "), s.command, s.fields},
			func(s string) bool { return s == "" }), " "))
		if s.hex != "" {
			r.write("  = " + s.hex)
		}
	}
	switch message[0].command {
	case "NEGOTIATE":
		reply, res := r.p.NegotiateBy(elements[0])
		r.mask(hex.EncodeToString(res.ServerGUID[:]), "<server-guid>")
		for _, c := range res.Contexts {
			if c.Type != smb2.ContextPreauthIntegrity {
				continue
			}
			if caps, err := c.PreauthIntegrity(); err == nil {
				r.mask(hex.EncodeToString(caps.Salt), "<salt>")
			}
		}
		r.reply(message[0], reply)
	case "SESSION_SETUP":
		r.setup(message[0], elements[0])
	default:
		r.send(message, elements)
	}
}

// smb1 sends the multi-protocol negotiation of [MS-SMB2] 3.3.5.3.1.
func (r *replayer) smb1(s contact) {
	r.t.Helper()
	msg, err := hex.DecodeString(s.hex)
	if err != nil {
		r.t.Fatal(err)
	}
	r.write(fmt.Sprintf("> %d SMB1", s.n))
	r.write("  = " + s.hex)
	r.p.SendRaw(msg)
	replies, ok := r.p.Receive()
	if !ok {
		r.write(fmt.Sprintf("< %d closed", s.n))
		return
	}
	var res smb2.NegotiateResponse
	replies[0].Decode(r.t, &res)
	r.mask(hex.EncodeToString(res.ServerGUID[:]), "<server-guid>")
	s.command = "NEGOTIATE"
	r.reply(s, replies[0])
	r.p.NextMessageID = 1
}

// setup sends one leg of a log-on. Its token is made here.
func (r *replayer) setup(s contact, e smbtest.Element) {
	r.t.Helper()
	for _, h := range s.header {
		if offer, ok := strings.CutPrefix(h, "logon="); ok && offer != "next" {
			r.logon = r.p.Logon(initiatorOf(r.t, offer))
		}
	}
	reply := r.logon.Leg(e)
	r.reply(s, reply)
}

// initiatorOf begins a log-on with NTLM: "raw", or in SPNEGO as one of the
// mechanisms offered, joined by "+". Another one before it sends a token that
// the server cannot use, as a client does that guesses wrongly.
func initiatorOf(t *testing.T, offer string) auth.Initiator {
	t.Helper()
	credentials := ntlm.Credentials{User: smbtest.User, Password: smbtest.Password, Domain: "WORKGROUP"}
	if offer == "raw" {
		return ntlm.NewInitiator(credentials)
	}
	mechanisms := map[string]spnego.OID{"negoex": spnego.NEGOEX, "mskerberos": spnego.MSKerberos, "kerberos": spnego.Kerberos, "ntlm": spnego.NTLMSSP}
	var offers []spnego.Offer
	for name := range strings.SplitSeq(offer, "+") {
		oid, ok := mechanisms[name]
		if !ok {
			t.Fatalf("no mechanism %q", name)
		}
		o := spnego.Offer{OID: oid, Initiator: guess("not for this server")}
		if name == "ntlm" {
			o.Initiator = ntlm.NewInitiator(credentials)
		}
		offers = append(offers, o)
	}
	return spnego.NewInitiator(offers...)
}

// guess is the optimistic first token of a mechanism that is not agreed on.
type guess string

func (g guess) Step(context.Context, []byte) ([]byte, bool, error) { return []byte(g), false, nil }
func (guess) SessionKey() []byte                                   { return nil }

// element makes what is sent of a request, and decodes a recorded one.
func (r *replayer) element(s *contact) smbtest.Element {
	r.t.Helper()
	types, ok := messageTypes[s.command]
	if !ok {
		r.t.Fatalf("request %d: no command %q", s.n, s.command)
	}
	m := emptyLike(types[0])
	e := smbtest.Element{Message: m}
	if s.hex == "" {
		fields := fieldReader{ids: r.ids, rest: s.fields}
		if err := fields.fields(reflect.ValueOf(m).Elem()); err != nil {
			r.t.Fatalf("request %d: %s: %v", s.n, s.command, err)
		}
	} else {
		e.Body = r.body(s)
		if err := smb2.Decode(append(make([]byte, smb2.HeaderSize), e.Body...), m); err != nil {
			r.t.Fatalf("request %d: %v", s.n, err)
		}
	}
	s.fields = string(r.ids.appendFields(nil, reflect.ValueOf(m).Elem()))
	charge, credits := uint16(1), uint16(64)
	tree := r.p.TreeID
	session := r.p.SessionID
	for _, h := range s.header {
		name, value, _ := strings.Cut(h, "=")
		n, _ := strconv.ParseUint(value, 0, 32)
		switch name {
		case "tree":
			tree = r.trees[int(n)]
			if value == "all" {
				tree, session = 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF
			}
		case "charge":
			charge = uint16(n)
		case "credits":
			credits = uint16(n)
		case "related":
			e.Flags |= smb2.FlagRelatedOperation
		case "flags":
			e.Flags |= smb2.HeaderFlags(n)
		case "logon":
		default:
			r.t.Fatalf("request %d: no attribute %q", s.n, h)
		}
	}
	e.Header = func(h *smb2.Header) {
		h.CreditCharge, h.Credits, h.TreeID, h.SessionID = charge, credits, tree, session
		r.numbers[h.MessageID] = *s
		if charge > 1 { // the ids in between are used up, 3.2.4.1.2
			r.p.NextMessageID += smb2.MessageID(charge) - 1
			r.p.Credits -= int(charge) - 1
		}
	}
	return e
}

// body is a recorded body with the opens of this replay.
func (r *replayer) body(s *contact) []byte {
	r.t.Helper()
	text := regexp.MustCompile(`\$\d+\.`).ReplaceAllStringFunc(s.hex, func(name string) string {
		id, err := r.ids.id(strings.TrimSuffix(name, "."))
		if err != nil {
			r.t.Fatal(err)
		}
		b := binary.LittleEndian.AppendUint64(nil, id.Persistent)
		return hex.EncodeToString(binary.LittleEndian.AppendUint64(b, id.Volatile))
	})
	body, err := hex.DecodeString(text)
	if err != nil {
		r.t.Fatalf("request %d: %v", s.n, err)
	}
	return body
}

// send sends a message and writes the answers in the order of the requests,
// then those to CHANGE_NOTIFYs before it.
func (r *replayer) send(message []contact, elements []smbtest.Element) {
	r.t.Helper()
	var closed *smb2.FileID
	for _, e := range elements {
		if c, ok := e.Message.(*smb2.CloseRequest); ok {
			closed = &c.FileID
		}
	}
	r.p.Send(elements...)
	answers := map[int]smbtest.Reply{}
	var late []smbtest.Reply
	isWaiting := func() bool {
		if closed == nil {
			return false
		}
		_, is := r.waiting[*closed]
		return is
	}
	for len(answers) < len(message) || isWaiting() {
		replies, ok := r.p.Receive()
		if !ok {
			r.write(fmt.Sprintf("< %d closed", message[0].n))
			return
		}
		for _, reply := range replies {
			s := r.numbers[reply.Header.MessageID]
			switch {
			case s.n < message[0].n:
				late = append(late, reply)
				for id, w := range r.waiting {
					if w.n == s.n {
						delete(r.waiting, id)
					}
				}
			case reply.Header.Status == ntstatus.Pending && s.command != "CHANGE_NOTIFY":
			default:
				answers[s.n] = reply
			}
			if reply.Header.Status == ntstatus.Pending && s.command == "CHANGE_NOTIFY" {
				r.waiting[elements[0].Message.(*smb2.ChangeNotifyRequest).FileID] = s
			}
		}
	}
	for _, s := range message {
		r.reply(s, answers[s.n])
	}
	for _, reply := range late {
		r.reply(r.numbers[reply.Header.MessageID], reply)
	}
}

// reply notes what an answer gave, and writes it.
func (r *replayer) reply(s contact, reply smbtest.Reply) {
	r.t.Helper()
	status := reply.Header.Status
	var m smb2.Message = &smb2.ErrorResponse{}
	switch status {
	case ntstatus.Success, ntstatus.BufferOverflow, ntstatus.MoreProcessingRequired, ntstatus.NotifyEnumDir:
		m = emptyLike(messageTypes[s.command][1])
	}
	reply.Decode(r.t, m)
	switch m := m.(type) {
	case *smb2.CreateResponse:
		r.ids[s.n] = m.FileID
	case *smb2.TreeConnectResponse:
		r.trees[s.n] = reply.Header.TreeID
		r.p.TreeID = reply.Header.TreeID
	case *smb2.SessionSetupResponse:
		m.SecurityBuffer = bytes.Repeat([]byte{0xA0}, min(1, len(m.SecurityBuffer)))
	}
	line := []string{"<", strconv.Itoa(s.n), strings.TrimPrefix(status.String(), "STATUS_")}
	if reply.Signed {
		line = append(line, "signed")
	}
	if fields := string(r.ids.appendFields(nil, reflect.ValueOf(m).Elem())); fields != "" {
		line = append(line, strings.ReplaceAll(fields, "SecurityBuffer=a0", "SecurityBuffer=<token>"))
	}
	text := strings.Join(line, " ")
	for i := 0; i < len(r.masks); i += 2 {
		text = strings.ReplaceAll(text, r.masks[i], r.masks[i+1])
	}
	r.write(text)
}

// mask lets name stand for random bytes.
func (r *replayer) mask(random, name string) { r.masks = append(r.masks, random, name) }

func (r *replayer) write(line string) { r.out.WriteString(line + "\n") }
