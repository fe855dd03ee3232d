package cache_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"gopherlens/mlkit/fetch/cache"
)

// A file appears whole or not at all.
func ExampleWrite() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "classes", "digits.txt")

	broken := cache.Write(path, strings.NewReader("zero one two thr"), cache.Content{Size: 8})
	_, missing := os.Stat(path)
	fmt.Println(broken != nil, os.IsNotExist(missing))

	whole := cache.Write(path, strings.NewReader("zero one"), cache.Content{Size: 8})
	text, _ := os.ReadFile(path)
	fmt.Printf("%v %s\n", whole, text)
	// Output:
	// true true
	// <nil> zero one
}
