// Command bundle makes, of each module in the folder js, one file in the folder dist that needs no other, for package
// mlkit/explore to embed. It runs in that package's folder, by go generate. It is not beside the package because set-up
// compiles all of mlkit, and nobody needs a bundler to learn.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	bundles, err := bundle(".")
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
