package server

// BytesHeld is how many bytes of requests and replies all connections hold.
func (s *Server) BytesHeld() int64 { return s.bytesHeld.Load() }

// ConnectionBudget is how many bytes one connection may hold.
const ConnectionBudget = connectionBudget
