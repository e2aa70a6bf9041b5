package transfer

import (
	"context"
	"strings"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/dtyp"
)

// isStream reports whether a name that was given for a copy in a share is that
// of a stream. Names that come from a tree have no colon in them there.
func isStream(name string) bool {
	_, base := split(name)
	return strings.Contains(base, ":")
}

// toStream copies a file to a stream of a file or directory of to, where that
// is: a stream cannot take the place of another as a file can. What fails in the
// middle leaves none. The file is made if it is not there.
func (t *Transfer) toStream(ctx context.Context, to *Share, j Job) error {
	in, err := t.From.open(ctx, j.From)
	if err != nil {
		return err
	}
	defer in.Close()
	f, err := to.share.OpenFile(ctx, j.To, client.OpenOptions{
		Access: dtyp.FileReadData | dtyp.FileWriteData | dtyp.FileReadAttributes | dtyp.Synchronize, Disposition: client.CreateAlways,
	})
	if err != nil {
		return err
	}
	err = t.pump(ctx, in, &sharePart{File: f, tree: to, name: j.To}, 0, in.entry().Size)
	if err = to.endStream(t.soft, f, j.To, err); err == nil {
		t.Stats.Copied.Add(1)
	}
	return err
}
