package fscc

import (
	"iter"
	"maps"
	"slices"
)

// FSCTLRow is what is known about the buffers of an FSCTL that [MS-FSCC]
// defines: a row of the table below. Those that [MS-SMB2] defines are in the
// message codec.
type FSCTLRow struct {
	Section string // of [MS-FSCC], of the request; empty if another document defines it

	// NewInput and NewOutput make empty structures; nil if there is no such
	// buffer, or it is just bytes.
	NewInput  func() Information
	NewOutput func() Information
}

// Makers of the buffers that several FSCTLs have.
var (
	newObjectID     = func() Information { return new(ObjectID) }
	newReparseData  = func() Information { return new(ReparseData) }
	newAllocated    = func() Information { return new(AllocatedRange) }
	newCompression  = func() Information { return new(CompressionState) }
	newDFSReferrals = func() Information { return new(GetDFSReferral) }
)

// fsctlRows is the table of FSCTLs whose buffers are known here.
//
// Missing: the buffers of volumes, USN journals, offloaded copies, extents
// and snapshots of streams, and the answers of DFS.
var fsctlRows = map[FSCTL]FSCTLRow{
	FSCTLDFSGetReferrals:     {NewInput: newDFSReferrals}, // [MS-DFSC] 2.2.2
	FSCTLCreateOrGetObjectID: {Section: "2.3.1", NewOutput: newObjectID},
	FSCTLDuplicateExtentsToFile: {
		Section:  "2.3.7",
		NewInput: func() Information { return new(DuplicateExtents) },
	},
	FSCTLDuplicateExtentsToFileEx: {
		Section:  "2.3.9",
		NewInput: func() Information { return new(DuplicateExtentsEx) },
	},
	FSCTLDeleteReparsePoint: {Section: "2.3.5", NewInput: newReparseData},
	FSCTLFileLevelTrim: {
		Section:  "2.3.13",
		NewInput: func() Information { return new(FileLevelTrim) }, NewOutput: func() Information { return new(FileLevelTrimOutput) },
	},
	FSCTLGetCompression: {Section: "2.3.17", NewOutput: newCompression},
	FSCTLGetIntegrityInformation: {
		Section:   "2.3.19",
		NewOutput: func() Information { return new(GetIntegrityInformation) },
	},
	FSCTLGetObjectID:     {Section: "2.3.25", NewOutput: newObjectID},
	FSCTLGetReparsePoint: {Section: "2.3.27", NewOutput: newReparseData},
	FSCTLPipePeek: {
		Section:   "2.3.45",
		NewOutput: func() Information { return new(PipePeek) },
	},
	FSCTLPipeWait: {
		Section:  "2.3.49",
		NewInput: func() Information { return new(PipeWait) },
	},
	FSCTLQueryAllocatedRanges: {
		Section: "2.3.51", NewInput: newAllocated,
		NewOutput: func() Information { return new(AllocatedRanges) },
	},
	FSCTLSetCompression: {Section: "2.3.67", NewInput: newCompression},
	FSCTLSetIntegrityInformation: {
		Section:  "2.3.73",
		NewInput: func() Information { return new(SetIntegrityInformation) },
	},
	FSCTLSetIntegrityInformationEx: {
		Section:  "2.3.75",
		NewInput: func() Information { return new(SetIntegrityInformationEx) },
	},
	FSCTLSetObjectID:     {Section: "2.3.77", NewInput: newObjectID},
	FSCTLSetReparsePoint: {Section: "2.3.81", NewInput: newReparseData},
	FSCTLSetSparse: {
		Section:  "2.3.83",
		NewInput: func() Information { return new(SetSparse) },
	},
	FSCTLSetZeroData: {
		Section:  "2.3.85",
		NewInput: func() Information { return new(ZeroData) },
	},
}

// Row describes the buffers of c; ok is false if they are not known here.
func (c FSCTL) Row() (row FSCTLRow, ok bool) {
	row, ok = fsctlRows[c]
	return row, ok
}

// FSCTLs are all FSCTLs whose buffers are known here, in numerical order.
func FSCTLs() iter.Seq2[FSCTL, FSCTLRow] {
	return func(yield func(FSCTL, FSCTLRow) bool) {
		for _, c := range slices.Sorted(maps.Keys(fsctlRows)) {
			if !yield(c, fsctlRows[c]) {
				return
			}
		}
	}
}
