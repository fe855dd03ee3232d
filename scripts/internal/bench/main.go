//go:build unix

// Bench measures how fast mlkit computes, alone or in turn with a peer; see scripts/bench.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

// started is as near to the start of the process as Go code comes.
var started = time.Now()

type command struct {
	Mnist        mnistCommand        `cmd:"" help:"Train the digit lesson's network."`
	Convolutions convolutionsCommand `cmd:"" help:"Send a picture through YOLOv3's network, with random weights."`
	Yolo         yoloCommand         `cmd:"" help:"Send a picture through a network of the YOLOv3 family."`
	Matmul       matmulCommand       `cmd:"" help:"Multiply square matrices, and compare with what the cores can do: fused multiply-adds in registers, on as many threads, with the instructions that the kernels use."`
	Burn         burnCommand         `cmd:"" hidden:"" help:"Keep a core busy until standard input ends."`
}

// name is what our own results are called.
const name = "gopherlens"

func main() {
	c := kong.Parse(&command{}, kong.Name("scripts/bench"), kong.Description("Measures how fast mlkit computes."))
	if err := c.Run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// contender is a program that measures itself and prints a result, as a line of JSON.
type contender struct {
	name    string
	command []string
	env     []string // added to this process's
	burn    bool     // another process keeps a core busy meanwhile
}

// us is this program with these arguments, in a process of its own: a run owes nothing to the one before.
func us(name string, arguments ...string) (contender, error) {
	self, err := os.Executable()
	return contender{name: name, command: append([]string{self}, arguments...)}, err
}

// peer is a peer's script with these arguments.
func peer(name, script string, arguments ...string) contender {
	script = filepath.Join(or(os.Getenv("GOPHERLENS_PEERS"), "../shared/peers"), script)
	python := or(os.Getenv("GOPHERLENS_PEER_PYTHON"), "python3")
	return contender{name: name, command: append([]string{python, script}, arguments...)}
}

// boxesKey is how long it takes from the start to boxes. A peer's is the time to load and that of the first pass.
const boxesKey = "start_to_boxes_s"

// inTurn runs the contenders A B A B …, as a machine drifts, and compares the first one's least values with the
// others'.
func inTurn(runs int, keys []string, contenders ...contender) error {
	if runs < 1 {
		return fmt.Errorf("--runs=%d: it must be at least 1", runs)
	}
	least := make([]map[string]float64, len(contenders))
	for i := range least {
		least[i] = map[string]float64{}
	}
	for range runs {
		for i, c := range contenders {
			result, err := c.run()
			if err != nil {
				return err
			}
			for _, key := range keys {
				value, ok := result[key].(float64)
				if !ok && key == boxesKey {
					load, _ := result["load_s"].(float64)
					first, found := result["first_ms"].(float64)
					value, ok = load+first/1e3, found
				}
				if !ok {
					return fmt.Errorf("the result of %s has no number %s", c.name, key)
				}
				if before, ok := least[i][key]; !ok || value < before {
					least[i][key] = value
				}
			}
		}
	}
	for i, c := range contenders[1:] {
		for _, key := range keys {
			ours, other := least[0][key], least[i+1][key]
			fmt.Printf("%s: %s %.4g, %s %.4g, ratio of the fastest runs %.2f\n", key, contenders[0].name, ours, c.name, other, ours/other)
		}
	}
	return nil
}

// run runs a contender once, prints its result and returns it.
func (c contender) run() (result map[string]any, err error) {
	if c.burn {
		stop, err := burn()
		if err != nil {
			return nil, err
		}
		defer stop()
	}
	var out bytes.Buffer
	cmd := exec.Command(c.command[0], c.command[1:]...)
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	cmd.Env = append(os.Environ(), c.env...)
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w", c.name, err)
	}
	line := bytes.TrimSpace(out.Bytes())
	if err := json.Unmarshal(line, &result); err != nil {
		return nil, fmt.Errorf("%s printed %q, not a result: %w", c.name, line, err)
	}
	fmt.Printf("%s\n", line)
	return result, nil
}

// peakRSS is the most memory that this process has had, in MB.
func peakRSS() (int64, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, err
	}
	if runtime.GOOS == "darwin" { // counts in bytes
		return int64(usage.Maxrss) >> 20, nil
	}
	return int64(usage.Maxrss) >> 10, nil
}

// milliseconds are the least and the median of some times.
func milliseconds(times []time.Duration) (least, median float64) {
	times = slices.Sorted(slices.Values(times))
	n := len(times)
	ms := func(d time.Duration) float64 { return d.Seconds() * 1e3 }
	return ms(times[0]), ms(times[(n-1)/2]+times[n/2]) / 2
}

// or is a text, or its default where there is none.
func or(text, byDefault string) string {
	if text == "" {
		return byDefault
	}
	return text
}
