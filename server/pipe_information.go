package server

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
)

// pipeInfos is the table of file information classes that are answered for
// pipes.
var pipeInfos = map[fscc.FileInformationClass]fileInfo{
	fscc.FileStandardInformation:  {query: pipeStandardInformation},
	fscc.FileAccessInformation:    {query: accessInformation},
	fscc.FilePipeInformation:      {needs: dtyp.FileReadAttributes, query: pipeInformation},
	fscc.FilePipeLocalInformation: {needs: dtyp.FileReadAttributes, query: pipeLocalInformation},
}

// setPipeInfos is the table of file information classes that can be set for
// pipes.
var setPipeInfos = map[fscc.FileInformationClass]setFileInfo{
	fscc.FilePipeInformation: {dtyp.FileWriteAttributes, setPipeInformation},
}

// pipeStandardInformation says what Windows' clients ask of each pipe that
// they open: it is no directory, and goes away with its last handle.
func pipeStandardInformation(*authenticated) (fscc.Information, error) {
	return &fscc.StandardInformation{AllocationSize: pipeAllocation, NumberOfLinks: 1, DeletePending: true}, nil
}

func pipeInformation(a *authenticated) (fscc.Information, error) {
	modes := a.open.pipe.modes()
	return &modes, nil
}

func setPipeInformation(a *authenticated, value fscc.Information) error {
	return a.open.pipe.setModes(value.(*fscc.PipeInformation))
}

func pipeLocalInformation(a *authenticated) (fscc.Information, error) {
	v := a.open.pipe.peek()
	return &fscc.PipeLocalInformation{
		NamedPipeType:          fscc.PipeMessageType,
		NamedPipeConfiguration: fscc.PipeFullDuplex,
		MaximumInstances:       0xFFFF_FFFF, // unlimited
		CurrentInstances:       uint32(a.session.pipes.Load()),
		InboundQuota:           pipeQuota,
		ReadDataAvailable:      uint32(v.available),
		OutboundQuota:          pipeQuota,
		WriteQuotaAvailable:    pipeQuota,
		NamedPipeState:         v.state,
		NamedPipeEnd:           fscc.PipeClientEnd,
	}, nil
}
