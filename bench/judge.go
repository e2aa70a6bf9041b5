package main

import (
	"fmt"
	"strconv"
	"strings"
)

// judge prints how the first target's client does beside the others: rates,
// the CPU of the clients, and the ratios with what they should be.
//
// The goals are "peer=least/most": the least ratio of the rates, and the most
// ratio of the client's CPU; either may be missing.
func judge(targets []*target, mode string, all []figures) {
	name := *label
	if name == "" {
		name = mode
	}
	for i, t := range targets {
		x := &all[i]
		if len(x.ops) == 0 {
			fmt.Printf("%-16s %-10s failed\n", name, t.name)
			continue
		}
		rate, cost := spread(x.ops, "%.0f")+"/s", spread(x.clientCPU, "%.0f")+" us"
		if wholeFiles(mode) {
			rate, cost = spread(x.mb, "%.0f")+" MB/s", spread(x.clientCPU, "%.2f")+" s/GiB"
		}
		fmt.Printf("%-16s %-10s %28s %28s", name, t.name, rate, cost)
		if i > 0 {
			least, most := goalOf(t.name)
			speed, cpu := inverse(x.rateRatio), inverse(x.clientRatio)
			fmt.Printf("  rate ×%-20s%-12s CPU ×%s%s", spread(speed, "%.2f"), verdict(median(speed), least, true),
				spread(cpu, "%.2f"), verdict(median(cpu), most, false))
		}
		fmt.Println()
	}
}

// goalOf is what -goals says about peer; 0: nothing.
func goalOf(peer string) (least, most float64) {
	for g := range strings.SplitSeq(*goals, ",") {
		if name, text, ok := strings.Cut(g, "="); ok && name == peer {
			a, b, _ := strings.Cut(text, "/")
			least, _ = strconv.ParseFloat(a, 64)
			most, _ = strconv.ParseFloat(b, 64)
		}
	}
	return least, most
}

// verdict says whether a ratio is as it should be.
func verdict(got, goal float64, atLeast bool) string {
	switch {
	case goal == 0:
		return ""
	case atLeast && got >= goal:
		return fmt.Sprintf(" ok >=%.1f", goal)
	case atLeast:
		return fmt.Sprintf(" NOT >=%.1f", goal)
	case got <= goal:
		return fmt.Sprintf(" ok <=%.1f", goal)
	}
	return fmt.Sprintf(" NOT <=%.1f", goal)
}

func inverse(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = 1 / x
	}
	return out
}
