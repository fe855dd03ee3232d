// Command bundle makes, of each module in the folder js, one file in the folder dist that needs no other, for package
// mlkit/explore to embed; and builds package mlkit/digitnet for browsers there. It runs in package explore's folder, by
// go generate. It is not beside the package because set-up compiles all of mlkit, and nobody needs a bundler to learn.
package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	bundles, err := bundle(".")
	if err == nil {
		bundles["digitnet.wasm.gz"], err = module("gopherlens/mlkit/digitnet/wasm")
	}
	if err == nil {
		err = os.RemoveAll("dist") // what has no source any more goes
	}
	if err == nil {
		err = os.Mkdir("dist", 0o755)
	}
	for name, data := range bundles {
		if err == nil {
			err = os.WriteFile(filepath.Join("dist", name), data, 0o644)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// bundle returns the bundles of the modules in a folder's js, by the names of their files.
func bundle(folder string) (map[string][]byte, error) {
	modules, err := filepath.Glob(filepath.Join(folder, "js", "*.js"))
	if err != nil {
		return nil, err
	}
	bundles := map[string][]byte{}
	for _, module := range modules {
		name := filepath.Base(module)
		if name == "kit.js" {
			continue
		}
		result := api.Build(api.BuildOptions{
			EntryPoints:       []string{module},
			Bundle:            true,
			Format:            api.FormatESModule,
			Target:            api.ES2022,
			Charset:           api.CharsetUTF8,
			MinifyWhitespace:  true,
			MinifyIdentifiers: true,
			MinifySyntax:      true,
		})
		if len(result.Errors) > 0 {
			return nil, fmt.Errorf("%s", api.FormatMessages(result.Errors, api.FormatMessagesOptions{})[0])
		}
		bundles[name] = result.OutputFiles[0].Contents
	}
	return bundles, nil
}

// module builds a command for browsers: a WebAssembly module, gzipped. The same source and the same Go give the same
// bytes on every machine.
func module(command string) ([]byte, error) {
	folder, err := os.MkdirTemp("", "module-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "module.wasm")
	build := exec.Command("go", "build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o", path, command)
	build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOWASM=", "GOEXPERIMENT=", "GOFLAGS=-mod=readonly", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s cannot be built: %w\n%s", command, err, out)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	err = w.Close()
	return packed.Bytes(), err
}
