// Command testall passes every check of the repository, and ends with a summary. scripts/test sets up
// what it needs and calls it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// skipped is why a step was left out.
type skipped string

func (s skipped) Error() string { return string(s) }

// steps are taken one after the other, all of them, whatever happens to one.
var steps = []struct {
	name string
	run  func(context.Context, *report) error
}{
	{"gofmt", format},
	{"go vet", vet},
	{"tests", tests},
	{"race detector", race},
	{"XLA", xla},
	{"fuzzing", fuzz},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	r := &report{w: os.Stdout}
	failed := 0
	for _, step := range steps {
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
	r.summary()
	if failed > 0 {
		fmt.Printf("✗ %d of %d steps failed\n", failed, len(steps))
		os.Exit(1)
	}
	fmt.Printf("✓ all %d steps passed\n", len(steps))
}
