package server

import (
	"errors"
	"strings"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/vfs"
)

// create handles CREATE. [MS-SMB2] 3.3.5.9.
func create(a *authenticated) (smb2.Message, error) {
	var req smb2.CreateRequest
	if err := a.decode(&req); err != nil {
		return nil, err
	}
	if err := checkCreate(a.tree, &req); err != nil {
		return nil, err
	}
	if a.tree.isPipe() {
		return createPipe(a, &req)
	}
	request := fsa.OpenRequest{
		As:            a.tree.cred,
		Token:         a.tree.token,
		Name:          req.Name,
		DesiredAccess: req.DesiredAccess,
		MaximalAccess: a.tree.maximalAccess,
		Attributes:    req.FileAttributes,
		ShareAccess:   req.ShareAccess,
		Disposition:   req.CreateDisposition,
		Options:       req.CreateOptions,
		MaxLocks:      int(policy.Get(a.conn.policy, policy.MaxLocksPerOpen)),
	}
	if err := applyContexts(req.Contexts, &request); err != nil {
		return nil, err
	}
	var err error
	if request.Oplock, err = a.wantedOplock(&req); err != nil {
		return nil, err
	}
	slot, err := a.reserveOpen()
	if err != nil {
		return nil, err
	}
	var attr vfs.Attr
	request.Attr = &attr
	var h *fsa.Handle
	var action fscc.CreateAction
	err = a.afterBreaks(func() (err error) {
		h, action, err = a.tree.share.volume.Open(a.ctx, request)
		return err
	})
	if err != nil {
		slot.giveBack()
		return nil, err
	}
	contexts := respondContexts(a, req.Contexts, h, &attr) // h is still nobody else's
	o := newOpen(a, h, slot)
	level := a.tellGrant(request.Oplock, o)
	if level == smb2.OplockLease {
		contexts = append(contexts, respondLease(request.Oplock))
	}
	if !a.session.addOpen(o) {
		return nil, errors.Join(ntstatus.NetworkNameDeleted, o.close())
	}
	a.fileID, a.hasFileID = o.id, true
	return &smb2.CreateResponse{
		OplockLevel:    level,
		CreateAction:   action,
		CreationTime:   dtyp.FileTimeOf(attr.CreationTime),
		LastAccessTime: dtyp.FileTimeOf(attr.LastAccessTime),
		LastWriteTime:  dtyp.FileTimeOf(attr.LastWriteTime),
		ChangeTime:     dtyp.FileTimeOf(attr.ChangeTime),
		AllocationSize: attr.AllocationSize,
		EndOfFile:      attr.EndOfFile,
		FileAttributes: attributesOf(&attr),
		FileID:         o.id,
		Contexts:       contexts,
	}, nil
}

// checkCreate makes the tests that need no file, and takes the components "."
// and ".." out of the name of one. [MS-SMB2] 3.3.5.9.
func checkCreate(t *treeConnect, req *smb2.CreateRequest) error {
	if req.ImpersonationLevel > smb2.ImpersonationDelegate {
		return ntstatus.BadImpersonationLevel
	}
	switch {
	case t.refused:
		return ntstatus.AccessDenied
	case strings.HasPrefix(req.Name, `\`) && !t.isPipe():
		return ntstatus.InvalidParameter
	case t.isPipe():
		return nil
	}
	var err error
	req.Name, err = fsa.ResolveDots(req.Name)
	return err
}
