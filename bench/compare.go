package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// row is how a line of the table is printed.
const row = "%-9s %5v %5v %-14s %22s %18s %17s %9s %9s %21s %21s %17s\n"

// figures collects what the rounds of one target gave.
type figures struct {
	ops, mb     []float64 // per second
	rateRatio   []float64 // to the first target in the same round
	p50, p99    []float64 // microseconds
	clientCPU   []float64 // microseconds per operation; of seq* seconds per GiB
	serverCPU   []float64
	clientRatio []float64 // client CPU as a ratio to the first target in the same round
	costRatio   []float64 // server CPU as a ratio to the first target in the same round
	memory      []float64 // KiB of RSS per session; idle only
	note        string
}

// compare runs one mode at one load on every target and prints it. It reports
// whether a run failed.
func compare(targets []*target, mode string, c, d int, js *json.Encoder) (failed bool) {
	all := make([]figures, len(targets))
	for round := range *rounds {
		rate, cost, own := make([]float64, len(targets)), make([]float64, len(targets)), make([]float64, len(targets))
		for k := range targets {
			i := k
			if round%2 == 1 {
				i = len(targets) - 1 - k
			}
			t := targets[i]
			settle(t.pid)
			w := watch(mode + " on " + t.name)
			r, err := run(t, mode, c, d)
			w.Stop()
			if err != nil {
				fmt.Printf("%-9s %5d %5d %-14s FAILED: %v\n", mode, c, d, t.name, err)
				failed = true
				continue
			}
			rate[i], cost[i] = all[i].add(t, mode, r)
			own[i] = all[i].clientCPU[len(all[i].clientCPU)-1]
			if *verbose {
				fmt.Printf("# round %d %s %s: %d ops %d bytes %.3fs client %.2fs server %.2fs %s\n",
					round, mode, t.name, r.ops, r.bytes, r.wall, r.clientCPU, r.serverCPU, r.note)
			}
			if js != nil {
				_ = js.Encode(map[string]any{
					"mode": mode, "conns": c, "depth": d, "round": round, "target": t.name,
					"client": t.client, "dialect": t.dialect, "sign": t.sign, "encrypt": t.encrypt,
					"ops": r.ops, "bytes": r.bytes, "wall_s": r.wall,
					"client_cpu_s": r.clientCPU, "server_cpu_s": r.serverCPU, "rss_kib": r.memory,
					"p50_us": r.p50.Microseconds(), "p99_us": r.p99.Microseconds(), "note": r.note,
				})
			}
		}
		for i := range targets {
			if rate[0] > 0 && rate[i] > 0 {
				all[i].rateRatio = append(all[i].rateRatio, rate[i]/rate[0])
			}
			if own[0] > 0 && own[i] > 0 {
				all[i].clientRatio = append(all[i].clientRatio, own[i]/own[0])
			}
			if cost[0] > 0 && cost[i] > 0 {
				all[i].costRatio = append(all[i].costRatio, cost[i]/cost[0])
			}
		}
	}
	if *judging {
		judge(targets, mode, all)
		return failed
	}
	if *brief {
		printBrief(targets, mode, all)
		return failed
	}
	for i, t := range targets {
		if len(all[i].ops) > 0 {
			all[i].print(t, mode, c, d)
		}
	}
	return failed
}

// add takes in one run and returns its rate and the server's cost.
func (x *figures) add(t *target, mode string, r result) (rate, cost float64) {
	rate = float64(r.ops) / r.wall
	unit := float64(r.ops) / 1e6
	if wholeFiles(mode) {
		rate = float64(r.bytes) / r.wall
		unit = float64(r.bytes) / (1 << 30)
	}
	x.ops = append(x.ops, float64(r.ops)/r.wall)
	x.mb = append(x.mb, float64(r.bytes)/r.wall/1e6)
	x.p50 = append(x.p50, float64(r.p50.Microseconds()))
	x.p99 = append(x.p99, float64(r.p99.Microseconds()))
	x.clientCPU = append(x.clientCPU, r.clientCPU/unit)
	if t.pid != 0 {
		cost = r.serverCPU / unit
		x.serverCPU = append(x.serverCPU, cost)
	}
	if r.memory > 0 {
		x.memory = append(x.memory, r.memory)
	}
	x.note = r.note
	return rate, cost
}

// print writes the table's line of t.
func (x *figures) print(t *target, mode string, c, d int) {
	format, unit, ops := "%.0f", "us", "%.0f"
	if sequential(mode) {
		format, unit = "%.2f", "s/GiB"
	}
	if mode == "list" || mode == "idle" || mode == "connect" {
		ops = "%.1f"
	}
	mb, p50, p99, server := "-", "-", "-", "-"
	if median(x.mb) > 0 {
		mb = spread(x.mb, "%.0f")
	}
	if median(x.p50) > 0 {
		p50, p99 = fmt.Sprintf("%.0fus", median(x.p50)), fmt.Sprintf("%.0fus", median(x.p99))
	}
	if len(x.serverCPU) > 0 {
		server = spread(x.serverCPU, format) + unit
	}
	fmt.Printf(row, mode, c, d, t.name, spread(x.ops, ops), mb, spread(x.rateRatio, "%.2f"),
		p50, p99, spread(x.clientCPU, format)+unit, server, spread(x.costRatio, "%.2f"))
	if x.note != "" {
		fmt.Printf("%-22s %-14s %s\n", "", t.name, x.note)
	}
}

// printBrief writes what decides about a load, in one line.
func printBrief(targets []*target, mode string, all []figures) {
	name := *label
	if name == "" {
		name = mode
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%-24s", name)
	for i, t := range targets {
		x := &all[i]
		switch {
		case len(x.ops) == 0:
			fmt.Fprintf(&b, "  %s failed", t.name)
			continue
		case mode == "idle":
			fmt.Fprintf(&b, "  %s %8.0f KiB", t.name, median(x.memory))
		case sequential(mode):
			fmt.Fprintf(&b, "  %s %6.2f s/GiB", t.name, median(x.serverCPU))
		default:
			fmt.Fprintf(&b, "  %s %9.0f us", t.name, median(x.serverCPU))
		}
		if i > 0 && mode == "idle" {
			fmt.Fprintf(&b, "  ratio %.2f", median(x.memory)/median(all[0].memory))
		} else if i > 0 {
			fmt.Fprintf(&b, "  ratio %s", spread(x.costRatio, "%.2f"))
		}
	}
	fmt.Println(b.String())
}

// wholeFiles reports whether a mode's rate is of bytes.
func wholeFiles(mode string) bool { return sequential(mode) || mode == "get" || mode == "put" }

func sequential(mode string) bool { return strings.HasPrefix(mode, "seq") }

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	return slices.Sorted(slices.Values(v))[len(v)/2]
}

// spread shows the median of v with the least and the most.
func spread(v []float64, format string) string {
	if len(v) == 0 {
		return "-"
	}
	return fmt.Sprintf(format+" ("+format+"-"+format+")", median(v), slices.Min(v), slices.Max(v))
}
