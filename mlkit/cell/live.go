package cell

import (
	"math/rand/v2"
	"strconv"

	"gopherlens/mlkit/cell/result"
	"gopherlens/mlkit/internal/notebook"
)

// Live is an output that changes in its place, such as a curve that grows while a model trains.
type Live struct{ id string }

// NewLive makes an output that takes its place below the cell at its first Show.
func NewLive() *Live { return &Live{"gopherlens-" + strconv.FormatUint(rand.Uint64(), 36)} }

// Show puts a value, of any kind that the function Show knows, in the place of the last one. Outside
// a notebook the values are printed one below the other.
func (l *Live) Show(v any) { notebook.Show(outputOf(v), l.id) }

// Clear takes away all that the cell has shown and printed, as soon as there is something to show instead, so that
// nothing flickers. A Live that was shown before has no place any more after it. GoNB without our kernel knows no
// such thing, and keeps what was shown; so does whatever is no notebook.
func Clear() {
	if notebook.Running() {
		notebook.Show(notebook.Output{HTML: "<!-- cleared -->", Forms: []notebook.Form{{MIME: result.ClearMark, Content: "wait"}}}, "")
	}
}
