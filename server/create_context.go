package server

import (
	"slices"

	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// createContext is a row of the create context table. A context without a row,
// or without a function for a phase, is passed over, which the specification
// allows: the client sees by its absence from the reply that it was.
type createContext struct {
	section string // of [MS-SMB2]

	// apply reads the context and changes what the object store is asked for.
	// An error fails the CREATE before anything is opened.
	apply func(smb2.CreateContext, *fsa.OpenRequest) error

	// respond makes the context of the reply to one that apply has accepted,
	// once the file is open.
	respond func(*authenticated, smb2.CreateContext, *fsa.Handle, *vfs.Attr) smb2.CreateContext
}

// createContexts is the table of create contexts, by tag.
//
// Leases are part of the open itself, see create_ctx_lease.go.
//
// Missing: durable handles are declined, security descriptors passed over; the
// volume says by its attributes that it stores none.
var createContexts = map[string]createContext{
	smb2.CreateEABuffer:           {section: "3.3.5.9.1", apply: applyExtendedAttributes},
	smb2.CreateAllocationSize:     {section: "3.3.5.9.3", apply: applyAllocationSize},
	smb2.CreateTimewarpToken:      {section: "3.3.5.9.4", apply: refuseSnapshot},
	smb2.CreateQueryMaximalAccess: {section: "3.3.5.9.5", apply: checkMaximalAccess, respond: respondMaximalAccess},
	smb2.CreateQueryOnDiskID:      {section: "3.3.5.9.9", respond: respondOnDiskID},

	// There is no durable open that could be wanted back.
	smb2.CreateDurableHandleReconnect:   {section: "3.3.5.9.7", apply: refuseReconnect},
	smb2.CreateDurableHandleReconnectV2: {section: "3.3.5.9.12", apply: refuseReconnect},
}

// minCreateContextName is the shortest tag. [MS-SMB2] 3.3.5.9.
const minCreateContextName = 4

// applyContexts is the phase before the open.
func applyContexts(contexts []smb2.CreateContext, req *fsa.OpenRequest) error {
	for i, c := range contexts {
		if len(c.Name) < minCreateContextName {
			return ntstatus.InvalidParameter
		}
		row := createContexts[c.Name]
		if row.apply == nil || repeats(contexts, i) {
			continue
		}
		if err := row.apply(c, req); err != nil {
			return err
		}
	}
	return nil
}

// respondContexts is the phase after the open.
func respondContexts(a *authenticated, contexts []smb2.CreateContext, h *fsa.Handle, attr *vfs.Attr) (out []smb2.CreateContext) {
	for i, c := range contexts {
		row := createContexts[c.Name]
		if row.respond == nil || repeats(contexts, i) {
			continue
		}
		out = append(out, row.respond(a, c, h, attr))
	}
	return out
}

// repeats says whether an earlier context has the tag of contexts[i]. The
// specification does not forbid it; the first one counts, as with Samba.
func repeats(contexts []smb2.CreateContext, i int) bool {
	return slices.ContainsFunc(contexts[:i], func(c smb2.CreateContext) bool { return c.Name == contexts[i].Name })
}

// refuseSnapshot refuses to hand out today's file as yesterday's.
func refuseSnapshot(smb2.CreateContext, *fsa.OpenRequest) error { return ntstatus.ObjectNameNotFound }

// refuseReconnect refuses to hand out a new open as an old one.
func refuseReconnect(smb2.CreateContext, *fsa.OpenRequest) error { return ntstatus.ObjectNameNotFound }
