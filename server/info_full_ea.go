package server

import (
	"strings"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// queryEAs answers a query of FileFullEaInformation: of the attributes that the
// client names, or else from a given one or the next one on.
// [MS-SMB2] 3.3.5.20.1, [MS-FSA] 2.1.5.12.12.
func queryEAs(a *authenticated, req *smb2.QueryInfoRequest) (smb2.Message, error) {
	eas, err := a.open.handle.EAs(a.ctx)
	if err != nil {
		return nil, err
	}
	named := len(req.Input) > 0
	var wanted fscc.GetEaInformation
	if named {
		if err := fscc.DecodeInformation(req.Input, &wanted); err != nil {
			return nil, ntstatus.EAListInconsistent
		}
	}
	if len(eas) == 0 {
		return nil, ntstatus.NoEAsOnFile
	}
	first, scans := 0, false
	switch {
	case named:
		if eas, err = pickEAs(eas, wanted.Names); err != nil {
			return nil, err
		}
	case req.Flags&smb2.QueryIndexSpecified != 0:
		index := uint32(req.AdditionalInformation) // from 1
		if index == 0 || uint64(index) > uint64(len(eas)) {
			return nil, ntstatus.NonexistentEAEntry
		}
		first = int(index) - 1
	default:
		scans = true
		if req.Flags&smb2.QueryRestartScan != 0 {
			a.open.eaIndex.Store(0)
		}
		if first = int(a.open.eaIndex.Load()); first >= len(eas) {
			return nil, ntstatus.NoMoreEAs
		}
	}
	eas = eas[first:]
	single := req.Flags&smb2.QueryReturnSingleEntry != 0
	if single {
		eas = eas[:1]
	}
	n := fitEAs(eas, int(req.OutputBufferLength))
	if n == 0 {
		return nil, ntstatus.BufferTooSmall
	}
	if scans {
		a.open.eaIndex.Store(uint32(first + n))
	}
	resp := &smb2.QueryInfoResponse{Output: fscc.AppendInformation(nil, &fscc.FullEaInformation{EAs: eas[:n]})}
	if n < len(eas) {
		return resp, ntstatus.BufferOverflow
	}
	return resp, nil
}

// pickEAs returns the attributes of these names, in their order. One that is
// not there is returned without a value, as by Windows.
func pickEAs(eas []fscc.EA, names []string) ([]fscc.EA, error) {
	found := make(map[string]fscc.EA, len(eas))
	for _, ea := range eas {
		found[strings.ToUpper(ea.Name)] = ea
	}
	picked := make([]fscc.EA, 0, len(names))
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		ea := fscc.EA{Name: name}
		if !ea.ValidName() {
			return nil, ntstatus.InvalidEAName
		}
		key := strings.ToUpper(name)
		if seen[key] {
			continue // else a short question had a long answer
		}
		seen[key] = true
		if there, ok := found[key]; ok {
			ea = there
		}
		picked = append(picked, ea)
	}
	if len(picked) == 0 {
		return nil, ntstatus.EAListInconsistent
	}
	return picked, nil
}

// fitEAs returns how many of eas fit into room bytes.
func fitEAs(eas []fscc.EA, room int) int {
	const header, alignment = 4 + 1 + 1 + 2, 4
	end := 0
	for n := range eas {
		end = (end + alignment - 1) &^ (alignment - 1)
		end += header + len(eas[n].Name) + 1 + len(eas[n].Value)
		if end > room {
			return n
		}
	}
	return len(eas)
}

// setEAs handles a set of FileFullEaInformation. [MS-SMB2] 3.3.5.21.1.
func setEAs(a *authenticated, value fscc.Information) error {
	return a.open.handle.SetEAs(a.ctx, value.(*fscc.FullEaInformation).EAs)
}
