package cache

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Verify does what Check does, but reads the file only if it has not done so before: it notes in the
// cache what it found, with the file's size and time of change, and believes the note for as long as both
// stay the same. want.SHA256 must be known.
func Verify(path string, want Content) error {
	return once(path, want.SHA256, func() error { return Check(path, want) })
}

// patience is how long a note of a wrong content is believed: a program that asks again and again should
// not have to wait each time, but a user who has mended the file should see it.
const patience = time.Minute

// UnpackOnce does what Unpack does, but only if it has not done so before: as long as neither file
// changes, it reads none of them. want.SHA256 must be known.
func UnpackOnce(from, path string, want Content) error {
	if err := once(from, want.SHA256+".gz", func() error { return Unpack(from, path, want) }); err != nil {
		return err
	}
	if Verify(path, want) == nil {
		return nil
	}
	return Unpack(from, path, want) // what was unpacked has been removed or damaged since
}

// once returns what check says about the file, or what it said the last time if the file has not changed
// since. Of errors it notes those that tell of a wrong content.
func once(path, key string, check func() error) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	dir, err := Dir()
	if err != nil {
		return check()
	}
	note := filepath.Join(dir, "checked", key)
	state := fmt.Sprintf("%s\n%d bytes\nchanged %d\n", path, info.Size(), info.ModTime().UnixNano())
	if seen, err := os.ReadFile(note); err == nil {
		reason, known := strings.CutPrefix(string(seen), state)
		if known && reason == "" {
			return nil
		}
		if noted, err := os.Stat(note); known && err == nil && time.Since(noted.ModTime()) < patience {
			return &Error{path, reason}
		}
	}
	err = check()
	var damaged *Error
	if errors.As(err, &damaged) {
		state += damaged.Reason
	} else if err != nil {
		return err
	}
	// Without the note, which a cache that is full or read-only won't take, the next time costs as much.
	_ = Write(note, strings.NewReader(state), Content{Size: int64(len(state))})
	return err
}
