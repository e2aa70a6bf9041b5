package main

import (
	"slices"
	"testing"

	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/policy"
)

// fileSays is a configuration file's layer with some values.
func fileSays(t *testing.T, values ...string) []*policy.Values {
	t.Helper()
	v := policy.NewValues(policy.Origin{Layer: policy.LayerFile, Name: "/f.yaml"})
	for i := 0; i < len(values); i += 2 {
		if err := v.Set(values[i], values[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	return []*policy.Values{v}
}

func TestLoweredClientSettingsRaiseWindowsAlerts(t *testing.T) {
	p := newPolicyInForce()
	if err := p.setFile(fileSays(t, "client.RequireSecuritySignature", "False"), nil); err != nil {
		t.Fatal(err)
	}
	var raised []event.Event
	take := func() (ids []int) {
		for _, e := range raised {
			ids = append(ids, e.Kind.ID)
		}
		raised = nil
		return ids
	}
	p.alertTo(func(e event.Event) { raised = append(raised, e) })
	if len(raised) != 1 || raised[0].Property != "client.RequireSecuritySignature" || *raised[0].New != "False" || raised[0].Reason != "file /f.yaml" {
		t.Errorf("as found: %+v", raised)
	}
	take()
	for _, c := range []struct {
		name   string
		values []string
		want   []int
	}{
		{"another setting", []string{"client.RequireSecuritySignature", "False", "client.MaxCmds", "40"}, nil},
		{"guests, too", []string{"client.RequireSecuritySignature", "False", "client.EnableInsecureGuestLogons", "True"}, []int{31018}},
		{"all as it should be", nil, nil},
		{"both at once", []string{"client.RequireSecuritySignature", "False", "client.EnableInsecureGuestLogons", "True"}, []int{31016, 31018}},
	} {
		if err := p.setFile(fileSays(t, c.values...), nil); err != nil {
			t.Fatal(err)
		}
		if got := take(); !slices.Equal(got, c.want) {
			t.Errorf("%s: raised %v, want %v", c.name, got, c.want)
		}
	}
}
