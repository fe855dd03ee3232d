//go:build !unix

package mnist

import "os"

// mapFile is a file's content in memory.
func mapFile(path string) ([]byte, error) { return os.ReadFile(path) }
