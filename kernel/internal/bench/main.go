//go:build unix

// Command bench measures what a learner waits for, with our kernel and with GoNB as it comes, in turns; see scripts/bench.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/alecthomas/kong"

	"gopherlens/kernel/internal/clone"
)

type command struct {
	Turns int      `default:"40" help:"How often each cell is executed by each of the kernels."`
	Only  []string `help:"Measure these only, by how their names begin."`
}

func main() {
	var cmd command
	kong.Parse(&cmd, kong.Name("scripts/bench kernel"), kong.Description("Measures what a learner waits for."))
	if err := cmd.run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// measurement is something that both kernels are measured at, in turns.
type measurement struct {
	name  string
	turns int
	once  func(stock bool, turn int) (time.Duration, error)
}

func (cmd *command) run() error {
	c, err := clone.Find()
	if err != nil {
		return err
	}
	var running []*kernel
	defer func() {
		for _, k := range running {
			k.close()
		}
	}()
	both := sync.OnceValues(func() ([]*kernel, error) {
		for _, stock := range []bool{false, true} {
			k, err := warm(c, stock)
			if k != nil {
				running = append(running, k)
			}
			if err != nil {
				return nil, err
			}
		}
		return running, nil
	})
	all := starts(c, cmd.Turns)
	for _, w := range warmed {
		all = append(all, measurement{w.name, cmd.Turns, func(stock bool, turn int) (time.Duration, error) {
			kernels, err := both()
			if err != nil {
				return 0, err
			}
			k := kernels[0]
			if stock {
				k = kernels[1]
			}
			return w.once(k, turn)
		}})
	}
	for _, m := range all {
		if cmd.Only != nil && !slices.ContainsFunc(cmd.Only, func(begin string) bool { return strings.HasPrefix(m.name, begin) }) {
			continue
		}
		if err := m.run(); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return nil
}

// run measures, and prints a line about it.
func (m measurement) run() error {
	result := map[string]any{"what": m.name, "turns": m.turns}
	times := map[bool][]float64{}
	for turn := range m.turns {
		for _, first := range []bool{true, false} {
			stock := first == (turn%2 == 1)
			took, err := m.once(stock, turn)
			if err != nil {
				return err
			}
			times[stock] = append(times[stock], took.Seconds()*1e3)
		}
	}
	for stock, name := range map[bool]string{false: "ours", true: "gonb"} {
		sorted := slices.Sorted(slices.Values(times[stock]))
		n := len(sorted)
		result[name+"_ms"] = tenth((sorted[(n-1)/2] + sorted[n/2]) / 2)
		result[name+"_p90_ms"] = tenth(sorted[(n*9-1)/10])
	}
	line, err := json.Marshal(result)
	fmt.Println(string(line))
	return err
}

func tenth(ms float64) json.Number { return json.Number(fmt.Sprintf("%.1f", ms)) }

// imports is the first cell, as a notebook of the lesson has it.
const imports = `import (
	"fmt"
	"time"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/cell"
	"gopherlens/mlkit/nn"
)`

// starts are the first things that a learner waits for, each from the start of a kernel.
func starts(c clone.Clone, turns int) []measurement {
	var all []measurement
	for _, s := range []struct {
		name  string
		turns int
		then  func(k *kernel) error
	}{
		{"start to first answer", turns, func(*kernel) error { return nil }},
		{"start to first Tab", (turns + 9) / 10, func(k *kernel) error { // few, as GoNB takes 15 s
			_, err := k.complete("import \"fmt\"\n%%\nfmt.P")
			return err
		}},
		{"start to first cell", turns, func(k *kernel) error {
			_, err := k.execute(imports, "ok")
			return err
		}},
		{"start to second cell", turns, func(k *kernel) error {
			_, err := k.execute(imports, "ok")
			if err == nil {
				_, err = k.execute(fmt.Sprintf("%%%%\ncell.Show(array.From([]int{%d}))", time.Now().UnixNano()), "ok")
			}
			return err
		}},
	} {
		all = append(all, measurement{s.name, s.turns, func(stock bool, _ int) (time.Duration, error) {
			k, err := start(c, stock)
			if k != nil {
				defer k.close()
			}
			var took time.Duration
			if err == nil {
				took, err = k.info()
			}
			if err == nil && s.name != "start to first answer" {
				err = s.then(k)
				took = time.Since(k.began)
			}
			return took, err
		}})
	}
	return all
}

// warmed is what is measured when a kernel has done all that it does at its start. What is executed or asked is
// another thing in every turn, as what was compiled before would not be compiled again.
var warmed = []struct {
	name string
	once func(k *kernel, turn int) (time.Duration, error)
}{
	{"cell fmt.Println", func(k *kernel, turn int) (time.Duration, error) {
		return k.execute(fmt.Sprintf("%%%%\nfmt.Println(%d)", turn), "ok")
	}},
	{"cell cell.Show", func(k *kernel, turn int) (time.Duration, error) {
		return k.execute(fmt.Sprintf("%%%%\ncell.Show(array.From([]int{1, %d}))", turn), "ok")
	}},
	{"cell nn", func(k *kernel, turn int) (time.Duration, error) {
		return k.execute(fmt.Sprintf("%%%%\nfmt.Println(nn.ToCategorical(array.From([]int{0, %d}), 10000))", turn), "ok")
	}},
	{"cell compile error", func(k *kernel, turn int) (time.Duration, error) {
		return k.execute(fmt.Sprintf("%%%%\nfmt.Println(undefined%d)", turn), "error")
	}},
	{"cell declarations", func(k *kernel, turn int) (time.Duration, error) {
		return k.execute(fmt.Sprintf("func half(n int) int { return n / 2 * %d }", turn+1), "ok")
	}},
	{"cell result", func(k *kernel, turn int) (time.Duration, error) {
		if k.stock { // knows no results
			return k.execute(fmt.Sprintf("%%%%\nfmt.Println(half(%d))", turn), "ok")
		}
		return k.execute(fmt.Sprintf("half(%d)", turn), "ok")
	}},
	{"help Tab", func(k *kernel, turn int) (time.Duration, error) {
		return k.complete(fmt.Sprintf("import \"fmt\"\n%%%%\nx := %d\nfmt.P", turn))
	}},
	{"help Shift-Tab", func(k *kernel, turn int) (time.Duration, error) {
		var reply struct{ Found bool }
		code := fmt.Sprintf("import \"fmt\"\n%%%%\nx := %d\nfmt.Println", turn)
		took, err := k.ask("inspect_request", map[string]any{"code": code, "cursor_pos": len(code), "detail_level": 0}, &reply)
		if err == nil && !reply.Found {
			err = errors.New("nothing is known of fmt.Println")
		}
		return took, err
	}},
	{"help Tab while a cell computes", func(k *kernel, turn int) (time.Duration, error) {
		// It keeps all cores busy.
		id, err := k.send(k.shell, "execute_request", execution(fmt.Sprintf("%%%%\nfmt.Println(\"begun\")\nfor range 64 {\n\t"+
			"go func() {\n\t\tfor x := %d; ; x++ {\n\t\t}\n\t}()\n}\ntime.Sleep(time.Second)", turn)))
		if err == nil {
			_, err = answer(k.streams, id)
		}
		if err != nil {
			return 0, err
		}
		took, err := k.complete(fmt.Sprintf("import \"fmt\"\n%%%%\ny := %d\nfmt.P", turn))
		if err == nil {
			_, err = answer(k.idle, id)
		}
		return took, err
	}},
}

// warm starts a kernel and waits until it has done all that it does at its start.
func warm(c clone.Clone, stock bool) (*kernel, error) {
	k, err := start(c, stock)
	if err != nil {
		return k, err
	}
	if _, err := k.info(); err != nil {
		return k, err
	}
	for _, source := range []string{imports, "%%\ncell.Show(array.From([]int{1, 2}), nn.Shape{1})"} {
		if _, err := k.execute(source, "ok"); err != nil {
			return k, err
		}
	}
	if _, err := k.complete("import \"fmt\"\n%%\nfmt.P"); err != nil {
		return k, err
	}
	time.Sleep(5 * time.Second)
	return k, nil
}
