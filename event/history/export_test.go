package history

import (
	"context"
	"time"
)

// WriteAt writes what is pending, as if it were that time.
func (h *History) WriteAt(ctx context.Context, now time.Time) error { return h.write(ctx, now) }
