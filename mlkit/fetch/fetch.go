// Package fetch downloads files that arrive whole or not at all.
//
//	path, err := fetch.File(ctx, fetch.Source{
//		Name:   "coco.names",
//		URLs:   []string{"https://one.example/coco.names", "https://another.example/coco.names"},
//		Size:   625,
//		SHA256: "634a1132eb33f8091d60f2c346ababe8b905ae08387037aed883953b7329af84",
//	}, fetch.Options{Progress: os.Stdout})
//
// The mirrors are asked in turn until one has the right content. A download that breaks off is kept and
// goes on where it was, the next time too; two programs that want the same file fetch it once; and what
// is there already and right costs no request.
package fetch

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"gopherlens/mlkit/fetch/cache"
)

// Source is a file and where to get it.
type Source struct {
	Name  string   // the file's name in the cache; it may have folders: "mnist/train-labels-idx1-ubyte"
	Title string   // what a learner reads, "training labels"; "" is the Name
	URLs  []string // the mirrors, http or https, the best first

	// What has to be in the file. Size is in bytes, and SHA256 in hexadecimal; where SHA256 is "", Size
	// is the most that the file may have.
	Size   int64
	SHA256 string

	// Gzip says that the mirrors serve the file gzipped. It is unpacked, and Size and SHA256 speak of what
	// is inside: the wrapping differs from mirror to mirror.
	Gzip bool
}

// Options say where to and how. The zero value is for a program that says nothing.
type Options struct {
	Dir      string        // the folder that the file goes to; "" is cache.Dir()
	Local    string        // a file, or a folder that has it (gzipped or not), to take in place of a download
	Progress io.Writer     // where to show how far it is; in a notebook and on a terminal, in one line
	Connect  time.Duration // how long to wait for an answer; 0 is 15 seconds
	Idle     time.Duration // how long to wait for more, below 1 KiB/s; 0 is 30 seconds
}

// File returns the path of a file whose content is as src says, after fetching it if need be.
//
// If no mirror has it, the error is an *Error that says why for each. If ctx ends, the error wraps
// ctx.Err(), and what came so far is kept.
func File(ctx context.Context, src Source, options Options) (path string, err error) {
	if src.Title == "" {
		src.Title = src.Name
	}
	if options.Dir == "" {
		if options.Dir, err = cache.Dir(); err != nil {
			return "", err
		}
	}
	if options.Progress == nil {
		options.Progress = io.Discard
	}
	if options.Connect == 0 {
		options.Connect = 15 * time.Second
	}
	if options.Idle == 0 {
		options.Idle = 30 * time.Second
	}
	d := &download{
		Source:  src,
		options: options,
		path:    filepath.Join(options.Dir, filepath.FromSlash(src.Name)),
		client:  client(options.Connect),
	}
	defer d.client.CloseIdleConnections()
	if err := d.file(ctx); err != nil {
		return "", err
	}
	return d.path, nil
}

// download is one call of File.
type download struct {
	Source
	options Options
	path    string
	client  *http.Client
}

func (d *download) content() cache.Content { return cache.Content{Size: d.Size, SHA256: d.SHA256} }

// there tells whether the file is there, whole.
func (d *download) there() bool { return cache.Check(d.path, d.content()) == nil }

func (d *download) file(ctx context.Context) error {
	if d.options.Local != "" {
		return d.local()
	}
	if d.there() {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(d.path), 0o755); err != nil {
		return d.diskError(err)
	}
	unlock, err := d.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if d.there() { // another program had the lock, and fetched it
		return nil
	}
	failed := &Error{Title: d.Title}
	for _, url := range d.URLs {
		err := d.from(ctx, url)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("stopped fetching the %s; what has come is kept, and the next try goes on from there (%w)", d.Title, ctx.Err())
		}
		if ofDisk(err) { // no other mirror would mend it
			return d.diskError(err)
		}
		failed.Mirrors = append(failed.Mirrors, err)
	}
	return failed
}

// local takes the file that the user has named.
func (d *download) local() error {
	from, err := cache.Find(d.options.Local, filepath.Base(d.path))
	if err != nil {
		return fmt.Errorf("cannot take the %s from this computer: %w", d.Title, err)
	}
	if d.Gzip {
		if err := cache.Unpack(from, d.path, d.content()); err != nil {
			return fmt.Errorf("cannot unpack the %s: %w", d.Title, err)
		}
		return nil
	}
	if err := cache.Check(from, d.content()); err != nil {
		return fmt.Errorf("cannot use the %s: %w", d.Title, err)
	}
	d.path = from
	return nil
}

// lock waits until no other program fetches the same file.
func (d *download) lock(ctx context.Context) (unlock func(), err error) {
	mutex := flock.New(d.path+".lock", flock.SetPermissions(0o644)) // a cache may be shared by several accounts
	locked, err := mutex.TryLock()
	if err == nil && !locked {
		fmt.Fprintf(d.options.Progress, "Another program is fetching the %s already. Waiting for it …\n", d.Title)
		_, err = mutex.TryLockContext(ctx, 100*time.Millisecond)
	}
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("stopped waiting for the %s (%w)", d.Title, ctx.Err())
	case err != nil:
		return nil, d.diskError(err)
	}
	return func() { mutex.Unlock() }, nil
}

func (d *download) diskError(err error) error {
	return fmt.Errorf("cannot keep the %s on this computer (%w): make room there, or set %s to a folder that you may write to", d.Title, err, cache.Variable)
}
