// Package download fetches the zoo's networks, so that package zoo finds them.
//
//	%%
//	download.Model("yolov3-tiny") // in a cell; a program calls Fetch
//
// It is apart from package zoo because whoever only loads a network should not have to link an HTTP client.
package download

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"gopherlens/mlkit/fetch"
	"gopherlens/mlkit/yolo/zoo"
)

// Model fetches what of a network is not here yet, shows on the standard output how far it is, and says in a sentence
// how it went. It is what a notebook's cell calls: the lesson goes on without a network connection. zoo.Find tells
// whether the network is here now.
func Model(name string) {
	err := Fetch(context.Background(), name, os.Stdout)
	var failed *fetch.Error
	switch {
	case err == nil:
		fmt.Printf("The network %s is on this computer.\n", name)
	case errors.As(err, &failed) && failed.Offline():
		fmt.Printf("There is no connection, so %s was not fetched.\n", name)
	default:
		fmt.Printf("%s was not fetched: %v.\n", name, err)
	}
}

// Fetch fetches what of a network is not in the cache yet, or damaged there, and shows its progress on w, which may be
// nil. Where $GOPHERLENS_YOLO names a folder, it only sees whether the files are there and right.
func Fetch(ctx context.Context, name string, w io.Writer) error {
	e, err := zoo.Lookup(name)
	if err != nil {
		return err
	}
	if _, err := zoo.Find(name); err == nil || os.Getenv(zoo.Variable) != "" {
		return err
	}
	for _, f := range []zoo.File{e.Config, e.Weights} {
		src := fetch.Source{Name: f.Path(), Title: f.Name, URLs: f.URLs, Size: f.Content.Size, SHA256: f.Content.SHA256}
		if _, err := fetch.File(ctx, src, fetch.Options{Progress: w}); err != nil {
			return err
		}
	}
	_, err = zoo.Find(name)
	return err
}
