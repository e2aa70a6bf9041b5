package main

import (
	"context"
	"fmt"

	"github.com/signet-smb/signet/client"
)

// walkPlaces calls visit for all that is below a directory, depth first and
// sorted, and returns the names that no file can have.
func walkPlaces(ctx context.Context, sh *client.Share, l location, depth int, visit func(location, *client.FileInfo, int) error) (problems []error, err error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("%s: more than %d directories in each other", l, maxDepth)
	}
	entries, problems, err := readDirectory(ctx, sh, l.path)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		at := l.join(e.Name())
		if err := visit(at, e, depth); err != nil {
			return nil, err
		}
		if !e.IsDir() {
			continue
		}
		below, err := walkPlaces(ctx, sh, at, depth+1, visit)
		if err != nil {
			return nil, err
		}
		problems = append(problems, below...)
	}
	return problems, nil
}
