package nn

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// History is what a training reported: for "loss", each metric, and with validation "val_loss" and so on, one
// value an epoch, as Keras' history.history.
type History map[string][]float64

// Epochs is how many epochs it covers.
func (h History) Epochs() int { return len(h["loss"]) }

func (h History) clone() History {
	c := History{}
	for name, values := range h {
		c[name] = slices.Clone(values)
	}
	return c
}

// names are the names of the values: loss and metrics first, then those of the validation.
func (h History) names() []string {
	return slices.SortedFunc(maps.Keys(h), func(a, b string) int {
		av, bv := strings.HasPrefix(a, "val_"), strings.HasPrefix(b, "val_")
		switch {
		case av != bv && av:
			return 1
		case av != bv:
			return -1
		}
		return strings.Compare(a, b)
	})
}

// String is a table with a line for each epoch.
func (h History) String() string {
	var b strings.Builder
	names := h.names()
	b.WriteString("epoch")
	for _, name := range names {
		fmt.Fprintf(&b, "  %12s", name)
	}
	for i := range h.Epochs() {
		fmt.Fprintf(&b, "\n%5d", i+1)
		for _, name := range names {
			if i < len(h[name]) {
				fmt.Fprintf(&b, "  %12.4f", h[name][i])
			}
		}
	}
	return b.String()
}
