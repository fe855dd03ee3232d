// Package fault is the one way mlkit reports a caller's mistake where it has no error to return:
// two shapes that do not fit, a TODO that is not filled in.
//
// In a Go program it panics with an *Error. In a notebook the learner sees the sentence, with the line
// that it is about, instead of a stack trace.
package fault

import (
	"fmt"

	"gopherlens/mlkit/internal/notebook"
)

// Error is a caller's mistake, told in one sentence.
type Error struct{ Sentence string }

func (e *Error) Error() string { return e.Sentence }

// Panicf reports a mistake in one sentence that names the operands and their shapes.
func Panicf(format string, args ...any) {
	err := &Error{fmt.Sprintf(format, args...)}
	if notebook.Running() {
		notebook.FailAtLine(err.Sentence)
	}
	panic(err)
}
