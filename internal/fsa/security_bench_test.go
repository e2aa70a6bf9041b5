package fsa

import (
	"fmt"
	"testing"

	"github.com/signet-smb/signet/dtyp"
)

// BenchmarkAccessCheck evaluates lists of 4 and of 100 entries, the last of
// which speaks of the user, for a token with 12 SIDs.
func BenchmarkAccessCheck(b *testing.B) {
	token := &Token{User: bob, Groups: []dtyp.SID{dtyp.SIDNetwork}}
	for rid := range uint32(10) {
		token.Groups = append(token.Groups, dtyp.SIDOfGID(rid))
	}
	for _, n := range []int{4, 100} {
		sd := dtyp.SecurityDescriptor{Owner: ann, DACL: new(dtyp.ACL)}
		for rid := range uint32(n - 1) {
			sd.DACL.ACEs = append(sd.DACL.ACEs, dtyp.ACE{Mask: dtyp.FileReadData, SID: machine.Child(10_000 + rid)})
		}
		sd.DACL.ACEs = append(sd.DACL.ACEs, dtyp.ACE{Mask: dtyp.FileAllAccess, SID: bob})
		b.Run(fmt.Sprintf("%d entries", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if token.allowed(&sd) != dtyp.FileAllAccess {
					b.Fatal("not allowed")
				}
			}
		})
	}
}
