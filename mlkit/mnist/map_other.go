//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package mnist

import "os"

// mapFile returns a file's content.
func mapFile(path string) ([]byte, error) { return os.ReadFile(path) }
