package server

// BytesHeld is how many bytes of requests and replies all connections hold.
func (s *Server) BytesHeld() int64 { return s.memory.held.Load() }

// ConnectionBudget is how many bytes one connection may hold.
const ConnectionBudget = 16 << 20

// NetworkInterfaces lists addresses for a client.
var NetworkInterfaces = networkInterfaces

// ReadLinkSpeed reads a speed as sysfs has it.
var ReadLinkSpeed = readLinkSpeed
