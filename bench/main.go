// Command bench puts the same SMB load on several servers, or on one server in
// several settings, and reports them side by side.
//
// Rounds are interleaved, A B B A, so that a busy machine disturbs all targets
// alike. Figures are medians with (least-most); the ratios to the first target
// are the medians of the ratios of the same round. The CPU of the servers says
// more than operations per second wherever client and server share a machine.
//
// It is no product and no test: ./run, beside it, starts the servers.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

var (
	modes    = flag.String("mode", "openclose", "comma `list`; see -list")
	conns    = flag.String("conns", "1", "comma `list`: TCP connections")
	depths   = flag.String("depth", "1", "comma `list`: goroutines per connection")
	rounds   = flag.Int("rounds", 5, "interleaved rounds")
	duration = flag.Duration("time", 2*time.Second, "length of a timed run")
	size     = flag.Int64("size", 1<<30, "`bytes` of the file of seqread, seqwrite and rand*")
	ioSize   = flag.Int64("io", 1<<20, "`bytes` per request of seqread and seqwrite")
	entries  = flag.Int("entries", 10000, "files in the listed directory")
	files    = flag.Int("files", 10000, "files in the tree of statall, gettree and puttree")
	program  = flag.String("program", "", "Signet's `program`, for get, put, gettree and puttree")
	judging  = flag.Bool("judge", false, "compare the first target's client with those of the others")
	goals    = flag.String("goals", "", "judge: comma `list` of PEER=LEAST/MOST, the ratios of the rate and of the client's CPU to be reached")
	crowd    = flag.Int("crowd", 100000, "files in the directory of missing")
	lookups  = flag.Int("lookups", 1000, "look-ups in a run of missing")
	limit    = flag.Duration("limit", 5*time.Minute, "give up when one run takes longer")
	hold     = flag.Duration("hold", 2*time.Second, "idle: how long to hold the sessions")
	brief    = flag.Bool("brief", false, "one line per load: the servers' CPU and its ratio")
	label    = flag.String("label", "", "brief: the load's `name` (default: its mode)")
	jsonOut  = flag.String("json", "", "append one JSON line per run to this `file`")
	list     = flag.Bool("list", false, "list the modes and exit")
	verbose  = flag.Bool("v", false, "print every run")
)

func main() {
	var targets targetFlag
	flag.Var(&targets, "target", "repeatable: name=,addr=host:port,share=,user=,password=,client=cloudsoda|smbclient|signet,dialect=,sign=,encrypt=,signalg=,cipher=,credits=,folder=,pid=; later ones inherit from the first")
	flag.Parse()
	if *list {
		for _, w := range workloads {
			fmt.Printf("%-10s %s\n", w.mode, w.does)
		}
		return
	}
	if len(targets) == 0 || flag.NArg() > 0 {
		fatal("at least one -target, and nothing but flags; see -h and -list")
	}
	for _, t := range targets {
		if _, err := readStat(t.pid); t.pid != 0 && err != nil {
			fatal(t.name, "pid:", err)
		}
	}
	chosen := strings.Split(*modes, ",")
	for _, m := range chosen {
		if !slices.ContainsFunc(workloads, func(w workload) bool { return w.mode == m }) {
			fatal("unknown mode", m)
		}
	}
	var js *json.Encoder
	if *jsonOut != "" {
		f, err := os.OpenFile(*jsonOut, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			fatal(err)
		}
		defer f.Close()
		js = json.NewEncoder(f)
	}
	prepareAll(targets, chosen)
	defer os.RemoveAll(local)
	if !*brief && !*judging {
		fmt.Printf(row, "mode", "conns", "depth", "target", "ops/s", "MB/s", "rate ratio", "p50", "p99", "client CPU", "server CPU", "CPU ratio")
	}
	failed := false
	for _, m := range chosen {
		for _, c := range ints(*conns) {
			for _, d := range ints(*depths) {
				failed = compare(targets, m, c, d, js) || failed
			}
		}
	}
	if failed {
		os.RemoveAll(local) // which Exit does not leave to defer
		os.Exit(1)
	}
}

// prepareAll makes what the modes need, once for each share.
func prepareAll(targets []*target, modes []string) {
	prepared := map[string]bool{}
	for _, t := range targets {
		if key := t.addr + "/" + t.share; !prepared[key] {
			prepared[key] = true
			w := watch("preparing " + t.name)
			if err := prepare(t, modes); err != nil {
				fatal("prepare", t.name, err)
			}
			w.Stop()
		}
		if err := prepareLocal(t, modes); err != nil {
			fatal(err)
		}
	}
}

// prepareLocal makes what the modes need on this machine.
func prepareLocal(t *target, modes []string) error {
	if slices.Contains(modes, "seqwrite") && t.client != "cloudsoda" {
		if err := makePayload(); err != nil {
			return err
		}
	}
	if !slices.ContainsFunc(modes, byProgram) || local != "" {
		return nil
	}
	var err error
	if local, err = os.MkdirTemp(ramDir(), "bench-*"); err != nil {
		return err
	}
	if slices.Contains(modes, "put") {
		if err := makeLarge(); err != nil {
			return err
		}
	}
	if slices.Contains(modes, "puttree") {
		return makeTree(local)
	}
	return nil
}

// watch ends the program if its timer is not stopped within -limit: clients
// wait for ever on a silent server.
func watch(what string) *time.Timer {
	return time.AfterFunc(*limit, func() { fatal(what, "took more than", *limit, "(-limit)") })
}

func ints(s string) []int {
	var out []int
	for f := range strings.SplitSeq(s, ",") {
		n, err := strconv.Atoi(f)
		if err != nil {
			fatal(err)
		}
		out = append(out, n)
	}
	return out
}

func fatal(v ...any) {
	fmt.Fprintln(os.Stderr, append([]any{"bench:"}, v...)...)
	os.Exit(1)
}
