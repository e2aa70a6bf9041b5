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

// do sends one request about the share and waits for its success. The answer
// is the caller's to release; after an error there is none.
func (sh *Share) do(ctx context.Context, m smb2.Message) (reply, error) {
	replies, err := sh.session.conn.do(ctx, sh.request(m))
	if err != nil {
		return reply{}, err
	}
	r := replies[0]
	if !succeeded(r.header.Status) {
		r.release()
		return reply{}, r.header.Status
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
		if status := replies[i].header.Status; !succeeded(status) && err == nil {
			err = status
		}
	}
	replies[len(replies)-1].release()
	if err != nil {
		releaseAll(replies)
		return nil, err
	}
	return replies[:len(replies)-1], nil
}

// exchange is compound that looks at no status, and also returns the answer to
// the CLOSE. When nothing could be opened there may be the answer to the CREATE
// alone.
func (sh *Share) exchange(ctx context.Context, create *smb2.CreateRequest, requests []smb2.Message) ([]reply, error) {
	chain := make([]request, 0, len(requests)+2)
	chain = append(chain, sh.request(create))
	for _, m := range requests {
		chain = append(chain, sh.request(m))
	}
	chain = append(chain, sh.request(&smb2.CloseRequest{FileID: smb2.RelatedFileID}))
	for i := range chain[1:] {
		chain[i+1].related = true
	}
	replies, err := sh.session.conn.do(ctx, chain...)
	if errors.Is(err, errFewCredits) {
		replies, err = sh.oneByOne(ctx, create, requests)
	}
	return replies, err
}

// oneByOne is exchange for a server that grants fewer credits than the chain
// has elements.
func (sh *Share) oneByOne(ctx context.Context, create *smb2.CreateRequest, requests []smb2.Message) ([]reply, error) {
	c := sh.session.conn
	first := sh.request(create)
	first.orphan = sh.closeLate
	replies, err := c.do(ctx, first)
	if err != nil {
		return nil, err
	}
	var res smb2.CreateResponse
	if !succeeded(replies[0].header.Status) {
		return replies, nil // who reads them tells
	}
	if err := replies[0].decode(&res); err != nil {
		releaseAll(replies)
		return nil, c.broken(err)
	}
	rest := append(slices.Clip(requests), &smb2.CloseRequest{FileID: smb2.RelatedFileID})
	for i, m := range rest {
		more, err := c.do(ctx, sh.request(withFileID(m, res.FileID)))
		if err != nil {
			if i < len(rest)-1 {
				c.post(sh.request(&smb2.CloseRequest{FileID: res.FileID}))
			}
			releaseAll(replies)
			return nil, err
		}
		replies = append(replies, more...)
	}
	return replies, nil
}

// withFileID is m about the open id.
func withFileID(m smb2.Message, id smb2.FileID) smb2.Message {
	switch m := m.(type) {
	case *smb2.CloseRequest:
		m.FileID = id
	case *smb2.QueryInfoRequest:
		m.FileID = id
	case *smb2.ReadRequest:
		m.FileID = id
	case *smb2.SetInfoRequest:
		m.FileID = id
	case *smb2.WriteRequest:
		m.FileID = id
	default:
		panic("client: " + smb2.CommandOf(m).String() + " in a compound")
	}
	return m
}

// releaseAll releases every one.
func releaseAll(replies []reply) {
	for i := range replies {
		replies[i].release()
	}
}
