// Command site makes a static site of the lesson, for those who want to read it without installing anything: a page
// for each notebook, with its TODO cells filled in, all outputs, and pictures that can be played with.
//
//	go run ./notebooks/site FOLDER
//
// The pages fetch nothing from elsewhere: they can be opened from the folder itself, or copied to any web server, under
// any address. The command shows their sizes, and how easily their texts read.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"gopherlens/notebooks/prose"
)

func main() {
	if len(os.Args) != 2 || os.Args[1] == "" || os.Args[1][0] == '-' {
		fmt.Fprintln(os.Stderr, "usage: go run ./notebooks/site FOLDER")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(folder string) error {
	s, err := build("notebooks")
	if err != nil {
		return err
	}
	if err := s.writeTo(folder); err != nil {
		return err
	}
	for _, p := range s.pages {
		fmt.Printf("%-32s %4.1f MB, reading ease %.0f of 100\n", p.File, float64(s.weight(p))/1e6, prose.Ease(p.prose))
	}
	fmt.Println("Open", filepath.Join(folder, "index.html"))
	return nil
}
