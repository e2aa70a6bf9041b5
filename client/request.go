package client

import (
	"context"
	"errors"
	"slices"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// decode reads the answer's body into m, which aliases it. The error is a
// *ProtocolError.
func (r *reply) decode(m smb2.Message) error {
	if err := smb2.Decode(r.message, m); err != nil {
		return violation("2.2", "%v: %v", r.header.Command, err)
	}
	return nil
}

// broken ends the connection because of err, a *ProtocolError, and returns it.
func (c *connection) broken(err error) error {
	c.fail(err)
	return err
}

// broken ends the connection by which r came because of err, a
// *ProtocolError, and returns it.
func (r *reply) broken(err error) error { return r.conn.broken(err) }

// failure is r's status as an error.
func (r *reply) failure() error {
	if r.unverified && r.header.Status == ntstatus.NetworkSessionExpired {
		return errUnprovedExpiry
	}
	return r.header.Status
}

// do sends one request about the share and waits for its success. The answer
// is the caller's to release; after an error there is none.
func (t *treeConnect) do(ctx context.Context, m smb2.Message) (reply, error) {
	replies, err := t.session.conn.do(ctx, t.request(m))
	if err != nil {
		return reply{}, err
	}
	r := replies[0]
	if !succeeded(r.header.Status) {
		defer r.release()
		return reply{}, r.failure()
	}
	return r, nil
}

// succeeded reports whether a status comes with what was asked for, or the
// beginning of it.
func succeeded(s ntstatus.Status) bool { return s == ntstatus.Success || s == ntstatus.BufferOverflow }

// compound opens a file, does something with it, and closes it, in one message:
// requests name the open by smb2.RelatedFileID. It returns the answers to the
// CREATE and to each of requests, which are the caller's to release; after an
// error there are none. The error is the status of the first that failed.
// [MS-SMB2] 3.2.4.1.4.
func (sh *Share) compound(ctx context.Context, create *smb2.CreateRequest, requests ...smb2.Message) ([]reply, error) {
	replies, err := sh.exchange(ctx, create, requests)
	if err != nil {
		return nil, err
	}
	for i := range replies {
		if !succeeded(replies[i].header.Status) && err == nil {
			err = replies[i].failure()
		}
	}
	replies[len(replies)-1].release()
	if err != nil {
		releaseAll(replies)
		return nil, err
	}
	return replies[:len(replies)-1], nil
}

// exchange is compound that looks at no status but that of the CREATE, and also
// returns the answer to the CLOSE.
func (sh *Share) exchange(ctx context.Context, create *smb2.CreateRequest, requests []smb2.Message) (replies []reply, err error) {
	err = sh.follow(create, func() error {
		return sh.session.repeat(ctx, repeatable(create) && !slices.ContainsFunc(requests, fixed), func() error {
			t, err := sh.tree(ctx)
			if err != nil {
				return err
			}
			replies, err = t.exchange(ctx, create, requests)
			return err
		})
	})
	return replies, err
}

func (t *treeConnect) exchange(ctx context.Context, create *smb2.CreateRequest, requests []smb2.Message) ([]reply, error) {
	chain := make([]request, 0, len(requests)+2)
	chain = append(chain, t.request(create))
	for _, m := range requests {
		chain = append(chain, t.request(withFileID(m, smb2.RelatedFileID)))
	}
	chain = append(chain, t.request(&smb2.CloseRequest{FileID: smb2.RelatedFileID}))
	for i := range chain[1:] {
		chain[i+1].related = true
	}
	replies, err := t.session.conn.doTogether(ctx, chain...)
	if errors.Is(err, errFewCredits) {
		replies, err = t.oneByOne(ctx, create, requests)
	}
	if err != nil {
		return nil, err
	}
	switch first := &replies[0]; {
	case first.header.Status == ntstatus.StoppedOnSymlink:
		err = first.stopped(create.Name)
	case !succeeded(first.header.Status):
		err = first.failure()
	default:
		return replies, nil
	}
	releaseAll(replies)
	return nil, err
}

// oneByOne is exchange for a server that grants fewer credits than the chain
// has elements.
func (t *treeConnect) oneByOne(ctx context.Context, create *smb2.CreateRequest, requests []smb2.Message) ([]reply, error) {
	c := t.session.conn
	first := t.request(create)
	first.orphan = t.closeLate
	replies, err := c.do(ctx, first)
	if err != nil {
		return nil, err
	}
	var res smb2.CreateResponse
	if !succeeded(replies[0].header.Status) {
		return replies, nil // exchange tells
	}
	if err := replies[0].decode(&res); err != nil {
		releaseAll(replies)
		return nil, c.broken(err)
	}
	rest := append(slices.Clip(requests), &smb2.CloseRequest{FileID: smb2.RelatedFileID})
	for i, m := range rest {
		more, err := c.do(ctx, t.request(withFileID(m, res.FileID)))
		if err != nil {
			if i < len(rest)-1 {
				c.post(t.request(&smb2.CloseRequest{FileID: res.FileID}))
			}
			releaseAll(replies)
			return nil, err
		}
		replies = append(replies, more...)
	}
	return replies, nil
}

// withFileID makes m be about the open id. A chain that is sent again names
// the open as its first element has made it.
func withFileID(m smb2.Message, id smb2.FileID) smb2.Message {
	switch m := m.(type) {
	case *smb2.CloseRequest:
		m.FileID = id
	case *smb2.QueryInfoRequest:
		m.FileID = id
	case *smb2.ChangeNotifyRequest:
		m.FileID = id
	case *smb2.FlushRequest:
		m.FileID = id
	case *smb2.IoctlRequest:
		m.FileID = id
	case *smb2.LockRequest:
		m.FileID = id
	case *smb2.QueryDirectoryRequest:
		m.FileID = id
	case *smb2.ReadRequest:
		m.FileID = id
	case *smb2.SetInfoRequest:
		m.FileID = id
	case *smb2.WriteRequest:
		m.FileID = id
	default:
		panic("client: " + smb2.CommandOf(m).String() + " is not about an open")
	}
	return m
}

// releaseAll releases every one.
func releaseAll(replies []reply) {
	for i := range replies {
		replies[i].release()
	}
}
