// Package download fetches MNIST, so that package mnist finds it in the cache: 11 MB, once.
//
//	%%
//	download.MNIST() // in a cell; a program calls Fetch
//
// It is apart from package mnist because whoever only loads digits should not have to link an HTTP client.
package download

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"

	"gopherlens/mlkit/fetch"
	"gopherlens/mlkit/mnist"
)

// Mirrors serve the four files, gzipped, under NAME.gz. They are asked in this order.
var Mirrors = []string{
	"https://storage.googleapis.com/cvdf-datasets/mnist/",
	"https://ossci-datasets.s3.amazonaws.com/mnist/",
}

// MNIST fetches what of the digits is not here yet, and shows on the standard output how far it is and, in a
// sentence, how it went. It is what a notebook's cell calls: the lesson goes on without a network, and so it does
// not fail.
func MNIST() {
	err := Fetch(context.Background(), os.Stdout)
	const instead = "the lesson goes on with digits that this computer draws"
	local := os.Getenv(mnist.Variable)
	var failed *fetch.Error
	switch {
	case err == nil && local != "":
		fmt.Printf("The digits are those in %s (%s).\n", local, mnist.Variable)
	case err == nil:
		fmt.Println("MNIST is on this computer.")
	case local != "":
		fmt.Printf("The digits that are to be used cannot be, so %s. %v.\n", instead, err)
	case errors.As(err, &failed) && failed.Offline():
		fmt.Printf("There is no network, so MNIST was not fetched: %s.\n", instead)
	default:
		fmt.Printf("MNIST was not fetched, so %s. The reason: %v.\n", instead, err)
	}
}

// Fetch fetches what of MNIST is not in the cache yet, or damaged there, and shows its progress on w, which may
// be nil. Where $GOPHERLENS_MNIST names a folder, it only sees whether the files are there and right.
func Fetch(ctx context.Context, w io.Writer) error {
	if _, err := mnist.Load(); err == nil || os.Getenv(mnist.Variable) != "" {
		return err
	}
	titles := [4]string{"training images", "training labels", "test images", "test labels"}
	for i, f := range mnist.Files {
		src := fetch.Source{
			Name: path.Join("mnist", f.Name), Title: titles[i],
			Size: f.Content.Size, SHA256: f.Content.SHA256, Gzip: true,
		}
		for _, m := range Mirrors {
			src.URLs = append(src.URLs, m+f.Name+".gz")
		}
		if _, err := fetch.File(ctx, src, fetch.Options{Progress: w}); err != nil {
			return err
		}
	}
	_, err := mnist.Load() // which notes that they are right, so that no cell has to look again
	return err
}
