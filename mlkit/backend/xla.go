//go:build xla

package backend

// XLA needs cgo, so it is linked only where it is asked for; without GoMLX's installer, so that a program
// never downloads a plug-in by itself.
import _ "github.com/gomlx/go-xla/compute/xla"
