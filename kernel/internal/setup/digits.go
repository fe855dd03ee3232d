package setup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"gopherlens/kernel/internal/clone"
	"gopherlens/kernel/internal/progress"
	"gopherlens/mlkit/fetch"
	"gopherlens/mlkit/mnist"
	"gopherlens/mlkit/mnist/download"
)

// digits fetches MNIST. The lesson can do without: it then draws digits of its own, so all that can go
// wrong is told in a sentence. A start of the lesson tries once, not each time.
func digits(ctx context.Context, w io.Writer, c clone.Clone, again bool) error {
	_, err := mnist.Load()
	if err == nil {
		return nil
	}
	tried := c.Lab("digits-tried")
	const later = "the lesson goes on with digits that this computer draws; `go run ./kernel setup` tries again"
	if _, statErr := os.Stat(tried); statErr == nil && !again {
		fmt.Fprintln(w, "! The MNIST digits are not here:", later)
		return nil
	}
	started := time.Now()
	fmt.Fprintln(w, "• Fetching the MNIST digits, 11 MB …")
	err = download.Fetch(ctx, w)
	var failed *fetch.Error
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil:
		fmt.Fprintf(w, "✓ Fetching the MNIST digits (%s)\n", progress.Seconds(time.Since(started)))
		return nil
	case errors.As(err, &failed) && failed.Offline():
		fmt.Fprintln(w, "! The MNIST digits cannot be fetched, for there is no network:", later)
	default:
		fmt.Fprintf(w, "! The MNIST digits cannot be had (%v): %s\n", err, later)
	}
	line := progress.Start(w, "Drawing digits")
	mnist.LoadOrSynthetic() // keeps them in the cache, so that no cell has to wait for them
	line.Done("")
	return os.WriteFile(tried, nil, 0o644)
}
