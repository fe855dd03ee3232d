package cell

import (
	"math/rand/v2"
	"strconv"

	"gopherlens/mlkit/internal/notebook"
)

// Live is an output that changes in its place, such as a curve that grows while a model trains.
type Live struct{ id string }

// NewLive makes an output that takes its place below the cell at its first Show.
func NewLive() *Live { return &Live{"gopherlens-" + strconv.FormatUint(rand.Uint64(), 36)} }

// Show puts a value, of any kind that the function Show knows, in the place of the last one. Outside
// a notebook the values are printed one below the other.
func (l *Live) Show(v any) { notebook.Show(outputOf(v), l.id) }
