package powershell

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Operation is one row of the API.
type Operation struct {
	ID     string
	Method string
	Path   string // with {name} for what is to be filled in
	Role   string // viewer, operator or admin
}

// API is what the module needs of an OpenAPI document. Immutable.
type API struct {
	operations map[string]Operation
	fields     map[string][]string // by schema: the names of its properties
}

// ReadAPI reads what /openapi.json of the server said.
func ReadAPI(document []byte) (*API, error) {
	var doc struct {
		Paths map[string]map[string]struct {
			ID   string `json:"operationId"`
			Role string `json:"x-signet-role"`
		} `json:"paths"`
		Components struct {
			Schemas map[string]struct {
				Properties map[string]json.RawMessage `json:"properties"`
			} `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(document, &doc); err != nil {
		return nil, fmt.Errorf("the OpenAPI document: %w", err)
	}
	api := &API{operations: make(map[string]Operation), fields: make(map[string][]string)}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			api.operations[op.ID] = Operation{ID: op.ID, Method: strings.ToUpper(method), Path: path, Role: op.Role}
		}
	}
	for name, schema := range doc.Components.Schemas {
		for field := range schema.Properties {
			api.fields[name] = append(api.fields[name], field)
		}
	}
	return api, nil
}

// Operation returns the row of that id. The error says that there is none.
func (a *API) Operation(id string) (Operation, error) {
	op, ok := a.operations[id]
	if !ok {
		return Operation{}, fmt.Errorf("the API has no operation %s", id)
	}
	return op, nil
}

// Has reports whether objects of that schema have that property.
func (a *API) Has(schema, field string) bool { return slices.Contains(a.fields[schema], field) }
