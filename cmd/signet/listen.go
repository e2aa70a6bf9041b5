package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
)

// The port of SMB over TCP, and the one taken instead at a terminal where the
// first cannot be had. [MS-SMB2] 2.1.
const (
	smbPort      = 445
	fallbackPort = 4445
)

// parseListen completes an address of --listen: a missing port is 445.
func parseListen(addr string) (string, error) { return parseAddress("--listen", addr, smbPort) }

// parseAddress completes the address of a flag: a missing port is the usual
// one.
func parseAddress(flag, addr string, usual int) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		host, port = strings.Trim(addr, "[]"), strconv.Itoa(usual)
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil || !isHost(host) {
		return "", usagef("%s %q is no address: write HOST:PORT, :PORT or HOST", flag, addr)
	}
	return net.JoinHostPort(host, strconv.FormatUint(number, 10)), nil
}

// isHost accepts "" (every address), an address, and what may be a name.
func isHost(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	return !strings.ContainsFunc(s, func(c rune) bool {
		return c != '-' && c != '.' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z')
	})
}

// listenAll binds every address, or none. Where addrs is empty it is port 445,
// and, if mayFallBack and that cannot be had, port 4445; the error that led
// there is returned as instead.
func listenAll(ctx context.Context, addrs []string, mayFallBack bool) (listeners []net.Listener, instead error, err error) {
	if len(addrs) > 0 {
		listeners, err = bindAll(ctx, addrs)
		return listeners, nil, err
	}
	listeners, err = bindAll(ctx, []string{fmt.Sprintf(":%d", smbPort)})
	if err == nil || !mayFallBack {
		return listeners, nil, err
	}
	listeners, again := bindAll(ctx, []string{fmt.Sprintf(":%d", fallbackPort)})
	if again != nil {
		return nil, nil, errors.Join(err, again)
	}
	return listeners, err, nil
}

func bindAll(ctx context.Context, addrs []string) ([]net.Listener, error) {
	var listeners []net.Listener
	for _, addr := range addrs {
		var config net.ListenConfig
		l, err := config.Listen(ctx, "tcp", addr)
		if err != nil {
			closeAll(listeners)
			return nil, explainBind(addr, err)
		}
		listeners = append(listeners, l)
	}
	return listeners, nil
}

func closeAll(listeners []net.Listener) {
	for _, l := range listeners {
		l.Close()
	}
}

// explainBind names who holds the port, or what would let us have it.
func explainBind(addr string, err error) error {
	_, portText, splitErr := net.SplitHostPort(addr)
	port, numErr := strconv.ParseUint(portText, 10, 16)
	if splitErr != nil || numErr != nil {
		return err
	}
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		if h, ok := findPortHolder(uint16(port)); ok {
			return fmt.Errorf("%d is held by %s (pid %d)", port, h.name, h.pid)
		}
		return fmt.Errorf("%d is held by a process that only root can see: sudo ss -ltnp 'sport = :%d'", port, port)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%d may not be bound by this user: setcap cap_net_bind_service=+ep on the signet binary, "+
			"or sysctl net.ipv4.ip_unprivileged_port_start=%d, or another port with --listen", port, port)
	}
	return err
}
