// Package cache is the folder where mlkit keeps what it fetched or made, and the way a file gets there:
// whole or not at all.
//
//	dir, err := cache.Dir()
//	path := filepath.Join(dir, "mnist", "train-labels-idx1-ubyte")
//	want := cache.Content{Size: 60008, SHA256: "65a50c…"}
//	err = cache.Unpack("Downloads/train-labels-idx1-ubyte.gz", path, want) // now and then
//	err = cache.Verify(path, want)                                         // each time: costs no reading
//
// It is apart from package fetch, since a program that only reads what is there already should not have
// to link an HTTP client.
package cache

import (
	"errors"
	"os"
	"path/filepath"
)

// Variable is the environment variable that moves the folder.
const Variable = "GOPHERLENS_CACHE"

// Dir returns the folder: $GOPHERLENS_CACHE, or else gopherlens in the user's folder for caches. Whoever
// writes there makes it.
func Dir() (string, error) {
	if dir := os.Getenv(Variable); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", errors.New("this computer names no folder for caches: set " + Variable + " to a folder that you may write to")
	}
	return filepath.Join(dir, "gopherlens"), nil
}
