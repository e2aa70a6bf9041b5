package powershell

// Cmdlet is one function of the module.
type Cmdlet struct {
	Name        string
	Synopsis    string
	Description string
	Examples    []Example
	Asks        bool // whether it asks before it does something, and takes Force
	Acts        bool // whether it takes WhatIf and Confirm
	Parameters  []Parameter
	Output      string // PSTypeName of what it writes; "" nothing
	Body        string // of process, each line without indentation of its own
	Requests    []Request
	Differences []Difference
}

// Example is a line that somebody may type.
type Example struct{ Code, Text string }

// Parameter is a parameter of a cmdlet.
type Parameter struct {
	Name     string
	Type     string // PowerShell's, as it is written between brackets
	Set      string // "": of every parameter set
	Position int    // from 1 on; 0: by name only
	Required bool
	Pipeline string // "", ByValue or ByPropertyName
	Aliases  []string
	Values   []string // the only ones it takes; nil: any
	Kind     string   // the only kind of objects it takes, by its PSTypeName; "": any
	Help     string
	Own      bool // Windows has no such parameter
}

// Request is what a cmdlet asks of the server, with values for a test: those of
// Path, and in Body, may be $names that the test knows. Body has every field that
// the cmdlet can send.
type Request struct {
	Operation string
	Path      map[string]string
	Body      map[string]any
}

// Difference is where a cmdlet is not what Windows' is, and why. What is "" of a
// missing parameter, else the column that differs: type, required, pipeline,
// aliases or values.
type Difference struct{ Parameter, What, Why string }

// Cmdlets returns all cmdlets, in the order of the manifest. The error says what
// Windows' configuration has and Signet's has not.
func Cmdlets() ([]Cmdlet, error) {
	list, err := configurationCmdlets()
	if err != nil {
		return nil, err
	}
	list = append(list, activityCmdlets()...)
	list = append(list, shareCmdlets()...)
	for i := range list {
		list[i].addCommon()
	}
	return list, nil
}

// addCommon adds what every cmdlet has.
func (c *Cmdlet) addCommon() {
	c.Parameters = append(c.Parameters, Parameter{
		Name: "CimSession", Type: "object[]", Pipeline: "ByPropertyName", Aliases: []string{"Session", "PSComputerName"},
		Help: "The servers to ask: what Connect-Signet returned, or the names of servers it connected to. Without it, the server it connected to last.",
	})
	c.Differences = append(
		c.Differences,
		Difference{"CimSession", "type", "servers are asked over HTTPS or a unix socket, not by CIM"},
		Difference{"CimSession", "pipeline", "what a server has listed goes back to that server"},
		Difference{"CimSession", "aliases", "what a server has listed names it as PSComputerName"},
		Difference{"AsJob", "", "a request is answered at once; Start-ThreadJob and Start-Job make jobs of anything"},
		Difference{"ThrottleLimit", "", "servers are asked one after the other"},
	)
	if c.Asks {
		c.Acts = true
		c.Parameters = append(c.Parameters, Parameter{Name: "Force", Type: "switch", Help: "Do not ask."})
	}
}

// askedInWindows are the differences of a cmdlet that Windows lets ask before it
// shows something.
func askedInWindows() []Difference {
	return []Difference{{"WhatIf", "", "nothing is changed"}, {"Confirm", "", "nothing is changed"}}
}

// names, ids and the like are parameters that several cmdlets have.

// filter narrows a list by a property of the same name.
func filter(name, kind, set string, position int, help string) Parameter {
	return Parameter{Name: name, Type: kind, Set: set, Position: position, Pipeline: "ByPropertyName", Help: help}
}

// input is the parameter that takes what Get- of that noun wrote. Objects of other
// kinds bind by their properties: Get-SmbSession | Close-SmbOpenFile.
func input(noun string) Parameter {
	return Parameter{
		Name: "InputObject", Type: "psobject[]", Set: "InputObject", Required: true, Pipeline: "ByValue", Kind: "Signet." + noun,
		Help: "What Get-" + noun + " wrote.",
	}
}

var inputDifference = Difference{"InputObject", "type", "objects are this module's own, not CIM's"}

// instance is the parameter that Windows has for its several servers in one.
func instance(set string) Parameter {
	return Parameter{Name: "SmbInstance", Type: "string", Set: set, Pipeline: "ByPropertyName", Values: []string{"Default"}, Help: "Default: a server is one instance."}
}

var instanceDifference = Difference{"SmbInstance", "values", "a server is one instance, Default"}

// scopes are the parameters by which clusters are told apart. Here every scope
// is * and no node has a name.
func scopes(set string, scope, node int) []Parameter {
	list := []Parameter{filter("ScopeName", "string[]", set, scope, "Only those of these scopes. There is one, *.")}
	if node >= 0 {
		list = append(list, filter("ClusterNodeName", "string[]", set, node, "Only those of these nodes of a cluster. There are none: the name is empty."))
	}
	return list
}
