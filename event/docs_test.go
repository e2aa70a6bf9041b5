package event

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// docs/events.md lists every kind by its channel, number and name.
func TestEveryKindIsDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/events.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range Kinds() {
		id := fmt.Sprint(k.ID)
		if k.ID == 0 {
			id = strings.Trim(strings.ReplaceAll(fmt.Sprint(k.OpenIDs), " ", " or "), "[]")
		}
		_, property, _ := strings.Cut(k.Switch, ".")
		if property == "" {
			property = "always"
		}
		if k.Unraised {
			property = "nothing raises it yet"
		}
		row := fmt.Sprintf("| %s | %s | %s | %s | %s |", k.Channel, id, k.Name, k.Text, property)
		if !strings.Contains(string(text), row+"\n") {
			t.Errorf("docs/events.md lacks the row\n%s", row)
		}
	}
}
