package admin

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

// OpenAPI returns what /openapi.json says of this version of the API: from it
// come the types of the page and the PowerShell module.
func OpenAPI(ctx context.Context) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://signet/openapi.json", http.NoBody)
	if err != nil {
		return nil, err
	}
	reply, err := inProcess{NewHandler(Config{}), Self()}.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer reply.Body.Close()
	if reply.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("/openapi.json: %s", reply.Status)
	}
	return io.ReadAll(reply.Body)
}
