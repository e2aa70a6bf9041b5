package powershell

import (
	"fmt"
	"strings"
)

// roles are all of them, from low to high.
var roles = []string{"viewer", "operator", "admin"}

// cmdletsFile writes the functions.
func cmdletsFile(api *API, cmdlets []Cmdlet) (string, error) {
	var b strings.Builder
	b.WriteString(generated)
	for i := range cmdlets {
		role, err := roleOf(api, &cmdlets[i])
		if err != nil {
			return "", err
		}
		cmdlets[i].write(&b, role)
	}
	return b.String(), nil
}

// roleOf returns the highest role that a request of the cmdlet needs.
func roleOf(api *API, c *Cmdlet) (string, error) {
	highest := 0
	for _, r := range c.Requests {
		op, err := api.Operation(r.Operation)
		if err != nil {
			return "", fmt.Errorf("%s: %w", c.Name, err)
		}
		for level, role := range roles {
			if op.Role == role {
				highest = max(highest, level)
			}
		}
	}
	return roles[highest], nil
}

// write writes one function with its help.
func (c *Cmdlet) write(b *strings.Builder, role string) {
	fmt.Fprintf(b, "\nfunction %s {\n    <#\n    .SYNOPSIS\n    %s\n\n    .DESCRIPTION\n    %s\n", c.Name, c.Synopsis, c.Description)
	for _, p := range c.Parameters {
		fmt.Fprintf(b, "\n    .PARAMETER %s\n    %s\n", p.Name, p.Help)
	}
	for _, e := range c.Examples {
		fmt.Fprintf(b, "\n    .EXAMPLE\n    %s\n\n    %s\n", e.Code, e.Text)
	}
	if c.Output != "" {
		fmt.Fprintf(b, "\n    .OUTPUTS\n    %s\n", c.Output)
	}
	fmt.Fprintf(b, "\n    .NOTES\n    Needs the role %s at the server.\n    #>\n", role)

	binding := []string{"PositionalBinding = $false"}
	if c.hasSets() {
		binding = append([]string{"DefaultParameterSetName = 'Query'"}, binding...)
	}
	if c.Acts {
		impact := "Medium"
		if c.Asks {
			impact = "High"
		}
		binding = append(binding, "SupportsShouldProcess", "ConfirmImpact = "+quote(impact))
	}
	fmt.Fprintf(b, "    [CmdletBinding(%s)]\n", strings.Join(binding, ", "))
	if c.Output != "" {
		fmt.Fprintf(b, "    [OutputType(%s)]\n", quote(c.Output))
	}
	b.WriteString("    param(\n")
	for i, p := range c.Parameters {
		if i > 0 {
			b.WriteString(",\n\n")
		}
		p.write(b)
	}
	b.WriteString("\n    )\n")
	if c.Asks {
		b.WriteString("    begin {\n        if ($Force -and -not $PSBoundParameters.ContainsKey('Confirm')) { $ConfirmPreference = 'None' }\n    }\n")
	}
	b.WriteString("    process {\n        try {\n")
	for line := range strings.Lines(c.Body) {
		b.WriteString("            " + line)
	}
	b.WriteString("\n        } catch {\n            $PSCmdlet.WriteError($_)\n        }\n    }\n}\n")
}

// hasSets reports whether there are several parameter sets.
func (c *Cmdlet) hasSets() bool {
	for _, p := range c.Parameters {
		if p.Set != "" {
			return true
		}
	}
	return false
}

// write writes one parameter of a param block.
func (p *Parameter) write(b *strings.Builder) {
	var arguments []string
	if p.Set != "" {
		arguments = append(arguments, "ParameterSetName = "+quote(p.Set))
	}
	if p.Required {
		arguments = append(arguments, "Mandatory")
	}
	if p.Position > 0 {
		arguments = append(arguments, fmt.Sprintf("Position = %d", p.Position-1))
	}
	switch p.Pipeline {
	case "ByValue":
		arguments = append(arguments, "ValueFromPipeline")
	case "ByPropertyName":
		arguments = append(arguments, "ValueFromPipelineByPropertyName")
	}
	fmt.Fprintf(b, "        [Parameter(%s)]\n", strings.Join(arguments, ", "))
	if len(p.Aliases) > 0 {
		fmt.Fprintf(b, "        [Alias(%s)]\n", quoteAll(p.Aliases))
	}
	if len(p.Values) > 0 {
		fmt.Fprintf(b, "        [ValidateSet(%s)]\n", quoteAll(p.Values))
	}
	if p.Kind != "" {
		fmt.Fprintf(b, "        [PSTypeName(%s)]\n", quote(p.Kind))
	}
	fmt.Fprintf(b, "        [%s] $%s", p.Type, p.Name)
}

func quoteAll(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = quote(word)
	}
	return strings.Join(quoted, ", ")
}
