package admin

import (
	"context"
	"net/http"
)

func (h *handlers) reloadConfig(ctx context.Context, _ *struct{}) (*struct{}, error) {
	if h.reload == nil {
		return nil, &Error{Code: "NotRunning", Status: http.StatusConflict, Message: "no server runs on this state directory"}
	}
	if err := h.reload(ctx); err != nil {
		h.log.WarnContext(ctx, "not reloaded, nothing has changed", "err", err)
		return nil, &Error{Code: "InvalidValue", Status: http.StatusUnprocessableEntity, Message: err.Error()}
	}
	caller, _ := callerOf(ctx)
	h.log.InfoContext(ctx, "reloaded", "by_uid", caller.UID, "by_pid", caller.PID)
	return nil, nil
}
