// Command testall passes every check of the repository, and ends with a summary. scripts/test sets up
// what it needs and calls it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"
)

// skipped is why a step was left out.
type skipped string

func (s skipped) Error() string { return string(s) }

// steps are taken one after the other, all of them or those that are asked for, whatever happens to one.
var steps = []struct {
	name string
	run  func(context.Context, *report) error
}{
	{"gofmt", format},
	{"vet", vet},
	{"tests", tests},
	{"kernel", kernel},
	{"race", race},
	{"xla", xla},
	{"yolo", networks},
	{"fuzz", fuzz},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	r := &report{w: os.Stdout}
	taken, failed := 0, 0
	for _, step := range steps {
		if len(os.Args) > 1 && !slices.Contains(os.Args[1:], step.name) {
			continue
		}
		taken++
		fmt.Printf("• %s …\n", step.name)
		started := time.Now()
		err := step.run(ctx, r)
		took := time.Since(started).Round(time.Second)
		var why skipped
		switch {
		case ctx.Err() != nil:
			fmt.Println("✗ stopped")
			os.Exit(130)
		case errors.As(err, &why):
			r.left = append(r.left, step.name+": "+string(why))
		case err != nil:
			failed++
			fmt.Printf("✗ %s: %v (%v)\n", step.name, err, took)
		default:
			fmt.Printf("✓ %s (%v)\n", step.name, took)
		}
	}
	switch {
	case taken == 0:
		fmt.Printf("✗ there is no step %q\n", os.Args[1:])
		os.Exit(2)
	case failed > 0:
		r.summary()
		fmt.Printf("✗ %d of %d steps failed\n", failed, taken)
		os.Exit(1)
	}
	r.summary()
}
