package cache

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Verify does what Check does, but reads the file only if it has not done so before: it keeps a note of
// the file's size and time of change in the cache, and believes it for as long as both stay the same.
// want.SHA256 must be known.
func Verify(path string, want Content) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	now := fmt.Sprintf("%s\n%d bytes\nchanged %d\n", path, info.Size(), info.ModTime().UnixNano())
	dir, err := Dir()
	if err != nil {
		return Check(path, want)
	}
	note := filepath.Join(dir, "checked", want.SHA256)
	if seen, err := os.ReadFile(note); err == nil && string(seen) == now && info.Size() == want.Size {
		return nil
	}
	if err := Check(path, want); err != nil {
		return err
	}
	// Without the note, which a cache that is full or read-only won't take, the next time costs as much.
	_ = Write(note, strings.NewReader(now), Content{Size: int64(len(now))})
	return nil
}
