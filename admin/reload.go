package admin

import (
	"context"
	"net/http"

	"github.com/signet-smb/signet/event"
)

// reloadConfig reads the configuration file again.
//
// Missing: the event does not tell which properties the file has changed.
func (h *handlers) reloadConfig(ctx context.Context, _ *struct{}) (*struct{}, error) {
	if h.reload == nil {
		return nil, errNotRunning()
	}
	if err := h.reload(ctx); err != nil {
		h.log.WarnContext(ctx, "not reloaded, nothing has changed", "err", err)
		return nil, &Error{Code: "InvalidValue", Status: http.StatusUnprocessableEntity, Message: err.Error()}
	}
	caller, _ := callerOf(ctx)
	h.tell(ctx, "reloaded", eventBy(caller, event.ConfigurationReloaded))
	return nil, nil
}
