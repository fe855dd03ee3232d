// Package download fetches MNIST, so that package mnist finds it in the cache: 11 MB, once.
//
// It is a package of its own because whoever only loads digits should not have to link an HTTP client.
package download

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"gopherlens/mlkit/fetch"
	"gopherlens/mlkit/mnist"
)

// Mirrors serve the four files, gzipped, under NAME.gz.
var Mirrors = []string{
	"https://storage.googleapis.com/cvdf-datasets/mnist/",
	"https://ossci-datasets.s3.amazonaws.com/mnist/",
}

// MNIST fetches what is not there yet, with a line of progress, and says in a sentence how that went. It is what
// a notebook's cell calls: without a network the lesson goes on, so it does not fail.
func MNIST() {
	err := Fetch(context.Background(), os.Stdout)
	var failed *fetch.Error
	switch {
	case err == nil && os.Getenv(mnist.Variable) != "":
		fmt.Printf("The digits are those in %s (%s).\n", os.Getenv(mnist.Variable), mnist.Variable)
	case err == nil:
		fmt.Println("MNIST is on this computer.")
	case errors.As(err, &failed) && failed.Offline():
		fmt.Println("There is no network, so MNIST was not fetched: the lesson goes on with digits that this computer draws.")
	default:
		fmt.Printf("MNIST was not fetched, so the lesson goes on with digits that this computer draws. %v\n", err)
	}
}

// Fetch fetches what of MNIST is not in the cache yet, and shows its progress on w, which may be nil. Where
// $GOPHERLENS_MNIST names a folder, it only sees whether the files are there.
func Fetch(ctx context.Context, w io.Writer) error {
	if os.Getenv(mnist.Variable) != "" {
		_, err := mnist.Load()
		return err
	}
	titles := [4]string{"training images", "training labels", "test images", "test labels"}
	for i, f := range mnist.Files {
		src := fetch.Source{
			Name: filepath.Join("mnist", f.Name), Title: titles[i],
			Size: f.Content.Size, SHA256: f.Content.SHA256, Gzip: true,
		}
		for _, m := range Mirrors {
			src.URLs = append(src.URLs, m+f.Name+".gz")
		}
		if _, err := fetch.File(ctx, src, fetch.Options{Progress: w}); err != nil {
			return err
		}
	}
	return nil
}
